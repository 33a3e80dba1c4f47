// What changed elsewhere appears here: the server says which ticket moved, the page asks for itself again and takes over the parts that differ.
(() => {
  "use strict";
  const root = document.querySelector("[data-live]");
  if (!root || !window.EventSource) return;
  const kind = root.dataset.live, ticket = root.dataset.ticket || "";
  const parts = { queue: ["views", "total", "offers", "list"], ticket: ["head", "alerts", "thread", "sop"], work: ["total", "list"], timeline: ["events"], alerts: ["list"], rerouting: ["progress"] }[kind] || [];
  const words = JSON.parse(document.body.dataset.words || "{}");
  const status = document.getElementById("live");
  let source, timer, busy = false, again = false, waiting = null;

  // ---- taking over what differs: nodes stay themselves, so that focus, open sheets and half-typed values stay too --------------------
  const keep = (el) => el.matches("input, textarea, select") && (el === document.activeElement || el.dataset.dirty);
  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) { old.replaceWith(document.importNode(fresh, true)); return; }
    if (old.nodeType !== Node.ELEMENT_NODE) { if (old.data !== fresh.data) old.data = fresh.data; return; }
    if (keep(old) || old.matches("[data-saved]")) return; // what this window itself has written there stays
    const own = (name) => name === "open" || name === "hidden" || name === "aria-pressed" || name === "tabindex" || name === "data-dirty" || (name === "aria-current" && old.matches("[data-row]"));
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !own(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value && !own(name)) old.setAttribute(name, value);
    if (old.matches("input[type=hidden]") && old.name !== "seen") old.value = fresh.value;
    children(old, fresh);
  }
  function children(old, fresh) {
    const known = new Map([...old.children].filter((c) => c.id).map((c) => [c.id, c]));
    let at = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const same = child.id ? known.get(child.id) : at && !at.id && at.nodeName === child.nodeName ? at : null;
      if (same) {
        if (same === at) at = at.nextSibling; else old.insertBefore(same, at);
        morph(same, child);
      } else old.insertBefore(document.importNode(child, true), at);
    }
    while (at) { const next = at.nextSibling; at.remove(); at = next; }
  }

  // ---- when a list's order changed under somebody's hand, it waits ------------------------------------------------------------------
  const order = (el) => [...el.querySelectorAll("[data-row]")].map((row) => row.id).join();
  const inHand = (el) => el.matches(":hover") || el.contains(document.activeElement) || el.querySelector("[name=ticket]:checked");
  function take(id, page) {
    const old = document.getElementById(id), fresh = page.getElementById(id);
    if (!old || !fresh) return;
    if (id === "list" && order(old) !== order(fresh) && inHand(old)) {
      for (const row of fresh.querySelectorAll("[data-row]")) { const mine = document.getElementById(row.id); if (mine) morph(mine, row); }
      waiting = page;
      offer();
      return;
    }
    if (id === "sop" && lostForm(old, fresh)) return;
    if (id === "thread") newMessages(old, fresh);
    morph(old, fresh);
  }
  const lostForm = (old, fresh) => [...old.querySelectorAll("form[data-step]")].some((f) => f.querySelector("[data-dirty]") && !fresh.querySelector("#" + f.id));
  function newMessages(old, fresh) {
    const writing = ["body", "note"].some((id) => (document.getElementById(id) || {}).value);
    const seen = document.querySelector("[data-seen-input]");
    if (!writing && seen) seen.value = fresh.ownerDocument.querySelector("[data-seen-input]").value;
    for (const message of fresh.querySelectorAll("[data-message]")) {
      const mine = document.getElementById(message.id);
      const isNew = mine ? mine.classList.contains("msg--new") : writing && !message.classList.contains("msg--us");
      if (!isNew) continue;
      message.classList.add("msg--new");
      const tag = document.createElement("span");
      tag.className = "tag"; tag.textContent = words.new_since || "";
      message.querySelector("header .grow").before(tag);
    }
  }
  function offer() {
    if (!status) return;
    const button = document.createElement("button");
    button.type = "button"; button.className = "btn btn-sm"; button.textContent = words.changed || "";
    button.addEventListener("click", show);
    status.replaceChildren(button);
  }
  function show() { if (waiting) { const page = waiting; waiting = null; const old = document.getElementById("list"); morph(old, page.getElementById("list")); say(words.live); } }
  document.getElementById("list")?.addEventListener("mouseleave", () => { const list = document.getElementById("list"); if (waiting && !inHand(list)) show(); });

  // ---- asking again -----------------------------------------------------------------------------------------------------------------
  async function look() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
      if (answer.redirected && new URL(answer.url).pathname !== location.pathname) { location.reload(); return; }
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        parts.forEach((id) => take(id, page));
        document.dispatchEvent(new Event("desk:changed"));
      }
    } catch { /* the connection is away: the stream says so and looks again */ }
    busy = false;
    if (again) { again = false; look(); }
  }
  const soon = () => { clearTimeout(timer); timer = setTimeout(look, 80); };
  const say = (text) => { if (status && !waiting) status.textContent = text || ""; };

  function mine(happening) {
    if (kind === "alerts") return forMe(happening);
    if (kind === "rerouting") return happening.stream === "ticket" || happening.kind.startsWith("rerouting.");
    if (happening.kind.startsWith("alert.") && happening.stream === "person") return false; // somebody's list of alerts is no queue
    if (kind === "ticket" || kind === "timeline") return happening.stream === "ticket" && String(happening.id) === ticket;
    return happening.stream === "ticket" || happening.stream === "person";
  }
  // ---- the bell: how many alerts this person has not read -----------------------------------------------------------------------------
  const bell = document.getElementById("my-alerts");
  const forMe = (happening) => bell && happening.stream === "person" && happening.kind.startsWith("alert.") && String(happening.id) === bell.dataset.me;
  async function count() {
    try {
      const answer = await fetch("/alerts/count", { headers: { Accept: "application/json" } });
      if (answer.ok) bell.querySelector("[data-unread]").textContent = (await answer.json()).unread;
    } catch { /* the connection is away: the next page says it */ }
  }
  function listen() {
    source = new EventSource("/live?" + new URLSearchParams({ ticket, mark: document.body.dataset.mark || "" }));
    let broken = false;
    source.addEventListener("open", () => { say(words.live); document.getElementById("broken")?.remove(); if (broken) look(); broken = false; });
    source.addEventListener("changed", (event) => { const happening = JSON.parse(event.data); if (forMe(happening)) count(); if (mine(happening)) soon(); });
    source.addEventListener("look", () => { soon(); if (bell) count(); });
    source.addEventListener("error", () => {
      broken = true;
      say(words.not_live);
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(() => { look(); listen(); }, 15000); }
    });
  }
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) { look(); listen(); } });
  listen();
})();

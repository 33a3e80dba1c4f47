// The outline of a draft: every form is one edit. The answer is the whole bench, which takes the place of the old one; ids are
// stable, so what was open stays open and the focus stays where it was. Without this script the forms work as forms do.
(() => {
  "use strict";
  const alertBox = document.getElementById("trouble"), said = document.getElementById("said");
  const work = () => document.getElementById("work");
  const csrf = document.querySelector("meta[name=csrf-token]").content;
  let queue = Promise.resolve(), waiting = 0;
  const busy = () => (waiting ? work().setAttribute("aria-busy", "true") : work().removeAttribute("aria-busy"));

  // ---- saving ------------------------------------------------------------------------------------------------------------
  const fieldsIn = (root) => [...root.querySelectorAll("input:not([type=hidden]), textarea, select")].filter((field) => field.id);
  const valueOf = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);
  function untouched(field) {
    if (field.type === "checkbox") return field.checked === field.defaultChecked;
    if (field.tagName === "SELECT") { const was = [...field.options].find((option) => option.defaultSelected) || field.options[0]; return !was || was.value === field.value; }
    return field.value === field.defaultValue;
  }

  // A row of a condition without its value, a unit without its number: nothing to save yet, and nothing to forget.
  function unfinished(field) {
    const test = field.closest(".o-test"), time = field.closest(".o-time");
    if (time) return field.tagName === "SELECT" && !time.querySelector("input").value.trim();
    if (!test) return false;
    const [what, op] = test.querySelectorAll("select"), value = test.querySelector("input").value.trim();
    return Boolean(what.value) && !value && (what.value === "=" || !op.value.endsWith("has"));
  }

  // Going through a list with the keys changes it at every key: it is saved when one leaves it, presses Enter, or pauses.
  let keyed = null, held = "", timer = 0;
  // What was written into a field while an answer took its place: the browser tells of no change when one leaves the new field.
  let swapping = false, unsaved = new Set();
  function hold(form) { held = form.id; clearTimeout(timer); timer = setTimeout(release, 1500); }
  function release() {
    const form = held && document.getElementById(held);
    held = "";
    clearTimeout(timer);
    if (form) send(form);
  }

  function send(form, extra) {
    const body = new URLSearchParams(form ? new FormData(form) : extra);
    const sent = new Map(form ? fieldsIn(form).filter((field) => !unfinished(field)).map((field) => [field.id, valueOf(field)]) : []);
    const url = form ? form.action : document.querySelector("form[data-edit]").action;
    waiting += 1;
    busy();
    queue = queue.then(() => post(url, body, sent)).catch(() => tell(alertBox.dataset.offline)).finally(() => { waiting -= 1; busy(); });
    return queue;
  }

  async function post(url, body, sent) {
    body.set("revision", work().dataset.revision);
    const answer = await fetch(url, { method: "POST", body, headers: { "X-Requested-With": "fetch", "X-CSRFToken": csrf } });
    if (!answer.ok) {
      const problem = (answer.headers.get("content-type") || "").includes("json") ? await answer.json() : { message: answer.statusText };
      tell(problem.message, problem.reload);
      return;
    }
    tell("");
    swap(await answer.text(), sent);
  }

  function tell(message, reload) {
    alertBox.replaceChildren();
    if (!message) return;
    const strip = document.createElement("p");
    strip.className = "strip strip--bad";
    strip.textContent = message + " ";
    if (reload) { const link = document.createElement("a"); link.href = location.pathname + location.search; link.textContent = alertBox.dataset.reload || "↻"; strip.append(link); }
    alertBox.append(strip);
  }

  function swap(html, sent) {
    const old = work(), next = new DOMParser().parseFromString(html, "text/html").getElementById("work");
    const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
    const typed = fieldsIn(old).filter((field) => (sent.has(field.id) ? sent.get(field.id) !== valueOf(field) : !untouched(field))).map((field) => [field.id, field]);
    const active = document.activeElement, at = active && old.contains(active) ? active.id || active.closest("[id]")?.id : "";
    const caret = active && "selectionStart" in active && active.type !== "checkbox" ? active.selectionStart : null;
    const flow = old.querySelector("[data-flow]")?.scrollTop || 0;
    document.getElementById("bar").replaceChildren(next.querySelector("template[data-bar]").content);
    swapping = true;
    old.replaceWith(next);
    swapping = false;
    unsaved = new Set(typed.map(([id]) => id));
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, field] of typed) {
      const now = document.getElementById(id);
      if (now) { if (field.type === "checkbox") now.checked = field.checked; else now.value = field.value; }
    }
    next.querySelector("[data-flow]").scrollTop = flow;
    sortable();
    const target = next.dataset.focus;
    if (target && at?.startsWith(`up-${target}`)) document.getElementById(`up-${target}`)?.focus();
    else if (target && at?.startsWith(`down-${target}`)) document.getElementById(`down-${target}`)?.focus();
    else if (target) show(target, !at?.startsWith("s-"));
    else if (at) { const field = document.getElementById(at); field?.focus({ preventScroll: true }); if (caret !== null && field?.setSelectionRange) field.setSelectionRange(caret, caret); }
    said.textContent = next.dataset.said;
    follow();
  }

  // ---- going to a step ---------------------------------------------------------------------------------------------------
  function show(name, unfold) {
    const details = document.getElementById(`d-${name}`), summary = document.getElementById(`s-${name}`);
    if (!summary) return;
    if (unfold) details.open = true;
    for (let up = details.parentElement?.closest("details"); up; up = up.parentElement?.closest("details")) up.open = true;
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: "nearest" });
  }

  function follow() {
    const name = document.activeElement?.closest?.("li[data-step]")?.dataset.step;
    for (const box of document.querySelectorAll("[data-flow] .at-cursor")) box.classList.remove("at-cursor");
    if (!name) return;
    for (const flow of document.querySelectorAll("[data-flow]")) for (const box of flow.querySelectorAll(`[data-step="${CSS.escape(name)}"]`)) {
      box.classList.add("at-cursor");
      const place = box.getBoundingClientRect(), room = flow.getBoundingClientRect();
      if (place.height && (place.top < room.top || place.bottom > room.bottom)) flow.scrollTop += place.top - room.top - 60;
    }
  }

  // ---- listening -----------------------------------------------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-edit]");
    if (!form) return;
    event.preventDefault();
    if (event.submitter?.getAttribute("aria-disabled") !== "true") send(form);
  });
  document.addEventListener("change", (event) => {
    const field = event.target, form = field.closest("form[data-auto]");
    unsaved.delete(field.id);
    if (!form || unfinished(field)) return;
    if (field === keyed) hold(form); else send(form);
  });
  document.addEventListener("keydown", (event) => {
    keyed = event.target.tagName === "SELECT" ? event.target : null;
    if (keyed && event.key === "Enter") release();
  }, true);
  document.addEventListener("pointerdown", () => { keyed = null; }, true);
  document.addEventListener("focusout", (event) => {
    if (swapping) return;
    const field = event.target, form = unsaved.delete(field.id) && field.closest("form[data-auto]");
    if (held) release();
    else if (form && !untouched(field) && !unfinished(field)) send(form);
  });
  document.addEventListener("focusin", follow);
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-flow] a");
    if (!box) return;
    event.preventDefault();
    show(box.closest("[data-step]").dataset.step, true);
  });
  document.addEventListener("keydown", (event) => {
    const summary = event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown") && event.target.closest("summary[id^=s-]");
    const step = summary && summary.closest("li[data-step]");
    if (!step) return;
    event.preventDefault();
    send(null, { act: event.key === "ArrowUp" ? "up" : "down", step: step.dataset.step });
  });

  // ---- dragging: a mouse and touch aid beside the buttons --------------------------------------------------------------------
  function sortable() {
    for (const list of document.querySelectorAll("ol.outline:not([data-fixed])")) new Sortable(list, {
      group: "steps", handle: ".o-grip", draggable: ".o-step", forceFallback: true, fallbackOnBody: true, animation: 0, swapThreshold: 0.65,
      onEnd: (event) => {
        const before = event.item.previousElementSibling, step = event.item.dataset.step;
        const place = before ? `after:${before.dataset.step}` : `first:${event.to.dataset.list}`;
        if (event.from === event.to && event.oldIndex === event.newIndex) return;
        send(null, { act: "move", step, place });
      },
    });
  }
  sortable();
  if (location.hash.startsWith("#o-")) show(location.hash.slice(3), true);
})();

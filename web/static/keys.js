// Keys of the desk: they act outside of fields only, and can be switched off (Settings).
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const current = () => document.querySelector("[data-row][aria-current]");
  const click = (selector) => { const el = document.querySelector(selector); el?.click(); return Boolean(el); };
  const focus = (selector) => { const el = document.querySelector(selector); el?.focus(); el?.scrollIntoView({ block: "nearest" }); return Boolean(el); };
  let before = "";

  function move(by) {
    const all = rows(), at = all.indexOf(current()), next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    if (!next) return false;
    current()?.removeAttribute("aria-current");
    next.setAttribute("aria-current", "true");
    next.scrollIntoView({ block: "nearest" });
    return true;
  }
  function open() { const link = current()?.querySelector("a.subject"); if (!link) return false; location.href = link.href; return true; }
  function range() {
    const all = rows(), at = all.indexOf(current()), from = all.findLastIndex((row, i) => i < at && row.querySelector("[type=checkbox]:checked"));
    if (at < 0) return false;
    for (const row of all.slice(from < 0 ? at : from, at + 1)) { const box = row.querySelector("[type=checkbox]"); if (box) box.checked = true; }
    count();
    return true;
  }
  function select() { const box = current()?.querySelector("[type=checkbox]"); if (!box) return false; box.click(); return true; }
  function take() {
    if (document.querySelector("[data-key=i]")) return click("[data-key=i]");
    const box = current()?.querySelector("[type=checkbox]");
    if (!box) return false;
    for (const other of document.querySelectorAll("[name=ticket]:checked")) other.checked = false;
    box.checked = true;
    return click("#bulk [value=take]");
  }
  function write(id, area) { const mode = document.getElementById(id); if (mode) mode.checked = true; return focus(area); }
  function toggle(details) { if (!details) return false; details.open = !details.open; details.querySelector("summary").focus(); return true; }

  const acts = {
    j: () => move(1), k: () => move(-1), Enter: open, x: select, X: range, i: take,
    w: () => toggle((current() || document).querySelector("details.why")),
    r: () => write("to-customer", "#body"), c: () => write("to-team", "#note"),
    s: () => focus("[aria-current=step] :is(input:not([type=hidden]), textarea, select, button)"),
    b: () => toggle(document.querySelector("details[data-key=b]")),
    e: () => click("[data-key=e]"), a: () => { const menu = document.querySelector("details[data-key=b]"); if (!menu) return false; menu.open = true; return focus("#as") || focus("#ho"); },
    "/": () => focus("#find"), "?": () => { location.href = "/keys"; return true; }, n: () => { location.href = "/tickets/new"; return true; },
  };
  const places = { q: "/", w: "/work", s: "/studio/", t: "/?view=team" };

  function escape() {
    const sheet = document.querySelector("details.menu[open]");
    if (sheet) { sheet.open = false; sheet.querySelector("summary").focus(); return; }
    for (const box of document.querySelectorAll("[name=ticket]:checked")) box.checked = false;
    count();
    document.activeElement?.blur();
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { escape(); return; }
    if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const wanted = before === "g" && places[event.key];
    before = event.key;
    if (wanted) { location.href = wanted; return; }
    if (acts[event.key]?.()) event.preventDefault();
  });

  const chosen = document.querySelector("[data-chosen]");
  const words = JSON.parse(document.body.dataset.words || "{}");
  function count() { if (chosen) chosen.textContent = (words.chosen || "{n}").replace("{n}", document.querySelectorAll("[name=ticket]:checked").length); }
  document.addEventListener("change", count);
  document.addEventListener("reset", () => setTimeout(count));
  document.addEventListener("click", (event) => { for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false; });

  const theirs = document.querySelector("[data-theirs]");
  if (theirs) theirs.hidden = false;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theirs]");
    if (button) button.setAttribute("aria-pressed", String(document.querySelector(".talk").classList.toggle("talk--theirs")));
  });
  document.querySelector("[data-focus]")?.focus();
  const toast = document.querySelector("[data-toast]");
  if (toast) { const hide = () => setTimeout(() => (toast.matches(":hover, :focus-within") ? hide() : toast.remove()), 8000); hide(); }
  if (location.hash === "#sop") // after a step was completed; behind the browser's own jump, which takes the focus away
    window.addEventListener("load", () => setTimeout(() => { const next = document.querySelector("#sop [aria-current=step] > .leg-name"); if (next) { next.tabIndex = -1; next.focus(); } }));
  if (location.hash) { const target = document.getElementById(location.hash.slice(1)); target?.closest("details")?.setAttribute("open", ""); target?.scrollIntoView({ block: "nearest" }); }
})();

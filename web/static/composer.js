// Writing: drafts outlive a reload, a lost connection and a conflict; step forms keep what was typed on the server; nothing is sent twice.
(() => {
  "use strict";
  const store = { get: (k) => { try { return localStorage.getItem(k); } catch { return null; } }, set: (k, v) => { try { v ? localStorage.setItem(k, v) : localStorage.removeItem(k); } catch { /* full or forbidden */ } } };
  const form = document.getElementById("composer");
  if (form) {
    const key = (area) => `draft:${form.dataset.reader}:${form.dataset.ticket}:${area.dataset.draft}`;
    const areas = [...form.querySelectorAll("[data-draft]")];
    const sent = sessionStorage.getItem("sent:" + form.dataset.ticket);
    const refused = form.querySelector("[role=alert]") || document.querySelector(".problem");
    sessionStorage.removeItem("sent:" + form.dataset.ticket);
    for (const area of areas) {
      if (sent === area.dataset.draft && !refused && !area.value) store.set(key(area), "");
      const kept = store.get(key(area));
      if (!area.value && kept) { area.value = kept; if (area.dataset.draft === "comment" && !areas[0].value) form.querySelector("#to-team").checked = true; }
      area.addEventListener("input", () => store.set(key(area), area.value));
    }
    if (sent && !refused) form.querySelector(`[data-draft="${sent}"]`)?.focus({ preventScroll: true });
    form.addEventListener("submit", (event) => {
      const which = (event.submitter?.formAction || "").endsWith("/comment") ? "comment" : "reply";
      sessionStorage.setItem("sent:" + form.dataset.ticket, which);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      const team = form.querySelector("#to-team").checked;
      form.querySelector(team ? ".for-team .btn-primary" : "[data-send]")?.click();
    });
  }
  for (const input of document.querySelectorAll("[data-files]"))
    input.addEventListener("change", () => { input.parentElement.querySelector("[data-file-names]").textContent = [...input.files].map((f) => f.name).join(", "); });

  // what is typed into a step's form is kept for whoever opens it next
  const timers = new WeakMap();
  document.addEventListener("input", (event) => {
    const step = event.target.closest("form[data-step]");
    if (!step) return;
    event.target.dataset.dirty = "1";
    clearTimeout(timers.get(step));
    timers.set(step, setTimeout(async () => {
      const saved = step.querySelector("[data-saved]"), body = new FormData(step);
      for (const file of step.querySelectorAll("input[type=file]")) body.delete(file.name); // files go with the step itself
      try {
        const answer = await fetch(step.action.replace(/\/complete$/, "/draft"), { method: "POST", body });
        if (saved && answer.ok) saved.textContent = (await answer.json()).saved;
      } catch { if (saved) saved.textContent = ""; }
    }, 900));
  });

  // a pressed button is busy until the answer is there; a second press sends nothing
  document.addEventListener("submit", (event) => {
    const sending = event.target;
    if (sending.method !== "post" || event.submitter?.formTarget) return; // an answer that goes to a frame leaves the page as it is
    if (sending.dataset.sending) { event.preventDefault(); return; }
    sending.dataset.sending = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    setTimeout(() => { delete sending.dataset.sending; event.submitter?.removeAttribute("aria-busy"); }, 8000);
  });
  window.addEventListener("pageshow", () => { for (const f of document.querySelectorAll("form[data-sending]")) delete f.dataset.sending; });
})();

// Similar solved tickets come after the page is there; their resolution can be put into the reply that is being written.
(() => {
  "use strict";
  const place = document.querySelector("[data-later]");
  if (!place) return;
  const body = document.getElementById("body");
  async function load() {
    try {
      const answer = await fetch(place.dataset.later, { headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok || answer.redirected) return;
      place.innerHTML = await answer.text();
    } catch { return; /* the link to the page stays */ }
    if (body) for (const button of place.querySelectorAll("[data-insert]")) button.hidden = false;
  }
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button || !body) return;
    const text = place.querySelector(`[data-resolution="${button.dataset.insert}"]`).textContent.trim();
    const customer = document.getElementById("to-customer");
    if (customer) customer.checked = true;
    body.value = body.value.trim() ? `${body.value.trimEnd()}\n\n${text}` : text;
    body.dispatchEvent(new Event("input", { bubbles: true }));
    body.focus();
    button.textContent = button.dataset.done;
  });
  if ("requestIdleCallback" in window) requestIdleCallback(load, { timeout: 1500 }); else setTimeout(load, 200);
})();

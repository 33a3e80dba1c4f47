// What plugins know comes after the page is there, and again while something is still being asked for.
(() => {
  "use strict";
  const place = document.querySelector("[data-outside]");
  if (!place) return;
  const section = place.closest("section");
  const body = document.getElementById("body");
  let looks = 0;
  const busy = () => place.contains(document.activeElement) || place.querySelector("details[open]");
  async function load() {
    try {
      const answer = await fetch(place.dataset.outside, { headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok || answer.redirected) return;
      const text = await answer.text();
      if (!busy()) place.innerHTML = text;
    } catch { return; /* the link to the page stays */ }
    if (section) section.hidden = Boolean(place.querySelector("[data-empty]")) && !place.querySelector("[data-waiting]");
    if (body) for (const button of place.querySelectorAll("[data-insert]")) button.hidden = false;
    looks += 1;
    if (place.querySelector("[data-waiting]") && looks < 12) setTimeout(load, Math.min(500 * looks, 4000));
  }
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button || !body) return;
    const text = button.closest("li").querySelector("[data-text]").textContent.trim();
    const customer = document.getElementById("to-customer");
    if (customer) customer.checked = true;
    body.value = body.value.trim() ? `${body.value.trimEnd()}\n\n${text}` : text;
    body.dispatchEvent(new Event("input", { bubbles: true }));
    body.focus();
    button.textContent = button.dataset.done;
  });
  if ("requestIdleCallback" in window) requestIdleCallback(load, { timeout: 1500 }); else setTimeout(load, 200);
})();

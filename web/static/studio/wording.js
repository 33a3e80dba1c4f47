// A click on a placeholder puts it where the cursor was; the first preview is made without a click.
(() => {
  "use strict";
  const form = document.getElementById("words");
  const fields = [...form.querySelectorAll("input[id$=-subject], textarea")];
  let last = fields.find((field) => field.id.endsWith("-text"));
  for (const field of fields) field.addEventListener("focus", () => { last = field; });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-place]");
    if (!button || !last) return;
    last.setRangeText(`{{ ${button.dataset.place} }}`, last.selectionStart, last.selectionEnd, "end");
    last.focus();
    last.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const preview = form.querySelector("[formtarget=preview]");
  if (document.getElementById("ticket").value && !document.getElementById("problem")) form.requestSubmit(preview);
})();

// Shows Estafet's help form inside another site:
//   <script src="https://help.example.com/static/embed.js" data-department="service" data-topic="refund" data-lang="id" async></script>
(() => {
  const script = document.currentScript;
  const site = new URL(script.src).origin;
  const address = new URL("/help/embed", site);
  for (const name of ["department", "topic", "lang", "name", "email", "subject"]) {
    if (script.dataset[name]) address.searchParams.set(name, script.dataset[name]);
  }
  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = script.dataset.title || "Help";
  frame.width = "100%";
  frame.height = script.dataset.height || "760";
  frame.style.border = "0";
  script.after(frame);
  window.addEventListener("message", (event) => {
    if (event.origin !== site || event.source !== frame.contentWindow) return;
    const height = Number(event.data && event.data.estafetHeight);
    if (height > 0 && height < 10000) frame.height = String(Math.ceil(height));
  });
})();

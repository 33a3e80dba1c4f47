// Clocks count down from their due moment, and "12 min ago" stays true: each minute, under two minutes each second.
(() => {
  "use strict";
  const words = JSON.parse(document.body.dataset.words || "{}");
  const fill = (pattern, values) => (pattern || "").replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const MINUTE = 60000, HOUR = 3600000, DAY = 86400000;
  function span(ms) {
    const minutes = Math.floor(Math.max(0, ms) / MINUTE), d = Math.floor(minutes / 1440), h = Math.floor((minutes % 1440) / 60), m = minutes % 60;
    if (d) return fill(h ? words.dh : words.d, { d, h });
    if (h) return fill(m ? words.hm : words.h, { h, m: String(m).padStart(2, "0") });
    return fill(words.m, { m });
  }
  const coarse = (ms) => { const unit = ms >= DAY ? DAY : ms >= HOUR ? HOUR : MINUTE; return span(Math.floor(ms / unit) * unit); };
  function tick() {
    const now = Date.now();
    let close = false;
    for (const clock of document.querySelectorAll(".clock[data-due]")) {
      const left = Number(clock.dataset.due) - now, state = left < 0 ? "over" : left < HOUR ? "soon" : "run";
      close = close || Math.abs(left) < 2 * MINUTE;
      const text = Math.abs(left) < 2 * MINUTE && left > 0 ? fill(words.s, { s: Math.ceil(left / 1000) }) : left < 0 ? fill(words.late, { span: "short" in clock.dataset ? coarse(-left) : span(-left) }) : span(left);
      const time = clock.querySelector("time");
      if (time && time.textContent !== text) time.textContent = text;
      if (!clock.classList.contains("clock--" + state)) {
        clock.classList.remove("clock--run", "clock--soon", "clock--over");
        clock.classList.add("clock--" + state);
        clock.querySelector("use")?.setAttribute("href", "#" + { over: "alert", soon: "clock-soon", run: "clock" }[state]);
      }
    }
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const past = now - Date.parse(time.dateTime);
      if (past >= DAY) continue;
      const text = past < MINUTE ? words.just_now : past < HOUR ? fill(words.min_ago, { n: Math.floor(past / MINUTE) }) : fill(words.h_ago, { n: Math.floor(past / HOUR) });
      if (text && time.textContent !== text) time.textContent = text;
    }
    setTimeout(tick, close ? 1000 : 30000);
  }
  tick();
})();

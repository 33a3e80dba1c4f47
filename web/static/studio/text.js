// The text of a draft in CodeMirror: marks while typing, words that fit, saved by itself. Without this script the text area is the editor.
import {
  EditorState, EditorView, lineNumbers, drawSelection, highlightActiveLine, keymap, history, defaultKeymap, historyKeymap, indentWithTab,
  indentUnit, bracketMatching, syntaxHighlighting, HighlightStyle, linter, lintGutter, lintKeymap, search, searchKeymap, autocompletion,
  completionKeymap, yaml, tags as t,
} from "../vendor/codemirror/codemirror.js";

const form = document.getElementById("text-form"), area = document.getElementById("text"), alertBox = document.getElementById("trouble");
const csrf = document.querySelector("meta[name=csrf-token]").content, headers = { "X-Requested-With": "fetch", "X-CSRFToken": csrf };
const work = () => document.getElementById("work");

// ---- marks and words -------------------------------------------------------------------------------------------------------
const post = (url, text) => fetch(url, { method: "POST", body: text, headers: { ...headers, "Content-Type": "text/plain" } }).then((answer) => answer.json());
const at = (doc, line, column) => { const found = doc.line(Math.max(1, Math.min(line, doc.lines))); return Math.min(found.from + column - 1, found.to); };
const check = linter(async (view) => {
  const doc = view.state.doc, found = await post("/studio/check", doc.toString());
  if (view.state.doc !== doc) return [];
  return found.map((e) => ({
    from: at(doc, e.line, e.column), to: at(doc, e.line, e.end_column), severity: e.severity, message: e.message,
    actions: e.suggests ? [{ name: `→ ${e.suggests}`, apply: (target, from, to) => target.dispatch({ changes: { from, to, insert: e.suggests } }) }] : [],
  }));
}, { delay: 300 });
async function words(context) {
  const word = context.matchBefore(/[\w.:-]+/);
  if (!word && !context.explicit) return null;
  const list = await post(`/studio/words?at=${word ? word.from : context.pos}`, context.state.doc.toString());
  if (context.aborted || !list.length) return null;
  return { from: word ? word.from : context.pos, validFor: /^[\w.:-]*$/, options: list.map((o) => ({ label: o.label, detail: o.kind, info: o.info || undefined })) };
}

// ---- looks: the product's own tokens, so dark needs nothing -------------------------------------------------------------------
const mark = (colour, sign) => ({ "&": { content: "normal", color: `var(--${colour})` }, before: `"${sign}"` });
const lints = Object.fromEntries([["error", "bad", "✕"], ["warning", "warn", "!"], ["info", "ink-2", "i"], ["hint", "ink-2", "i"]].flatMap(([name, colour, sign]) => [
  [`.cm-lintRange-${name}`, { backgroundImage: "none", textDecoration: `underline wavy var(--${colour}) 1px` }],
  [`.cm-lint-marker-${name}`, mark(colour, sign)["&"]], [`.cm-lint-marker-${name}::before`, { content: `"${sign}"` }],
]));
const look = EditorView.theme({
  ...lints,
  ".cm-gutters": { background: "var(--desk)", color: "var(--ink-2)", borderColor: "var(--line)" }, ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-activeLine, .cm-activeLineGutter": { background: "color-mix(in oklab, var(--sunk), transparent 40%)" },
  ".cm-tooltip, .cm-panels": { background: "var(--paper)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent-wash)", color: "var(--ink)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" }, ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-diagnosticAction": { background: "var(--accent)", color: "var(--on-accent)" }, ".cm-completionDetail": { color: "var(--ink-2)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { background: "var(--accent-wash)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: "var(--accent-wash)" },
  ".cm-matchingBracket": { background: "var(--accent-wash)", color: "var(--ink)" },
});
const ink = HighlightStyle.define([
  { tag: [t.propertyName, t.definition(t.propertyName)], class: "tok-k" }, { tag: t.string, class: "tok-s" }, { tag: t.comment, class: "tok-c" },
]);

// ---- saving --------------------------------------------------------------------------------------------------------------
let timer = 0, queue = Promise.resolve(), kept = area.value;
function save() {
  clearTimeout(timer);
  queue = queue.then(send).catch(() => tell(alertBox.dataset.offline));
  return true;
}
async function send() {
  const text = view.state.doc.toString();
  if (text === kept) return;
  const answer = await fetch(form.action, { method: "POST", headers, body: new URLSearchParams({ text, revision: work().dataset.revision }) });
  if (!answer.ok) { const problem = (answer.headers.get("content-type") || "").includes("json") ? await answer.json() : { message: answer.statusText }; tell(problem.message); return; }
  kept = text;
  tell("");
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("work"), flow = work().querySelector("[data-flow]").scrollTop;
  document.getElementById("bar").replaceChildren(next.querySelector("template[data-bar]").content);
  const last = work().querySelector("[data-flow] svg")?.closest("[data-flow]");
  if (last && !next.querySelector("[data-flow] svg")) next.querySelector("[data-flow]").prepend(...last.childNodes);   // the last one that could be drawn
  work().replaceWith(next);
  next.querySelector("[data-flow]").scrollTop = flow;
  follow();
}
function tell(message) {
  alertBox.replaceChildren();
  if (message) { const strip = document.createElement("p"); strip.className = "strip strip--bad"; strip.textContent = message; alertBox.append(strip); }
}
addEventListener("beforeunload", (event) => { if (view.state.doc.toString() !== kept) { save(); event.preventDefault(); } });

// ---- text and drawing follow one another ------------------------------------------------------------------------------------
function follow() {
  const line = view.state.doc.lineAt(view.state.selection.main.head).number;
  for (const box of document.querySelectorAll("[data-flow] .at-cursor")) box.classList.remove("at-cursor");
  const links = [...document.querySelectorAll("[data-flow] svg a")].map((a) => [Number(a.getAttribute("href").slice(2)), a.parentElement]);
  const best = Math.max(0, ...links.map(([n]) => n).filter((n) => n <= line));
  for (const [n, box] of links) if (n === best) {
    box.classList.add("at-cursor");
    const flow = box.closest("[data-flow]"), place = box.getBoundingClientRect(), room = flow.getBoundingClientRect();
    if (place.height && (place.top < room.top || place.bottom > room.bottom)) flow.scrollTop += place.top - room.top - 60;
  }
}
function go(line, column) {
  const position = at(view.state.doc, line, column);
  view.dispatch({ selection: { anchor: position }, effects: EditorView.scrollIntoView(position, { y: "center" }) });
  view.focus();
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-flow] svg a, #problems a[data-line]");
  if (!link) return;
  event.preventDefault();
  go(Number(link.dataset.line || link.getAttribute("href").slice(2)), Number(link.dataset.column || 1));
});

const host = document.createElement("div");
area.before(host);
area.hidden = true;
const view = new EditorView({ parent: host, state: EditorState.create({ doc: area.value, extensions: [
  look, lineNumbers(), lintGutter(), history(), drawSelection(), highlightActiveLine(), bracketMatching(), indentUnit.of("  "), EditorState.tabSize.of(2),
  yaml(), syntaxHighlighting(ink), check, search({ top: true }), autocompletion({ override: [words], icons: false }),
  EditorView.contentAttributes.of({ "aria-labelledby": "doc-h", "aria-describedby": "keys", spellcheck: "false", tabindex: "0" }),
  keymap.of([{ key: "Mod-s", run: save, preventDefault: true }, ...completionKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
  EditorView.updateListener.of((update) => {
    if (update.docChanged) { clearTimeout(timer); timer = setTimeout(save, 800); }
    if (update.selectionSet || update.docChanged) follow();
  }),
] }) });
follow();

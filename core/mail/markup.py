"""What may remain of a mail's HTML, and how does it read as plain text?

`simplified` goes first because the HTML parsers behind it take minutes on hostile input (100,000 nested tags, a tag with
100,000 attributes): it writes the markup anew with few tags, few attributes and a bounded depth. Whether the result is
safe is not its business but that of nh3, which goes second.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape, unescape

import nh3
from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

LONGEST = 400_000
_MOST_TAGS = 20_000
_MOST_AMPERSANDS = 50_000
_DEEPEST = 200
_MOST_OPEN_FORMATS = 12
_MOST_OPEN_INDENTS = 20
_FORMATS = {"a", "b", "code", "em", "i", "s", "small", "strike", "strong", "u"}
_INDENTS = {"ul", "ol", "dl", "blockquote"}
_CLOSED_BY_OTHERS = {"p", "li", "dd", "dt", "td", "th", "tr", "thead", "tbody", "tfoot", "caption"}
_VOID = {"br", "hr", "img"}
_NESTED = {
    "blockquote",
    "center",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ol",
    "pre",
    "span",
    "sub",
    "sup",
    "table",
    "ul",
}
_NESTED |= {"dl", "del", "ins", "article", "section"}
TAGS = _FORMATS | _CLOSED_BY_OTHERS | _VOID | _NESTED
# Their content is no text for a reader.
_SKIPPED = {
    "script",
    "style",
    "title",
    "noscript",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "textarea",
    "template",
    "svg",
    "math",
}
_ATTRIBUTES = {"href", "src", "alt", "title", "width", "height", "colspan", "rowspan", "align", "dir", "start"}
_KEPT = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height", "data-src"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "ol": {"start"},
    "div": {"dir", "align"},
    "p": {"dir", "align"},
}
_TOKEN = re.compile(r"""<!--|<[!?][^>]{0,5000}>?|<(/?)([a-zA-Z][a-zA-Z0-9:]{0,40})((?>[^<>"']+|"[^"]*"|'[^']*')*+)>""")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,30})\s{0,20}=\s{0,20}("[^"]*"|'[^']*'|[^\s"'>]+)""")
_IMAGE_SOURCE = re.compile(r'(<img\b(?: [a-z-]+="[^"]*")*?) src="([^"]*)"')
# Most tables in mails are layout; drawn as columns, one wide cell would widen every row (300 kB became 2.7 GB).
_CELL_BORDER = re.compile(r"</t[dh]>\s{0,20}<t[dh](?: [a-z]+=\"[^\"]*\")*>")
_TABLE_TAG = re.compile(r"<(/?)(?:table|thead|tbody|tfoot|caption|tr|td|th)(?: [a-z]+=\"[^\"]*\")*>")
_ENTITY = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)")
_QUOTE_OPENS, _QUOTE_CLOSES = "\ue0f0", "\ue0f1"


def clean_html(html: str) -> tuple[str, bool]:
    """Safe HTML that loads nothing from elsewhere, and whether something had to be cut off.

    Pictures from the web keep their address in `data-src`, pictures inside the mail keep `src="cid:…"`. Colours and
    hidden text are not kept: a mail must be readable on a dark page and cannot hide from the agent what it says.
    """
    simple, cut = simplified(html)
    safe = nh3.clean(
        simple,
        tags=TAGS,
        attributes=_KEPT,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    return _IMAGE_SOURCE.sub(_without_loading, safe), cut


def _without_loading(match: re.Match[str]) -> str:
    source = match[2]
    if source.lower().startswith("cid:"):
        return match[0]
    remote = source.lower().startswith(("http://", "https://"))
    return f'{match[1]} data-src="{source}"' if remote else match[1]


def html_to_text(safe_html: str) -> str:
    """The text of cleaned HTML, quotations marked with `>` as in plain mails."""
    marked = _CELL_BORDER.sub(" ", safe_html)
    marked = _TABLE_TAG.sub(r"<\1div>", marked)
    marked = marked.replace("<blockquote>", f"<blockquote><div>{_QUOTE_OPENS}</div>")
    marked = marked.replace("</blockquote>", f"<div>{_QUOTE_CLOSES}</div></blockquote>")
    lines: list[str] = []
    depth = 0
    for line in get_text(marked, ParserConfig(css=CSS_PROFILES["strict"])).splitlines():
        opens, closes = line.count(_QUOTE_OPENS), line.count(_QUOTE_CLOSES)
        if opens or closes:
            depth = max(0, depth + opens - closes)
            line = line.replace(_QUOTE_OPENS, "").replace(_QUOTE_CLOSES, "")
            if not line.strip():
                continue
        lines.append((">" * min(depth, 20) + " " if depth else "") + (line.strip() if depth else line.rstrip()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def simplified(html: str) -> tuple[str, bool]:
    """The HTML written anew: known tags and attributes only, at most `_DEEPEST` deep; and whether it was cut."""
    pieces = html[:LONGEST].split("&", _MOST_AMPERSANDS)
    cut = len(html) > LONGEST or len(pieces) > _MOST_AMPERSANDS
    html = "&".join(pieces[:_MOST_AMPERSANDS]).replace(_QUOTE_OPENS, "").replace(_QUOTE_CLOSES, "").replace("\x00", "")
    lower: str | None = None
    out: list[str] = []
    opened: Counter[str] = Counter()
    tags = position = 0
    while match := _TOKEN.search(html, position):
        out.append(_text(html[position : match.start()]))
        position = match.end()
        name = (match[2] or "").lower()
        if match[0] == "<!--":
            position = _after(html, "-->", position)
        elif name in _SKIPPED and not match[1] and not match[3].endswith("/"):
            lower = lower or html.lower()
            position = _after(lower, f"</{name}", position)
            position = _after(html, ">", position)
        elif name in TAGS:
            tags += 1
            if tags > _MOST_TAGS:
                cut = True
                break
            out.append(_tag(name, match[1] == "/", match[3], opened))
    else:
        out.append(_text(html[position:]))
    return "".join(out), cut


def _after(text: str, what: str, position: int) -> int:
    """Behind the next `what`; the end of the text when there is none, as browsers do."""
    found = text.find(what, position)
    return len(text) if found < 0 else found + len(what)


def _text(text: str) -> str:
    return _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def _tag(name: str, closing: bool, rest: str, opened: Counter[str]) -> str:
    counted = name not in _VOID and name not in _CLOSED_BY_OTHERS
    if closing:
        if name in _VOID or (counted and not opened[name]):
            return ""
        opened[name] -= counted
        return f"</{name}>"
    if counted:
        if opened.total() >= _DEEPEST or _too_many(name, opened, _FORMATS, _MOST_OPEN_FORMATS):
            return ""
        if _too_many(name, opened, _INDENTS, _MOST_OPEN_INDENTS):
            return ""
        opened[name] += 1
    return f"<{name}{_attributes(rest)}>" if rest else f"<{name}>"


def _too_many(name: str, opened: Counter[str], kind: set[str], most: int) -> bool:
    """Browsers repeat open formats in each paragraph, and indents stand before each line: nesting multiplies the text."""
    return name in kind and sum(opened[n] for n in kind) >= most


def _attributes(rest: str) -> str:
    kept: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(rest[:100_000]):
        name, value = match[1].lower(), match[2]
        if name in _ATTRIBUTES and name not in kept:
            value = unescape(value[1:-1] if value[0] in "\"'" else value)
            if len(value) <= 4_000:
                kept[name] = value
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())

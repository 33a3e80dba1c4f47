"""Draws a procedure as SVG: what stands where is `drawing_layout`'s; here it is written down, with classes for the looks and words for everybody.

`draw` gives one drawing for one width; `sentences` says the same in the order of the document, for whoever cannot see it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from core.sop.drawing_boxes import BACK, JUMP
from core.sop.drawing_layout import HEIGHT, Layout, lay_out, wrap
from core.sop.drawing_reading import boxes_of
from core.sop.drawing_words import say
from core.texts import _, ngettext, speaking
from core.texts import language as current_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.sop.document import Sop
    from core.sop.drawing_boxes import Box, Row
    from core.sop.drawing_layout import Point

WIDE, NARROW = 560, 326  # beside a text or on a page of its own; in the side of a ticket or on a phone
_PERSON = frozenset({"task", "approval", "collaborate", "resolve", "document"})
_FRAMES = frozenset({"do", "band"})
_ICONS = {
    "task": "M7 6.2a2.6 2.6 0 1 0-.1 0M2 12.5c.3-2.8 2-4.3 5-4.3s4.700 1.500 5 4.300",
    "approval": "m2.500 7.500 3 3 6-7",
    "notify": "M1.500 3.500h11v7.500h-11zl5.500 4.200 5.500-4.200",
    "wait": "M7 1.500a5.500 5.500 0 1 0 .1 0M7 4v3.200l2.200 1.300",
    "call": "M5 1.500v3M9 1.500v3M3.500 4.500h7v2.500a3.500 3.500 0 0 1-7 0zM7 10.500v2.500",
    "switch": "M7 1.500 12.500 7 7 12.500 1.500 7z",
    "fork": "M3 12V8.500h8V12M7 8.500V2",
    "run": "M2 2h10v10H2zM5 5h4v4H5z",
    "auto": "M3 2.500 11 7l-8 4.500z",
    "end": "M7 2a5 5 0 1 0 .1 0",
}
_LIKE = {"any": "wait", "jump": "switch", "do": "run"}
_ROUND = {"start": 15.0, "finish": 15.0, "end": 15.0, "wait": 13.0}


def draw(
    sop: Sop,
    marks: Mapping[str, str] | None = None,
    language: str | None = None,
    *,
    width: float = WIDE,
    prefix: str = "s-",
    href: str = "",
) -> str:
    """The drawing as one SVG. `marks` adds a class to steps, named by step or by path: now, done, late, skip, bad, new.

    `prefix` begins every id (two drawings on a page need two); `href` links each box: `{line}` and `{name}` are filled in.
    """
    with speaking(language or current_language()):
        drawn = lay_out(sop, width)
        return _svg(drawn, _title(sop, drawn), by_step(marks or {}), prefix, href)


def sentences(sop: Sop, language: str | None = None) -> list[str]:
    """The drawing in words: one line for each box, in the order of the document."""
    with speaking(language or current_language()):
        return ["; ".join(row.words for row in box.rows) for box in boxes_of(sop).everything()]


def by_step(marks: Mapping[str, str]) -> dict[str, str]:
    """Marks by the names of steps: `work/dev/bug#2` marks `bug`. Where a step has several, `now` stays and else the last one counts."""
    found: dict[str, str] = {}
    for path, mark in marks.items():
        name = path.rsplit("/", 1)[-1].split("#")[0].split("@")[0]
        if found.get(name) not in ("now", "late"):
            found[name] = mark
    return found


def _title(sop: Sop, drawn: Layout) -> str:
    count = sum(box.line > 0 for box in drawn.boxes)
    back = sum(edge.style == BACK for edge in drawn.edges)
    steps = ngettext("%(n)s step", "%(n)s steps", count)
    ways = ngettext("%(n)s way back", "%(n)s ways back", back)
    return _("%(title)s: %(steps)s, %(ways)s", title=say(sop.title), steps=steps, ways=ways)


def _svg(drawn: Layout, title: str, marks: Mapping[str, str], prefix: str, href: str) -> str:
    size = f'width="{drawn.width:g}" height="{drawn.height:g}" viewBox="0 0 {drawn.width:g} {drawn.height:g}"'
    out = [
        f'<svg class="flow" xmlns="http://www.w3.org/2000/svg" {size} role="group" aria-labelledby="{prefix}title">',
        f'<title id="{prefix}title">{escape(title)}</title><defs>',
    ]
    out += [_tip(prefix, kind) for kind in ("way", BACK, JUMP)]
    out.append("</defs>")
    out += [_box(box, marks, prefix, href) for box in drawn.boxes if box.kind in _FRAMES]
    for edge in drawn.edges:
        tip = f' marker-end="url(#{prefix}tip-{edge.style})"' if edge.style in ("way", BACK, JUMP) else ""
        out.append(f'<path class="line {edge.style}" d="{_curve(edge.points)}"{tip}/>')
    out += [_box(box, marks, prefix, href) for box in drawn.boxes if box.kind not in _FRAMES]
    for edge in drawn.edges:
        if edge.label:
            x, y = edge.points[0]
            out.append(
                f'<text class="label" x="{x + 7:g}" y="{y + 13:g}">{escape(wrap(edge.label, 110, 11, 1)[0])}</text>'
            )
    return "".join(out) + "</svg>"


def _tip(prefix: str, kind: str) -> str:
    return (
        f'<marker id="{prefix}tip-{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path class="tip {kind}" d="M0 0 8 4 0 8z"/></marker>'
    )


def _curve(points: Sequence[Point]) -> str:
    """A line with rounded corners."""
    kept = [point for n, point in enumerate(points) if n == 0 or point != points[n - 1]]
    out = [f"M{kept[0][0]:g} {kept[0][1]:g}"]
    for a, b, c in zip(kept, kept[1:], kept[2:], strict=False):
        r = min(5.0, (abs(b[0] - a[0]) + abs(b[1] - a[1])) / 2, (abs(c[0] - b[0]) + abs(c[1] - b[1])) / 2)
        ax, ay = (b[i] + r * ((a[i] > b[i]) - (a[i] < b[i])) for i in (0, 1))
        cx, cy = (b[i] + r * ((c[i] > b[i]) - (c[i] < b[i])) for i in (0, 1))
        out.append(f"L{ax:g} {ay:g}Q{b[0]:g} {b[1]:g} {cx:g} {cy:g}")
    return "".join(out) + f"L{kept[-1][0]:g} {kept[-1][1]:g}"


def _box(box: Box, marks: Mapping[str, str], prefix: str, href: str) -> str:
    inside = _shape(box) + "".join(_row(box, row) for row in box.rows)
    mark = marks.get(box.name, "")
    if mark:
        inside = f"<title>{escape(_mark_words().get(mark, mark))}</title>{inside}"
    if box.line and href:
        inside = f"<a href={quoteattr(href.format(line=box.line, name=box.name))}>{inside}</a>"
    ident = f" id={quoteattr(prefix + re.sub(r'[^-.0-9A-Za-z_]', '-', box.name))}" if box.name else ""
    step = f" data-step={quoteattr(box.name)}" if box.line else ""
    return f'<g{ident}{step} class="{" ".join(_classes(box, mark))}">{inside}</g>'


def _classes(box: Box, mark: str) -> Iterable[str]:
    yield "step"
    yield box.kind
    if mark:
        yield f"mark-{mark}"


def _mark_words() -> dict[str, str]:
    return {
        "now": _("the ticket is here"),
        "done": _("done"),
        "late": _("late"),
        "skip": _("skipped"),
        "bad": _("something is wrong here"),
        "new": _("changed"),
    }


def _shape(box: Box) -> str:
    x, y, z, e = box.x, box.y, box.x + box.w, box.y + box.h
    if box.kind in ("switch", "jump"):
        cut = 9
        high = f"M{x + cut:g} {y:g}H{z - cut:g}L{z:g} {y + 14:g}"
        low = f"V{e - cut:g}L{z - cut:g} {e:g}H{x + cut:g}L{x:g} {e - cut:g}"
        return f'<path class="shape" d="{high}{low}V{y + 14:g}z"/>'
    corner = min(box.h / 2, _ROUND.get(box.kind, 5.0))
    return f'<rect class="shape" x="{x:g}" y="{y:g}" width="{box.w:g}" height="{box.h:g}" rx="{corner:g}"/>'


def _row(box: Box, row: Row) -> str:
    x, z, inset = box.x, box.x + box.w, 12 if box.kind in ("switch", "jump") else 9
    at, anchor, out = x + inset, "", []
    first = box.y + row.y - HEIGHT[row.style] * (len(row.parts) - 1)
    if box.kind in ("when", "start", "finish", "end"):
        at, anchor = (x + z) / 2, ' text-anchor="middle"'
    elif row.style == "exit" and row.side != BACK:
        at, anchor = z - inset, ' text-anchor="end"'
    elif row.style == "name":
        like = _LIKE.get(box.kind, box.kind)
        path = _ICONS[like if like in _ICONS else "task" if like in _PERSON else "auto"]
        out.append(f'<path class="icon" transform="translate({at:g} {first - 7:g})" d="{path}"/>')
        at += 19
    if row.side in (BACK, JUMP):
        out.append(f'<circle class="port" cx="{x if row.side == BACK else z:g}" cy="{box.y + row.y:g}" r="2.5"/>')
    for n, part in enumerate(row.parts):  # the blank at the end parts the words of the link's name
        y = first + 4 + n * HEIGHT[row.style]
        out.append(
            f'<text class="{f"{row.style} {row.side}".strip()}" x="{at:g}" y="{y:g}"{anchor}>{escape(part)} </text>'
        )
    return "".join(out)

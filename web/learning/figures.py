"""How a procedure fares: its drawing with the figures at each step, the same as a table, and the tickets behind every figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape

from flask import render_template, request, url_for
from markupsafe import Markup

from core import sop_pages
from core.errors import NotFound
from core.learning.figures import LISTED, LOOKED_AT, WHATS, Figures, figures, looked_at, slowest, tickets_behind
from core.sop.drawing import NARROW, WIDE
from core.sop.drawing_layout import lay_out, wide
from core.sop.reading import load
from core.sop.structure import spots_of
from core.sop.titles import bare_title
from core.spoken import span
from core.texts import _, ngettext
from web.flow import Drawing, drawing
from web.learning import learning
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.sop.document import Sop
    from core.sop_pages import SopLine, VersionLine

_NO_TIME = frozenset({"assign", "notify", "set", "switch", "jump", "end", "survey"})
_HOLDING = frozenset({"do", "fork", "switch"})  # their time is that of the steps inside


@dataclass(frozen=True, slots=True)
class Row:
    """One step of the table. `timed`: its time says something, because it waits for somebody."""

    name: str
    title: str
    kind: str
    figures: Figures
    timed: bool
    slow: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One version of an SOP, and the others to choose from."""

    line: SopLine
    versions: tuple[VersionLine, ...]
    version: VersionLine
    sop: Sop


def what_words() -> dict[str, str]:
    """What is counted, as people say it."""
    return {
        "visits": _("visits"),
        "skipped": _("skipped by hand"),
        "not_needed": _("not needed"),
        "again": _("visited again"),
        "late": _("done late"),
        "timeout": _("timed out"),
        "failed": _("failed"),
        "deviated": _("done otherwise"),
        "waiting": _("waiting now"),
    }


@learning.get("/studio/<int:sop_id>/figures")
def sop_figures(sop_id: int) -> ResponseReturnValue:
    """The page of one version: the published one, unless another is asked for."""
    with database().read() as tx:
        shown = _shown(tx, sop_id)
        found, of = figures(tx, shown.version.id), looked_at(tx, shown.version.id)
    steps = [spot.step for spot in spots_of(shown.sop).values()]
    order = [step.name for step in shown.sop.steps()]
    slow = slowest(found, (step.name for step in steps if step.kind not in _NO_TIME | _HOLDING))
    by_name = {step.name: step for step in steps}
    rows = [
        Row(
            name,
            bare_title(by_name[name], shown.sop),
            by_name[name].kind,
            found.get(name, Figures()),
            by_name[name].kind not in _NO_TIME,
            name in slow,
        )
        for name in order
    ]
    return render_template(
        "learning/figures.html",
        here="studio",
        shown=shown,
        rows=rows,
        of=of,
        most=LOOKED_AT,
        whats=what_words(),
        flow=_drawing(shown, {row.name: row for row in rows}),
    )


def _shown(tx: Connection, sop_id: int) -> Shown:
    line, versions = sop_pages.sop_versions(tx, actor(), sop_id)
    numbered = [version for version in versions if version.number]
    wanted = request.args.get("version", "")
    chosen = next(
        (version for version in numbered if str(version.number) == (wanted or str(line.number or ""))),
        None if wanted else next(iter(numbered), None),
    )
    if chosen is None or chosen.number is None:
        raise NotFound(_("This procedure has no such version that tickets could have followed."))
    _state, text = sop_pages.version_text(tx, actor(), sop_id, chosen.number)
    return Shown(line, tuple(numbered), chosen, load(text))


@learning.get("/studio/<int:sop_id>/figures/<step>")
def tickets_of_figure(sop_id: int, step: str) -> ResponseReturnValue:
    """The tickets behind one figure of one step."""
    what = request.args.get("what", "visits")
    if what not in WHATS:
        raise NotFound(_("There is no such figure."))
    with database().read() as tx:
        shown = _shown(tx, sop_id)
        spot = spots_of(shown.sop).get(step)
        if spot is None:
            raise NotFound(_("This version has no such step."))
        lines = tickets_behind(tx, actor(), shown.version.id, step, what)
    return render_template(
        "learning/behind.html",
        here="studio",
        shown=shown,
        step=spot.step,
        what=what_words()[what],
        lines=lines,
        most=LISTED,
    )


# ---- the drawing -------------------------------------------------------------------------------------------------------


def _drawing(shown: Shown, rows: Mapping[str, Row]) -> Drawing:
    """The drawing with a small plate on each box: how often, and how long; it leads to the tickets."""
    plain = drawing(shown.sop, href="#f-{name}")
    address = url_for("learning.tickets_of_figure", sop_id=shown.line.id, step="STEP", version=shown.version.number)
    return Drawing(
        _plates(plain.wide, shown.sop, rows, WIDE, address),
        _plates(plain.narrow, shown.sop, rows, NARROW, address),
        plain.words,
    )


def _plates(svg: Markup, sop: Sop, rows: Mapping[str, Row], width: float, address: str) -> Markup:
    plates = []
    for box in lay_out(sop, width).boxes:
        row = rows.get(box.name)
        if row is not None and box.line and row.figures.visits:
            plates += _plate(row, box.x + box.w, box.y, address.replace("STEP", quote(row.name)))
    return Markup(str(svg).removesuffix("</svg>") + "".join(plates) + "</svg>")  # noqa: S704 (escaped where it is written)


def _plate(row: Row, right: float, y: float, href: str) -> list[str]:
    """Visits and median time at the right of the upper edge; how many wait now beside them."""
    took = f", {span(row.figures.median_ms)}" if row.timed and row.figures.median_ms is not None else ""
    text = f"{row.figures.visits}×{took}"
    size = wide(text, 11) + 10
    visits, waiting = row.figures.visits, row.figures.waiting
    title = ngettext("%(step)s: %(n)s visit", "%(step)s: %(n)s visits", visits, step=row.title)
    out = [_link(href + "&what=visits", title, text, right - size - 4, y, size, "slow" if row.slow else "")]
    if waiting:
        title = ngettext(
            "%(step)s: %(n)s ticket waits here now", "%(step)s: %(n)s tickets wait here now", waiting, step=row.title
        )
        text = ngettext("%(n)s waits", "%(n)s wait", waiting)
        wide_one = wide(text, 11) + 10
        out.append(_link(href + "&what=waiting", title, text, right - size - wide_one - 8, y, wide_one, "waiting"))
    return out


def _link(href: str, title: str, text: str, x: float, y: float, width: float, like: str) -> str:
    return (
        f'<a class="plate {like}" href="{escape(href, {chr(34): "&quot;"})}"><title>{escape(title)}</title>'
        f'<rect x="{x:g}" y="{y - 9:g}" width="{width:g}" height="18" rx="9"/>'
        f'<text x="{x + width / 2:g}" y="{y + 4:g}" text-anchor="middle">{escape(text)}</text></a>'
    )

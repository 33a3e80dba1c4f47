"""The drawings of the lead's day: four measures against what is usual, and the unsolved tickets of a department."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.figures import words
from core.figures.days import date_of
from core.figures.reading import SHOWN
from core.figures.usual import FIRST, MEASURES
from core.texts import _, ngettext
from web.charts import Mark, days_chart, line_chart
from web.desk.day_behind import link_behind
from web.times import date_words

if TYPE_CHECKING:
    from markupsafe import Markup

    from core.figures.performance import DayJudged, Performance
    from core.figures.reading import Sheet

_HOUR_MS = 3_600_000
BEHIND = {FIRST: "answered"}  # the list behind a measure, where it has another name


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing, its heading, and the same as (day, value)."""

    title: str
    drawing: Markup
    rows: tuple[tuple[int, int], ...] = ()


def measures_charts(found: Performance) -> list[Chart]:
    """One drawing for each measure, the oldest day at the left."""
    return [Chart(words.measure(what), _measure(found, what)) for what in MEASURES]


def _measure(found: Performance, what: str) -> Markup:
    marks = [_mark(found.sheet, one, what) for one in reversed(found.days)]
    unusual = sum(one.unusual for one in marks)
    said = ngettext("%(n)s unusual day", "%(n)s unusual days", unusual)
    title = _("%(what)s, the last %(days)s days: %(said)s", what=words.measure(what), days=len(marks), said=said)
    unit = _HOUR_MS if what == FIRST else 1
    return days_chart(marks, title, lambda value: words.amount(what, value), unit=unit)


def _mark(sheet: Sheet, one: DayJudged, what: str) -> Mark:
    day, common = one.judged.day, one.judged.usual[what]
    value, said = day.measure(what), date_words(date_of(day.day))
    amount = words.amount(what, value) if value is not None else "–"
    href = link_behind(BEHIND.get(what, what), sheet.name, day.day)
    return Mark(
        value,
        f"{said}: {amount}" + (f" ({words.band(what, common)})" if common else ""),
        href if value else "",
        common.low if common else None,
        common.median if common else None,
        common.high if common else None,
        what in one.judged.sides,
        _label(sheet, day.day),
    )


def unsolved_chart(sheet: Sheet, open_now: int) -> Chart:
    """How many tickets were unsolved at the end of each day; the heading says the finding."""
    ends = sheet.flow.open_at_ends(open_now, min(SHOWN, len(sheet.days)))
    week_ago = ends[max(0, len(ends) - 8)]
    more = open_now - week_ago
    title = ngettext("%(n)s unsolved ticket", "%(n)s unsolved tickets", open_now)
    if more > 0:
        title = _("%(unsolved)s, %(n)s more than a week ago", unsolved=title, n=more)
    elif more < 0:
        title = _("%(unsolved)s, %(n)s fewer than a week ago", unsolved=title, n=-more)
    rows = [(sheet.today - len(ends) + 1 + place, n) for place, n in enumerate(ends)]
    marks = [Mark(n, f"{date_words(date_of(day))}: {n}", label=_label(sheet, day)) for day, n in rows]
    return Chart(title, line_chart(marks, title, words.number), tuple(reversed(rows)))


def _label(sheet: Sheet, day: int) -> str:
    """Today, and the same weekday of the weeks before."""
    return date_words(date_of(day)).split(" ", 1)[-1] if (sheet.today - day) % 7 == 0 else ""

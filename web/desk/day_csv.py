"""The tables of the lead's day as CSV files: the same figures, named by codes."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from flask import Response, request

from core.errors import NotFound
from core.figures.days import date_of
from core.figures.usual import MEASURES
from core.lead_flow import DAYS
from core.texts import _
from web.desk import desk
from web.desk.day import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.typing import ResponseReturnValue

    from web.desk.day import Seen

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@desk.get("/day/<what>.csv")
def day_csv(what: str) -> ResponseReturnValue:
    """One of the tables; `performance.csv?department=…` is of one department."""
    if what not in TABLES:
        raise NotFound(_("There is no such table."))
    text = io.StringIO()
    rows = TABLES[what](look(request.args.get("department")))
    csv.writer(text).writerows([_harmless(value) for value in row] for row in rows)
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{what}.csv"'
    return answer


def _harmless(value: Any) -> Any:
    """A name that a spreadsheet would read as a formula is text."""
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value


def _people(seen: Seen) -> Iterator[list[Any]]:
    yield ["person", "availability", "open", "limit", "late", *_spans("growth")]
    for one in seen.day.people:
        flow = seen.flow.people.get(one.id)
        flows = [n for days in DAYS for n in _grown(*flow.counts[days])] if flow else [""] * 6
        yield [one.name, one.availability, one.open_n, one.limit, one.late, *flows]


def _teams(seen: Seen) -> Iterator[list[Any]]:
    yield ["team", "department", "open", "backlog", "late", "late_or_due_within_2_hours"]
    for one in seen.day.teams:
        yield [one.title, one.department, one.open_n, one.backlog, one.late, one.soon]


def _growth(seen: Seen) -> Iterator[list[Any]]:
    yield ["team", "department", *_spans("growth")]
    for one in seen.flow.teams:
        yield [one.title, one.department, *(n for days in DAYS for n in _grown(*one.counts[days]))]


def _spans(last: str) -> list[str]:
    return [f"{what}_{days}_days" for days in DAYS for what in ("came", "solved", last)]


def _grown(came: int, solved: int) -> tuple[int, int, int]:
    return came, solved, came - solved


def _hours(seen: Seen) -> Iterator[list[Any]]:
    yield ["department", "hour", "came", "solved", "open_hours"]
    for one in seen.flow.departments:
        for hour in one.staffing.hours:
            yield [one.title, hour.hour, hour.came, hour.solved, round(hour.open_ms / 3_600_000, 2)]


def _promises(seen: Seen) -> Iterator[list[Any]]:
    yield ["department", "promise", *(f"{what}_{days}_days" for days in DAYS for what in ("kept", "broken"))]
    for sheet in seen.sheets.departments:
        for line in seen.promises[sheet.id]:
            yield [sheet.title, line.metric or "all", *(n for days in DAYS for n in line.counts[days])]


def _performance(seen: Seen) -> Iterator[list[Any]]:
    counts = ["came", "solved", "first_answer_median_minutes", "first_answer_p90_minutes", "kept", "broken", "people"]
    usual = [f"{what}_usual_{part}" for what in MEASURES for part in ("low", "median", "high")]
    yield ["department", "day", *counts, *usual, "unusual", "because"]
    for one in seen.chosen.days if seen.chosen else ():
        day = one.judged.day
        firsts = [None if ms is None else round(ms / 60_000, 1) for ms in (day.first_p50, day.first_p90)]
        common = [
            _minutes(what, getattr(band, part)) if band else None
            for what, band in one.judged.usual.items()
            for part in ("low", "median", "high")
        ]
        sides = " ".join(f"{what}:{side}" for what, side in one.judged.sides.items())
        why = " ".join(f"{why.cause.kind}:{why.name}" if why.name else why.cause.kind for why in one.causes)
        title = seen.chosen.sheet.title if seen.chosen else ""
        numbers = [day.came, day.solved, *firsts, day.kept, day.broken, day.present]
        yield [title, date_of(day.day).isoformat(), *numbers, *common, sides, why]


def _minutes(what: str, value: float) -> float:
    return round(value / 60_000 if what == "first" else value, 1)


TABLES: dict[str, Callable[[Seen], Iterator[list[Any]]]] = {
    "people": _people,
    "teams": _teams,
    "growth": _growth,
    "hours": _hours,
    "promises": _promises,
    "performance": _performance,
}

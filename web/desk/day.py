"""The lead's day: who has too much, what is about to break, which backlog grows, how it went against what is usual, and what the numbers say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import render_template, request

from core.clocks.words import metric
from core.figures import words as figure_words
from core.figures.days import date_of
from core.figures.performance import Performance, performance
from core.figures.promises import PromiseLine, promises
from core.figures.reading import Sheets, read_sheets
from core.lead_day import LeadDay, lead_day
from core.lead_flow import DAYS, LeadFlow, lead_flow
from core.moments import now_ms
from web.charts import spark
from web.desk import desk
from web.desk.day_behind import link_behind
from web.desk.day_charts import BEHIND, measures_charts, unsolved_chart
from web.signin import actor
from web.times import date_words
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the page and its tables say, read at one moment. `chosen` is the department that is looked at closely."""

    day: LeadDay
    flow: LeadFlow
    sheets: Sheets
    promises: dict[int, tuple[PromiseLine, ...]]
    chosen: Performance | None


def look(department: str | None = None) -> Seen:
    """Read it: a fixed number of statements, over open tickets and counted days."""
    now = now_ms()
    with database().read() as tx:
        found, sheets = lead_day(tx, actor(), now), read_sheets(tx, actor(), now)
        flow = lead_flow(tx, sheets, found.people, now)
        sheet = next((one for one in sheets.departments if one.name == department), None)
        busiest = sheet or max(sheets.departments, key=lambda one: sum(one.flow.within(DAYS[1])), default=None)
        chosen = performance(tx, busiest) if busiest else None
    kept = {one.id: promises(one, DAYS) for one in sheets.departments}
    return Seen(found, flow, sheets, kept, chosen)


@desk.get("/day")
def day() -> ResponseReturnValue:
    """The page; `?department=` is looked at closely, else the one with most tickets."""
    seen = look(request.args.get("department"))
    most = max([one.open_n for one in seen.day.people], default=1)
    charts, unsolved = [], None
    if seen.chosen is not None and seen.chosen.days:
        open_n = sum(one.open_n for one in seen.day.teams if one.department == seen.chosen.sheet.title)
        charts, unsolved = measures_charts(seen.chosen), unsolved_chart(seen.chosen.sheet, open_n)
    return render_template(
        "desk/day.html",
        here="day",
        day=seen.day,
        flow=seen.flow,
        seen=seen,
        spans=DAYS,
        most=most,
        charts=charts,
        unsolved=unsolved,
        behind=link_behind,
        list_of=BEHIND,
        metric=metric,
        spark=spark,
        today={one.name: one.today for one in seen.sheets.departments}.__getitem__,
        say=figure_words,
        day_words=lambda number: date_words(date_of(number)),
    )

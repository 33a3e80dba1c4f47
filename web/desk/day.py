"""The lead's day: who has too much, which promises are about to break, what lies in the backlogs; each figure leads to its tickets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from flask import Response, render_template, request

from core.lead_day import lead_day
from core.lead_flow import CAME, DAYS, LISTED, SOLVED, flow_tickets, lead_flow
from core.moments import now_ms
from web.desk import desk
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from core.lead_day import LeadDay
    from core.lead_flow import LeadFlow


@desk.get("/day")
def day() -> ResponseReturnValue:
    """The page; `?what=came&team=…&days=7`: the tickets behind one of its figures."""
    if "what" in request.args:
        return _tickets(request.args["what"], request.args.get("team", ""), request.args.get("days", 0, int))
    with database().read() as tx:
        found, flow = lead_day(tx, actor(), now_ms()), lead_flow(tx, actor(), now_ms())
    most = max([one.open_n for one in found.people], default=1)
    return render_template("desk/day.html", here="day", day=found, flow=flow, spans=DAYS, most=most)


def _tickets(what: str, team: str, days: int) -> ResponseReturnValue:
    with database().read() as tx:
        title, lines = flow_tickets(tx, actor(), what, team, days, now_ms())
    return render_template(
        "desk/day_tickets.html", here="day", solved=what == SOLVED, team=title, days=days, lines=lines, most=LISTED
    )


@desk.get("/day/<what>.csv")
def day_csv(what: str) -> ResponseReturnValue:
    """The same as CSV: `people`, `teams`, `growth` or `hours`."""
    with database().read() as tx:
        found, flow = lead_day(tx, actor(), now_ms()), lead_flow(tx, actor(), now_ms())
    tables = _tables(found, flow)
    name = what if what in tables else "people"
    text = io.StringIO()
    csv.writer(text).writerows(tables[name])
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _tables(found: LeadDay, flow: LeadFlow) -> dict[str, list[list[Any]]]:
    spans = [f"{what}_{days}_days" for days in DAYS for what in (CAME, SOLVED, "growth")]
    return {
        "people": [
            ["person", "availability", "open", "limit", "late"],
            *([p.name, p.availability, p.open_n, p.limit, p.late] for p in found.people),
        ],
        "teams": [
            ["team", "department", "open", "backlog", "late", "late_or_due_within_2_hours"],
            *([t.title, t.department, t.open_n, t.backlog, t.late, t.soon] for t in found.teams),
        ],
        "growth": [
            ["team", "department", *spans],
            *(
                [t.title, t.department, *(n for days in DAYS for n in (*t.counts[days], t.growth(days)))]
                for t in flow.teams
            ),
        ],
        "hours": [
            ["department", "hour", CAME, SOLVED, "open_hours"],
            *(
                [d.title, h.hour, h.came, h.solved, round(h.open_ms / 3_600_000, 2)]
                for d in flow.departments
                for h in d.staffing.hours
            ),
        ],
    }

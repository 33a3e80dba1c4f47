"""The lead's day: who has too much, which promises are about to break, what lies in the backlogs; each figure leads to its tickets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from flask import Response, render_template

from core.lead_day import lead_day
from core.moments import now_ms
from web.desk import desk
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@desk.get("/day")
def day() -> ResponseReturnValue:
    """The page."""
    with database().read() as tx:
        found = lead_day(tx, actor(), now_ms())
    return render_template(
        "desk/day.html", here="day", day=found, most=max([one.open_n for one in found.people], default=1)
    )


@desk.get("/day/<what>.csv")
def day_csv(what: str) -> ResponseReturnValue:
    """The same as CSV: `people` or `teams`."""
    with database().read() as tx:
        found = lead_day(tx, actor(), now_ms())
    text = io.StringIO()
    rows = csv.writer(text)
    if what == "teams":
        rows.writerow(["team", "department", "open", "backlog", "late", "late_or_due_within_2_hours"])
        rows.writerows([t.title, t.department, t.open_n, t.backlog, t.late, t.soon] for t in found.teams)
    else:
        rows.writerow(["person", "availability", "open", "limit", "late"])
        rows.writerows([p.name, p.availability, p.open_n, p.limit, p.late] for p in found.people)
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{"teams" if what == "teams" else "people"}.csv"'
    return answer

"""The lead's day: who has how much, what grows, promises kept and broken, days against what is usual, and the tickets behind a figure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.directory import directory
from core.errors import NotFound
from core.figures.counting import PERSON, TEAM
from core.figures.days import date_of, day_of, read_day
from core.figures.performance import DayJudged, performance
from core.figures.promises import PromiseLine, promises
from core.figures.reading import days_of, read_sheets, visible
from core.figures.tickets import Wanted, tickets_behind
from core.figures.words import because
from core.lead_day import lead_day
from core.lead_flow import DAYS, lead_flow
from core.lead_staffing import HOUR_MS, Staffing
from core.moments import now_ms, rfc3339
from core.permissions import require
from core.texts import _
from web.api import references, shapes_day
from web.api.answers import answer, cursor, items, read_cursor
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.wiring import database

if TYPE_CHECKING:
    from flask import Response

    from core.directory import Directory
    from core.lead_day import LeadDay
    from core.lead_flow import LeadFlow

part = Part("day", __name__, "The lead's day: loads, backlogs, promises and unusual days, down to the tickets.")


@part.reading("/day")
@part.response(200, shapes_day.Day)
def read_the_day() -> Response:
    """Who has how much, which backlog grows, promises kept and broken, and staffing (leads: of their department)"""
    now = now_ms()
    with database().read() as tx:
        found, sheets = lead_day(tx, caller(), now), read_sheets(tx, caller(), now)
        flow = lead_flow(tx, sheets, found.people, now)
    staffing = {one.id: one.staffing for one in flow.departments}
    departments = [
        {
            "name": sheet.name,
            "title": sheet.title,
            "promises": [_promise(line) for line in promises(sheet, DAYS)],
            "staffing": _staffing(staffing[sheet.id]),
        }
        for sheet in sheets.departments
    ]
    return answer({"people": _people(found, flow), "teams": _teams(found, flow), "departments": departments})


def _people(found: LeadDay, flow: LeadFlow) -> list[dict[str, Any]]:
    people = []
    for one in found.people:
        own = flow.people.get(one.id)
        people.append(
            {
                "id": one.id,
                "name": one.name,
                "availability": one.availability,
                "open": one.open_n,
                "limit": one.limit,
                "late": one.late,
                "too_much": one.too_much,
                "department": own.department if own else None,
                "days": _counts(own.counts) if own else None,
                "held": list(own.held) if own else None,
            }
        )
    return people


def _teams(found: LeadDay, flow: LeadFlow) -> list[dict[str, Any]]:
    counts = {one.id: one for one in flow.teams}
    return [
        {
            "name": one.name,
            "department": counts[one.id].department_name if one.id in counts else None,
            "open": one.open_n,
            "backlog": one.backlog,
            "late": one.late,
            "soon": one.soon,
            "days": _counts(counts[one.id].counts) if one.id in counts else None,
        }
        for one in found.teams
    ]


def _counts(counts: dict[int, tuple[int, int]]) -> dict[str, Any]:
    return {str(days): {"came": a, "solved": b, "growth": a - b} for days, (a, b) in counts.items()}


def _promise(line: PromiseLine) -> dict[str, Any]:
    days = {str(span): {"kept": kept, "broken": broken} for span, (kept, broken) in line.counts.items()}
    return {"promise": line.metric, "days": days}


def _staffing(found: Staffing) -> dict[str, Any]:
    return {
        "since": rfc3339(found.since),
        "open_hours": round(found.open_ms / HOUR_MS, 2),
        "came": found.came,
        "solved": found.solved,
        "present": list(found.present),
        "solved_by_present": found.solved_by_present,
        "hours": [
            {"hour": one.hour, "came": one.came, "solved": one.solved, "open_hours": round(one.open_ms / HOUR_MS, 2)}
            for one in found.hours
        ],
    }


@part.reading("/day/departments/<int:department_id>")
@part.arguments(shapes_day.DayFilters, location="query")
@part.response(200, listed(shapes_day.Judged))
def read_days(filters: dict[str, Any], department_id: int) -> Response:
    """The days of a department (or of one of its teams or people), the newest first, against what is usual, and why"""
    with database().read() as tx:
        firm = directory(tx)
        sheets = read_sheets(tx, caller(), now_ms())
        sheet = next((one for one in sheets.departments if one.id == department_id), None)
        if sheet is None:
            raise NotFound(_("There is no such department."))
        if filters["team"] is not None:
            sheet = days_of(tx, sheet, TEAM, references.team(firm, filters["team"], "/team").id)
        elif filters["person"] is not None:
            sheet = days_of(tx, sheet, PERSON, references.person(firm, filters["person"], "/person").id)
        found = performance(tx, sheet, filters["days"])
    return items([_judged(one) for one in found.days])


def _judged(one: DayJudged) -> dict[str, Any]:
    day = one.judged.day
    return {
        "day": date_of(day.day).isoformat(),
        "came": day.came,
        "solved": day.solved,
        "answered": day.first_n,
        "first_answer_median_ms": day.first_p50,
        "first_answer_p90_ms": day.first_p90,
        "kept": day.kept,
        "broken": day.broken,
        "people": day.present,
        "opened": day.opened,
        "usual": {
            what: band and {"median": band.median, "low": band.low, "high": band.high, "days": band.n}
            for what, band in one.judged.usual.items()
        },
        "unusual": one.judged.sides,
        "because": [
            {
                "kind": why.cause.kind,
                "now": why.cause.now,
                "usual": why.cause.usual,
                "ref": why.cause.ref or None,
                "name": why.name or None,
                "text": because(why),
            }
            for why in one.causes
        ],
    }


@part.reading("/day/tickets")
@part.arguments(shapes_day.DayTicketFilters, location="query")
@part.response(200, listed(shapes_day.DayTicket))
def list_day_tickets(filters: dict[str, Any]) -> Response:
    """The tickets behind a figure, the newest first; for kept and broken a line a promise"""
    require(caller(), "read_status")
    begin, limit = read_cursor(filters["next"], int, int), filters["limit"]
    with database().read() as tx:
        firm = directory(tx)
        wanted = _wanted(firm, filters)
        if filters["team"] is not None:
            wanted = replace(wanted, team_id=references.team(firm, filters["team"], "/team").id)
        if filters["person"] is not None:
            wanted = replace(wanted, holder_id=references.person(firm, filters["person"], "/person").id)
        found = tickets_behind(tx, caller(), wanted, limit=limit + 1, before=(begin[0], begin[1]) if begin else None)
    lines = found.lines[:limit]
    following = cursor(lines[-1].at, lines[-1].key) if len(found.lines) > limit else None
    return items(
        [
            {
                "id": one.id,
                "subject": one.subject,
                "status": one.status,
                "customer": one.customer,
                "holder": firm.people[one.holder_id].name if one.holder_id in firm.people else None,
                "at": rfc3339(one.at),
                "first_answer_ms": one.first_ms,
                "metric": one.metric,
            }
            for one in lines
        ],
        following,
    )


def _wanted(firm: Directory, filters: dict[str, Any]) -> Wanted:
    named, ours = filters["department"], visible(firm, caller())
    if named is None and not ours:
        raise NotFound(_("There is no such department."))
    department = ours[0] if named is None else references.department(firm, named, "/department").id
    today = day_of(now_ms(), firm.calendar_of(department).zone)
    first, last = (read_day(day.isoformat()) if (day := filters[name]) else today for name in ("since", "until"))
    return Wanted(
        filters["what"],
        department,
        first,
        last,
        hour=filters["hour"],
        topic=filters["topic"],
        customer_id=filters["customer"],
        organisation_id=filters["organisation"],
        metric=filters["metric"],
    )

"""The tickets behind a figure of the lead's day, and the address of each such list."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import render_template, request

from core.clocks.words import metric as metric_words
from core.directory import directory
from core.errors import NotFound
from core.figures.days import date_of, read_day
from core.figures.tickets import LISTED, Wanted, tickets_behind
from core.texts import _
from web.desk import desk
from web.signin import actor
from web.times import date_words
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from core.directory import Directory


def link_behind(what: str, department: str, first: int, last: int | None = None, **more: object) -> str:
    """`/day/tickets?what=came&department=service&since=2026-11-24&until=2026-11-24`, with what else narrows it down."""
    given = {
        "what": what,
        "department": department,
        "since": date_of(first),
        "until": date_of(first if last is None else last),
    }
    return "/day/tickets?" + urlencode({**given, **{name: value for name, value in more.items() if value is not None}})


@desk.get("/day/tickets")
def day_tickets() -> ResponseReturnValue:
    """The list."""
    with database().read() as tx:
        firm = directory(tx)
        wanted = read_wanted(firm)
        found = tickets_behind(tx, actor(), wanted)
        people = {one.id: one.name for one in firm.people.values()}
        where = _where(firm, wanted)
    return render_template(
        "desk/day_tickets.html",
        here="day",
        wanted=wanted,
        found=found,
        people=people,
        title=_title(wanted),
        where=where,
        most=LISTED,
        metric=metric_words,
    )


def read_wanted(firm: Directory) -> Wanted:
    """What the address asks for. NotFound: there is no such figure."""
    given = request.args
    department, team = firm.department(given.get("department", "")), firm.team(given.get("team", ""))
    person = firm.nicks.get(given.get("person", ""))
    if department is None or ("team" in given and team is None) or ("person" in given and person is None):
        raise NotFound(_("There is no such figure."))
    return Wanted(
        given.get("what", ""),
        department.id,
        read_day(given.get("since", "")),
        read_day(given.get("until", "")),
        team.id if team else None,
        person,
        given.get("hour", None, int),
        given.get("topic"),
        given.get("customer", None, int),
        given.get("organisation", None, int),
        given.get("metric"),
    )


def _title(wanted: Wanted) -> str:
    titles = {
        "came": _("Came in"),
        "solved": _("Solved"),
        "answered": _("Came in and answered"),
        "kept": _("Promises kept"),
        "broken": _("Promises broken"),
    }
    return titles[wanted.what]


def _where(firm: Directory, wanted: Wanted) -> list[str]:
    """What narrows it down, as one reads it under the heading."""
    first, last = date_words(date_of(wanted.first)), date_words(date_of(wanted.last))
    said = [first if first == last else _("%(first)s to %(last)s", first=first, last=last)]
    team, person = firm.teams.get(wanted.team_id or 0), firm.people.get(wanted.holder_id or 0)
    said.append(team.title if team else firm.departments[wanted.department_id].title)
    if person:
        said.append(person.name)
    if wanted.hour is not None:
        said.append(f"{wanted.hour}:00–{wanted.hour + 1}:00")
    if wanted.topic:
        said.append(_("about “%(topic)s”", topic=wanted.topic))
    if wanted.metric:
        said.append(metric_words(wanted.metric))
    return said

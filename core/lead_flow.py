"""Which backlog grows, how fast, and can those who are here keep up? Read from the counted days of the last four weeks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.directory import directory
from core.figures.counting import PERSON, TEAM
from core.figures.days import begin_of
from core.figures.reading import SHOWN
from core.lead_staffing import Staffing, staffing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.figures.reading import Flow, Sheet, Sheets
    from core.lead_day import Load

DAYS = (7, SHOWN)
_PRESENT = ("online", "busy")


@dataclass(frozen=True, slots=True)
class TeamFlow:
    """A team's tickets in the last days: (came in, solved) by how many days."""

    id: int
    name: str
    title: str
    department: str
    department_name: str
    counts: dict[int, tuple[int, int]]

    def growth(self, days: int) -> int:
        """By how much its unsolved tickets became more (negative: fewer)."""
        came, solved = self.counts[days]
        return came - solved


@dataclass(frozen=True, slots=True)
class PersonFlow:
    """What came to a colleague and what they solved in their own department, by how many days; `held`: their tickets at each day's end."""

    department: str
    counts: dict[int, tuple[int, int]]
    held: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DepartmentFlow:
    """A department and how its staffing looks."""

    id: int
    name: str
    title: str
    staffing: Staffing


@dataclass(frozen=True, slots=True)
class LeadFlow:
    """All of it; the teams whose backlog grows fastest first, people by their id."""

    teams: tuple[TeamFlow, ...]
    departments: tuple[DepartmentFlow, ...]
    people: dict[int, PersonFlow]


def lead_flow(tx: Connection, sheets: Sheets, people: Sequence[Load], now: int) -> LeadFlow:
    """No statement: the days are read already, and so are the people with what they hold now."""
    firm = directory(tx)
    ours = {one.id: one for one in sheets.departments}
    teams = [
        TeamFlow(
            team.id,
            team.name,
            team.title,
            ours[team.department_id].title,
            ours[team.department_id].name,
            _counts(flow),
        )
        for team in firm.open_teams
        if team.department_id in ours
        for flow in (sheets.flow(TEAM, team.department_id, team.id),)
    ]
    homes = {one.id: home for one in people if (home := ours.get(firm.people[one.id].department_id or 0)) is not None}
    flows = {one: sheets.flow(PERSON, home.id, one) for one, home in homes.items()}
    departments = [
        DepartmentFlow(
            sheet.id,
            sheet.name,
            sheet.title,
            _staffing(
                sheet,
                [
                    (one.name, flows[one.id].within(SHOWN)[1])
                    for one in people
                    if one.availability in _PRESENT and homes.get(one.id) is sheet
                ],
                now,
            ),
        )
        for sheet in sheets.departments
    ]
    return LeadFlow(
        tuple(sorted(teams, key=lambda team: (-team.growth(DAYS[0]), -team.growth(DAYS[1]), team.title))),
        tuple(departments),
        {
            one.id: PersonFlow(homes[one.id].name, _counts(flow), flow.open_at_ends(one.open_n))
            for one in people
            if (flow := flows.get(one.id)) is not None
        },
    )


def _counts(flow: Flow) -> dict[int, tuple[int, int]]:
    return {days: flow.within(days) for days in DAYS}


def _staffing(sheet: Sheet, here: Sequence[tuple[str, int]], now: int) -> Staffing:
    hours: dict[str, Counter[int]] = {"came": Counter(), "solved": Counter()}
    days = sheet.last(SHOWN)
    for day in days:
        for what, counts in hours.items():
            counts.update({int(hour): n for hour, n in day.data.get("hours", {}).get(what, {}).items()})
    since = begin_of(days[-1].day, sheet.calendar.zone) if days else now
    return staffing(
        sheet.calendar,
        hours["came"],
        hours["solved"],
        sorted(name for name, _n in here),
        sum(n for _name, n in here),
        (since, now),
    )

"""Which backlog grows, how fast, and can those who are here keep up? Tickets that came in and were solved in the last 7 and 28 days."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, literal, or_, select

from core.directory import directory
from core.errors import NotFound
from core.lead_staffing import QUARTER_MS, Staffing, staffing
from core.permissions import require, sees_all_departments
from core.schema import Person, Ticket
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

    from core.actors import Actor
    from core.directory import Directory

DAYS = (7, 28)
CAME, SOLVED = "came", "solved"
LISTED = 200
_DAY_MS = 86_400_000
_PRESENT = ("online", "busy")
_t, _p = Ticket.__table__.c, Person.__table__.c


@dataclass(frozen=True, slots=True)
class TeamFlow:
    """A team's tickets in the last days: (came in, solved) by how many days."""

    id: int
    name: str
    title: str
    department: str
    counts: dict[int, tuple[int, int]]

    def growth(self, days: int) -> int:
        """By how much its unsolved tickets became more (negative: fewer)."""
        came, solved = self.counts[days]
        return came - solved


@dataclass(frozen=True, slots=True)
class DepartmentFlow:
    """A department and how its staffing looks."""

    id: int
    name: str
    title: str
    staffing: Staffing


@dataclass(frozen=True, slots=True)
class LeadFlow:
    """Both; the teams whose backlog grows fastest first."""

    teams: tuple[TeamFlow, ...]
    departments: tuple[DepartmentFlow, ...]


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A ticket behind a figure, and when it came in or was solved."""

    id: int
    subject: str
    language: str
    status: str
    at: int


# Merged tickets, and those closed without a solution, left the desk by another way: they count neither as come in nor as solved.
_COUNTED = or_(_t.closed_at.is_(None), _t.resolved_at.is_not(None))
_MINE = or_(literal(0) == bindparam("department"), _t.department_id == bindparam("department"))


def _counts(column: ColumnElement[Any]) -> Select[Any]:
    quarter = column - column % QUARTER_MS
    return (
        select(_t.department_id, _t.team_id, quarter.label("quarter"), func.count())
        .where(column >= bindparam("since"), _COUNTED, _MINE)
        .group_by(_t.department_id, _t.team_id, quarter)
    )


_COLUMNS = {CAME: _t.created_at, SOLVED: _t.resolved_at}
_ROWS = {what: _counts(column) for what, column in _COLUMNS.items()}
_BY_PRESENT: Select[Any] = (
    select(_p.department_id, _p.name, func.count(_t.id))
    .outerjoin(Ticket.__table__, (_t.holder_id == _p.id) & (_t.resolved_at >= bindparam("since")) & _COUNTED)
    .where(
        _p.active,
        _p.role != "light",
        _p.availability.in_(_PRESENT),
        or_(literal(0) == bindparam("department"), _p.department_id == bindparam("department")),
    )
    .group_by(_p.id, _p.department_id, _p.name)
    .order_by(_p.name)
)
_LINES = {
    what: select(_t.id, _t.subject, _t.language, _t.status, column)
    .where(column >= bindparam("since"), _t.team_id == bindparam("team"), _COUNTED, _MINE)
    .order_by(column.desc(), _t.id.desc())
    .limit(LISTED)
    for what, column in _COLUMNS.items()
}


def _since(now: int, days: int) -> int:
    """The beginning of the last `days`, on a quarter of an hour."""
    return now - now % QUARTER_MS - days * _DAY_MS


def lead_flow(tx: Connection, actor: Actor, now: int) -> LeadFlow:
    """Of the lead's department; a manager's: of all. Three statements over the last 28 days, however many tickets there are."""
    require(actor, "read_status")
    firm = directory(tx)
    mine = 0 if sees_all_departments(actor) else actor.department_id or 0
    values = {"department": mine, "since": _since(now, max(DAYS))}
    found = {what: [tuple(row) for row in tx.execute(query, values)] for what, query in _ROWS.items()}
    present = [tuple(row) for row in tx.execute(_BY_PRESENT, values)]
    teams = [
        TeamFlow(
            team.id, team.name, team.title, firm.departments[team.department_id].title, _of_team(found, team.id, now)
        )
        for team in firm.open_teams
        if mine in {0, team.department_id}
    ]
    departments = [
        DepartmentFlow(one.id, one.name, one.title, _of_department(firm, found, present, one.id, now))
        for one in firm.open_departments
        if mine in {0, one.id}
    ]
    return LeadFlow(
        tuple(sorted(teams, key=lambda team: (-team.growth(DAYS[0]), -team.growth(DAYS[1]), team.title))),
        tuple(departments),
    )


def _of_team(found: dict[str, list[tuple[Any, ...]]], team_id: int, now: int) -> dict[int, tuple[int, int]]:
    def count(what: str, since: int) -> int:
        return sum(int(n) for _department, team, quarter, n in found[what] if team == team_id and quarter >= since)

    return {days: (count(CAME, _since(now, days)), count(SOLVED, _since(now, days))) for days in DAYS}


def _of_department(
    firm: Directory,
    found: dict[str, list[tuple[Any, ...]]],
    present: list[tuple[Any, ...]],
    department_id: int,
    now: int,
) -> Staffing:
    quarters: dict[str, Counter[int]] = {CAME: Counter(), SOLVED: Counter()}
    for what, counts in quarters.items():
        for department, _team, quarter, n in found[what]:
            if department == department_id:
                counts[int(quarter)] += int(n)
    here = [(name, int(n)) for department, name, n in present if department == department_id]
    return staffing(
        firm.calendar_of(department_id),
        quarters[CAME],
        quarters[SOLVED],
        [name for name, _n in here],
        sum(n for _name, n in here),
        (_since(now, max(DAYS)), now),
    )


def flow_tickets(
    tx: Connection, actor: Actor, what: str, team_name: str, days: int, now: int
) -> tuple[str, list[FlowLine]]:
    """The title of the team, and the tickets behind one of its figures: the newest of them."""
    require(actor, "read_status")
    team = directory(tx).team(team_name)
    if what not in _LINES or days not in DAYS or team is None:
        raise NotFound(_("There is no such figure."))
    mine = 0 if sees_all_departments(actor) else actor.department_id or 0
    values = {"department": mine, "since": _since(now, days), "team": team.id}
    return team.title, [FlowLine(*row) for row in tx.execute(_LINES[what], values)]

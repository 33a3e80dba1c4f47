"""What must a team lead see first? Who has too much, which promises are about to break, and what lies in the backlogs, from open tickets alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, literal, or_, select

from core.permissions import require, sees_all_departments
from core.schema import Department, Membership, OpenCount, Person, PersonLoad, Team, Ticket

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from core.actors import Actor

SOON_MS = 2 * 3_600_000
_t, _p, _l, _m = Ticket.__table__.c, Person.__table__.c, PersonLoad.__table__.c, Membership.__table__.c
_team, _d, _n = Team.__table__.c, Department.__table__.c, OpenCount.__table__.c


@dataclass(frozen=True, slots=True)
class Load:
    """A colleague: how much they hold, of how much at most (None: no limit), and how much of it is late."""

    id: int
    nick: str
    name: str
    availability: str
    availability_by: str | None
    availability_at: int | None
    open_n: int
    limit: int | None
    late: int

    @property
    def too_much(self) -> bool:
        """At the limit, or late with more than one."""
        return (self.limit is not None and self.limit > 0 and self.open_n >= self.limit) or self.late > 1


@dataclass(frozen=True, slots=True)
class TeamDay:
    """A team: what nobody holds, how many tickets are late, and how many are or will be within two hours."""

    id: int
    name: str
    title: str
    department: str
    open_n: int
    backlog: int
    late: int
    soon: int


@dataclass(frozen=True, slots=True)
class LeadDay:
    """Both, those that need somebody first."""

    people: tuple[Load, ...]
    teams: tuple[TeamDay, ...]


def _mine(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(literal(0) == bindparam("department"), column == bindparam("department"))


_LATE = (
    select(_t.holder_id, func.count().label("n"))
    .where(_t.due_at < bindparam("now"), _t.holder_id.is_not(None))
    .group_by(_t.holder_id)
    .subquery()
)
_LIMIT = select(_m.person_id, func.min(_m.max_open).label("most")).group_by(_m.person_id).subquery()
_PEOPLE = (
    select(
        _p.id,
        _p.nick,
        _p.name,
        _p.availability,
        _p.availability_by,
        _p.availability_at,
        func.coalesce(_l.open_n, 0),
        _LIMIT.c.most,
        func.coalesce(_LATE.c.n, 0),
    )
    .outerjoin(PersonLoad.__table__, _l.person_id == _p.id)
    .outerjoin(_LIMIT, _LIMIT.c.person_id == _p.id)
    .outerjoin(_LATE, _LATE.c.holder_id == _p.id)
    .where(_p.active, _p.role != "light", _mine(_p.department_id))
    .order_by(_p.name)
)
_DUE = (
    select(
        _t.team_id,
        func.sum(case((_t.due_at < bindparam("now"), 1), else_=0)).label("late"),
        func.count().label("soon"),
    )
    .where(_t.due_at < bindparam("soon"))
    .group_by(_t.team_id)
    .subquery()
)
_HELD = (
    select(
        _n.team_id,
        func.sum(_n.n).label("open_n"),
        func.sum(case((_n.holder_id == 0, _n.n), else_=0)).label("backlog"),
    )
    .group_by(_n.team_id)
    .subquery()
)
_TEAMS = (
    select(
        _team.id,
        _team.name,
        _team.title,
        _d.title,
        func.coalesce(_HELD.c.open_n, 0),
        func.coalesce(_HELD.c.backlog, 0),
        func.coalesce(_DUE.c.late, 0),
        func.coalesce(_DUE.c.soon, 0),
    )
    .join(Department.__table__, _d.id == _team.department_id)
    .outerjoin(_HELD, _HELD.c.team_id == _team.id)
    .outerjoin(_DUE, _DUE.c.team_id == _team.id)
    .where(_mine(_team.department_id))
    .order_by(_d.title, _team.title)
)


def lead_day(tx: Connection, actor: Actor, now: int) -> LeadDay:
    """The day of a lead: their department's; a manager's: everybody's. Two statements, over open tickets only."""
    require(actor, "read_status")
    values = {
        "department": 0 if sees_all_departments(actor) else actor.department_id or 0,
        "now": now,
        "soon": now + SOON_MS,
    }
    people = [Load(*row) for row in tx.execute(_PEOPLE, values)]
    teams = [TeamDay(*row[:4], *map(int, row[4:])) for row in tx.execute(_TEAMS, values)]
    return LeadDay(
        tuple(sorted(people, key=lambda one: (not one.too_much, -one.late, -one.open_n))),
        tuple(sorted(teams, key=lambda one: (-one.late, -one.soon, -one.backlog))),
    )

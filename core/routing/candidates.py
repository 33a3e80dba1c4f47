"""Who could hold a ticket now? A team's members with their loads, locked, so that two tickets never find the same last place."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import expression

from core.database import is_sqlite
from core.prepared import Prepared
from core.routing.choosing import Candidate
from core.schema import Membership, OpenCount, Person, PersonLoad, Ticket, Turn
from core.tickets.rows import uncounted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from core.directory import Directory, Team
    from core.routing.ways import TeamWay

_m, _l, _p, _n, _t = (
    Membership.__table__.c,
    PersonLoad.__table__.c,
    Person.__table__.c,
    OpenCount.__table__.c,
    Ticket.__table__.c,
)
_turn = Turn.__table__.c
_COLUMNS = (_l.person_id, _l.open_n, _m.max_open, _p.availability, _p.availability_at, _m.last_pick)
_MEMBERS = (
    select(*_COLUMNS)
    .join(Person.__table__, _p.id == _m.person_id)
    .join(PersonLoad.__table__, _l.person_id == _m.person_id)
    .where(_m.team_id == bindparam("team"), _p.active, _p.role != "light")
    .order_by(_l.person_id)
)
_PEOPLE = (
    select(*_COLUMNS[:-1], func.coalesce(_m.last_pick, _turn.last_pick, 0).label("last_pick"))
    .select_from(PersonLoad.__table__)
    .join(Person.__table__, _p.id == _l.person_id)
    .outerjoin(Membership.__table__, (_m.person_id == _l.person_id) & (_m.team_id == bindparam("team")))
    .outerjoin(Turn.__table__, (_turn.person_id == _l.person_id) & (_turn.team_id == bindparam("team")))
    .where(_l.person_id.in_(bindparam("people", expanding=True)), _p.active, _p.role != "light")
    .order_by(_l.person_id)
)
# All three rows: a load, an availability or a turn that changes in this moment is waited for, and seen as it is then.
_LOCKS: Any = {"of": (PersonLoad.__table__, Person.__table__, Membership.__table__), "key_share": True}
_READ_MEMBERS, _LOCK_MEMBERS = Prepared(_MEMBERS), Prepared(_MEMBERS.with_for_update(**_LOCKS))
_LOCK_PEOPLE = (  # first, in a statement of its own: what may be missing beside them cannot be locked with them
    select(_l.person_id)
    .join(Person.__table__, _p.id == _l.person_id)
    .where(_l.person_id.in_(bindparam("people", expanding=True)))
    .order_by(_l.person_id)
    .with_for_update(of=(PersonLoad.__table__, Person.__table__), key_share=True)
)
_HELD = (
    select(_n.holder_id, _n.priority, _n.status, func.sum(_n.n))
    .where(_n.holder_id.in_(bindparam("people", expanding=True)), _n.n > 0)
    .group_by(_n.holder_id, _n.priority, _n.status)
)
_LAST_AGENT = (
    select(_t.holder_id)
    .where(_t.customer_id == bindparam("customer"), _t.holder_id.is_not(None), _t.id != bindparam("ticket"))
    .order_by(_t.id.desc())
    .limit(1)
)
_NEWEST = func.max(_m.last_pick) + 1
_NEWEST_PICK = select(_NEWEST).where(_m.team_id == bindparam("b_team")).scalar_subquery()
_PICK = expression.case((bindparam("b_now") < _NEWEST_PICK, _NEWEST_PICK), else_=bindparam("b_now"))
_PICKED = Prepared(
    update(Membership.__table__)
    .where(_m.team_id == bindparam("b_team"), _m.person_id == bindparam("b_person"))
    .values(last_pick=_PICK)
)


def candidates(
    tx: Connection,
    firm: Directory,
    team: Team,
    way: TeamWay,
    now: int,
    *,
    besides: Collection[int] = (),
    locked: bool = True,
) -> list[Candidate]:
    """Everybody whom the team could give a ticket to, and `besides`; one statement, a second one when kinds of tickets count."""
    people = _wider(firm, team, way, besides)
    if people is None:
        rows = (_LOCK_MEMBERS if locked and not is_sqlite(tx) else _READ_MEMBERS).all(tx, {"team": team.id})
    else:
        if locked and not is_sqlite(tx):
            tx.execute(_LOCK_PEOPLE, {"people": people})
        rows = list(tx.execute(_PEOPLE, {"team": team.id, "people": people}))
    counted = way.weighted or any(
        firm.people[row.person_id].way.by_priority for row in rows if row.person_id in firm.people
    )
    held = _held(tx, [row.person_id for row in rows]) if counted else {}
    return [_candidate(firm, way, row, held.get(row.person_id), now) for row in rows if row.person_id in firm.people]


def _wider(firm: Directory, team: Team, way: TeamWay, besides: Collection[int]) -> list[int] | None:
    """The people who are asked when they are not just the members; None: just the members."""
    if way.whole_department:
        return sorted(
            {p.id for p in firm.people.values() if p.department_id == team.department_id}
            | set(team.members)
            | {*besides}
        )
    more = set(besides) - set(team.members)
    return sorted(more | set(team.members)) if more else None


def _held(tx: Connection, people: Sequence[int]) -> dict[int, Counter[tuple[int, bool]]]:
    """How many open tickets each holds, by (priority, waits for somebody else); with what this transaction has not yet counted."""
    found: dict[int, Counter[tuple[int, bool]]] = defaultdict(Counter)
    for holder, priority, status, n in tx.execute(_HELD, {"people": list(people)}):
        found[holder][priority, status.startswith("pending")] += n
    for (_department, _team, holder, status, priority, _vip), n in uncounted(tx).items():
        if holder:
            found[holder][priority, status.startswith("pending")] += n
    return found


def _candidate(firm: Directory, way: TeamWay, row: Any, held: Counter[tuple[int, bool]] | None, now: int) -> Candidate:
    person = firm.people[row.person_id]
    by_priority: dict[int, int] = {}
    load = 0.0
    for (priority, waiting), n in (held or {}).items():
        by_priority[priority] = by_priority.get(priority, 0) + n
        load += n * way.weight(priority, waiting=waiting)
    hours = firm.calendars.get(person.way.hours) if person.way.hours else None
    return Candidate(
        person=person.id,
        availability=row.availability,
        open_n=row.open_n,
        team_limit=row.max_open,
        last_pick=row.last_pick or 0,
        since=row.availability_at,
        held=by_priority,
        load=load if way.weighted else 0,
        levels=person.levels,
        way=person.way,
        on_shift=hours is None or hours.is_open(now),
    )


def last_agent(tx: Connection, customer_id: int, ticket_id: int) -> int | None:
    """Who held this customer's ticket before."""
    return tx.execute(_LAST_AGENT, {"customer": customer_id, "ticket": ticket_id}).scalar_one_or_none()


def picked(tx: Connection, team_id: int, person_id: int, now: int) -> None:
    """It was this colleague's turn: they come last from now on, whatever clock another process has."""
    if not _PICKED.run(tx, {"b_team": team_id, "b_person": person_id, "b_now": now}):
        dialect = sqlite if is_sqlite(tx) else postgresql
        turn = tx.execute(select(_PICK), {"b_team": team_id, "b_now": now}).scalar_one()
        tx.execute(
            dialect.insert(Turn.__table__)
            .values(team_id=team_id, person_id=person_id, last_pick=turn)
            .on_conflict_do_update(index_elements=["team_id", "person_id"], set_={"last_pick": turn})
        )

"""The figures follow the timeline: what happened marks the days that it concerns, and those days are counted anew from their tickets.

Counting a day again changes nothing when nothing has happened, so it does no harm that an event is seen twice. `rebuild` throws every figure
away; the same reading from the beginning of the timeline then comes to the same figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.database import is_sqlite
from core.directory import directory
from core.figures.counting import DEPARTMENT, Came, Promise, Solved, count_day, nothing
from core.figures.days import begin_of, day_of
from core.schema import Clock, Customer, Event, FigureDay, FigurePresent, FigureReader, FigureStale, Ticket
from core.timeline import Position, follow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from core.timeline import Happening

EVENTS, DAYS = 500, 3  # at once: how many events are read, how many days are counted
_t, _c, _u, _e = Ticket.__table__.c, Clock.__table__.c, Customer.__table__.c, Event.__table__.c
_f, _p, _s, _r = (one.__table__.c for one in (FigureDay, FigurePresent, FigureStale, FigureReader))
# Merged tickets, and those closed without a solution, left the desk by another way: they count neither as come in nor as solved.
COUNTED = or_(_t.closed_at.is_(None), _t.resolved_at.is_not(None))

_READER = select(_r.position_xid, _r.position_id, _r.zones).where(_r.id == 1).with_for_update()
_TICKETS: Any = bindparam("tickets", expanding=True)
_MOMENTS = (
    select(_t.created_at, _t.resolved_at).where(_t.id.in_(_TICKETS)),
    select(_c.ended_at, _c.broken_at).where(_c.ticket_id.in_(_TICKETS)),
)
_TAKEN_BACK = {"ticket.reopened": "ticket.resolved", "clock.policy": "clock.breached"}  # what each of them may undo
_UNDONE = select(_e.at, _e.data).where(
    _e.stream == "ticket", _e.stream_id.in_(_TICKETS), _e.kind.in_(tuple(_TAKEN_BACK.values()))
)
_OF_CUSTOMERS = select(_t.created_at).where(_t.customer_id.in_(bindparam("customers", expanding=True)))
_NEXT = select(_s.zone, _s.day).order_by(_s.day.desc(), _s.zone).limit(DAYS)
_LEFT = select(func.count()).select_from(FigureStale.__table__)
_COUNTED_DAYS = select(func.count()).where(_f.scope == DEPARTMENT)
_DONE = delete(FigureStale.__table__).where(_s.zone == bindparam("b_zone"), _s.day == bindparam("b_day"))
_KNOWN_DAYS = select(_f.day).where(_f.department_id == bindparam("department"), _f.scope == DEPARTMENT)

_OURS = _t.department_id.in_(bindparam("departments", expanding=True))
_SINCE: Any = bindparam("since")
_UNTIL: Any = bindparam("until")
_HAS = (_t.department_id, _t.team_id, _t.holder_id)
_CAME = (
    select(*_HAS, _t.created_at, _t.first_response_ms, _t.topic, _t.customer_id, _u.organisation_id)
    .join(Customer.__table__, _u.id == _t.customer_id)
    .where(_t.created_at >= _SINCE, _t.created_at < _UNTIL, _OURS, COUNTED)
)
_SOLVED = select(*_HAS, _t.resolved_at).where(_t.resolved_at >= _SINCE, _t.resolved_at < _UNTIL, _OURS, COUNTED)
_KEPT = (
    select(*_HAS, _c.metric)
    .join(Ticket.__table__, _t.id == _c.ticket_id)
    .where(_c.state == "met", _c.ended_at >= _SINCE, _c.ended_at < _UNTIL, _OURS)
)
_BROKEN = (
    select(*_HAS, _c.metric)
    .join(Ticket.__table__, _t.id == _c.ticket_id)
    .where(_c.state == "breached", _c.broken_at >= _SINCE, _c.broken_at < _UNTIL, _OURS)
)
_PRESENT = (
    select(_p.department_id, func.count())
    .where(_p.day == bindparam("day"), _p.department_id.in_(bindparam("departments", expanding=True)))
    .group_by(_p.department_id)
)
_FORGET = delete(FigureDay.__table__).where(
    _f.day == bindparam("day"), _f.department_id.in_(bindparam("departments", expanding=True))
)
_WRITE = insert(FigureDay.__table__)


@dataclass(frozen=True, slots=True)
class _Reader:
    position: Position
    zones: dict[str, str]


def catch_up(tx: Connection) -> int:
    """Read what is new in the timeline, then count days anew, the newest first; how much is left to do."""
    reader = _reader(tx)
    zones = {one.id: directory(tx).calendar_of(one.id).zone for one in directory(tx).departments.values()}
    found, end = follow(tx, reader.position, EVENTS)
    _mark(tx, _other_zones(tx, reader.zones, zones))
    _mark(tx, _concerned(tx, found, zones))
    _note_present(tx, found, zones)
    named = {str(department): zone for department, zone in zones.items()}
    if found or named != reader.zones:
        values = {"position_xid": end.xid, "position_id": end.id, "zones": named}
        tx.execute(update(FigureReader.__table__).where(_r.id == 1).values(values))
    if len(found) == EVENTS:
        return EVENTS
    for zone, day in tx.execute(_NEXT).all():
        _count(tx, zone, day, [department for department, where in zones.items() if where == zone])
    return int(tx.execute(_LEFT).scalar_one())


def rebuild(tx: Connection) -> None:
    """Throw every figure away; `catch_up` reads the timeline again from its beginning."""
    for table in (FigureDay, FigurePresent, FigureStale, FigureReader):
        tx.execute(delete(table.__table__))


def counted_days(tx: Connection) -> int:
    """How many days of departments are counted."""
    return int(tx.execute(_COUNTED_DAYS).scalar_one())


def _reader(tx: Connection) -> _Reader:
    row = tx.execute(_READER).one_or_none()
    if row is None:
        tx.execute(_ignoring(tx, FigureReader), {"id": 1, "position_xid": 0, "position_id": 0, "zones": {}})
        row = tx.execute(_READER).one()
    return _Reader(Position(row.position_xid, row.position_id), row.zones)


# ---- which days? -----------------------------------------------------------------------------------------------------------


def _other_zones(tx: Connection, before: dict[str, str], zones: dict[int, str]) -> set[tuple[str, int]]:
    """A department whose calendar has moved to another time zone has other days."""
    moved = [one for one, zone in zones.items() if before.get(str(one), zone) != zone]
    return {
        (zones[one], known + near)
        for one in moved
        for known in tx.execute(_KNOWN_DAYS, {"department": one}).scalars()
        for near in (-1, 0, 1)
    }


def _concerned(tx: Connection, events: Sequence[Happening], zones: dict[int, str]) -> set[tuple[str, int]]:
    """The days of these events, and those in which their tickets came in, were solved, and kept or broke their promises."""
    on_tickets = [event for event in events if event.stream == "ticket"]
    moments = {event.at for event in on_tickets}
    tickets = sorted({event.stream_id for event in on_tickets})
    if tickets:
        for query in _MOMENTS:
            moments.update(one for row in tx.execute(query, {"tickets": tickets}) for one in row if one is not None)
    undone = sorted({event.stream_id for event in on_tickets if event.kind in _TAKEN_BACK})
    if undone:
        for at, data in tx.execute(_UNDONE, {"tickets": undone}):
            moments.update((at, data.get("due_at") or at))
    moved = sorted({event.stream_id for event in events if _other_organisation(event)})
    if moved:
        moments.update(tx.execute(_OF_CUSTOMERS, {"customers": moved}).scalars())
    return {(zone, day_of(moment, zone)) for zone in set(zones.values()) for moment in moments}


def _other_organisation(event: Happening) -> bool:
    """Has a customer come to belong to another organisation? Theirs are the tickets of days gone by, too."""
    return event.kind == "customer.changed" and any(
        name.startswith("organisation") for name in event.data["properties"]
    )


def _mark(tx: Connection, days: Iterable[tuple[str, int]]) -> None:
    rows = [{"zone": zone, "day": day} for zone, day in sorted(days)]
    if rows:
        tx.execute(_ignoring(tx, FigureStale), rows)


def _note_present(tx: Connection, events: Sequence[Happening], zones: dict[int, str]) -> None:
    found = {
        (event.department_id, day_of(event.at, zones[event.department_id]), event.actor_id)
        for event in events
        if event.stream == "ticket" and event.actor_kind == "person" and event.actor_id and event.department_id in zones
    }
    rows = [{"department_id": department, "day": day, "person_id": person} for department, day, person in sorted(found)]
    if rows:
        tx.execute(_ignoring(tx, FigurePresent), rows)


def _ignoring(tx: Connection, table: Any) -> Any:
    dialect = sqlite if is_sqlite(tx) else postgresql
    return dialect.insert(table.__table__).on_conflict_do_nothing()


# ---- counting --------------------------------------------------------------------------------------------------------------


def _count(tx: Connection, zone: str, day: int, departments: list[int]) -> None:
    values = {
        "since": begin_of(day, zone),
        "until": begin_of(day + 1, zone),
        "departments": departments,
        "day": day,
    }
    counted = count_day(
        [Came(*row) for row in tx.execute(_CAME, values)],
        [Solved(*row) for row in tx.execute(_SOLVED, values)],
        [Promise(*row, kept) for query, kept in ((_KEPT, True), (_BROKEN, False)) for row in tx.execute(query, values)],
        zone,
    )
    present = {int(department): int(n) for department, n in tx.execute(_PRESENT, values)}
    for department in present:
        counted.setdefault((department, DEPARTMENT, 0), nothing())
    tx.execute(_FORGET, values)
    rows = [
        {
            "department_id": department,
            "scope": scope,
            "ref_id": ref,
            "day": day,
            "present": present.get(department, 0) if scope == DEPARTMENT else 0,
            **columns,
        }
        for (department, scope, ref), columns in sorted(counted.items())
    ]
    if rows:
        tx.execute(_WRITE, rows)
    tx.execute(_DONE, {"b_zone": zone, "b_day": day})

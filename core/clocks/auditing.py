"""Does every clock follow from its ticket's timeline? Worked out from the events alone, in two ways, and compared with what is stored."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.calendars import Calendar
from core.clocks.book import DatabaseBook
from core.clocks.folding import Clock, Folding, Told
from core.clocks.kept import READ, clock_of
from core.schema import Clock as ClockTable
from core.schema import Event, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

PIECE = 200  # tickets in one statement
_t, _e, _c = Ticket.__table__.c, Event.__table__.c, ClockTable.__table__.c
_TICKETS = (
    select(_t.id, _t.policy, _t.status, _t.priority, _t.department_id)
    .where(_t.id > bindparam("after"), _t.policy.is_not(None))
    .order_by(_t.id)
    .limit(PIECE)
)
_EVENTS = (
    select(_e.stream_id, _e.seq, _e.at, _e.kind, _e.actor_kind, _e.data)
    .where(_e.stream == "ticket", _e.stream_id.in_(bindparam("tickets", expanding=True)))
    .order_by(_e.stream_id, _e.seq)
)
_STORED = READ.where(_c.ticket_id.in_(bindparam("tickets", expanding=True))).order_by(_c.ticket_id, _c.id)
_COMPARED = tuple(f.name for f in fields(Clock) if f.compare)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is stored and does not follow from the timeline."""

    ticket_id: int
    clock: str
    what: str
    stored: Any
    reckoned: Any


@dataclass(slots=True)
class Audit:
    """What was looked at, and what differs."""

    tickets: int = 0
    clocks: int = 0
    events: int = 0
    differences: list[Difference] = field(default_factory=list)


def audit(tx: Connection, ticket_id: int | None = None) -> Audit:
    """Reckon the clocks of every ticket (or of one) from its timeline. Nothing is changed."""
    found = Audit()
    book, after = DatabaseBook(tx), 0 if ticket_id is None else ticket_id - 1
    while tickets := list(tx.execute(_TICKETS, {"after": after})):
        if ticket_id is not None:
            tickets = [row for row in tickets if row.id == ticket_id]
        ids = [row.id for row in tickets]
        events: dict[int, list[Told]] = {one: [] for one in ids}
        for event in tx.execute(_EVENTS, {"tickets": ids}):
            events[event.stream_id].append(Told(event.seq, event.at, event.kind, event.actor_kind, event.data))
        stored: dict[int, list[Clock]] = {one: [] for one in ids}
        for clock in tx.execute(_STORED, {"tickets": ids}):
            stored[clock.ticket_id].append(clock_of(clock))
        for row in tickets:
            found.events += len(events[row.id])
            found.clocks += len(stored[row.id])
            found.differences += _compare(book, row.id, row.policy, events[row.id], stored[row.id])
        found.tickets += len(ids)
        if ticket_id is not None or len(ids) < PIECE:
            break
        after = ids[-1]
    return found


def _compare(
    book: DatabaseBook, ticket_id: int, policy: str, events: Sequence[Told], stored: Sequence[Clock]
) -> Iterator[Difference]:
    folding = Folding(book)
    for event in events:
        folding.fold(event)
    if folding.standing.applied != policy:
        yield Difference(ticket_id, "", "policy", policy, folding.standing.applied)
    reckoned = {(c.metric, c.visit): c for c in folding.clocks}
    known = {(c.metric, c.visit): c for c in stored}
    for key in sorted(reckoned.keys() | known.keys()):
        name, mine, theirs = f"{key[0]} {key[1]}", reckoned.get(key), known.get(key)
        if mine is None or theirs is None:
            yield Difference(ticket_id, name, "clock", theirs and theirs.state, mine and mine.state)
            continue
        for column in _COMPARED:
            if getattr(mine, column) != getattr(theirs, column):
                yield Difference(ticket_id, name, column, getattr(theirs, column), getattr(mine, column))
        if theirs.open and theirs.due_at is not None:
            due = _due_once_more(book, theirs, folding.standing.priority)
            if due != theirs.due_at:
                yield Difference(ticket_id, name, "due_at", theirs.due_at, due)


def _due_once_more(book: DatabaseBook, clock: Clock, priority: str) -> int | None:
    """The due moment by the other way of counting: from the very start, in a calendar in which nothing is open while the clock was paused."""
    metric = book.policy(clock.policy).metric(clock.metric)
    goal = metric.goal_for(priority) if metric else None
    if goal is None:
        return None
    calendar = book.calendar(clock.policy)
    if clock.pauses:
        spans = tuple((pause.since, pause.until) for pause in clock.pauses if pause.until != pause.since)
        calendar = Calendar(calendar.zone, calendar.hours, calendar.holidays, calendar.special, calendar.pauses + spans)
    return calendar.add_ms(clock.started_at, goal.goal)

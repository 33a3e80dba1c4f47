"""One ticket's row, locked and changed: the only place that writes it, so that counts, loads and the queue's order always agree with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.database import collected, is_sqlite, last_of_all
from core.errors import NotFound
from core.prepared import Prepared
from core.schema import Department, Event, OpenCount, PersonLoad, Team, Ticket
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

OPEN, IN_PROGRESS, PENDING_CUSTOMER, PENDING_THIRD = "open", "in_progress", "pending_customer", "pending_third_party"
RESOLVED, CLOSED = "resolved", "closed"
STATUSES = (OPEN, IN_PROGRESS, PENDING_CUSTOMER, PENDING_THIRD, RESOLVED, CLOSED)
PRIORITIES = {"urgent": 1, "high": 2, "medium": 3, "low": 4}
PRIORITY_NAMES = {number: name for name, number in PRIORITIES.items()}
LANE = 10**14  # wider than any moment in milliseconds

_t, _d, _team = Ticket.__table__.c, Department.__table__.c, Team.__table__.c
_ORDER = func.coalesce(_team.queue_order, _d.queue_order)  # a team's own, else its department's


@dataclass(frozen=True)  # without slots: a copy of a dictionary is quick (see `altered`)
class TicketRow:
    """The row as it was read, with the order of its team's queue. Moments are ms; see `core.schema.tickets.Ticket`."""

    id: int
    customer_id: int
    department_id: int
    team_id: int
    holder_id: int | None
    status: str
    priority: int
    vip: bool
    channel: str
    subject: str
    topic: str | None
    product: str | None
    language: str
    tags: list[str]
    created_at: int
    entered_at: int
    last_at: int
    first_response_at: int | None
    first_response_ms: int | None
    last_customer_at: int | None
    resolved_at: int | None
    closed_at: int | None
    reopened: int
    resolution: str | None
    promised_at: int | None
    queue_key: int | None
    due_at: int | None
    due_kind: str | None
    step_id: int | None
    run_id: int | None
    merged_into: int | None
    attention: str | None
    last_seq: int
    want_seq: int
    nudged_seq: int
    alarm_at: int | None
    last_message_id: int | None
    policy: str | None
    version: int
    mailbox: str | None = None
    upset: str | None = None
    queue_order: str = "fifo"

    @property
    def unresolved(self) -> bool:
        return self.status not in {RESOLVED, CLOSED}


def altered(row: TicketRow, **changes: Any) -> TicketRow:
    """A copy with other values. `dataclasses.replace` takes twenty times as long, and a ticket that opens is altered thirty times."""
    copy: TicketRow = object.__new__(TicketRow)
    copy.__dict__.update(row.__dict__, **changes)
    return copy


_NAMES = tuple(f.name for f in fields(TicketRow) if f.name != "queue_order")
_ROWS = (
    select(*[_t[name] for name in _NAMES], _ORDER.label("queue_order"))
    .join(Department.__table__, _d.id == _t.department_id)
    .join(Team.__table__, _team.id == _t.team_id)
)
_SELECT = _ROWS.where(_t.id == bindparam("ticket"))
_THESE = _ROWS.where(_t.id.in_(bindparam("tickets", expanding=True))).order_by(_t.id)
_READ = Prepared(_SELECT)
_LOCK = Prepared(_SELECT.with_for_update(of=Ticket.__table__))


@dataclass(slots=True)
class Held:
    """A ticket whose row this transaction holds: as the database has it, as it is to be, and the events not yet written.

    `acting` is the colleague whose command this is, if it is one's. `began` is the row as this transaction found it; `news` the events
    that its clocks have not seen yet, `clocks` those clocks once somebody has looked at them (see `core.clocks.keeping`). `walked` is the
    run that goes on and its visits, as the last walk of this transaction has left them (see `core.tickets.in_hand`).
    """

    stored: TicketRow
    row: TicketRow
    events: list[dict[str, Any]] = field(default_factory=list)
    acting: int | None = None
    news: list[dict[str, Any]] = field(default_factory=list)
    clocks: Any = None
    walked: Any = None
    began: TicketRow = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.stored


@dataclass(slots=True)
class Holding:
    """All tickets that this transaction holds, and what their changes mean for the counts."""

    tickets: dict[int, Held] = field(default_factory=dict)
    counts: Counter[tuple[Any, ...]] = field(default_factory=Counter)


def _known(tx: Connection) -> Holding | None:
    found: Holding | None = collected(tx, "tickets")
    return found


def _holding(tx: Connection) -> Holding:
    found: Holding = last_of_all(tx, "tickets", _finish, Holding)
    return found


def read(tx: Connection, ticket_id: int) -> TicketRow:
    """The ticket's row, as this transaction sees it. NotFound when there is none."""
    holding = _known(tx)
    if holding and ticket_id in holding.tickets:
        return holding.tickets[ticket_id].row
    return _found(_READ.first(tx, {"ticket": ticket_id}))


def read_these(tx: Connection, tickets: Sequence[int]) -> list[TicketRow]:
    """The rows of many tickets by id, as the database has them: for whoever has not yet changed one in this transaction."""
    rows: Any = tx.execute(_THESE, {"tickets": list(tickets)})
    return [TicketRow(*row) for row in rows]


def lock(tx: Connection, ticket_id: int) -> TicketRow:
    """The ticket's row, held until the transaction ends: everybody else who wants to change the ticket waits."""
    return held(tx, ticket_id).row


def held(tx: Connection, ticket_id: int) -> Held:
    """The ticket, locked by this transaction."""
    tickets = _holding(tx).tickets
    if ticket_id not in tickets:
        row = _found((_READ if is_sqlite(tx) else _LOCK).first(tx, {"ticket": ticket_id}))
        tickets[ticket_id] = Held(row, row)
    return tickets[ticket_id]


def born_here(tx: Connection, ticket_id: int) -> list[dict[str, Any]] | None:
    """All events of a ticket that this transaction has opened and not yet written; None for any other ticket."""
    holding = _known(tx)
    mine = holding.tickets.get(ticket_id) if holding else None
    return mine.events if mine and mine.stored.last_seq == 0 else None


def opened_here(tx: Connection, ticket_id: int) -> bool:
    """Has this transaction opened the ticket?"""
    holding = _known(tx)
    mine = holding.tickets.get(ticket_id) if holding else None
    return mine is not None and mine.began.last_seq == 0


def _found(row: Any) -> TicketRow:
    if row is None:
        raise NotFound(_("There is no such ticket."))
    return TicketRow(*row)


def queue_key(row: TicketRow) -> int | None:
    """Its place in the order of its team's queue; None when it is resolved or closed."""
    if not row.unresolved:
        return None
    match row.queue_order:
        case "urgency":
            return row.priority * LANE + row.entered_at
        case "vip_lane":
            return (0 if row.vip else 1) * LANE + row.entered_at
        case _:
            return row.entered_at


_INSERT = Prepared(insert(Ticket.__table__).returning(_t.id), [name for name in _NAMES if name != "id"])
_QUEUE_ORDER = (
    select(_ORDER)
    .select_from(Department.__table__)
    .join(Team.__table__, _team.id == bindparam("team"))
    .where(_d.id == bindparam("department"))
)
_EVENTS = Prepared(insert(Event.__table__), [c.name for c in Event.__table__.c if c.name not in {"id", "xid"}])


def insert_row(tx: Connection, values: dict[str, Any], queue_order: str) -> TicketRow:
    """Insert a new ticket (without its id) and count it; returns its row, held by this transaction."""
    values.setdefault("mailbox", None)
    values.setdefault("upset", None)
    blank = TicketRow(id=0, queue_order=queue_order, **values)
    key = queue_key(blank)
    values["queue_key"] = (
        None  # its place in the queue is written once, at the end: before that six indexes need not know of it
    )
    ticket_id = _INSERT.scalar(tx, values)
    row = altered(blank, id=ticket_id, queue_key=key)
    holding = _holding(tx)
    holding.tickets[ticket_id] = Held(altered(row, queue_key=None), row)
    _count(holding, None, row)
    return row


def change(tx: Connection, row: TicketRow, **values: Any) -> TicketRow:
    """Change columns of a held ticket; returns the row as it is then. All changes of a transaction are written in one statement at its end."""
    mine = held(tx, row.id)
    changed = {name: value for name, value in values.items() if getattr(mine.row, name) != value}
    if not changed:
        return mine.row
    new = altered(mine.row, **changed)
    if "department_id" in changed or "team_id" in changed:
        place = {"department": new.department_id, "team": new.team_id}
        new = altered(new, queue_order=tx.execute(_QUEUE_ORDER, place).scalar_one())
    key = queue_key(new)
    if key != new.queue_key:
        new = altered(new, queue_key=key)
    _move_load(tx, mine.row, new)
    mine.row = new
    return new


def flush(tx: Connection) -> None:
    """Write what is held, so that the statements which follow in this transaction see it."""
    holding = _known(tx)
    if holding is not None:
        for ticket_id in sorted(holding.tickets):
            _write(tx, holding, holding.tickets[ticket_id])


_UNSEEN = {"last_seq", "last_at", "want_seq", "alarm_at"}  # an event alone, or Temporal's business: no page gets old


def _write(tx: Connection, holding: Holding, mine: Held) -> None:
    old, new = mine.stored, mine.row
    changed = [name for name in _NAMES if getattr(old, name) != getattr(new, name)]
    if changed and not _UNSEEN.issuperset(changed):
        mine.row = new = altered(new, version=old.version + 1)
        changed.append("version")
    if changed:
        values = {f"v_{name}": getattr(new, name) for name in changed}
        _update(tuple(changed)).run(tx, {"b_id": new.id, **values})
    if mine.events:
        _EVENTS.run_many(tx, mine.events)
        mine.events = []
    if mine.clocks is not None:
        mine.clocks.store(tx)
    _count(holding, old, new)
    mine.stored = new


@lru_cache(maxsize=2000)
def _update(columns: tuple[str, ...]) -> Prepared:
    return Prepared(
        update(Ticket.__table__)
        .where(_t.id == bindparam("b_id"))
        .values({name: bindparam(f"v_{name}", type_=_t[name].type) for name in columns})
    )


def _finish(tx: Connection, holding: Holding) -> None:
    from core.clocks.keeping import keep_rest  # keeping appends events, which are held here: the two know one another

    for ticket_id in sorted(holding.tickets):
        keep_rest(tx, ticket_id)
    for ticket_id in sorted(holding.tickets):
        _write(tx, holding, holding.tickets[ticket_id])
    for cell, n in sorted(holding.counts.items()):  # last of all, and in one order: everybody updates these rows
        if n:
            values = {**dict(zip(_KEYS, cell, strict=True)), "n": n, "plus": n}
            _add(is_sqlite(tx), OpenCount, _KEYS, "n").run(tx, values)


def _cell(row: TicketRow | None) -> tuple[Any, ...] | None:
    if row is None or not row.unresolved:
        return None
    return (row.department_id, row.team_id, row.holder_id or 0, row.status, row.priority, row.vip)


_KEYS = ("department_id", "team_id", "holder_id", "status", "priority", "vip")


def _count(holding: Holding, before: TicketRow | None, after: TicketRow) -> None:
    old, new = _cell(before), _cell(after)
    if old != new:
        for cell, n in ((old, -1), (new, 1)):
            if cell:
                holding.counts[cell] += n


def uncounted(tx: Connection) -> Counter[tuple[Any, ...]]:
    """What this transaction's changes will add to `open_count` when it ends, by the columns of its key."""
    found: Counter[tuple[Any, ...]] = Counter()
    holding = _known(tx)
    if holding is not None:
        found.update(holding.counts)
        for mine in holding.tickets.values():
            for cell, n in ((_cell(mine.stored), -1), (_cell(mine.row), 1)):
                if cell:
                    found[cell] += n
    return found


def _move_load(tx: Connection, before: TicketRow, after: TicketRow) -> None:
    """At once, not at the end: routing reads and locks the loads of its candidates."""
    old = before.holder_id if before.unresolved else None
    new = after.holder_id if after.unresolved else None
    if old == new:
        return
    for person, n in sorted(((old or 0, -1), (new or 0, 1))):
        if person:
            values = {"person_id": person, "open_n": n, "plus": n}
            _add(is_sqlite(tx), PersonLoad, ("person_id",), "open_n").run(tx, values)


@lru_cache
def _add(on_sqlite: bool, table: Any, keys: tuple[str, ...], column: str) -> Prepared:
    dialect = sqlite if on_sqlite else postgresql
    columns = table.__table__.c
    return Prepared(
        dialect.insert(table.__table__)
        .values({name: bindparam(name) for name in (*keys, column)})
        .on_conflict_do_update(index_elements=list(keys), set_={column: columns[column] + bindparam("plus")})
    )

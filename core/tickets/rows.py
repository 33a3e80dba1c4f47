"""One ticket's row, locked and changed: the only place that writes it, so that counts, loads and the queue's order always agree with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.database import is_sqlite, last_of_all
from core.errors import NotFound
from core.schema import Department, OpenCount, PersonLoad, Ticket
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

OPEN, IN_PROGRESS, PENDING_CUSTOMER, PENDING_THIRD = "open", "in_progress", "pending_customer", "pending_third_party"
RESOLVED, CLOSED = "resolved", "closed"
STATUSES = (OPEN, IN_PROGRESS, PENDING_CUSTOMER, PENDING_THIRD, RESOLVED, CLOSED)
PRIORITIES = {"urgent": 1, "high": 2, "medium": 3, "low": 4}
PRIORITY_NAMES = {number: name for name, number in PRIORITIES.items()}
_LANE = 10**14  # wider than any moment in milliseconds

_t, _d = Ticket.__table__.c, Department.__table__.c


@dataclass(frozen=True, slots=True)
class TicketRow:
    """The row as it was read, with the order of its department's queue. Moments are ms; see `core.schema.tickets.Ticket`."""

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
    version: int
    queue_order: str = "fifo"

    @property
    def unresolved(self) -> bool:
        return self.status not in {RESOLVED, CLOSED}


_COLUMNS = [_t[f.name] for f in fields(TicketRow) if f.name != "queue_order"]
_READ = (
    select(*_COLUMNS, _d.queue_order).join(Department, _d.id == _t.department_id).where(_t.id == bindparam("ticket"))
)
_LOCK = _READ.with_for_update(of=Ticket)


def read(tx: Connection, ticket_id: int) -> TicketRow:
    """The ticket's row. NotFound when there is none."""
    return _found(tx.execute(_READ, {"ticket": ticket_id}).one_or_none())


def lock(tx: Connection, ticket_id: int) -> TicketRow:
    """The ticket's row, held until the transaction ends: everybody else who wants to change the ticket waits."""
    return _found(tx.execute(_READ if is_sqlite(tx) else _LOCK, {"ticket": ticket_id}).one_or_none())


def _found(row: Any) -> TicketRow:
    if row is None:
        raise NotFound(_("There is no such ticket."))
    return TicketRow(*row)


def queue_key(row: TicketRow) -> int | None:
    """Its place in the order of its department's queue; None when it is resolved or closed."""
    if not row.unresolved:
        return None
    match row.queue_order:
        case "urgency":
            return row.priority * _LANE + row.entered_at
        case "vip_lane":
            return (0 if row.vip else 1) * _LANE + row.entered_at
        case _:
            return row.entered_at


def insert_row(tx: Connection, values: dict[str, Any], queue_order: str) -> TicketRow:
    """Insert a new ticket (without its id) and count it; returns its row."""
    blank = TicketRow(id=0, queue_order=queue_order, **values)
    values["queue_key"] = queue_key(blank)
    ticket_id = tx.execute(insert(Ticket).values(values).returning(_t.id)).scalar_one()
    row = replace(blank, id=ticket_id, queue_key=values["queue_key"])
    _count(tx, None, row)
    return row


def change(tx: Connection, row: TicketRow, **values: Any) -> TicketRow:
    """Write the changed columns; keeps open_count, person_load, queue_key and `version` true. Returns the new row."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return row
    new = replace(row, **changed)
    if "department_id" in changed:
        new = replace(
            new, queue_order=tx.execute(select(_d.queue_order).where(_d.id == new.department_id)).scalar_one()
        )
    new = replace(new, queue_key=queue_key(new), version=row.version + 1)
    tx.execute(update(Ticket).where(_t.id == row.id).values(**changed, queue_key=new.queue_key, version=new.version))
    _count(tx, row, new)
    return new


def _cell(row: TicketRow | None) -> tuple[Any, ...] | None:
    if row is None or not row.unresolved:
        return None
    return (row.department_id, row.team_id, row.holder_id or 0, row.status, row.priority, row.vip)


_KEYS = ("department_id", "team_id", "holder_id", "status", "priority", "vip")
_c, _l = OpenCount.__table__.c, PersonLoad.__table__.c


def _count(tx: Connection, before: TicketRow | None, after: TicketRow) -> None:
    old, new = _cell(before), _cell(after)
    if old == new:
        return
    counts = last_of_all(tx, "open_count", _write_counts, Counter)
    for cell, n in ((old, -1), (new, 1)):
        if cell:
            counts[cell] += n
    before_holder, after_holder = (old[2] if old else 0), (new[2] if new else 0)
    if before_holder == after_holder:
        return
    for person, n in sorted(((before_holder, -1), (after_holder, 1))):
        if person:
            _add(tx, PersonLoad, {"person_id": person}, "open_n", n)


def _write_counts(tx: Connection, counts: Counter[tuple[Any, ...]]) -> None:
    for cell, n in sorted(counts.items()):
        if n:
            _add(tx, OpenCount, dict(zip(_KEYS, cell, strict=True)), "n", n)


def _add(tx: Connection, table: Any, key: dict[str, Any], column: str, n: int) -> None:
    dialect = sqlite if is_sqlite(tx) else postgresql
    tx.execute(
        dialect.insert(table)
        .values(**key, **{column: n})
        .on_conflict_do_update(index_elements=list(key), set_={column: table.__table__.c[column] + n})
    )

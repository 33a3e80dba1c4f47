"""What happened, in order? The only writer of the one log, and its readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from core.alerts.hearing import hear
from core.database import is_sqlite
from core.schema import Event, StreamHead
from core.tickets.rows import altered, born_here, flush, held

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

_event, _head = Event.__table__.c, StreamHead.__table__.c
_COLUMNS = (
    _event.id,
    _event.stream,
    _event.stream_id,
    _event.seq,
    _event.at,
    _event.kind,
    _event.actor_kind,
    _event.actor_id,
    _event.cause,
    _event.department_id,
    _event.data,
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as it is read."""

    id: int
    stream: str
    stream_id: int
    seq: int
    at: int
    kind: str
    actor_kind: str
    actor_id: int | None
    cause: int | None
    department_id: int | None
    data: dict[str, Any]


_INSERT = insert(Event.__table__).returning(_event.id)


@dataclass(frozen=True, slots=True)
class Written:
    """An event that was written on a ticket's timeline."""

    seq: int
    at: int


def append(
    tx: Connection,
    ticket_id: int,
    kind: str,
    actor: Actor,
    data: dict[str, Any] | None = None,
    *,
    at: int,
    cause: int | None = None,
) -> Written:
    """Write one event on the ticket's timeline (its row is locked, so events are numbered without gaps). `cause` is the seq of what led to it."""
    mine = held(tx, ticket_id)
    if actor.is_person:
        mine.acting = actor.id
    seq = mine.row.last_seq + 1
    mine.row = altered(mine.row, last_seq=seq, last_at=max(at, mine.row.last_at))
    event = _row("ticket", ticket_id, seq, kind, actor, data or {}, at, cause, mine.row.department_id)
    mine.events.append(event)
    mine.news.append(event)
    hear(tx, ticket_id, event)
    return Written(seq, at)


def append_to(
    tx: Connection,
    stream: str,
    stream_id: int,
    kind: str,
    actor: Actor,
    data: dict[str, Any] | None = None,
    *,
    at: int,
    department_id: int | None = None,
    cause: int | None = None,
) -> Happening:
    """Write one event on a stream that is not a ticket: person, customer, organisation, sop, article, system."""
    dialect = sqlite if is_sqlite(tx) else postgresql
    upsert = (
        dialect.insert(StreamHead.__table__)
        .values(stream=stream, stream_id=stream_id, last_seq=1)
        .on_conflict_do_update(index_elements=["stream", "stream_id"], set_={"last_seq": _head.last_seq + 1})
        .returning(_head.last_seq)
    )
    row = _row(stream, stream_id, tx.execute(upsert).scalar_one(), kind, actor, data or {}, at, cause, department_id)
    return Happening(id=tx.execute(_INSERT, row).scalar_one(), **row)


def _row(
    stream: str,
    stream_id: int,
    seq: int,
    kind: str,
    actor: Actor,
    data: dict[str, Any],
    at: int,
    cause: int | None,
    department_id: int | None,
) -> dict[str, Any]:
    return {
        "stream": stream,
        "stream_id": stream_id,
        "seq": seq,
        "at": at,
        "kind": kind,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "cause": cause,
        "department_id": department_id,
        "data": {"v": 1, **data},
    }


# ---- readers -----------------------------------------------------------------------------------------------------------

_OF_STREAM = (
    select(*_COLUMNS)
    .where(
        _event.stream == bindparam("stream"),
        _event.stream_id == bindparam("stream_id"),
        _event.seq > bindparam("after"),
    )
    .order_by(_event.seq)
    .limit(bindparam("limit"))
)
_OF_KIND = (
    select(*_COLUMNS)
    .where(
        _event.stream == "ticket",
        _event.stream_id == bindparam("ticket"),
        _event.kind == bindparam("kind"),
        _event.at >= bindparam("since"),
    )
    .order_by(_event.seq)
)


def timeline_page(tx: Connection, ticket_id: int, *, after: int = 0, limit: int = 200) -> list[Happening]:
    """Up to `limit` events of a ticket behind seq `after`."""
    return stream_page(tx, "ticket", ticket_id, after=after, limit=limit)


def stream_page(tx: Connection, stream: str, stream_id: int, *, after: int = 0, limit: int = 200) -> list[Happening]:
    """Up to `limit` events of a stream behind seq `after`."""
    flush(tx)
    rows = tx.execute(_OF_STREAM, {"stream": stream, "stream_id": stream_id, "after": after, "limit": limit})
    return [Happening(*row) for row in rows]


def happened(tx: Connection, ticket_id: int, kind: str, since: int) -> list[Happening]:
    """The ticket's events of one kind from the moment `since` (ms)."""
    unwritten = born_here(tx, ticket_id)
    if unwritten is not None:
        return [Happening(id=0, **e) for e in unwritten if e["kind"] == kind and e["at"] >= since]
    flush(tx)
    return [Happening(*row) for row in tx.execute(_OF_KIND, {"ticket": ticket_id, "kind": kind, "since": since})]


@dataclass(frozen=True, slots=True)
class Position:
    """How far a global reader has come. On PostgreSQL ids commit out of order, so a position is (transaction id, event id)."""

    xid: int = 0
    id: int = 0


_FOLLOW_SQLITE = select(*_COLUMNS).where(_event.id > bindparam("id")).order_by(_event.id).limit(bindparam("limit"))
_FOLLOW_POSTGRES = text(
    "SELECT id, stream, stream_id, seq, at, kind, actor_kind, actor_id, cause, department_id, data, xid::text::bigint AS xid FROM event"
    " WHERE (xid, id) > (CAST(CAST(:xid AS text) AS xid8), :id) AND xid < pg_snapshot_xmin(pg_current_snapshot())"
    " ORDER BY xid, id LIMIT :limit"
)


def follow(tx: Connection, position: Position, limit: int = 200) -> tuple[list[Happening], Position]:
    """The next events of all streams behind `position`, and the position behind them.

    No event is ever passed over: on PostgreSQL the reader stops below the oldest transaction that is still running.
    """
    if is_sqlite(tx):
        found = [Happening(*row) for row in tx.execute(_FOLLOW_SQLITE, {"id": position.id, "limit": limit})]
        return found, Position(0, found[-1].id) if found else position
    rows = tx.execute(_FOLLOW_POSTGRES, {"xid": str(position.xid), "id": position.id, "limit": limit}).all()
    found = [Happening(*row[:-1]) for row in rows]
    return found, Position(rows[-1].xid, rows[-1].id) if rows else position


def newest(tx: Connection) -> Position:
    """The position from which a reader sees only what commits from now on."""
    if is_sqlite(tx):
        return Position(0, tx.execute(text("SELECT coalesce(max(id), 0) FROM event")).scalar_one())
    return Position(
        tx.execute(text("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint) - 1")).scalar_one(), 2**62
    )

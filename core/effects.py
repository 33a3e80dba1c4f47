"""What must leave the house, and did it? The effect ledger: planned → attempting → done, failed or unknown.

The key of an effect is fixed before its first attempt. `attempting` is committed before anything leaves, so that after a crash nobody repeats
what may already have happened: it is looked up, or it becomes `unknown` for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.database import is_sqlite
from core.prepared import Prepared
from core.schema import Effect, Plugin, Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

PLANNED, ATTEMPTING, DONE, FAILED, UNKNOWN = "planned", "attempting", "done", "failed", "unknown"
OVERDUE_MS = 60_000  # an effect that nobody has taken up for so long is nudged again
LONGEST_KEY = 190  # the column holds 200: a suffix for a second mail of the same step fits
PERFORM_SECONDS = 40  # an attempt never lives longer
ALIVE_MS = (PERFORM_SECONDS + 5) * 1000  # before this an `attempting` may still be under way somewhere

_e, _t, _p = Effect.__table__.c, Ticket.__table__.c, Plugin.__table__.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """An effect to perform: `kind` is its activity's type, `title` the name of its step (never anybody's text).

    `plugin` is the one whose host performs it.
    """

    key: str
    kind: str
    title: str
    plugin: str | None = None


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One row of the effect ledger."""

    key: str
    ticket_id: int
    run_id: int | None
    step_id: int | None
    kind: str
    title: str
    state: str
    attempts: int
    planned_at: int
    attempted_at: int | None
    ended_at: int | None
    payload: dict[str, Any]
    result: dict[str, Any] | None
    detail: str | None
    plugin: str | None = None


_COLUMNS = [_e[name] for name in EffectRow.__slots__]
_ONE = select(*_COLUMNS).where(_e.key == bindparam("b_key"))
_READ, _LOCK = Prepared(_ONE), Prepared(_ONE.with_for_update())
_BEGIN = Prepared(
    update(Effect.__table__)
    .where(_e.key == bindparam("b_key"))
    .values(state=ATTEMPTING, attempts=_e.attempts + 1, attempted_at=bindparam("b_now"), next_at=bindparam("b_overdue"))
)
_END = (
    update(Effect.__table__)
    .where(_e.key == bindparam("b_key"))
    .values(
        state=bindparam("b_state"),
        ended_at=bindparam("b_now"),
        next_at=None,
        result=bindparam("b_result", type_=_e.result.type),
        detail=bindparam("b_detail"),
    )
)
_LOSE = Prepared(_END.where(or_(_e.state == PLANNED, _e.state == ATTEMPTING)))
_FINISH = Prepared(_END.where(or_(_e.state == PLANNED, _e.state == ATTEMPTING, _e.state == UNKNOWN)))
_AT_WORK = or_(_e.plugin.is_(None), and_(_p.present, _p.enabled, _p.error.is_(None)))  # else it waits for its plugin
_WANTED = (
    select(_e.ticket_id, _e.key, _e.kind, _e.title, _e.plugin)
    .join(Plugin.__table__, _p.name == _e.plugin, isouter=True)
    .where(or_(_e.state == PLANNED, _e.state == ATTEMPTING), _AT_WORK)
    .order_by(_e.ticket_id, _e.planned_at, _e.key)
)
_DUE = _WANTED.where(_e.ticket_id.in_(bindparam("tickets", expanding=True)))
_ONE_DUE = Prepared(_WANTED.where(_e.ticket_id == bindparam("ticket")))
_OVERDUE = (
    select(_e.ticket_id)
    .join(Plugin.__table__, _p.name == _e.plugin, isouter=True)
    .where(_e.next_at.is_not(None), _e.next_at < bindparam("now"), _AT_WORK)
    .order_by(_e.next_at)
    .limit(bindparam("limit"))
)
_PAGE = select(*_COLUMNS).order_by(_e.key).limit(bindparam("limit"))

_PLANNING = (
    "key",
    "ticket_id",
    "run_id",
    "step_id",
    "kind",
    "title",
    "state",
    "attempts",
    "planned_at",
    "next_at",
    "payload",
    "plugin",
)
_PLAN_SQLITE = Prepared(sqlite.insert(Effect.__table__).on_conflict_do_nothing(index_elements=["key"]), _PLANNING)
_PLAN_POSTGRES = Prepared(postgresql.insert(Effect.__table__).on_conflict_do_nothing(index_elements=["key"]), _PLANNING)


def fitted(key: str) -> str:
    """The key as it is kept: the end of one that is longer than its column becomes a hash, the same one every time."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 33]}~{sha256(key.encode()).hexdigest()[:32]}"


def plan(
    tx: Connection,
    ticket_id: int,
    key: str,
    kind: str,
    title: str,
    payload: dict[str, Any],
    *,
    at: int,
    run_id: int | None = None,
    step_id: int | None = None,
    plugin: str | None = None,
    within: int = OVERDUE_MS,
) -> None:
    """Want an effect. A key that is already there is left as it is. The caller raises the ticket's `want_seq`. `within` ms it is overdue."""
    row = {
        "key": fitted(key),
        "ticket_id": ticket_id,
        "run_id": run_id,
        "step_id": step_id,
        "kind": kind,
        "title": title[:64],
        "state": PLANNED,
        "attempts": 0,
        "planned_at": at,
        "next_at": at + within,
        "payload": payload,
        "plugin": plugin,
    }
    (_PLAN_SQLITE if is_sqlite(tx) else _PLAN_POSTGRES).run(tx, row)


def due(tx: Connection, ticket_ids: Sequence[int]) -> dict[int, tuple[Wanted, ...]]:
    """What is planned or under way, by ticket; not what waits for a plugin that is off."""
    found: dict[int, list[Wanted]] = {}
    if ticket_ids:
        one = len(ticket_ids) == 1
        rows = (
            _ONE_DUE.all(tx, {"ticket": ticket_ids[0]})
            if one
            else tx.execute(_DUE, {"tickets": list(ticket_ids)}).all()
        )
        for ticket, key, kind, title, plugin in rows:
            found.setdefault(ticket, []).append(Wanted(key, kind, title, plugin))
    return {ticket: tuple(wanted) for ticket, wanted in found.items()}


def overdue_tickets(tx: Connection, now: int, limit: int) -> list[int]:
    """Tickets with an effect that nobody has taken up for a minute, or whose attempt must be dead."""
    return list(dict.fromkeys(tx.execute(_OVERDUE, {"now": now, "limit": limit}).scalars()))


def read(tx: Connection, key: str) -> EffectRow | None:
    """One effect."""
    row = _READ.first(tx, {"b_key": key})
    return EffectRow(*row) if row else None


def begin(tx: Connection, key: str, now: int) -> EffectRow | None:
    """The row as it was before; a planned one is now `attempting`. The caller commits before anything leaves the house."""
    row = (_READ if is_sqlite(tx) else _LOCK).first(tx, {"b_key": key})
    if row is None:
        return None
    found = EffectRow(*row)
    if found.state == PLANNED:
        _BEGIN.run(tx, {"b_key": key, "b_now": now, "b_overdue": now + ALIVE_MS + OVERDUE_MS})
    return found


def put_off(tx: Connection, key: str, detail: str, now: int, wait_ms: int) -> None:
    """An attempt ended before anything could have left: the effect was planned all the time, and waits for the next one."""
    tx.execute(
        update(Effect.__table__)
        .where(_e.key == key, _e.state == PLANNED)
        .values(attempts=_e.attempts + 1, detail=detail[:2000], next_at=now + wait_ms + OVERDUE_MS)
    )


def give_back(tx: Connection, key: str, detail: str, now: int, wait_ms: int) -> None:
    """Surely nothing was sent: planned again, with the other side's words."""
    tx.execute(
        update(Effect.__table__)
        .where(_e.key == key, _e.state == ATTEMPTING)
        .values(state=PLANNED, detail=detail[:2000], next_at=now + wait_ms + OVERDUE_MS)
    )


def finish(
    tx: Connection, key: str, state: str, now: int, *, result: dict[str, Any] | None = None, detail: str | None = None
) -> EffectRow | None:
    """Note the end of an effect; None when it has ended already. An `unknown` one may still become done or failed."""
    statement = _FINISH if state in {DONE, FAILED} else _LOSE
    text = detail[:2000] if detail else None
    ended = statement.run(tx, {"b_key": key, "b_state": state, "b_now": now, "b_result": result, "b_detail": text})
    return read(tx, key) if ended else None


def forget_arguments(tx: Connection, key: str) -> None:
    """What an action was given by hand or because of a fact is kept only until it is done: it may hold somebody's text."""
    row = read(tx, key)
    if row is not None and "arguments" in row.payload:
        payload = {name: value for name, value in row.payload.items() if name != "arguments"}
        tx.execute(update(Effect.__table__).where(_e.key == key).values(payload=payload))


def plan_again(tx: Connection, key: str, now: int) -> bool:
    """A person said that it was not sent: an unknown or failed effect is planned once more under the same key."""
    changed = tx.execute(
        update(Effect.__table__)
        .where(_e.key == key, _e.state.in_([UNKNOWN, FAILED]))
        .values(state=PLANNED, ended_at=None, next_at=now + OVERDUE_MS, detail=None)
    )
    return changed.rowcount == 1


def page(
    tx: Connection,
    *,
    ticket_id: int | None = None,
    state: str | None = None,
    department_id: int | None = None,
    after: str = "",
    limit: int = 50,
) -> list[EffectRow]:
    """Effects by key, behind the key `after`; with `department_id`, only those of this department's tickets."""
    query = _PAGE.where(_e.key > after)
    if department_id is not None:
        query = query.join(Ticket, _t.id == _e.ticket_id).where(_t.department_id == department_id)
    if ticket_id is not None:
        query = query.where(_e.ticket_id == ticket_id)
    if state is not None:
        query = query.where(_e.state == state)
    return [EffectRow(*row) for row in tx.execute(query, {"limit": limit})]

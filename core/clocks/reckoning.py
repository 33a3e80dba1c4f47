"""A calendar, a policy or a promise has changed: the open clocks are reckoned anew, a few tickets at a time, with a record of how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from core.advance import walk_on
from core.alerts import keeping as alerts
from core.clocks.keeping import keep
from core.moments import now_ms
from core.schema import Reckoning, Ticket
from core.tickets.rows import held, lock

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.settings import Settings

ALERT = "alert"  # the cause: not a clock but an alert rule has changed
PIECE = 50  # tickets in one transaction: nobody's click waits longer than for these
_k, _t = Reckoning.__table__.c, Ticket.__table__.c
_COLUMNS = (
    "id",
    "cause",
    "ref_id",
    "department_id",
    "actor_id",
    "at",
    "total",
    "done",
    "changed",
    "cursor",
    "ended_at",
)
_OPEN = select(*(_k[name] for name in _COLUMNS)).where(_k.ended_at.is_(None)).order_by(_k.id).limit(1)
_NEWEST = select(*(_k[name] for name in _COLUMNS)).order_by(_k.id.desc()).limit(bindparam("limit"))
_CONCERNED = (
    _t.status.not_in(["resolved", "closed"]),
    or_(bindparam("department") == 0, _t.department_id == bindparam("department")),
)
_COUNT = select(func.count()).select_from(Ticket.__table__).where(_t.queue_key.is_not(None), *_CONCERNED)
_NEXT = (
    select(_t.id)
    .where(_t.id > bindparam("cursor"), _t.queue_key.is_not(None), *_CONCERNED)
    .order_by(_t.id)
    .limit(PIECE)
)


@dataclass(frozen=True, slots=True)
class Progress:
    """One recomputation: why, by whom, how far. `changed` tickets have other due moments than before."""

    id: int
    cause: str
    ref_id: int
    department_id: int | None
    actor_id: int | None
    at: int
    total: int
    done: int
    changed: int
    cursor: int
    ended_at: int | None


def reckon_later(tx: Connection, actor: Actor, cause: str, ref_id: int, department_id: int | None, now: int) -> None:
    """Have the open clocks of a department (None: of all) reckoned anew. Nothing to reckon is noted as done at once."""
    total = int(tx.execute(_COUNT, {"department": department_id or 0}).scalar_one())
    values: dict[str, Any] = {
        "cause": cause,
        "ref_id": ref_id,
        "department_id": department_id,
        "actor_id": actor.id,
        "at": now,
        "total": total,
        "ended_at": None if total else now,
    }
    tx.execute(insert(Reckoning.__table__).values(values))


def reckon(tx: Connection, settings: Settings, now: int | None = None) -> int:
    """Do the next piece of the oldest recomputation that is open; says how many tickets it looked at (0: nothing is left)."""
    row = tx.execute(_OPEN).one_or_none()
    if row is None:
        return 0
    now = now or now_ms()
    open_one = Progress(*row)
    wanted = {"department": open_one.department_id or 0, "cursor": open_one.cursor}
    tickets = list(tx.execute(_NEXT, wanted).scalars())
    one = _look if open_one.cause == ALERT else _one
    changed = sum(one(tx, settings, ticket, now) for ticket in tickets)
    values = {
        "done": open_one.done + len(tickets),
        "changed": open_one.changed + changed,
        "cursor": tickets[-1] if tickets else open_one.cursor,
        "ended_at": None if len(tickets) == PIECE else now,
    }
    tx.execute(update(Reckoning.__table__).where(_k.id == open_one.id).values(values))
    return max(1, len(tickets))


def _one(tx: Connection, settings: Settings, ticket_id: int, now: int) -> bool:
    """Decide again what is promised on this ticket. True when it is something else."""
    row = lock(tx, ticket_id)
    before = row.policy
    keep(tx, ticket_id, now, passing=False, again=True)
    if held(tx, ticket_id).row.policy == before:
        return False
    walk_on(tx, settings, held(tx, ticket_id).row, now)
    return True


def _look(tx: Connection, _settings: Settings, ticket_id: int, now: int) -> bool:
    """Judge the alert rules of this ticket as they are now. True when something is to be looked at later."""
    lock(tx, ticket_id)
    alerts.look(tx, ticket_id, now, again=True)
    return alerts.state_of(tx, ticket_id).next_at is not None


def recent(tx: Connection, limit: int = 20) -> list[Progress]:
    """The newest recomputations, for their page."""
    return [Progress(*row) for row in tx.execute(_NEWEST, {"limit": limit})]

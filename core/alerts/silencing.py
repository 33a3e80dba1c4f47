"""A ticket may be silenced: no rule calls it out until somebody lets it be heard again. Both stand on its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import timeline
from core.alerts.keeping import look, set_silence, state_of
from core.moments import now_ms
from core.permissions import require
from core.tickets.rows import lock

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

SILENCED_EVENT, HEARD_EVENT = "alert.silenced", "alert.heard"


def silence(tx: Connection, actor: Actor, ticket_id: int, *, now: int | None = None) -> None:
    """No more alerts about this ticket, for anybody. Who watches it is told on."""
    require(actor, "silence_alerts")
    now = now or now_ms()
    lock(tx, ticket_id)
    if state_of(tx, ticket_id).silenced_at is None:
        set_silence(tx, ticket_id, actor.id, now)
        timeline.append(tx, ticket_id, SILENCED_EVENT, actor, {}, at=now)


def hear_again(tx: Connection, actor: Actor, ticket_id: int, *, now: int | None = None) -> None:
    """Take the silence back; what still holds and was not called out meanwhile is called out now."""
    require(actor, "silence_alerts")
    now = now or now_ms()
    lock(tx, ticket_id)
    if state_of(tx, ticket_id).silenced_at is not None:
        set_silence(tx, ticket_id, None, None)
        timeline.append(tx, ticket_id, HEARD_EVENT, actor, {}, at=now)
        look(tx, ticket_id, now)

"""How was the baton of a ticket offered? The offers as they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core.schema import Handover

if TYPE_CHECKING:
    from sqlalchemy import Connection

_h = Handover.__table__.c


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """One offer; state: offered, accepted, returned, withdrawn."""

    id: int
    ticket_id: int
    from_id: int | None
    to_id: int
    note: str
    state: str
    offered_at: int
    ended_at: int | None


_ROWS = select(*(_h[name] for name in HandoverRow.__slots__))
_OF_TICKET = _ROWS.where(_h.ticket_id == bindparam("ticket")).order_by(_h.id.desc()).limit(200)
_ONE = _ROWS.where(_h.id == bindparam("handover"))
_OFFERED = (
    select(_h.id)
    .where(_h.ticket_id == bindparam("ticket"), _h.to_id == bindparam("me"), _h.state == "offered")
    .order_by(_h.id.desc())
    .limit(1)
)


def of_ticket(tx: Connection, ticket_id: int) -> list[HandoverRow]:
    """The offers on a ticket, the newest first."""
    return [HandoverRow(*row) for row in tx.execute(_OF_TICKET, {"ticket": ticket_id})]


def one(tx: Connection, handover_id: int) -> HandoverRow:
    """One offer."""
    return HandoverRow(*tx.execute(_ONE, {"handover": handover_id}).one())


def offered_to(tx: Connection, ticket_id: int, person_id: int) -> int | None:
    """The offer on this ticket that waits for this person's answer."""
    return tx.execute(_OFFERED, {"ticket": ticket_id, "me": person_id}).scalar_one_or_none()

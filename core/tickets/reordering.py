"""A queue gets another order: every ticket that waits in it gets its new place at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, case, cast, update

from core.schema import Ticket
from core.tickets.rows import LANE, flush

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

QUEUE_ORDERS = ("fifo", "urgency", "vip_lane")
_t = Ticket.__table__.c
_LANE = cast(LANE, BigInteger)
_KEYS = {
    "fifo": _t.entered_at,
    "urgency": _t.priority * _LANE + _t.entered_at,
    "vip_lane": case((_t.vip, 0), else_=1) * _LANE + _t.entered_at,
}
_REORDER = {
    order: update(Ticket.__table__)
    .where(_t.team_id == bindparam("b_team"), _t.queue_key.is_not(None))
    .values(queue_key=key)
    for order, key in _KEYS.items()
}


def reorder(tx: Connection, teams: Iterable[int], order: str) -> None:
    """Put the queues of these teams in this order; one statement for each."""
    flush(tx)
    for team in teams:
        tx.execute(_REORDER[order], {"b_team": team})

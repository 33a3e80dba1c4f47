"""A customer is of another service class: their open tickets stand elsewhere in the queue, and other promises may hold for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from core.clocks.keeping import keep
from core.requesters import forget
from core.schema import Customer, Ticket
from core.tickets.rows import change, held
from core.timeline import append, append_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

VIP = "vip"
LONGEST = 64
_c, _t = Customer.__table__.c, Ticket.__table__.c
_NOW = select(_c.klass).where(_c.id == bindparam("customer"))
_SET = update(Customer.__table__).where(_c.id == bindparam("customer")).values(klass=bindparam("klass"))
_OPEN = select(_t.id).where(_t.customer_id == bindparam("customer"), _t.queue_key.is_not(None)).order_by(_t.id)


def change_class(tx: Connection, actor: Actor, customer_id: int, klass: str, now: int) -> bool:
    """Set it, and let their open tickets follow; False when the customer has this class already."""
    known = tx.execute(_NOW, {"customer": customer_id}).scalar_one_or_none()
    if known is None or known == klass or not klass:
        return False
    tx.execute(_SET, {"customer": customer_id, "klass": klass[:LONGEST]})
    forget(tx, customer_id)
    append_to(tx, "customer", customer_id, "customer.changed", actor, {"properties": ["klass"], "klass": klass}, at=now)
    reclassify(tx, actor, customer_id, known, klass, now)
    return True


def reclassify(tx: Connection, actor: Actor, customer_id: int, old: str, new: str, now: int) -> None:
    """The open tickets of a customer whose class was changed."""
    for ticket_id in list(tx.execute(_OPEN, {"customer": customer_id}).scalars()):
        change(tx, held(tx, ticket_id).row, vip=new == VIP)
        append(tx, ticket_id, "ticket.changed", actor, {"property": "class", "from": old, "to": new}, at=now)
        keep(tx, ticket_id, now, again=True)

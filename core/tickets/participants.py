"""Who has to do with a ticket? Everybody whose name, address or telephone may stand in its texts and belongs in none made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core.personal import Known
from core.schema import Customer, Message, Organisation, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection

_t, _c, _o, _m = Ticket.__table__.c, Customer.__table__.c, Organisation.__table__.c, Message.__table__.c
_CUSTOMER = (
    select(_c.name, _c.email, _c.phone, _o.name)
    .select_from(Ticket.__table__)
    .join(Customer.__table__, _c.id == _t.customer_id)
    .outerjoin(Organisation.__table__, _o.id == _c.organisation_id)
    .where(_t.id == bindparam("ticket"))
)
_WRITERS = (
    select(_m.author_name, _m.author_email)
    .distinct()
    .where(_m.ticket_id == bindparam("ticket"), _m.author_kind.in_(["customer", "person"]))
    .limit(100)
)


def participants(tx: Connection, ticket_id: int) -> Known:
    """The customer with their firm, and everybody who wrote on the ticket."""
    customer = tx.execute(_CUSTOMER, {"ticket": ticket_id}).one_or_none()
    if customer is None:
        return Known()
    name, email, phone, firm = customer
    writers = tx.execute(_WRITERS, {"ticket": ticket_id}).all()
    people = dict.fromkeys(one for one in (name, *(row.author_name for row in writers)) if one)
    addresses = dict.fromkeys(one for one in (email, phone, *(row.author_email for row in writers)) if one)
    return Known(tuple(people), (firm,) if firm else (), tuple(addresses))

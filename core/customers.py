"""What do we know of a customer? Their page: who they are, what they asked, everything ever said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from core.errors import NotFound
from core.permissions import require, sees_all_departments
from core.schema import Customer, Message, MessageBody, Organisation, Ticket
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.actors import Actor

_c, _o, _t = Customer.__table__.c, Organisation.__table__.c, Ticket.__table__.c
_m, _b = Message.__table__.c, MessageBody.__table__.c


@dataclass(frozen=True, slots=True)
class Known:
    """The customer with their organisation."""

    id: int
    name: str
    email: str | None
    phone: str | None
    language: str
    klass: str
    verified: bool
    created_at: int
    organisation: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One of their tickets."""

    id: int
    subject: str
    language: str
    status: str
    channel: str
    created_at: int
    resolved_at: int | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message between us and them."""

    ticket_id: int
    message_id: int
    direction: str
    author: str
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """All of it, the newest first. `hidden`: tickets of departments this person is not in."""

    known: Known
    tickets: tuple[Asked, ...]
    said: tuple[Spoken, ...]
    hidden: int


_KNOWN: Select[Any] = (
    select(
        _c.id,
        _c.name,
        _c.email,
        _c.phone,
        _c.language,
        _c.klass,
        _c.verified,
        _c.created_at,
        _o.name.label("organisation"),
    )
    .outerjoin(Organisation.__table__, _o.id == _c.organisation_id)
    .where(_c.id == bindparam("customer"))
)
_SEEN = or_(bindparam("department") == 0, _t.department_id == bindparam("department"))
_TICKETS: Select[Any] = (
    select(_t.id, _t.subject, _t.language, _t.status, _t.channel, _t.created_at, _t.resolved_at, _t.resolution)
    .where(_t.customer_id == bindparam("customer"), _SEEN)
    .order_by(_t.id.desc())
    .limit(100)
)
_SAID: Select[Any] = (
    select(_m.ticket_id, _m.id, _m.direction, _m.author_name, _m.at, func.substr(_b.visible, 1, 600))
    .join(Ticket.__table__, _t.id == _m.ticket_id)
    .join(MessageBody.__table__, _b.message_id == _m.id)
    .where(_t.customer_id == bindparam("customer"), _m.direction != "internal", _SEEN)
    .order_by(_m.id.desc())
    .limit(60)
)
_HIDDEN = select(func.count()).where(_t.customer_id == bindparam("customer"), ~_SEEN)


def customer_page(tx: Connection, actor: Actor, customer_id: int) -> CustomerPage:
    """The customer's page. People see the tickets of their own departments; a manager sees all."""
    require(actor, "read_customers")
    values = {
        "customer": customer_id,
        "department": 0 if sees_all_departments(actor) else actor.department_id or 0,
    }
    row = tx.execute(_KNOWN, values).one_or_none()
    if row is None:
        raise NotFound(_("There is no customer with the number %(id)s.", id=customer_id))
    return CustomerPage(
        known=Known(*row),
        tickets=tuple(Asked(*one) for one in tx.execute(_TICKETS, values)),
        said=tuple(Spoken(*one) for one in tx.execute(_SAID, values)),
        hidden=tx.execute(_HIDDEN, values).scalar_one(),
    )

"""Customers as programs read and change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from core.customer_classes import check_class
from core.errors import FieldError, Invalid, NotFound
from core.moments import now_ms
from core.permissions import require
from core.requesters import check_email, forget
from core.schema import Customer, Organisation
from core.service_class import reclassify
from core.texts import LANGUAGES, _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Select

    from core.actors import Actor

_c, _o = Customer.__table__.c, Organisation.__table__.c


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer with the name of their organisation."""

    id: int
    email: str | None
    name: str
    phone: str | None
    language: str
    klass: str
    verified: bool
    created_at: int
    organisation_id: int | None
    organisation: str | None


_OWN = CustomerRow.__slots__[:-1]
_ROWS: Select[Any] = select(*(_c[name] for name in _OWN), _o.name.label("organisation")).outerjoin(
    Organisation.__table__, _o.id == _c.organisation_id
)
_PAGE = _ROWS.where(_c.id > bindparam("after")).order_by(_c.id).limit(bindparam("n"))


def customers_page(
    tx: Connection,
    actor: Actor,
    *,
    email: str | None = None,
    organisation_id: int | None = None,
    words: str = "",
    after: int = 0,
    limit: int = 50,
) -> list[CustomerRow]:
    """Customers by id, behind the id `after`; `words` are looked for at the beginning of names and addresses."""
    require(actor, "read_customers")
    query = _PAGE
    if email is not None:
        query = query.where(_c.email == email.strip().lower())
    if organisation_id is not None:
        query = query.where(_c.organisation_id == organisation_id)
    if words:
        start = words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        inside = f"%{start}%"
        query = query.where(or_(func.lower(_c.name).like(inside, escape="\\"), _c.email.like(start + "%", escape="\\")))
    return [CustomerRow(*row) for row in tx.execute(query, {"after": after, "n": limit})]


def one_customer(tx: Connection, actor: Actor, customer_id: int) -> CustomerRow:
    """One customer."""
    require(actor, "read_customers")
    row = tx.execute(_ROWS.where(_c.id == customer_id)).one_or_none()
    if row is None:
        raise NotFound(_("There is no customer with the id %(id)s.", id=customer_id))
    return CustomerRow(*row)


def create_customer(tx: Connection, actor: Actor, given: Mapping[str, Any], *, now: int | None = None) -> int:
    """A customer we know of before their first word. Invalid names every wrong value."""
    require(actor, "change_customers")
    now = now or now_ms()
    values, errors = _values(tx, given, own_id=0)
    if not (values.get("email") or values.get("phone")):
        errors.append(FieldError("/email", _("Give an e-mail address or a telephone number.")))
    if errors:
        raise Invalid(*errors)
    name = values.get("name") or (values["email"].split("@")[0] if values.get("email") else values["phone"])
    row = {"language": "id", "klass": "standard", **values, "name": name, "created_at": now}
    customer_id = int(tx.execute(insert(Customer.__table__).values(row).returning(_c.id)).scalar_one())
    append_to(tx, "customer", customer_id, "customer.created", actor, {}, at=now)
    return customer_id


def change_customer(
    tx: Connection, actor: Actor, customer_id: int, changes: Mapping[str, Any], *, now: int | None = None
) -> None:
    """Change a customer: name, email, phone, language, klass, organisation_id; `revoke_links` ends every link in their mails."""
    require(actor, "change_customers")
    before = one_customer(tx, actor, customer_id)
    values, errors = _values(tx, changes, own_id=customer_id)
    if errors:
        raise Invalid(*errors)
    if changes.get("revoke_links"):
        values["link_epoch"] = _c.link_epoch + 1
    if values:
        tx.execute(update(Customer.__table__).where(_c.id == customer_id).values(values))
        forget(tx, customer_id)
    now = now or now_ms()
    append_to(tx, "customer", customer_id, "customer.changed", actor, {"properties": sorted(changes)}, at=now)
    if values.get("klass", before.klass) != before.klass:
        reclassify(tx, actor, customer_id, before.klass, values["klass"], now)


def _values(tx: Connection, given: Mapping[str, Any], *, own_id: int) -> tuple[dict[str, Any], list[FieldError]]:
    errors: list[FieldError] = []
    values = {name: given[name] for name in ("phone", "klass", "organisation_id") if name in given}
    if given.get("name") is not None:
        values["name"] = " ".join(given["name"].split())[:200]
        if not values["name"] and own_id:
            errors.append(FieldError("/name", _("The name is empty.")))
    if given.get("email"):
        values["email"], wrong = check_email(given["email"], "/email")
        taken = select(_c.id).where(_c.email == values["email"], _c.id != own_id)
        if wrong:
            errors.append(wrong)
        elif tx.execute(taken).first():
            errors.append(FieldError("/email", _("The address %(email)s is in use already.", email=values["email"])))
    if given.get("language") is not None:
        values["language"] = given["language"]
        if given["language"] not in LANGUAGES:
            errors.append(FieldError("/language", _("Write one of: %(known)s.", known=", ".join(LANGUAGES))))
    if given.get("klass") is not None:
        check_class(tx, given["klass"], "/class", errors)
    organisation = given.get("organisation_id")
    if organisation is not None and not tx.execute(select(_o.id).where(_o.id == organisation)).first():
        errors.append(FieldError("/organisation", _("There is no organisation with the id %(id)s.", id=organisation)))
    return values, errors

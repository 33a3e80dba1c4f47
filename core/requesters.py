"""Who asks? The customer behind an address, a phone number or a signed link: found, or made at their first word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import bindparam, insert, select, text, update

from core.database import is_sqlite, scratch
from core.errors import FieldError
from core.prepared import Prepared
from core.schema import Customer, Organisation, OrganisationDomain
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

_c, _o = Customer.__table__.c, Organisation.__table__.c
_COLUMNS = (
    _c.id,
    _c.name,
    _c.email,
    _c.language,
    _c.klass,
    _c.link_epoch,
    _c.verified,
    _o.klass.label("their_class"),
    _o.name.label("organisation"),
    _c.organisation_id,
)
_QUERY = select(*_COLUMNS).join(Organisation, _o.id == _c.organisation_id, isouter=True)
_BY_EMAIL = Prepared(_QUERY.where(_c.email == bindparam("email")))
_BY_ID = Prepared(_QUERY.where(_c.id == bindparam("id")))
_TURN = text("SELECT pg_advisory_xact_lock(hashtext(:email))")
_INSERT = Prepared(
    insert(Customer.__table__).returning(_c.id), ["email", "name", "phone", "language", "created_at", "organisation_id"]
)
_OF_DOMAIN = Prepared(
    select(_o.id)
    .join(OrganisationDomain.__table__, OrganisationDomain.__table__.c.organisation_id == _o.id)
    .where(OrganisationDomain.__table__.c.domain == bindparam("domain"), _o.active)
)


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """How a customer is named by whoever opens a ticket: by id, else by address, else (a phone note) by name and phone."""

    email: str | None = None
    name: str = ""
    phone: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Requester:
    """The customer's row, as far as a new ticket needs it."""

    id: int
    name: str
    email: str | None
    language: str
    klass: str
    link_epoch: int
    organisation: str | None = None
    verified: bool = False
    organisation_id: int | None = None
    own_class: str = "standard"  # `klass` is the organisation's while their own is the standard one

    @property
    def vip(self) -> bool:
        return self.klass == "vip"


def check_email(address: str, pointer: str) -> tuple[str, FieldError | None]:
    """The address in its canonical form (lower case), or what is wrong with it."""
    canonical = _canonical(address.strip())
    if canonical is None:
        return address, FieldError(
            pointer, _("“%(address)s” is not an e-mail address. Write it like name@example.com.", address=address[:100])
        )
    return canonical, None


@lru_cache(2000)  # a mail's sender is asked about at the door and again where the ticket opens
def _canonical(address: str) -> str | None:
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        return None


def find(tx: Connection, ref: CustomerRef) -> Requester | None:
    """The customer, when we know them."""
    if ref.id is not None:
        row = _BY_ID.first(tx, {"id": ref.id})
    elif ref.email:
        row = _BY_EMAIL.first(tx, {"email": ref.email.lower()})
    else:
        row = None
    return _requester(row) if row else None


def requester(tx: Connection, customer_id: int) -> Requester:
    """The customer by id, read once in a transaction."""
    known = _known(tx)
    if customer_id not in known:
        known[customer_id] = _requester(_BY_ID.one(tx, {"id": customer_id}))
    return known[customer_id]


def forget(tx: Connection, customer_id: int) -> None:
    """Their row was changed: it is read anew when somebody asks."""
    _known(tx).pop(customer_id, None)


def _known(tx: Connection) -> dict[int, Requester]:
    found: dict[int, Requester] = scratch(tx).setdefault("requesters", {})
    return found


def find_or_make(tx: Connection, ref: CustomerRef, language: str, now: int) -> Requester:
    """The customer; made when this is their first word. A better name than their address is kept."""
    found = find(tx, ref) or _find_behind_others(tx, ref) or _make(tx, ref, language, now)
    if ref.name and found.email and found.name == found.email.split("@")[0] and found.name != ref.name[:200]:
        tx.execute(update(Customer.__table__).where(_c.id == found.id).values(name=ref.name[:200]))
        found = replace(found, name=ref.name[:200])
    _known(tx)[found.id] = found
    return found


def _find_behind_others(tx: Connection, ref: CustomerRef) -> Requester | None:
    """On PostgreSQL somebody else may be making them at this moment: wait for their transaction, and look again."""
    if not ref.email or is_sqlite(tx):
        return None
    tx.execute(_TURN, {"email": ref.email.lower()})
    return find(tx, ref)


def _make(tx: Connection, ref: CustomerRef, language: str, now: int) -> Requester:
    email = ref.email.lower() if ref.email else None
    name = ref.name.strip()[:200] or (email.split("@")[0] if email else ref.phone or "?")
    organisation = _OF_DOMAIN.scalar(tx, {"domain": email.rpartition("@")[2]}) if email else None
    values = {"email": email, "name": name, "phone": ref.phone, "language": language, "created_at": now}
    customer_id = _INSERT.scalar(tx, {**values, "organisation_id": organisation})
    if organisation is not None:
        return _requester(_BY_ID.one(tx, {"id": customer_id}))
    return Requester(customer_id, name, email, language, "standard", 1)


def _requester(row: Any) -> Requester:
    klass = row.klass if row.klass != "standard" else (row.their_class or "standard")
    return Requester(
        row.id,
        row.name,
        row.email,
        row.language,
        klass,
        row.link_epoch,
        row.organisation,
        bool(row.verified),
        row.organisation_id,
        row.klass,
    )

"""Customers' firms: their class, and the domains by which their people are known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from core.customer_classes import check_class
from core.errors import FieldError, Invalid, NotFound
from core.field_checks import text_of
from core.moments import now_ms
from core.permissions import require
from core.schema import Customer, Organisation, OrganisationDomain
from core.service_class import reclassify
from core.texts import _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

    from core.actors import Actor

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
MOST_DOMAINS = 100
_o, _d, _c = Organisation.__table__.c, OrganisationDomain.__table__.c, Customer.__table__.c
_ROWS: Select[Any] = select(_o.id, _o.name, _o.klass, _o.active)
_DOMAINS = select(_d.organisation_id, _d.domain).order_by(_d.domain)
_FOLLOW = select(_c.id).where(_c.organisation_id == bindparam("organisation"), _c.klass == "standard").order_by(_c.id)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A customer's firm. One that is not active takes in nobody new by its domains."""

    id: int
    name: str
    klass: str
    active: bool = True
    domains: tuple[str, ...] = ()


def organisations_page(
    tx: Connection, actor: Actor, *, words: str = "", after: int = 0, limit: int = 50
) -> list[OrganisationRow]:
    """Organisations by id, behind the id `after`; `words` are a part of a name or of a domain."""
    require(actor, "read_customers")
    query = _ROWS.where(_o.id > after).order_by(_o.id).limit(limit)
    if words:
        inside = "%" + words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        with_domain = select(_d.organisation_id).where(_d.domain.like(inside, escape="\\"))
        query = query.where(func.lower(_o.name).like(inside, escape="\\") | _o.id.in_(with_domain))
    return _with_domains(tx, tx.execute(query).all())


def all_organisations(tx: Connection, actor: Actor) -> list[OrganisationRow]:
    """Every one, by name: for the file of the firm."""
    require(actor, "read_customers")
    return _with_domains(tx, tx.execute(_ROWS.order_by(_o.name)).all())


def one_organisation(tx: Connection, actor: Actor, organisation_id: int) -> OrganisationRow:
    """One organisation."""
    require(actor, "read_customers")
    found = _with_domains(tx, tx.execute(_ROWS.where(_o.id == organisation_id)).all())
    if not found:
        raise NotFound(_("There is no organisation with the id %(id)s.", id=organisation_id))
    return found[0]


def _with_domains(tx: Connection, rows: Sequence[Any]) -> list[OrganisationRow]:
    domains: dict[int, list[str]] = {}
    if rows:
        for organisation, domain in tx.execute(_DOMAINS.where(_d.organisation_id.in_([row.id for row in rows]))):
            domains.setdefault(organisation, []).append(domain)
    return [OrganisationRow(row.id, row.name, row.klass, row.active, tuple(domains.get(row.id, ()))) for row in rows]


def save_organisation(
    tx: Connection,
    actor: Actor,
    name: str,
    klass: str = "standard",
    *,
    organisation_id: int | None = None,
    domains: Sequence[str] | None = None,
    active: bool | None = None,
    now: int | None = None,
) -> OrganisationRow:
    """Make an organisation, or (with its id) change it. Its people without a class of their own follow its class, and so do their open tickets."""
    require(actor, "change_customers")
    before = one_organisation(tx, actor, organisation_id) if organisation_id is not None else None
    errors: list[FieldError] = []
    name = text_of(name, "/name", errors)
    if tx.execute(select(_o.id).where(_o.name == name, _o.id != (organisation_id or 0))).first():
        errors.append(FieldError("/name", _("There is an organisation “%(name)s” already.", name=name)))
    if before is None or before.klass != klass:
        check_class(tx, klass, "/class", errors)
    kept = None if domains is None else _checked_domains(tx, domains, organisation_id or 0, errors)
    if errors:
        raise Invalid(*errors)
    values: dict[str, Any] = {"name": name, "klass": klass}
    if active is not None:
        values["active"] = active
    now = now or now_ms()
    if before is None:
        known = int(tx.execute(insert(Organisation.__table__).values(values).returning(_o.id)).scalar_one())
    else:
        known = before.id
        tx.execute(update(Organisation.__table__).where(_o.id == known).values(values))
    if kept is not None and (before is None or kept != list(before.domains)):
        tx.execute(delete(OrganisationDomain.__table__).where(_d.organisation_id == known))
        if kept:
            tx.execute(
                insert(OrganisationDomain.__table__), [{"domain": one, "organisation_id": known} for one in kept]
            )
    after = one_organisation(tx, actor, known)
    if before != after:
        kind = "customer_organisation.added" if before is None else "customer_organisation.changed"
        append_to(tx, "organisation", 0, kind, actor, {"organisation": known}, at=now)
    if before is not None and before.klass != klass:
        for customer in tx.execute(_FOLLOW, {"organisation": known}).scalars().all():
            reclassify(tx, actor, customer, before.klass, klass, now)
    return after


def _checked_domains(tx: Connection, given: Sequence[str], own_id: int, errors: list[FieldError]) -> list[str]:
    found: list[str] = []
    for i, one in enumerate(given):
        domain, pointer = one.strip().lower().removeprefix("@"), f"/domains/{i}"
        if not _DOMAIN.fullmatch(domain):
            errors.append(FieldError(pointer, _("“%(text)s” is no domain. Write it like example.com.", text=one[:80])))
            continue
        taken = tx.execute(
            select(_o.name)
            .join(OrganisationDomain.__table__, _d.organisation_id == _o.id)
            .where(_d.domain == domain, _o.id != own_id)
        ).scalar_one_or_none()
        if taken:
            errors.append(
                FieldError(pointer, _("The domain %(domain)s belongs to “%(name)s”.", domain=domain, name=taken))
            )
        found.append(domain)
    if len(found) > MOST_DOMAINS:
        errors.append(FieldError("/domains", _("An organisation has at most %(most)s domains.", most=MOST_DOMAINS)))
    return sorted(set(found))

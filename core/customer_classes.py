"""Service classes of customers: their names are what rules, policies and procedures call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from core import configuration
from core.directory import directory
from core.errors import FieldError, Invalid, NotFound
from core.field_checks import named, text_of
from core.moments import now_ms
from core.permissions import require
from core.schema import Customer, CustomerClass, Organisation
from core.texts import _, ngettext
from core.timeline import append_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

BUILT_IN = ("standard", "vip")
_k, _c, _o = CustomerClass.__table__.c, Customer.__table__.c, Organisation.__table__.c


def add_class(tx: Connection, actor: Actor, name: str, title: str = "", *, now: int | None = None) -> int:
    """A new class."""
    require(actor, "change_organisation")
    errors: list[FieldError] = []
    named(name, "/name", errors)
    title = text_of(title or name.replace("-", " ").capitalize(), "/title", errors)
    if name in directory(tx).classes:
        errors.append(FieldError("/name", _("There is a customer class “%(name)s” already.", name=name)))
    if errors:
        raise Invalid(*errors)
    values = {"name": name, "title": title}
    class_id = int(tx.execute(insert(CustomerClass.__table__).values(values).returning(_k.id)).scalar_one())
    _told(tx, actor, "class.added", class_id, now)
    return class_id


def change_class_text(
    tx: Connection,
    actor: Actor,
    name: str,
    *,
    title: str | None = None,
    active: bool | None = None,
    now: int | None = None,
) -> None:
    """Another title; or nobody new gets it. The name stays, because rules call it so. `standard` and `vip` stay always."""
    require(actor, "change_organisation")
    known = directory(tx).classes.get(name)
    if known is None:
        raise NotFound(_("There is no such customer class."))
    errors: list[FieldError] = []
    title = known.title if title is None else text_of(title, "/title", errors)
    active = known.active if active is None else active
    if not active and known.active:
        errors += _what_keeps(tx, name)
    if errors:
        raise Invalid(*errors)
    if (title, active) != (known.title, known.active):
        tx.execute(update(CustomerClass.__table__).where(_k.id == known.id).values(title=title, active=active))
        _told(tx, actor, "class.changed", known.id, now)


def _what_keeps(tx: Connection, name: str) -> list[FieldError]:
    if name in BUILT_IN:
        return [FieldError("/active", _("The classes standard and vip belong to the product and stay."))]
    n = how_many(tx).get(name, 0)
    text = ngettext(
        "%(n)s customer or organisation has this class. Give it another one first.",
        "%(n)s customers and organisations have this class. Give them another one first.",
        n,
    )
    return [FieldError("/active", text)] if n else []


def how_many(tx: Connection) -> dict[str, int]:
    """How many customers and organisations have each class."""
    found: dict[str, int] = {}
    for column in (_c.klass, _o.klass):
        for name, n in tx.execute(select(column, func.count()).group_by(column)):
            found[name] = found.get(name, 0) + n
    return found


def _told(tx: Connection, actor: Actor, kind: str, class_id: int, now: int | None) -> None:
    append_to(tx, "organisation", 0, kind, actor, {"class": class_id}, at=now or now_ms())
    configuration.bump(tx)


def check_class(tx: Connection, name: str, pointer: str, errors: list[FieldError]) -> None:
    """A class that somebody may be given."""
    known = [one.name for one in directory(tx).classes.values() if one.active]
    if name not in known:
        errors.append(
            FieldError(
                pointer,
                _(
                    "There is no customer class “%(name)s”. There are: %(known)s.",
                    name=name[:64],
                    known=", ".join(known),
                ),
            )
        )

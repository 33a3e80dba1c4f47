"""Whom or what does a call mean? People by id, address, short name or `me`; teams and departments by name or id; customers by id or address."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core.errors import FieldError, Invalid
from core.firm_list import BUILT_IN
from core.moments import to_ms
from core.schema import Calendar, Customer
from core.texts import _
from web.api.caller import caller

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Department, Directory, Person, Team


DEFAULT_CALENDAR = "id-jakarta"
_c = Customer.__table__.c
_calendar = Calendar.__table__.c
_BY_EMAIL = select(_c.id).where(_c.email == bindparam("email"))


def person(firm: Directory, given: int | str, pointer: str) -> Person:
    """The colleague who is meant."""
    text = str(given).strip()
    if text == "me":
        found = firm.people.get(caller().id or 0)
    elif text.isdecimal():
        found = firm.people.get(int(text[:18]))
    else:
        wanted = text.lower()
        found = next((p for p in firm.people.values() if wanted in {p.nick, p.email.lower()}), None)
    if found is None:
        raise Invalid(
            FieldError(
                pointer, _("Nobody here is “%(name)s”. Write an id, an address, a short name or me.", name=text[:100])
            )
        )
    return found


def team(firm: Directory, given: int | str, pointer: str) -> Team:
    """The team that is meant."""
    text = str(given).strip()
    found = firm.teams.get(int(text[:18])) if text.isdecimal() else firm.team(text.removeprefix("team:"))
    if found is None:
        known = ", ".join(sorted(firm.team_names))
        raise Invalid(
            FieldError(pointer, _("There is no team “%(name)s”. There are: %(known)s.", name=text[:100], known=known))
        )
    return found


def department(firm: Directory, given: int | str, pointer: str) -> Department:
    """The department that is meant."""
    text = str(given).strip()
    found = firm.departments.get(int(text[:18])) if text.isdecimal() else firm.department(text)
    if found is None:
        known = ", ".join(sorted(firm.department_names))
        raise Invalid(
            FieldError(
                pointer, _("There is no department “%(name)s”. There are: %(known)s.", name=text[:100], known=known)
            )
        )
    return found


def customer_id(tx: Connection, given: str) -> int:
    """The customer that is meant; 0 when we know nobody like that (no ticket is theirs)."""
    text = given.strip()
    if text.isdecimal():
        return int(text[:15])
    return int(tx.execute(_BY_EMAIL, {"email": text.lower()}).scalar_one_or_none() or 0)


def calendar(tx: Connection, name: str, pointer: str) -> int | None:
    """The calendar with this name; None for the one departments have of themselves (`id-jakarta`)."""
    if name == DEFAULT_CALENDAR:
        return None
    found = tx.execute(select(_calendar.id).where(_calendar.name == name)).scalar_one_or_none()
    if found is None:
        known = ", ".join([DEFAULT_CALENDAR, *sorted(tx.execute(select(_calendar.name)).scalars())])
        text = _("There is no calendar “%(name)s”. There are: %(known)s.", name=name[:100], known=known)
        raise Invalid(FieldError(pointer, text))
    return int(found)


def new_calendar_name(tx: Connection, name: str, pointer: str) -> None:
    """Invalid when a calendar of this name is there already."""
    taken = tx.execute(select(_calendar.id).where(_calendar.name == name)).first()
    if taken or name in BUILT_IN:
        raise Invalid(FieldError(pointer, _("There is a calendar “%(name)s” already.", name=name)))


def moment(given: str, pointer: str) -> int:
    """A time in RFC 3339, as milliseconds."""
    try:
        found = datetime.fromisoformat(given.strip().replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1970 <= found.year <= 9000:
        text = _("“%(text)s” is no time with its offset. Write it as 2026-11-24T09:00:00Z.", text=given[:60])
        raise Invalid(FieldError(pointer, text))
    return to_ms(found)


def one_of(given: str | None, known: tuple[str, ...], pointer: str) -> tuple[str, ...]:
    """The words of a list with commas, all of which must be known."""
    words = tuple(word.strip() for word in (given or "").split(",") if word.strip())
    for word in words:
        if word not in known:
            text = _(
                "“%(value)s” is not possible here. Write one of: %(known)s.", value=word[:60], known=", ".join(known)
            )
            raise Invalid(FieldError(pointer, text))
    return words

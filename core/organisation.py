"""The firm is set up: departments, teams, people. Every change tells all processes."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from core import configuration
from core.directory import directory
from core.errors import FieldError, Invalid
from core.field_checks import must_be, named, text_of
from core.holidays_by_country import prepared
from core.mailboxes import checked_address, checked_mailboxes, put_mailboxes
from core.moments import now_ms, to_datetime
from core.permissions import require, require_colleague, require_department
from core.routing.reading import checked_person_way
from core.schema import Calendar, CalendarVersion, Department, Membership, Organisation, Person, PersonLoad, Team, Token
from core.skills import checked_levels, put_levels
from core.texts import LANGUAGES, _
from core.tickets.reordering import QUEUE_ORDERS
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection

    from core.actors import Actor

ROLES = ("manager", "lead", "agent", "light")
_d, _t, _p = Department.__table__.c, Team.__table__.c, Person.__table__.c


@dataclass(frozen=True, slots=True)
class NewPerson:
    """`password_hash` comes from `core.people.hash_password`; None: they set one by the link in a mail."""

    email: str
    name: str
    role: str = "agent"
    department_id: int | None = None
    teams: Sequence[int] = ()
    nick: str = ""
    language: str = "id"
    tz: str = "Asia/Jakarta"
    password_hash: str | None = None
    availability: str = "offline"
    max_open: int | None = None
    skills: Mapping[str, int | None] = field(default_factory=dict)  # levels by name
    routing: Mapping[str, Any] = field(default_factory=dict)  # limits, shifts, absence: `core.routing.ways.PersonWay`


def create_calendar(tx: Connection, actor: Actor, name: str, data: dict[str, Any]) -> int:
    """A calendar in the form of `calendar compute`."""
    require(actor, "change_organisation")
    data = prepared(data, to_datetime(now_ms()).date())  # raises what is wrong
    calendar_id = tx.execute(
        insert(Calendar.__table__).values(name=name, data=data).returning(Calendar.__table__.c.id)
    ).scalar_one()
    keep_calendar_version(tx, int(calendar_id), 1, data, actor.id, now_ms())
    configuration.bump(tx)
    return int(calendar_id)


def keep_calendar_version(
    tx: Connection, calendar_id: int, number: int, data: dict[str, Any], author_id: int | None, at: int
) -> None:
    """Keep these hours for ever: clocks name the version that they were reckoned by."""
    values = {"calendar_id": calendar_id, "number": number, "data": data, "author_id": author_id, "at": at}
    tx.execute(insert(CalendarVersion.__table__).values(values))


def create_department(
    tx: Connection,
    actor: Actor,
    name: str,
    title: str,
    *,
    address: str | None = None,
    language: str = "id",
    calendar_id: int | None = None,
    promise_minutes: int = 480,
    queue_order: str = "vip_lane",
    signature: str = "",
    quiet_hours: int = 72,
    mailboxes: Sequence[str] = (),
    now: int | None = None,
) -> int:
    """A department with its mailboxes and its promise. It takes tickets once it has a team."""
    require(actor, "change_organisation")
    errors: list[FieldError] = []
    named(name, "/name", errors)
    title = text_of(title, "/title", errors)
    if address is not None:
        address = checked_address(tx, address, "/address", errors)
    further = checked_mailboxes(tx, mailboxes, 0, address, errors)
    if language not in LANGUAGES:
        errors.append(FieldError("/language", _("Write one of: %(known)s.", known=", ".join(LANGUAGES))))
    must_be(queue_order, QUEUE_ORDERS, "/queue_order", errors)
    if tx.execute(select(_d.id).where(_d.name == name)).first():
        errors.append(FieldError("/name", _("There is a department “%(name)s” already.", name=name)))
    if errors:
        raise Invalid(*errors)
    values = {
        "name": name,
        "title": title,
        "address": address,
        "language": language,
        "calendar_id": calendar_id,
        "promise_minutes": promise_minutes,
        "queue_order": queue_order,
        "signature": signature,
        "quiet_hours": quiet_hours,
    }
    department_id = int(tx.execute(insert(Department.__table__).values(values).returning(_d.id)).scalar_one())
    put_mailboxes(tx, department_id, further)
    append_to(
        tx,
        "organisation",
        department_id,
        "department.created",
        actor,
        {},
        at=now or now_ms(),
        department_id=department_id,
    )
    configuration.bump(tx)
    return department_id


def create_team(
    tx: Connection,
    actor: Actor,
    department_id: int,
    name: str,
    title: str,
    *,
    default: bool = False,
    now: int | None = None,
) -> int:
    """A team of a department (leads: of their own); the first one (or the `default`) is where its tickets begin."""
    require_department(actor, "change_department", department_id)
    errors: list[FieldError] = []
    named(name, "/name", errors)
    title = text_of(title, "/title", errors)
    if department_id not in {one.id for one in directory(tx).open_departments}:
        errors.append(FieldError("/department", _("There is no such department.")))
    if tx.execute(select(_t.id).where(_t.name == name)).first():
        errors.append(FieldError("/name", _("There is a team “%(name)s” already.", name=name)))
    if errors:
        raise Invalid(*errors)
    team_id = int(
        tx.execute(
            insert(Team.__table__).values(department_id=department_id, name=name, title=title).returning(_t.id)
        ).scalar_one()
    )
    if default:
        tx.execute(update(Department.__table__).where(_d.id == department_id).values(default_team_id=team_id))
    append_to(
        tx,
        "organisation",
        department_id,
        "team.created",
        actor,
        {"team": team_id},
        at=now or now_ms(),
        department_id=department_id,
    )
    configuration.bump(tx)
    return team_id


def lead_team(tx: Connection, actor: Actor, team_id: int, person_id: int) -> None:
    """Make somebody the lead of a team."""
    require(actor, "change_organisation")
    tx.execute(update(Team.__table__).where(_t.id == team_id).values(lead_id=person_id))
    configuration.bump(tx)


def manage_department(tx: Connection, actor: Actor, department_id: int, person_id: int) -> None:
    """Make somebody the manager of a department."""
    require(actor, "change_organisation")
    tx.execute(update(Department.__table__).where(_d.id == department_id).values(manager_id=person_id))
    configuration.bump(tx)


def add_person(tx: Connection, actor: Actor, new: NewPerson, *, now: int | None = None) -> int:
    """Somebody begins to work here; leads add agents to their own department and its teams. Invalid names every wrong value at once."""
    require_colleague(actor, new.department_id, new.role)
    firm = directory(tx)
    require_department(
        actor, "change_people", *(firm.teams[one].department_id for one in new.teams if one in firm.teams)
    )
    errors: list[FieldError] = []
    email = checked_address(tx, new.email, "/email", errors)
    if not new.name.strip():
        errors.append(FieldError("/name", _("The name is empty.")))
    if new.role not in ROLES:
        errors.append(
            FieldError(
                "/role", _("“%(role)s” is no role. Write one of: %(known)s.", role=new.role, known=", ".join(ROLES))
            )
        )
    if new.language not in LANGUAGES:
        errors.append(FieldError("/language", _("Write one of: %(known)s.", known=", ".join(LANGUAGES))))
    levels = checked_levels(tx, new.skills, errors)
    routing = checked_person_way(firm, new.routing, errors)
    if errors:
        raise Invalid(*errors)
    values: dict[str, Any] = {
        "email": email,
        "name": new.name.strip(),
        "nick": _free_nick(tx, new.nick or email.split("@")[0]),
        "role": new.role,
        "department_id": new.department_id,
        "language": new.language,
        "tz": new.tz,
        "availability": new.availability,
        "password_hash": new.password_hash,
        "settings": {},
        "routing": routing,
    }
    person_id = int(tx.execute(insert(Person.__table__).values(values).returning(_p.id)).scalar_one())
    tx.execute(insert(PersonLoad.__table__).values(person_id=person_id, open_n=0))
    for team_id in new.teams:
        tx.execute(
            insert(Membership.__table__).values(
                team_id=team_id, person_id=person_id, max_open=new.max_open, last_pick=0
            )
        )
    put_levels(tx, person_id, levels)
    append_to(
        tx,
        "person",
        person_id,
        "person.added",
        actor,
        {"role": new.role},
        at=now or now_ms(),
        department_id=new.department_id,
    )
    configuration.bump(tx)
    return person_id


def _free_nick(tx: Connection, wish: str) -> str:
    base = re.sub(r"[^a-z0-9_]", "", wish.lower().replace("-", "_").replace(".", "_"))[:40] or "agent"
    base = base if base[0].isalpha() else "a" + base
    taken = set(tx.execute(select(_p.nick).where(_p.nick.like(base + "%"))).scalars())
    return next(nick for nick in (base, *(f"{base}{n}" for n in range(2, 10_000))) if nick not in taken)


def create_organisation(tx: Connection, actor: Actor, name: str, klass: str = "standard") -> int:
    """A customer's firm."""
    require(actor, "change_customers")
    column = Organisation.__table__.c.id
    return int(tx.execute(insert(Organisation.__table__).values(name=name, klass=klass).returning(column)).scalar_one())


def issue_token(tx: Connection, person_id: int, name: str, *, token: str | None = None, now: int | None = None) -> str:
    """A new API token of a person; it is shown this once, and kept as a hash only."""
    token = token or "est_" + secrets.token_urlsafe(32)
    tx.execute(
        insert(Token.__table__).values(
            person_id=person_id, name=name, hash=token_hash(token), created_at=now or now_ms()
        )
    )
    return token


def token_hash(token: str) -> str:
    """How a token is kept: its sha256. A token has 256 random bits, so nothing slower is needed."""
    return sha256(token.encode()).hexdigest()


def is_empty(tx: Connection) -> bool:
    """Is there nobody and no department yet?"""
    return not tx.execute(select(func.count()).select_from(Person)).scalar_one()

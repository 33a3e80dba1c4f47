"""The firm is set up: departments, teams, people. Every change tells all processes."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from core import configuration
from core.errors import FieldError, Invalid
from core.holidays_by_country import prepared
from core.moments import now_ms, to_datetime
from core.permissions import require
from core.requesters import check_email
from core.schema import Calendar, CalendarVersion, Department, Membership, Organisation, Person, PersonLoad, Team, Token
from core.texts import LANGUAGES, _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Connection

    from core.actors import Actor

ROLES = ("manager", "lead", "agent", "light")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
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


def _named(name: str, pointer: str, errors: list[FieldError]) -> None:
    if not _NAME.fullmatch(name):
        errors.append(
            FieldError(
                pointer, _("“%(name)s” is no name: begin with a letter, go on with a–z, 0–9, - and _.", name=name)
            )
        )


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
    now: int | None = None,
) -> int:
    """A department with its mailbox and its promise. It takes tickets once it has a team."""
    require(actor, "change_organisation")
    errors: list[FieldError] = []
    _named(name, "/name", errors)
    if address is not None:
        address, wrong = check_email(address, "/address")
        errors += [wrong] if wrong else []
    if language not in LANGUAGES:
        errors.append(FieldError("/language", _("Write one of: %(known)s.", known=", ".join(LANGUAGES))))
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
    }
    department_id = int(tx.execute(insert(Department.__table__).values(values).returning(_d.id)).scalar_one())
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
    """A team of a department; the first one (or the `default`) is where its tickets begin."""
    require(actor, "change_organisation")
    errors: list[FieldError] = []
    _named(name, "/name", errors)
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
    """Somebody begins to work here. Invalid names every wrong value at once."""
    require(actor, "change_people")
    errors: list[FieldError] = []
    email, wrong = check_email(new.email, "/email")
    errors += [wrong] if wrong else []
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
    if not wrong and tx.execute(select(_p.id).where(_p.email == email)).first():
        errors.append(FieldError("/email", _("Somebody with the address %(email)s is here already.", email=email)))
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
    }
    person_id = int(tx.execute(insert(Person.__table__).values(values).returning(_p.id)).scalar_one())
    tx.execute(insert(PersonLoad.__table__).values(person_id=person_id, open_n=0))
    for team_id in new.teams:
        tx.execute(
            insert(Membership.__table__).values(
                team_id=team_id, person_id=person_id, max_open=new.max_open, last_pick=0
            )
        )
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

"""Who works here, and is it really they? Sign-in, reset of a forgotten password, and what a page needs to know of its reader."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import bindparam, func, select, update

from core.actors import Actor
from core.errors import FieldError, Invalid, NotFound
from core.schema import AlertNotice, Department, Membership, Person, Team
from core.texts import LANGUAGES, _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.settings import Settings

SHORTEST_PASSWORD = 10
AVAILABILITIES = ("online", "busy", "away", "offline")
RESET_SECONDS = 3600
_hasher = PasswordHasher()
_notice = AlertNotice.__table__.c
_person, _department, _member, _team = (
    Person.__table__.c,
    Department.__table__.c,
    Membership.__table__.c,
    Team.__table__.c,
)


@dataclass(frozen=True, slots=True)
class TeamName:
    """A team as a page shows it."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Reader:
    """The person in front of the page. `epoch` ends their sessions when it rises."""

    id: int
    name: str
    email: str
    nick: str
    role: str
    department_id: int | None
    department: str
    queue_order: str
    language: str
    tz: str
    availability: str
    availability_by: str | None  # "itself": offline because their browser had gone
    epoch: int
    settings: dict[str, Any]
    unread: int  # alerts that they have not read
    teams: tuple[TeamName, ...]

    @property
    def actor(self) -> Actor:
        """The same person as commands know them."""
        return Actor("person", self.id, self.role, self.name, self.department_id)


_unread = (
    select(func.count())
    .select_from(AlertNotice.__table__)
    .where(_notice.person_id == _person.id, _notice.read_at.is_(None))
    .scalar_subquery()
)
_READER: Select[Any] = (
    select(
        _person.id,
        _person.name,
        _person.email,
        _person.nick,
        _person.role,
        _person.department_id,
        func.coalesce(_department.title, "").label("department"),
        func.coalesce(_department.queue_order, "fifo").label("queue_order"),
        _person.language,
        _person.tz,
        _person.availability,
        _person.availability_by,
        _person.session_epoch,
        _person.settings,
        _unread,
        _team.id.label("team_id"),
        _team.title.label("team_title"),
    )
    .select_from(Person.__table__)
    .outerjoin(Department.__table__, _department.id == _person.department_id)
    .outerjoin(Membership.__table__, _member.person_id == _person.id)
    .outerjoin(Team.__table__, _team.id == _member.team_id)
    .where(_person.id == bindparam("id"), _person.active)
    .order_by(_team.title)
)
_BY_EMAIL = select(_person.id, _person.session_epoch, _person.password_hash).where(
    func.lower(_person.email) == bindparam("email"), _person.active
)
_SET_PASSWORD = (
    update(Person.__table__)
    .where(_person.id == bindparam("who"), _person.session_epoch == bindparam("epoch"), _person.active)
    .values(password_hash=bindparam("hash"), session_epoch=_person.session_epoch + 1)
)


def load_reader(tx: Connection, person_id: int) -> Reader | None:
    """The person with their department and teams, in one statement; None when they do not work here any more."""
    rows = tx.execute(_READER, {"id": person_id}).all()
    if not rows:
        return None
    teams = tuple(TeamName(row.team_id, row.team_title) for row in rows if row.team_id is not None)
    values: list[Any] = [*[*rows[0]][:-2], teams]
    return Reader(*values)


def hash_password(password: str) -> str:
    """The form in which a password is kept (argon2id)."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """A hash to verify against when the address is unknown, so that this takes as long as a wrong password."""
    return hash_password("a password that nobody has")


def sign_in(tx: Connection, email: str, password: str) -> int | None:
    """The id of the person with this address and password; None when either is wrong (it does not say which)."""
    row = tx.execute(_BY_EMAIL, {"email": email.strip().lower()}).one_or_none()
    known = row is not None and row.password_hash is not None
    try:
        _hasher.verify(row.password_hash if row is not None and known else _nobody(), password)
    except (VerificationError, InvalidHashError):
        return None
    return int(row.id) if row is not None and known else None


def reset_token(tx: Connection, settings: Settings, email: str) -> tuple[int, str] | None:
    """(person id, token) with which the person may choose a new password for an hour, once; None for an unknown address."""
    row = tx.execute(_BY_EMAIL, {"email": email.strip().lower()}).one_or_none()
    return None if row is None else (row.id, _signer(settings).dumps([row.id, row.session_epoch]))


def reset_password(tx: Connection, settings: Settings, token: str, password: str) -> int:
    """Set the new password and end every session of the person. The token is good once: it names the epoch that this raises."""
    person_id, epoch = read_reset_token(settings, token)
    check_password(password)
    changed = tx.execute(_SET_PASSWORD, {"who": person_id, "epoch": epoch, "hash": hash_password(password)})
    if changed.rowcount != 1:
        raise NotFound(_("This link has been used. Ask for a new one."))
    return person_id


def read_reset_token(settings: Settings, token: str) -> tuple[int, int]:
    """(person id, epoch) of a token that is genuine and not too old."""
    try:
        person_id, epoch = _signer(settings).loads(token, max_age=RESET_SECONDS)
    except BadData as error:
        raise NotFound(_("This link is not valid any more: it is good for one hour. Ask for a new one.")) from error
    return person_id, epoch


def change_password(tx: Connection, reader: Reader, old: str, new: str) -> None:
    """Change one's own password; every other session ends."""
    if sign_in(tx, reader.email, old) != reader.id:
        raise Invalid(FieldError("/old", _("This is not your present password.")))
    check_password(new)
    tx.execute(_SET_PASSWORD, {"who": reader.id, "epoch": reader.epoch, "hash": hash_password(new)})


def check_password(password: str) -> None:
    """Raise Invalid for a password that is too short to be safe."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            FieldError(
                "/password",
                _("The password must have at least %(n)s characters. A sentence is easy to keep.", n=SHORTEST_PASSWORD),
            )
        )


def change_language(tx: Connection, person_id: int, language: str) -> None:
    """Speak `language` with this person from now on."""
    if language not in LANGUAGES:
        raise Invalid(
            FieldError("/language", _("%(given)s is not spoken here. Choose English or Indonesian.", given=language))
        )
    tx.execute(update(Person.__table__).where(_person.id == person_id).values(language=language))


def change_settings(tx: Connection, person_id: int, settings: dict[str, Any]) -> None:
    """Keep the person's own small choices (shortcuts on or off)."""
    tx.execute(update(Person.__table__).where(_person.id == person_id).values(settings=settings))


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.key("password-reset"), salt="password-reset")

"""Which program calls? Tokens of the API: each acts for a person, is kept as a hash, and can be revoked at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from hmac import new as hmac
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from core.actors import Actor
from core.errors import FieldError, Invalid, NotFound
from core.organisation import issue_token, token_hash
from core.permissions import require
from core.prepared import Prepared
from core.schema import Person, Token
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.settings import Settings

MINUTE_MS = 60_000
_t, _p = Token.__table__.c, Person.__table__.c
_CALLER = Prepared(
    select(
        _t.id,
        _t.last_used_at,
        _p.id.label("person_id"),
        _p.role,
        _p.name,
        _p.department_id,
        _p.language,
        _p.tz,
    )
    .join(Person.__table__, _p.id == _t.person_id)
    .where(_t.hash == bindparam("hash"), _t.revoked.is_(False), _p.active)
)
_USED = update(Token.__table__).where(_t.id == bindparam("b_id")).values(last_used_at=bindparam("b_now"))
_OF_PERSON = (
    select(_t.id, _t.name, _t.created_at, _t.last_used_at, _t.revoked)
    .where(_t.person_id == bindparam("person"))
    .order_by(_t.id.desc())
    .limit(200)
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The person for whom a program calls. `stale`: its last use should be noted."""

    actor: Actor
    language: str
    tz: str
    token_id: int
    stale: bool


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is listed; its secret is shown once only, when it is made."""

    id: int
    name: str
    created_at: int
    last_used_at: int | None
    revoked: bool


def find_caller(tx: Connection, token: str, now: int) -> Caller | None:
    """Who calls with this token; None when it is unknown, revoked, or its person has left."""
    row = _CALLER.first(tx, {"hash": token_hash(token)})
    if row is None:
        return None
    actor = Actor("person", row.person_id, row.role, row.name, row.department_id)
    stale = row.last_used_at is None or now - row.last_used_at >= MINUTE_MS
    return Caller(actor, row.language, row.tz, row.id, stale)


def note_use(tx: Connection, token_id: int, now: int) -> None:
    """Note that a token is in use (once a minute is often enough)."""
    tx.execute(_USED, {"b_id": token_id, "b_now": now})


def tokens_of(tx: Connection, actor: Actor) -> Sequence[TokenRow]:
    """The actor's tokens, the newest first."""
    require(actor, "manage_own_tokens")
    return [TokenRow(*row) for row in tx.execute(_OF_PERSON, {"person": actor.id})]


def make_token(tx: Connection, actor: Actor, name: str, *, secret: str | None = None, now: int) -> tuple[TokenRow, str]:
    """A new token of the actor, and its secret."""
    require(actor, "manage_own_tokens")
    assert actor.id is not None
    name = " ".join(name.split())
    if not 0 < len(name) <= 100:
        raise Invalid(FieldError("/name", _("Name the program that will use it, in 1 to 100 characters.")))
    token = issue_token(tx, actor.id, name, token=secret, now=now)
    return tokens_of(tx, actor)[0], token


def revoke_token(tx: Connection, actor: Actor, token_id: int) -> None:
    """End one of the actor's tokens; the next call with it is refused."""
    require(actor, "manage_own_tokens")
    ended: Any = tx.execute(
        update(Token.__table__).where(_t.id == token_id, _t.person_id == actor.id).values(revoked=True)
    )
    if ended.rowcount != 1:
        raise NotFound(_("You have no token %(id)s.", id=token_id))


def repeatable_secret(settings: Settings, purpose: str) -> str:
    """A secret that can be made again for the same purpose, so that an answer which shows it need not be kept."""
    return "est_" + hmac(settings.key("token"), purpose.encode(), "sha256").hexdigest()

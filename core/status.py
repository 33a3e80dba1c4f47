"""What is going on? The processes, how far the procedures are behind, and what went out without a known end; and the caught mails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from core import advance, upgrading
from core.errors import NotFound
from core.permissions import require
from core.schema import CaughtMail, Effect, Person, PersonMail, Process, Ticket
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.actors import Actor

_p, _e, _t, _c = Process.__table__.c, Effect.__table__.c, Ticket.__table__.c, CaughtMail.__table__.c
_pm, _n = PersonMail.__table__.c, Person.__table__.c
SHOWN = 100


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """What a process last said of itself."""

    name: str
    pid: int
    seen_at: int
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EffectStuck:
    """An effect whose end is not known, or that failed."""

    key: str
    kind: str
    title: str
    state: str
    attempts: int
    planned_at: int
    detail: str | None
    ticket_id: int
    subject: str
    language: str


@dataclass(frozen=True, slots=True)
class PersonMailStuck:
    """A mail to a colleague that belongs to no ticket (a forgotten password), and that failed or whose end is not known."""

    key: str
    notice: str
    person: str
    state: str
    planned_at: int
    detail: str | None


@dataclass(frozen=True, slots=True)
class StatusPage:
    """All of it. `waiting`: tickets that want Temporal, the oldest since `waiting_since`; `effects` by state."""

    processes: tuple[ProcessLine, ...]
    waiting: int
    waiting_since: int | None
    effects: dict[str, int]
    stuck: tuple[EffectStuck, ...]
    person_mails: tuple[PersonMailStuck, ...]
    schema: str | None
    newest_schema: str


_PROCESSES: Select[Any] = select(_p.name, _p.pid, _p.seen_at, _p.facts).order_by(_p.name)
_STATES: Select[Any] = select(_e.state, func.count()).where(_e.state != "done").group_by(_e.state)
_STUCK: Select[Any] = (
    select(
        _e.key,
        _e.kind,
        _e.title,
        _e.state,
        _e.attempts,
        _e.planned_at,
        _e.detail,
        _e.ticket_id,
        _t.subject,
        _t.language,
    )
    .join(Ticket.__table__, _t.id == _e.ticket_id)
    .where(_e.state.in_(("unknown", "failed")))
    .order_by(_e.state.desc(), _e.key)
    .limit(SHOWN)
)


_PERSON_MAILS: Select[Any] = (
    select(_pm.key, _pm.notice, _n.name, _pm.state, _pm.planned_at, _pm.detail)
    .join(Person.__table__, _n.id == _pm.person_id)
    .where(_pm.state.in_(("unknown", "failed")))
    .order_by(_pm.planned_at.desc())
    .limit(20)
)


def status_page(tx: Connection, actor: Actor) -> StatusPage:
    """How the installation stands."""
    require(actor, "read_status")
    waiting, since = advance.lag(tx)
    return StatusPage(
        processes=tuple(ProcessLine(*row) for row in tx.execute(_PROCESSES)),
        waiting=waiting,
        waiting_since=since if waiting else None,
        effects={row[0]: row[1] for row in tx.execute(_STATES)},
        stuck=tuple(EffectStuck(*row) for row in tx.execute(_STUCK)),
        person_mails=tuple(PersonMailStuck(*row) for row in tx.execute(_PERSON_MAILS)),
        schema=upgrading.current_version(tx),
        newest_schema=upgrading.newest(),
    )


# ---- the mail catcher --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caught:
    """A mail that would have left the house."""

    id: int
    at: int
    sender: str
    recipients: list[Any]
    subject: str
    ticket_id: int | None


_CAUGHT: Select[Any] = (
    select(_c.id, _c.at, _c.sender, _c.recipients, _c.subject, _c.ticket_id)
    .where(_c.id < bindparam("before"))
    .order_by(_c.id.desc())
    .limit(bindparam("n"))
)
_ONE: Select[Any] = select(_c.id, _c.at, _c.sender, _c.recipients, _c.subject, _c.ticket_id, _c.raw).where(
    _c.id == bindparam("mail")
)


def caught_mails(tx: Connection, actor: Actor, before: int | None = None, limit: int = SHOWN) -> list[Caught]:
    """The caught mails, newest first, older than the mail `before`."""
    require(actor, "read_caught_mail")
    rows = tx.execute(_CAUGHT, {"before": before or 2**62, "n": limit})
    return [Caught(*row) for row in rows]


def caught_mail(tx: Connection, actor: Actor, mail_id: int) -> tuple[Caught, str]:
    """One caught mail, and its whole text as it would have left."""
    require(actor, "read_caught_mail")
    row = tx.execute(_ONE, {"mail": mail_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such mail in the catcher."))
    values: list[Any] = [*row][:-1]
    return Caught(*values), row.raw

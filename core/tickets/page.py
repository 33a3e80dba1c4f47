"""Everything that the ticket page shows, in a fixed number of statements: the ticket, what was said, what happened, what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from core.schema import Effect, Event, Handover, Person, PersonLoad, StepVisit, Ticket
from core.tickets.head import ticket_head
from core.tickets.relay import StepRow
from core.tickets.writings import files_of, newest_messages
from core.timeline import Happening

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.actors import Actor
    from core.tickets.head import Head
    from core.tickets.writings import File, Said

SHOWN = 100  # messages and events of a page; older ones on demand
_t, _p, _e, _s = Ticket.__table__.c, Person.__table__.c, Event.__table__.c, StepVisit.__table__.c
_f, _h, _load = Effect.__table__.c, Handover.__table__.c, PersonLoad.__table__.c

_EVENTS: Select[Any] = (
    select(*(_e[name] for name in Happening.__slots__))
    .where(_e.stream == "ticket", _e.stream_id == bindparam("ticket"))
    .order_by(_e.seq.desc())
    .limit(bindparam("n"))
)
_STEPS: Select[Any] = (
    select(*(_s[name] for name in StepRow.__slots__)).where(_s.run_id == bindparam("run")).order_by(_s.place, _s.id)
)
_EFFECTS: Select[Any] = (
    select(
        _f.key, _f.kind, _f.title, _f.state, _f.attempts, _f.planned_at, _f.ended_at, _f.detail, _f.step_id, _f.payload
    )
    .where(_f.ticket_id == bindparam("ticket"), _f.state.in_(("planned", "attempting", "failed", "unknown")))
    .order_by(_f.planned_at, _f.key)
)
_OFFERED: Select[Any] = (
    select(_h.id, _h.from_id, _h.to_id, _p.name, _h.note, _h.offered_at)
    .join(Person.__table__, _p.id == _h.to_id)
    .where(_h.ticket_id == bindparam("ticket"), _h.state == "offered")
    .order_by(_h.id.desc())
    .limit(1)
)
_EARLIER: Select[Any] = (
    select(_t.id, _t.subject, _t.language, _t.status, _t.created_at, _t.resolved_at)
    .where(_t.customer_id == bindparam("customer"))
    .order_by(_t.id.desc())
    .limit(bindparam("n"))
)
_COLLEAGUES: Select[Any] = (
    select(_p.id, _p.name, _p.availability, func.coalesce(_load.open_n, 0), _p.department_id)
    .outerjoin(PersonLoad.__table__, _load.person_id == _p.id)
    .where(_p.active, _p.role != "light", _p.department_id == bindparam("department"))
    .order_by(_p.name)
)


@dataclass(frozen=True, slots=True)
class EffectLine:
    """An effect that is not done: under way, failed, or unknown."""

    key: str
    kind: str
    title: str
    state: str
    attempts: int
    planned_at: int
    ended_at: int | None
    detail: str | None
    step_id: int | None
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offered:
    """A baton on its way."""

    id: int
    from_id: int | None
    to_id: int
    to: str
    note: str
    offered_at: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another ticket of the same customer."""

    id: int
    subject: str
    language: str
    status: str
    created_at: int
    resolved_at: int | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to whom the baton can be given."""

    id: int
    name: str
    availability: str
    open_n: int
    department_id: int | None


@dataclass(frozen=True, slots=True)
class TicketPage:
    """All of it. `more`: older messages or events exist than those shown."""

    head: Head
    messages: tuple[Said, ...]
    files: dict[int, tuple[File, ...]]
    events: tuple[Happening, ...]
    steps: tuple[StepRow, ...]
    effects: tuple[EffectLine, ...]
    offered: Offered | None
    earlier: tuple[Earlier, ...]
    colleagues: tuple[Colleague, ...]
    more: bool


def ticket_page(
    tx: Connection, actor: Actor, ticket_id: int, teams: tuple[int, ...] = (), *, shown: int = SHOWN
) -> TicketPage:
    """The page's content, in nine statements."""
    head = ticket_head(tx, actor, ticket_id, teams)
    said = newest_messages(tx, ticket_id, shown + 1)
    events = [Happening(*row) for row in tx.execute(_EVENTS, {"ticket": ticket_id, "n": 3 * shown + 1})]
    offered = tx.execute(_OFFERED, {"ticket": ticket_id}).one_or_none()
    return TicketPage(
        head=head,
        messages=tuple(reversed(said[:shown])),
        files=files_of(tx, ticket_id),
        events=tuple(reversed(events[: 3 * shown])),
        steps=step_rows(tx, head),
        effects=tuple(EffectLine(*row) for row in tx.execute(_EFFECTS, {"ticket": ticket_id})),
        offered=Offered(*offered) if offered is not None else None,
        earlier=tuple(
            Earlier(*row)
            for row in tx.execute(_EARLIER, {"customer": head.customer_id, "n": 12})
            if row.id != ticket_id
        ),
        colleagues=tuple(
            Colleague(*row)
            for row in tx.execute(_COLLEAGUES, {"department": head.department_id})
            if row.id != head.holder_id
        ),
        more=len(said) > shown or len(events) > 3 * shown,
    )


def step_rows(tx: Connection, head: Head) -> tuple[StepRow, ...]:
    """The step ledger of the ticket's run, in the order of opening."""
    if head.run_id is None:
        return ()
    return tuple(StepRow(*row) for row in tx.execute(_STEPS, {"run": head.run_id}))


_WHYS: Select[Any] = select(_s.path, _s.why).where(_s.ticket_id == bindparam("ticket"), _s.why.is_not(None))


def step_whys(tx: Connection, ticket_id: int) -> dict[str, Any]:
    """What was seen when each step was decided, by path."""
    return {row.path: row.why for row in tx.execute(_WHYS, {"ticket": ticket_id})}

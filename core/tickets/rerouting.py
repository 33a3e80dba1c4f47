"""A ticket that is there meets the rules again: it came to another department, or the rules have changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.actors import FLOW
from core.directory import directory
from core.routing.asking import ask_plugin
from core.routing.assigning import assign_now
from core.routing.candidates import picked
from core.routing.deciding import ROUTED, Asked, Decision, decide, kept, more_urgent
from core.routing.giving import unplaced
from core.schema import Customer, Message, Organisation
from core.sop.document import Assign
from core.tickets.rows import PRIORITIES, PRIORITY_NAMES, change
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.tickets.rows import TicketRow

_c, _o, _m = Customer.__table__.c, Organisation.__table__.c, Message.__table__.c
_ASKER = (
    select(_c.email, _c.language, _c.klass, _o.klass.label("their_class"), _o.name.label("organisation"))
    .join(Organisation.__table__, _o.id == _c.organisation_id, isouter=True)
    .where(_c.id == bindparam("customer"))
)
_FIRST = select(_m.to).where(_m.ticket_id == bindparam("ticket")).order_by(_m.id).limit(1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules would make of a ticket: its decision, and where it would go."""

    decision: Decision
    department_id: int
    team_id: int
    priority: int
    topic: str | None
    tags: tuple[str, ...]

    def changes(self, row: TicketRow) -> bool:
        """Would anything be different, but the person?"""
        return (self.department_id, self.team_id, self.priority, self.topic) != (
            row.department_id,
            row.team_id,
            row.priority,
            row.topic,
        ) or bool(set(self.tags) - set(row.tags))


def asked_of(tx: Connection, row: TicketRow) -> Asked:
    """The ticket as the rules see it."""
    them = tx.execute(_ASKER, {"customer": row.customer_id}).one()
    firm = directory(tx)
    to = tx.execute(_FIRST, {"ticket": row.id}).scalar_one_or_none() or []
    return Asked(
        channel=row.channel,
        subject=row.subject,
        department_id=row.department_id,
        language=row.language,
        priority=PRIORITY_NAMES[row.priority],
        topic=row.topic,
        product=row.product,
        mailbox=row.mailbox
        or next((one["email"] for one in to if one.get("email", "").lower() in firm.department_addresses), None),
        tags=tuple(row.tags),
        customer={
            "class": them.klass if them.klass != "standard" else (them.their_class or "standard"),
            "organisation": them.organisation,
            "language": them.language,
            "email": them.email,
        },
    )


def outcome(tx: Connection, row: TicketRow, now: int, *, stays: bool = False) -> Outcome | None:
    """What the rules would make of the ticket now; None without rules. Nothing is changed."""
    decision = decide(tx, directory(tx), asked_of(tx, row), now, stays=stays)
    if decision is None:
        return None
    wanted = more_urgent(PRIORITY_NAMES[row.priority], decision.gives.get("priority"))
    return Outcome(
        decision,
        decision.department_id,
        decision.team_id or row.team_id,
        PRIORITIES[wanted or "medium"],
        row.topic or decision.gives.get("topic"),
        tuple(decision.gives.get("tags", ())),
    )


def route_again(tx: Connection, row: TicketRow, now: int) -> TicketRow:
    """In its new department: the rules that keep it there decide, and routing gives it to somebody. The caller walks."""
    found = outcome(tx, row, now, stays=True)
    if found is None:
        return row
    return follow(tx, row, found, now)


def follow(tx: Connection, row: TicketRow, found: Outcome, now: int, why: str = "routed") -> TicketRow:
    """Make an outcome true and choose a holder anew, if it has another place or none. The caller walks."""
    moved = (found.department_id, found.team_id) != (row.department_id, row.team_id)
    append(tx, row.id, ROUTED, FLOW, kept(found.decision), at=now)
    tags = sorted({*row.tags, *found.tags})
    place = {"department_id": found.department_id, "team_id": found.team_id}
    row = change(tx, row, **place, priority=found.priority, topic=found.topic, tags=tags)
    agent = found.decision.gives.get("agent")
    if row.holder_id is not None and not moved and agent in (None, row.holder_id):
        return row
    return choose_again(tx, row, now, dict(found.decision.gives), why)


def choose_again(tx: Connection, row: TicketRow, now: int, gives: dict[str, Any], why: str) -> TicketRow:
    """Whoever routing finds now holds it; nobody: the backlog of its team, until there is room."""
    firm = directory(tx)
    if gives.get("team", row.team_id) != row.team_id:
        gives = {}
    choice = assign_now(tx, firm, row, firm.teams[row.team_id], Assign(), now, gives=gives)
    to = {"kind": "team", "id": row.team_id} if choice.person is None else {"kind": "person", "id": choice.person}
    data = {"to": to, "team": row.team_id, "from": row.holder_id, "why": {**choice.why, "because": why}}
    append(tx, row.id, "ticket.assigned", FLOW, data, at=now)
    if choice.person is None:
        unplaced(tx, row.id, now)
    else:
        picked(tx, row.team_id, choice.person, now)
    row = change(tx, row, holder_id=choice.person)
    if choice.asks is not None:
        ask_plugin(tx, row, choice, Assign(), now, gives=gives, because=why)
    return row

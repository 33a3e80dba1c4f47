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
from core.routing.giving import placed, spec_of, unplaced
from core.schema import Customer, Message, Organisation
from core.tickets.holding import withdraw_offers
from core.tickets.rows import PRIORITIES, PRIORITY_NAMES, change
from core.timeline import append

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.tickets.rows import TicketRow

_c, _o, _m = Customer.__table__.c, Organisation.__table__.c, Message.__table__.c
ASKER = select(_c.email, _c.language, _c.klass, _o.klass.label("their_class"), _o.name.label("organisation")).join(
    Organisation.__table__, _o.id == _c.organisation_id, isouter=True
)
_ASKER = ASKER.where(_c.id == bindparam("customer"))
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

    def moves(self, row: TicketRow) -> bool:
        """Does it lie in another place then?"""
        return (self.department_id, self.team_id) != (row.department_id, row.team_id)

    def agent(self, firm: Directory) -> int | None:
        """The colleague whom the rule names, while they work here."""
        person = firm.people.get(self.decision.gives.get("agent") or 0)
        return person.id if person is not None and person.active else None

    def hands_on(self, firm: Directory, row: TicketRow) -> bool:
        """Does whoever holds it lose it? To somebody whom the rule names, or because they are not of the team where it comes to."""
        if row.holder_id is None:
            return False
        agent = self.agent(firm)
        if agent is not None:
            return agent != row.holder_id
        return self.moves(row) and row.holder_id not in firm.teams[self.team_id].members


def asked_of(tx: Connection, row: TicketRow) -> Asked:
    """The ticket as the rules see it."""
    them = tx.execute(_ASKER, {"customer": row.customer_id}).one()
    to = tx.execute(_FIRST, {"ticket": row.id}).scalar_one_or_none() or []
    return asked_with(directory(tx), row, them, to)


def asked_with(firm: Directory, row: TicketRow, them: Any, to: Sequence[dict[str, Any]]) -> Asked:
    """The same with what was read of the customer, and to whom the first message went."""
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
    return None if decision is None else outcome_of(row, decision)


def outcome_of(row: TicketRow, decision: Decision) -> Outcome:
    """What a decision makes of the ticket: its priority only rises, its topic stays, tags are added."""
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


def follow(
    tx: Connection,
    row: TicketRow,
    found: Outcome,
    now: int,
    why: str = "routed",
    told: dict[str, Any] | None = None,
) -> TicketRow:
    """Make an outcome true, and choose a holder anew if whoever has it loses it. The caller walks. `told`: what the timeline says beside."""
    firm, moved = directory(tx), found.moves(row)
    stays = row.holder_id is not None and not found.hands_on(firm, row)
    append(tx, row.id, ROUTED, FLOW, kept(found.decision, told), at=now)
    tags = sorted({*row.tags, *found.tags})
    place = {"department_id": found.department_id, "team_id": found.team_id}
    row = change(tx, row, **place, priority=found.priority, topic=found.topic, tags=tags)
    if stays:
        return row
    only = found.agent(firm) if row.holder_id is not None and not moved else None
    return choose_again(tx, row, now, dict(found.decision.gives), why, only=only)


def choose_again(
    tx: Connection, row: TicketRow, now: int, gives: dict[str, Any], why: str, *, only: int | None = None
) -> TicketRow:
    """Whoever routing finds now holds it; nobody: the backlog of its team, until there is room.

    `only` this colleague may take it from its holder: when they cannot, it stays where it is.
    """
    firm = directory(tx)
    if gives.get("team", row.team_id) != row.team_id:
        gives = {}
    spec, team = spec_of(tx, row)
    choice = assign_now(tx, firm, row, team, spec, now, gives=gives)
    if only is not None and choice.person != only:
        return row
    to = {"kind": "team", "id": row.team_id} if choice.person is None else {"kind": "person", "id": choice.person}
    data = {"to": to, "team": row.team_id, "from": row.holder_id, "why": {**choice.why, "because": why}}
    append(tx, row.id, "ticket.assigned", FLOW, data, at=now)
    if row.holder_id is not None:
        withdraw_offers(tx, row.id, now)
    if choice.person is None:
        unplaced(tx, row.id, now)
    else:
        picked(tx, row.team_id, choice.person, now)
        placed(tx, row.id)
    row = change(tx, row, holder_id=choice.person)
    if choice.asks is not None:
        ask_plugin(tx, row, choice, spec, now, gives=gives, because=why)
    return row

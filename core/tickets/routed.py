"""A new ticket meets the routing rules: what the matching one gives becomes part of it before it is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core import procedures
from core.routing.deciding import Asked, decide, kept, more_urgent

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Department, Directory
    from core.requesters import Requester
    from core.tickets.opening import NewTicket


@dataclass(frozen=True, slots=True)
class Routed:
    """The ticket as it opens, and what the timeline keeps of the decision (None: there are no rules)."""

    new: NewTicket
    department: Department
    team_id: int | None = None
    data: dict[str, Any] | None = None


def route(
    tx: Connection,
    firm: Directory,
    department: Department,
    customer: Requester,
    new: NewTicket,
    language: str,
    now: int,
) -> Routed:
    """What the first matching rule makes of a ticket. Nobody's words are overruled: an SOP or a topic that was named stays, a priority only rises."""
    asked = Asked(
        channel=new.channel,
        subject=new.subject,
        department_id=department.id,
        language=language,
        priority=new.priority or "medium",
        topic=new.topic,
        product=new.product,
        mailbox=new.mailbox,
        tags=new.tags,
        customer={
            "class": customer.klass,
            "organisation": customer.organisation,
            "language": customer.language,
            "email": customer.email,
        },
    )
    decision = decide(tx, firm, asked, now)
    if decision is None:
        return Routed(new, department)
    gives = decision.gives
    sop = new.sop or gives.get("sop")
    if sop is not None and new.sop is None and procedures.find_published(tx, sop, decision.department_id) is None:
        sop = None  # it was published when the rule was written
    new = replace(
        new,
        priority=more_urgent(new.priority, gives.get("priority")),
        topic=new.topic or gives.get("topic"),
        tags=(*new.tags, *gives.get("tags", ())),
        sop=sop,
    )
    return Routed(new, firm.departments[decision.department_id], decision.team_id, kept(decision))

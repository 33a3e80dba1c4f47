"""What does the ticket wait for? Its status follows from the steps that are open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from core.procedure.values import JSON, ROOT, Order, Visit

if TYPE_CHECKING:
    from core.procedure.running import Running
    from core.sop.document import Step

HOLDERS = frozenset(("sop", "event", "switch", "fork", "do"))
HUMAN = frozenset(("task", "approval", "collaborate", "resolve", "document"))
MACHINES = frozenset(("flow", "clock", "effect", "event"))
_PENDING = {"customer": "pending_customer", "third_party": "pending_third_party"}


def derive_status(ledger: Iterable[Visit], ticket: Mapping[str, JSON], steps: Mapping[str, Step]) -> str | None:
    """The status the ledger asks for; None: it says nothing (nothing is open).

    `steps` are the document's steps by name, for their `pending`. A resolved ticket stays resolved until it is reopened, whatever is open: an
    article to accept, a survey, an earlier step to which the flow went back.
    """
    visits = list(ledger)
    if any(visit.marks.get("resolved") and not visit.marks.get("reopened") for visit in visits):
        return "resolved"
    return _of_open(visits, ticket, steps)


def _of_open(visits: list[Visit], ticket: Mapping[str, JSON], steps: Mapping[str, Step]) -> str | None:
    waiting = [visit for visit in visits if visit.open and visit.path != ROOT]
    for visit in waiting:
        step = steps.get(visit.name)
        if step is not None and step.pending:
            return _PENDING.get(step.pending, step.pending)
    leaves = [visit for visit in waiting if visit.kind not in HOLDERS and not _holds_a_sub_sop(visit)]
    if not leaves:
        return None
    sides = {_side(visit) for visit in leaves} - {"nobody"}
    if sides == {"customer"}:
        return "pending_customer"
    if sides == {"third_party"}:
        return "pending_third_party"
    begun = any(visit.kind in HUMAN and visit.ended_by and visit.ended_by not in MACHINES for visit in visits)
    return "in_progress" if ticket.get("assignee") or begun else "open"


def _holds_a_sub_sop(visit: Visit) -> bool:
    return visit.kind == "run" and not visit.marks.get("child") and not visit.marks.get("asked")


def _side(visit: Visit) -> str:
    """On whom an open step waits: `us`, `customer`, `third_party`, or `nobody` (time, an effect under way)."""
    if visit.marks.get("asked"):
        return "us"
    if visit.kind == "wait":
        return "customer" if any(kind.startswith("customer.") for kind in visit.awaits) else "nobody"
    if visit.kind in ("call", "notify"):
        return "nobody" if visit.effect else "third_party"
    if visit.kind == "run":
        return "third_party"
    kinds = {party.kind for party in visit.assignees}
    if kinds == {"customer"}:
        return "customer"
    return "third_party" if kinds == {"department"} else "us"


def settle(walk: Running) -> None:
    """Order the new status when it has changed since the last walk; what a `set` or a person chose meanwhile stays until then."""
    record, frame = walk.record, walk.frames[""]
    root = record.rows[ROOT]
    status = derive_status(record.rows.values(), walk.facts.ticket, walk.all_steps())
    if status is None or status == root.marks.get("status"):
        return
    record.mark(root, status=status)
    if any(order.kind == "status" for order in record.orders) or walk.facts.ticket.get("status") == status:
        return
    record.orders.append(Order("status", "status", status, ROOT, frame.path))
    walk.facts.ticket["status"] = status

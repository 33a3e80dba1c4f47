"""A ticket that this transaction has opened, as it would be read: everything is in hand, so the answer to its opening asks for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.requesters import requester
from core.tickets.listing import NO_STEP, OWN, Listed, OpenStep
from core.tickets.rows import held, opened_here

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.clocks.folding import Clock
    from core.ledger import Visits
    from core.procedures import RunRow
    from core.requesters import Requester
    from core.sop.document import Sop
    from core.tickets.rows import TicketRow


@dataclass(frozen=True, slots=True)
class InHand:
    """What `core.tickets.listing` and `core.clocks.page` would read of it."""

    ticket: Listed
    steps: list[OpenStep]
    clocks: list[Clock]
    sop: Sop


def in_hand(tx: Connection, ticket_id: int) -> InHand | None:
    """The ticket; None when it is older than this transaction, or its procedure is over or stands still."""
    if not opened_here(tx, ticket_id):
        return None
    mine = held(tx, ticket_id)
    if mine.walked is None:
        return None
    run, visits = mine.walked
    return InHand(
        _listed(mine.row, requester(tx, mine.row.customer_id), run),
        _open_steps(ticket_id, visits),
        mine.clocks.folding.clocks if mine.clocks is not None else [],
        run.sop,
    )


def _listed(row: TicketRow, customer: Requester, run: RunRow) -> Listed:
    values: list[Any] = [
        row.id,
        *(getattr(row, name) for name in OWN),
        customer.id,
        customer.name,
        customer.email,
        customer.own_class,
        customer.organisation_id,
        customer.organisation,
        run.state,
        run.fields,
        run.version_id,
        run.name,
        run.number,
    ]
    return Listed(*values)


def _open_steps(ticket_id: int, visits: Visits) -> list[OpenStep]:
    return [
        OpenStep(
            ticket_id,
            visits.ids[visit.path],
            visit.name,
            visit.path,
            visit.kind,
            [(party.kind, party.id) for party in visit.assignees],
            visit.opened_at,
            visit.due_at,
        )
        for visit in visits.values()
        if visit.open and visit.kind not in NO_STEP
    ]

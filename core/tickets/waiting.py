"""The customer must answer: the open task ends with the choice that waits for them, or the status simply says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import ledger
from core.procedure import acting
from core.procedure.frames import steps_by_name
from core.procedures import RUNNING, read_run
from core.sop.document import Task, Wait
from core.tickets.barring import keeps_status
from core.tickets.rows import PENDING_CUSTOMER, TicketRow, change
from core.timeline import append

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedure.values import Visit
    from core.sop.document import Sop, Step


def wait_for_customer(tx: Connection, actor: Actor, row: TicketRow, now: int) -> TicketRow:
    """Complete the open task whose choice leads to a `wait` for the customer; without one only the status changes."""
    if row.run_id is not None:
        run = read_run(tx, row.run_id)
        visits = ledger.load(tx, run.id)
        found = _task(run.sop, visits) if run.state == RUNNING else None
        if found:
            visit, step, choice = found
            changed = acting.complete(visit, step, choice, None, str(actor.id), now)
            if ledger.end_open(tx, row.id, visits, changed):
                data = {
                    "step": visit.name,
                    "path": visit.path,
                    "kind": "task",
                    "state": "done",
                    "outcome": choice,
                    "by": str(actor.id),
                }
                append(tx, row.id, "task.completed", actor, data, at=now)
                return row
    if keeps_status(tx, row):
        return row
    append(
        tx,
        row.id,
        "ticket.changed",
        actor,
        {"properties": ["status"], "status": [row.status, PENDING_CUSTOMER]},
        at=now,
    )
    return change(tx, row, status=PENDING_CUSTOMER)


def waiting_choice(sop: Sop, step: Step) -> str | None:
    """The choice of a task behind which its procedure waits for the customer's reply."""
    if not isinstance(step.what, Task):
        return None
    steps = steps_by_name(sop)
    for choice in step.what.choices:
        target = steps.get(step.on.get(choice.code, ""))
        if target and isinstance(target.what, Wait) and target.what.event == "customer.replied":
            return choice.code
    return None


def _task(sop: Sop, visits: Mapping[str, Visit]) -> tuple[Visit, Step, str] | None:
    for visit in visits.values():
        step = steps_by_name(sop).get(visit.name)
        if visit.open and visit.kind == "task" and step:
            choice = waiting_choice(sop, step)
            if choice:
                return visit, step, choice
    return None

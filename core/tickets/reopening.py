"""A resolved ticket goes on: the customer wrote again, or a colleague opened it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import ledger
from core.advance import want
from core.procedure import happenings
from core.procedure.values import ROOT
from core.procedures import RUNNING, change_run, read_run
from core.tickets.rows import IN_PROGRESS, OPEN, TicketRow, change
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor


def reopen_row(tx: Connection, actor: Actor, row: TicketRow, now: int, *, reason: str = "") -> TicketRow:
    """Open the locked ticket again for whoever held it; its procedure goes on where the document says. The caller walks on."""
    append(
        tx, row.id, "ticket.reopened", actor, {"reason": reason if "." in reason else "", "from": row.status}, at=now
    )
    _tell_run(tx, actor, row, now)
    row = change(
        tx,
        row,
        status=OPEN if row.holder_id is None else IN_PROGRESS,
        resolved_at=None,
        closed_at=None,
        reopened=row.reopened + 1,
        entered_at=now,
    )
    want(tx, row.id)
    return row


def _tell_run(tx: Connection, actor: Actor, row: TicketRow, now: int) -> None:
    if row.run_id is None:
        return
    run = read_run(tx, row.run_id)
    visits = ledger.load(tx, run.id)
    changes = happenings.reopened(run.sop, visits, str(actor.id or actor.kind), now)
    ledger.store(tx, row.id, visits, changes)
    if any(one.visit.path == ROOT and one.visit.open for one in changes):
        change_run(tx, run.id, state=RUNNING, outcome=None, ended_at=None)

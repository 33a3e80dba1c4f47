"""A ticket ends, goes on, or becomes part of another one: resolve, reopen, close, merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from core import ledger
from core.advance import walk_on, want
from core.errors import Conflict, FieldError, Invalid, Refused
from core.moments import now_ms
from core.permissions import require
from core.procedure import acting, happenings
from core.procedure.frames import steps_by_name
from core.procedures import ATTENTION, RUNNING, RunRow, change_run, read_run
from core.schema import Message
from core.texts import _
from core.tickets.barring import open_now
from core.tickets.refusals import as_refusal
from core.tickets.reopening import reopen_row
from core.tickets.rows import CLOSED, RESOLVED, TicketRow, change, lock
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedure.values import Visit
    from core.settings import Settings

_m = Message.__table__.c


def resolve(
    tx: Connection, settings: Settings, actor: Actor, ticket_id: int, resolution: str, *, now: int | None = None
) -> None:
    """Resolve the ticket with a resolution, through its procedure's `resolve` step where one is open."""
    require(actor, "resolve")
    now = now or now_ms()
    if not resolution.strip():
        raise Invalid(
            FieldError(
                "/resolution", _("The resolution is empty. Say how it was solved: the next colleague learns from it.")
            )
        )
    row = resolve_row(tx, settings, actor, lock(tx, ticket_id), resolution.strip(), now)
    walk_on(tx, settings, row, now)


def resolve_row(
    tx: Connection, settings: Settings, actor: Actor, row: TicketRow, resolution: str, now: int
) -> TicketRow:
    """Resolve the locked ticket; the caller walks on."""
    if row.status in {RESOLVED, CLOSED}:
        raise Conflict(_("This ticket is resolved already."))
    run = read_run(tx, row.run_id) if row.run_id is not None else None
    if run is not None and run.state in {RUNNING, ATTENTION}:
        visits = ledger.load(tx, run.id)
        step = next((v for v in visits.values() if v.open and v.kind == "resolve" and "/" not in v.path), None)
        if step is not None:
            return _through_step(tx, actor, row, run, visits, step, resolution, now)
        return _by_hand(tx, actor, row, run, visits, resolution, now)
    return _resolved(tx, actor, row, resolution, now)


def _through_step(
    tx: Connection,
    actor: Actor,
    row: TicketRow,
    run: RunRow,
    visits: ledger.Visits,
    visit: Visit,
    resolution: str,
    now: int,
) -> TicketRow:
    step = steps_by_name(run.sop)[visit.name]
    present = run.fields.get("", {})
    with as_refusal():
        values = acting.check(run.sop, visit, step, {"resolution": resolution}, present)
        changed = acting.complete(visit, step, None, {"resolution": resolution}, str(actor.id), now)
    if not ledger.end_open(tx, row.id, visits, changed):
        raise Conflict(_("Somebody else has ended this step meanwhile. Look at the ticket again; nothing was changed."))
    change_run(tx, run.id, fields={**run.fields, "": {**present, **values}})
    data = {
        "step": visit.name,
        "path": visit.path,
        "kind": "resolve",
        "state": "done",
        "outcome": "completed",
        "by": str(actor.id),
    }
    append(tx, row.id, "step.done", actor, data, at=now)
    return row


def _by_hand(
    tx: Connection, actor: Actor, row: TicketRow, run: RunRow, visits: ledger.Visits, resolution: str, now: int
) -> TicketRow:
    """Steps are still open: refused when the SOP is strict; else they are cancelled (a deviation) and the run goes on behind its `resolve`."""
    with as_refusal(lambda: open_now(tx, run, visits)):
        changes = happenings.resolved_by_hand(run.sop, visits, str(actor.id), now)
    ledger.store(tx, row.id, visits, changes)
    append(tx, row.id, "sop.deviated", actor, {"what": "resolved_by_hand"}, at=now)
    return _resolved(tx, actor, row, resolution, now)


def _resolved(tx: Connection, actor: Actor, row: TicketRow, resolution: str, now: int) -> TicketRow:
    append(tx, row.id, "ticket.resolved", actor, {"by": str(actor.id)}, at=now)
    row = change(tx, row, status=RESOLVED, resolved_at=now, resolution=resolution)
    want(tx, row.id)
    return row


def reopen(
    tx: Connection, settings: Settings, actor: Actor, ticket_id: int, reason: str = "", *, now: int | None = None
) -> None:
    """Open a resolved or closed ticket again, for its last holder."""
    require(actor, "reopen")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    if row.unresolved:
        raise Conflict(_("This ticket is open already."))
    if row.merged_into is not None:
        raise Refused(_("This ticket was merged into ticket %(ticket)s. Go on there.", ticket=row.merged_into))
    walk_on(tx, settings, reopen_row(tx, actor, row, now, reason=reason), now)


def close(tx: Connection, settings: Settings, actor: Actor, ticket_id: int, *, now: int | None = None) -> None:
    """Close a ticket by hand: refused by a strict procedure that still runs, else its run ends `closed`."""
    require(actor, "close")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    if row.status == CLOSED:
        raise Conflict(_("This ticket is closed already."))
    run = _running(tx, row)
    if run is not None:
        visits = ledger.load(tx, run.id)
        with as_refusal(lambda: open_now(tx, run, visits)):
            happenings.closed_by_hand(run.sop, visits, str(actor.id), now)
        end_run(tx, actor, row, run, "closed", now)
        append(tx, row.id, "sop.deviated", actor, {"what": "closed_by_hand"}, at=now)
    append(tx, row.id, "ticket.closed", actor, {"by": "hand"}, at=now)
    row = change(tx, row, status=CLOSED, closed_at=now, attention=None)
    walk_on(tx, settings, row, now)
    want(tx, row.id)


def _running(tx: Connection, row: TicketRow) -> RunRow | None:
    run = read_run(tx, row.run_id) if row.run_id is not None else None
    return run if run is not None and run.state in {RUNNING, ATTENTION} else None


def end_run(tx: Connection, actor: Actor, row: TicketRow, run: RunRow, outcome: str, now: int) -> None:
    """End a run from outside: its open steps are cancelled."""
    visits = ledger.load(tx, run.id)
    ledger.store(tx, row.id, visits, happenings.stopped(visits, outcome, str(actor.id), now))
    change_run(tx, run.id, state=outcome, outcome=outcome, ended_at=now)
    append(tx, row.id, "sop.ended", actor, {"run": run.id, "outcome": outcome}, at=now)


def merge(
    tx: Connection, settings: Settings, actor: Actor, ticket_id: int, into_id: int, *, now: int | None = None
) -> None:
    """Make a ticket part of another one: its messages are read there, its run ends `merged`, later mails follow."""
    require(actor, "merge")
    now = now or now_ms()
    if ticket_id == into_id:
        raise Invalid(FieldError("/into", _("A ticket cannot be merged into itself. Name another one.")))
    first, second = sorted((ticket_id, into_id))  # locks are taken in the order of ids
    rows = {first: lock(tx, first), second: lock(tx, second)}
    row, target = rows[ticket_id], rows[into_id]
    if row.merged_into is not None:
        raise Conflict(_("This ticket was merged into ticket %(ticket)s already.", ticket=row.merged_into))
    if target.merged_into is not None:
        raise Refused(
            _(
                "Ticket %(ticket)s was itself merged. Merge into ticket %(into)s.",
                ticket=into_id,
                into=target.merged_into,
            )
        )
    if target.status == CLOSED:
        raise Refused(_("Ticket %(ticket)s is closed. Reopen it first.", ticket=into_id))
    run = _running(tx, row)
    if run is not None:
        end_run(tx, actor, row, run, "merged", now)
    append(tx, row.id, "ticket.merged", actor, {"into": into_id}, at=now)
    event = append(tx, target.id, "ticket.merged", actor, {"from": ticket_id}, at=now)
    tx.execute(update(Message.__table__).where(_m.ticket_id == ticket_id).values(ticket_id=into_id))
    row = change(tx, row, status=CLOSED, closed_at=now, merged_into=into_id, attention=None)
    walk_on(tx, settings, row, now)
    want(tx, row.id)
    walk_on(tx, settings, change(tx, target, last_at=now), now, cause=event.seq)

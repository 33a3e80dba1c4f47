"""A lead sends a run on: it may go on, is moved to another step, or ends; and a run that has ended may start again at a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import ledger
from core.advance import walk_on, want
from core.directory import directory
from core.errors import Conflict, FieldError, Invalid, Refused
from core.moments import now_ms
from core.permissions import require
from core.procedure import happenings
from core.procedure.walk import walk
from core.procedures import RUNNING, change_run, read_run
from core.texts import _
from core.tickets.barring import following
from core.tickets.refusals import as_refusal
from core.tickets.resolving import end_run
from core.tickets.rows import TicketRow, change, lock
from core.tickets.switching import say_why
from core.timeline import append
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedure.values import Attention
    from core.settings import Settings
    from core.tickets.barring import Following


def _led(tx: Connection, actor: Actor, ticket_id: int) -> tuple[TicketRow, Following]:
    require(actor, "publish_sops")
    row = lock(tx, ticket_id)
    now = following(tx, row)
    if now is None:
        raise Conflict(_("This ticket follows no procedure now."))
    return row, now


def go_on(tx: Connection, settings: Settings, actor: Actor, ticket_id: int, *, now: int | None = None) -> None:
    """A run that needs attention is let go on: a step that was visited too often may be visited as often again."""
    moment = now or now_ms()
    row, at = _led(tx, actor, ticket_id)
    if row.attention is None:
        raise Conflict(_("This procedure needs nobody's attention: it goes on by itself."))
    blocked = what_blocks(tx, row, at, moment)
    if blocked is not None and blocked.code == "visits":
        name = blocked.path.rpartition("/")[2].partition("#")[0]
        ledger.store(tx, row.id, at.visits, happenings.granted(at.visits, name))
    append(tx, row.id, "run.led", actor, {"what": "go_on", "code": row.attention}, at=moment)
    walk_on(tx, settings, lock(tx, row.id), moment)
    want(tx, row.id)


def what_blocks(tx: Connection, row: TicketRow, at: Following, now: int) -> Attention | None:
    """Why the run cannot go on, as the walk says now."""
    return walk(at.run.sop, at.visits, DatabaseWorld(tx, directory(tx), row, at.run, now), now).attention


def move_run(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    target: str,
    reason: str,
    *,
    now: int | None = None,
) -> None:
    """Send the flow to another top-level step, or to its `end`. A strict SOP allows it only when it needs attention."""
    moment = now or now_ms()
    row, at = _led(tx, actor, ticket_id)
    _check_reason(reason)
    if at.run.sop.mode == "strict" and row.attention is None:
        raise Refused(_("This ticket follows a strict SOP that can go on by itself: its steps decide the way."))
    with as_refusal():
        changes = happenings.moved(at.run.sop, at.visits, target, str(actor.id), moment)
    ledger.store(tx, row.id, at.visits, changes)
    append(tx, row.id, "run.led", actor, {"what": "moved", "to": target}, at=moment)
    append(tx, row.id, "sop.deviated", actor, {"what": "moved", "step": target}, at=moment)
    say_why(tx, actor, row, _("Moved on to “%(step)s”: %(reason)s", step=target, reason=reason.strip()), moment)
    walk_on(tx, settings, lock(tx, row.id), moment)
    want(tx, row.id)


def stop_run(
    tx: Connection, settings: Settings, actor: Actor, ticket_id: int, reason: str, *, now: int | None = None
) -> None:
    """End a run that needs attention; the ticket stays with its holder, without a procedure."""
    moment = now or now_ms()
    row, at = _led(tx, actor, ticket_id)
    _check_reason(reason)
    if row.attention is None:
        raise Refused(_("Only a procedure that needs attention can be ended. Switch to another one instead."))
    end_run(tx, actor, row, at.run, "ended", moment)
    say_why(tx, actor, row, _("Ended the procedure: %(reason)s", reason=reason.strip()), moment)
    walk_on(tx, settings, change(tx, lock(tx, row.id), attention=None), moment)
    want(tx, row.id)


def restart_at(
    tx: Connection, settings: Settings, actor: Actor, ticket_id: int, target: str, *, now: int | None = None
) -> None:
    """“Start again at …”: a run that has ended goes on at a top-level step, after its ticket was reopened."""
    require(actor, "change_ticket")
    moment = now or now_ms()
    row = lock(tx, ticket_id)
    if not row.unresolved:
        raise Refused(_("This ticket is resolved. Reopen it first."))
    if row.run_id is None or following(tx, row) is not None:
        raise Conflict(_("This ticket's procedure has not ended: there is nothing to start again."))
    run = read_run(tx, row.run_id)
    tops = [step.name for step in run.sop.do]
    if target not in tops:
        raise Invalid(
            FieldError(
                "/step", _("It cannot start again at “%(step)s”. Steps: %(steps)s.", step=target, steps=", ".join(tops))
            )
        )
    visits = ledger.load(tx, run.id)
    ledger.store(tx, row.id, visits, happenings.revived(visits, target, str(actor.id), moment))
    change_run(tx, run.id, state=RUNNING, outcome=None, ended_at=None)
    append(tx, row.id, "run.led", actor, {"what": "restarted", "to": target}, at=moment)
    walk_on(tx, settings, lock(tx, row.id), moment)
    want(tx, row.id)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid(FieldError("/reason", _("Give a reason: it stands on the ticket for whoever goes on.")))

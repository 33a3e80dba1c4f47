"""Which procedure begins on a ticket that follows none? The start rules again when what they read has changed, or a person's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core import procedures
from core.actors import FLOW
from core.advance import walk_on, want
from core.directory import directory
from core.errors import Conflict, Refused
from core.moments import now_ms
from core.permissions import require
from core.procedures import ATTENTION, RUNNING, RunRow
from core.schema import Run, SopVersion
from core.sop.expressions import Scope
from core.texts import _
from core.tickets.rows import TicketRow, change, lock
from core.timeline import append
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedures import Published
    from core.settings import Settings

RULES_READ = frozenset({"topic", "channel", "priority", "department"})
_r, _v = Run.__table__.c, SopVersion.__table__.c
_RUNS = select(_r.state, _v.sop_id).join(SopVersion, _v.id == _r.version_id).where(_r.ticket_id == bindparam("ticket"))


def judge_again(tx: Connection, row: TicketRow, now: int) -> RunRow | None:
    """The rules choose anew while no run is open; the caller walks the run that begins. What the ticket has already run is not begun again."""
    if not row.unresolved:
        return None
    runs = tx.execute(_RUNS, {"ticket": row.id}).all()
    if any(run.state in {RUNNING, ATTENTION} for run in runs):
        return None
    world = DatabaseWorld(tx, directory(tx), row, None, now)  # type: ignore[arg-type]  # rules read ticket and customer only
    scope = Scope(ticket=dict(world.ticket), customer=dict(world.customer), fields={})
    chosen = procedures.choose_by_rule(tx, row.department_id, scope)
    if chosen is None or any(run.sop_id == chosen.sop_id for run in runs):
        return None
    return begin(tx, FLOW, row, chosen, {}, now)


def begin(
    tx: Connection, actor: Actor, row: TicketRow, chosen: Published, fields: dict[str, Any], now: int, **also: Any
) -> RunRow:
    """Begin a run on the locked ticket; the caller walks it."""
    run = procedures.start_run(tx, row.id, chosen, fields, now)
    append(
        tx,
        row.id,
        "sop.started",
        actor,
        {"run": run.id, "sop": chosen.sop_id, "version": chosen.number, **also},
        at=now,
    )
    change(tx, lock(tx, row.id), run_id=run.id, attention=None)
    return run


def find_sop(tx: Connection, row: TicketRow, name: str) -> Published:
    """The published SOP with this name, the department's own before a common one. Invalid when there is none."""
    found = procedures.find_published(tx, name.strip(), row.department_id)
    if found is None:
        raise procedures.unknown_sop(name)
    return found


def start_sop(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    name: str,
    *,
    fields: dict[str, Any] | None = None,
    now: int | None = None,
) -> None:
    """Let the ticket follow an SOP, when no run is open."""
    require(actor, "change_ticket")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    if not row.unresolved:
        raise Refused(_("This ticket is resolved. Reopen it to begin a procedure."))
    current = procedures.read_run(tx, row.run_id) if row.run_id is not None else None
    if current is not None and current.state in {RUNNING, ATTENTION}:
        raise Conflict(_("This ticket follows “%(name)s” already. Switch to another one instead.", name=current.name))
    run = begin(tx, actor, row, find_sop(tx, row, name), dict(fields or {}), now)
    walk_on(tx, settings, lock(tx, row.id), now, run=run)
    want(tx, row.id)

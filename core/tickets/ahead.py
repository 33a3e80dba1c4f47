"""Somebody does a task of a checklist before the procedure comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import ledger
from core.advance import walk_on
from core.errors import Conflict
from core.moments import now_ms
from core.permissions import require
from core.procedure import acting
from core.procedure.checklist import visit_ahead
from core.procedure.values import Change
from core.procedures import change_run
from core.texts import _
from core.tickets.barring import following
from core.tickets.refusals import as_refusal
from core.tickets.rows import lock
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.settings import Settings


def complete_ahead(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    name: str,
    *,
    fields: dict[str, Any] | None = None,
    choice: str | None = None,
    result: Any = None,
    now: int | None = None,
) -> None:
    """Complete the task `name` of an advisory SOP although it has not opened; it opens and ends in one."""
    require(actor, "complete_any_step")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    at = following(tx, row)
    if at is None:
        raise Conflict(_("This ticket follows no procedure now."))
    run, by = at.run, str(actor.id)
    with as_refusal():
        visit, step = visit_ahead(run.sop, at.visits, name, now)
        present = run.fields.get("", {})
        values = acting.check(run.sop, visit, step, fields or {}, present)
        own = {**values, **(result if isinstance(result, dict) else {})}
        done = acting.complete(visit, step, choice, own or None, by, now)
    if values:
        change_run(tx, run.id, fields={**run.fields, "": {**present, **values}})
    ledger.store(tx, row.id, at.visits, [Change("decided", done)])
    data = {"step": name, "path": visit.path, "kind": "task", "state": "done", "outcome": done.outcome, "by": by}
    event = append(tx, row.id, "task.completed", actor, {**data, "ahead": True}, at=now)
    walk_on(tx, settings, row, now, cause=event.seq)

"""With which values is an action called? The `with` of its step, filled from the ticket, its fields and its earlier steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import ledger
from core.directory import directory
from core.plugins.seeing import ticket_json
from core.procedure.record import Record
from core.procedure.seeing import Facts
from core.procedure.setting import stored
from core.procedures import document_of, find_step, read_run
from core.sop.document import Call
from core.sop.expressions import fill
from core.tickets.rows import read
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.effects import EffectRow
    from core.settings import Settings


def call_json(tx: Connection, settings: Settings, effect: EffectRow, now: int) -> dict[str, Any]:
    """The values of `estafet.Call` (without the plugin's settings). ExpressionError when a value cannot be computed."""
    assert effect.run_id is not None
    row, run = read(tx, effect.ticket_id), read_run(tx, effect.run_id)
    visits = ledger.load(tx, run.id)
    visit = visits[effect.payload["path"]]
    step = find_step(tx, run, visits, visit)
    if step is None or not isinstance(step.what, Call):
        raise LookupError(effect.key)
    frame, sop = document_of(tx, run, visits, visit.path)
    world = DatabaseWorld(tx, directory(tx), row, run, now)
    scope = Facts(world).scope(Record(visits, visit.opened_at), frame, sop, world.calendar(sop.calendar))
    return {
        "key": effect.key,
        "action": step.what.action,
        "arguments": {name: stored(fill(value, scope)) for name, value in step.what.with_.items()},
        "ticket": ticket_json(tx, settings, row),
        "step": {"name": visit.name, "path": visit.path, "kind": visit.kind, "outcome": visit.outcome},
    }

"""With which values is a plugin called? The `with` of a step, filled from the ticket, its fields and its earlier steps; or what was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core import ledger
from core.directory import directory
from core.plugins.seeing import ticket_json
from core.plugins.threads import thread_of
from core.procedure.record import Record
from core.procedure.seeing import Facts
from core.procedure.setting import stored
from core.procedures import document_of, find_step, read_run
from core.schema import MessageBody
from core.sop.document import Call
from core.sop.expressions import fill
from core.tickets.rows import read
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.effects import EffectRow
    from core.settings import Settings

_b = MessageBody.__table__.c
_TEXT = select(_b.text).where(_b.message_id == bindparam("message"))


def call_json(tx: Connection, settings: Settings, effect: EffectRow, now: int) -> dict[str, Any]:
    """The values of `estafet.Call` (without the plugin's settings). ExpressionError when a value cannot be computed."""
    if effect.run_id is None:
        return _asked_for(tx, settings, effect)
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
        "ticket": ticket_json(tx, settings, row, effect.plugin or ""),
        "step": {"name": visit.name, "path": visit.path, "kind": visit.kind, "outcome": visit.outcome},
        "by": None,
    }


def _asked_for(tx: Connection, settings: Settings, effect: EffectRow) -> dict[str, Any]:
    """A call that no step wants: a person on the ticket's page, or a fact. Its arguments were given with it."""
    person = directory(tx).people.get(effect.payload.get("by") or 0)
    return {
        "key": effect.key,
        "action": effect.payload["action"],
        "arguments": effect.payload["arguments"],
        "ticket": ticket_json(tx, settings, read(tx, effect.ticket_id), effect.plugin or ""),
        "step": None,
        "by": person.name if person else None,
    }


def message_to_send(tx: Connection, settings: Settings, effect: EffectRow) -> dict[str, Any]:
    """The values of `estafet.Outgoing`. LookupError when its conversation is gone."""
    thread = thread_of(tx, effect.ticket_id)
    if thread is None:
        raise LookupError(effect.key)
    return {
        "key": effect.key,
        "channel": thread.channel,
        "thread": thread.thread,
        "to": thread.sender,
        "text": tx.execute(_TEXT, {"message": effect.payload["message"]}).scalar_one(),
        "ticket": ticket_json(tx, settings, read(tx, effect.ticket_id), effect.plugin or ""),
    }

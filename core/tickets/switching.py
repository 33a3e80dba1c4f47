"""A person lets the ticket follow another procedure, with the reason: the old run ends `switched`, what was typed is carried over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import ledger
from core.advance import walk_on, want
from core.errors import Conflict, Refused
from core.moments import now_ms
from core.permissions import may, require
from core.procedure import happenings
from core.procedures import change_run
from core.texts import _
from core.tickets.barring import following, waiting
from core.tickets.messages import INTERNAL, NewMessage, write_message
from core.tickets.refusals import as_refusal
from core.tickets.rows import lock
from core.tickets.starting import begin, find_sop
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedures import RunRow
    from core.settings import Settings
    from core.sop.document import Sop
    from core.tickets.rows import TicketRow


def switch_sop(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    name: str,
    reason: str,
    *,
    now: int | None = None,
) -> None:
    """Switch to the published SOP `name`. Of a strict SOP only a lead may; the reason is kept as an internal comment."""
    require(actor, "change_ticket")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    if not row.unresolved:
        raise Refused(_("This ticket is resolved. Reopen it to switch its procedure."))
    chosen = find_sop(tx, row, name)
    old = following(tx, row)
    if old is None:
        raise Conflict(_("This ticket follows no procedure now. Start one instead."))
    if chosen.version_id == old.run.version_id:
        raise Conflict(_("This ticket follows “%(name)s” already.", name=chosen.name))
    lead = may(actor, "publish_sops")
    with as_refusal(waiting(tx, old)):
        changes = happenings.switched(old.run.sop, old.visits, str(actor.id), now, reason=reason, is_lead=lead)
    ledger.store(tx, row.id, old.visits, changes)
    change_run(tx, old.run.id, state="switched", outcome="switched", ended_at=now)
    append(tx, row.id, "sop.ended", actor, {"run": old.run.id, "outcome": "switched"}, at=now)
    if old.run.sop.mode == "guided":
        append(tx, row.id, "sop.deviated", actor, {"what": "switched"}, at=now)
    say_why(tx, actor, row, _("Switched to “%(name)s”: %(reason)s", name=chosen.name, reason=reason.strip()), now)
    carried = carried_fields(old.run, chosen.sop)
    run = begin(tx, actor, row, chosen, carried, now, carried=sorted(carried))
    walk_on(tx, settings, lock(tx, row.id), now, run=run)
    want(tx, row.id)


def carried_fields(old: RunRow, new: Sop) -> dict[str, Any]:
    """The values of fields that both documents declare with the same name and type."""
    known = old.fields.get("", {})
    return {
        name: known[name]
        for name, field in new.fields.items()
        if known.get(name) is not None and name in old.sop.fields and old.sop.fields[name].type == field.type
    }


def say_why(tx: Connection, actor: Actor, row: TicketRow, text: str, now: int) -> None:
    """A person's reason stands on the ticket as an internal comment; events hold no texts."""
    event = append(tx, row.id, "comment.added", actor, {}, at=now)
    message = NewMessage(INTERNAL, "person", actor.id, actor.name, text, row.subject, "desk")
    write_message(tx, lock(tx, row.id), message, event.seq, now)

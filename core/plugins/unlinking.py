"""A person takes a thing outside off a ticket: it was the wrong one. Nothing is done to the thing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from core.errors import FieldError, Invalid
from core.moments import now_ms
from core.permissions import require
from core.plugins.linking import of_ref
from core.schema import Link
from core.texts import _
from core.tickets.messages import INTERNAL, NewMessage, write_message
from core.tickets.rows import lock
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

MOST_REASON = 2000
_l = Link.__table__.c


def unlink(
    tx: Connection, actor: Actor, ticket_id: int, plugin: str, ref: str, reason: str, *, now: int | None = None
) -> None:
    """News of the thing no longer reach this ticket, nor this ticket's the thing. A step that waits for it goes on waiting.

    The reason stands on the ticket as an internal comment, which the plugin is not to send to whatever else it has linked.
    """
    require(actor, "change_ticket")
    now, reason = now or now_ms(), reason.strip()
    if not reason or len(reason) > MOST_REASON:
        raise Invalid(FieldError("/reason", _("This must be a text of 1 to %(most)s characters.", most=MOST_REASON)))
    row = lock(tx, ticket_id)
    if not of_ref(tx, row.id, plugin, ref):
        words = _("“%(ref)s” of plugin “%(plugin)s” is not linked to this ticket.", ref=ref, plugin=plugin)
        raise Invalid(FieldError("/ref", words))
    tx.execute(delete(Link.__table__).where(_l.ticket_id == row.id, _l.plugin == plugin, _l.ref == ref))
    append(tx, row.id, "link.changed", actor, {"plugin": plugin, "ref": ref, "op": "unlinked", "state": ""}, at=now)
    event = append(tx, row.id, "comment.added", actor, {"plugin": plugin}, at=now)
    text = _("Unlinked %(ref)s: %(reason)s", ref=ref, reason=reason)
    message = NewMessage(INTERNAL, "person", actor.id, actor.name, text, row.subject, "desk")
    write_message(tx, lock(tx, row.id), message, event.seq, now)

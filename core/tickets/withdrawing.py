"""The customer no longer needs this: their procedure decides what follows; one that says nothing of it ends, and the ticket is resolved.

A strict procedure is never left without its own steps: the holder is shown what the customer said, and goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.advance import walk_on, want
from core.errors import Conflict, FieldError, Invalid
from core.moments import now_ms
from core.texts import _, speaking
from core.tickets.barring import following
from core.tickets.messages import from_customer, write_message
from core.tickets.resolving import end_run
from core.tickets.rows import RESOLVED, change, lock
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.settings import Settings
    from core.tickets.barring import Following

WITHDREW = "customer.withdrew"
OUTCOME = "withdrawn"
LONGEST_REASON = 5_000


def withdraw(
    tx: Connection, settings: Settings, actor: Actor, ticket_id: int, reason: str = "", *, now: int | None = None
) -> None:
    """The customer takes their request back, with a reason if they like. Conflict when it is over already."""
    now, reason = now or now_ms(), reason.strip()
    if len(reason) > LONGEST_REASON:
        most = LONGEST_REASON
        raise Invalid(FieldError("/reason", _("The reason is longer than %(most)s characters. Shorten it.", most=most)))
    row = lock(tx, ticket_id)
    if not row.unresolved:
        raise Conflict(_("This request is over already. Nothing more is needed."))
    data = {}
    if reason:
        # The words stand on the timeline at the event that is written next, which names them.
        message_id, row = write_message(
            tx, row, from_customer(actor, row, reason), row.last_seq + 1, now, last_customer_at=now
        )
        data["comment_id"] = message_id
    event = append(tx, row.id, WITHDREW, actor, data, at=now)
    before = following(tx, row)
    heard = before is not None and _hears(before)
    row = walk_on(tx, settings, lock(tx, row.id), now, cause=event.seq)
    after = following(tx, row)
    if not row.unresolved or (after is not None and (heard or after.run.sop.mode == "strict")):
        return
    if after is not None:
        end_run(tx, actor, row, after.run, OUTCOME, now)
    append(tx, row.id, "ticket.resolved", actor, {"by": OUTCOME}, at=now, cause=event.seq)
    with speaking(row.language):
        resolution = reason or _("The customer no longer needs this.")
    row = change(tx, lock(tx, row.id), status=RESOLVED, resolved_at=now, resolution=resolution)
    walk_on(tx, settings, row, now, cause=event.seq)
    want(tx, row.id)


def _hears(now: Following) -> bool:
    """Does the procedure say itself what happens then?"""
    if any(one.event == WITHDREW for one in now.run.sop.on):
        return True
    return any(visit.open and WITHDREW in visit.awaits for visit in now.visits.values())

"""Writing on a ticket: replies to the customer, and internal comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from core.errors import HeldBack, Invalid, Refused
from core.tickets.conversation import Draft, add_comment, send_reply
from web.desk import desk
from web.desk.acting import back_to, changing, field_errors, number, uploaded
from web.desk.ticket import Written, show_ticket
from web.signin import actor
from web.wiring import settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_THEN = ("stay", "wait", "resolve")


@desk.post("/tickets/<int:ticket_id>/reply")
def reply(ticket_id: int) -> ResponseReturnValue:
    """Send a reply; it is held back when the customer wrote after the page was loaded."""
    if request.form.get("mode") == "team":  # sent without JavaScript, by the Enter key
        return comment(ticket_id)
    body = request.form.get("body", "")
    then = request.form.get("then", "wait")
    draft = Draft(body, uploaded("files"), number(request.form.get("seen")))
    kept = request.form.get("comment", "")
    try:
        with changing(ticket_id) as tx:
            sent = send_reply(tx, settings(), actor(), ticket_id, draft, then=then if then in _THEN else "stay")
    except HeldBack as error:
        written = Written(reply=body, comment=kept, held_back=str(error), newest_id=error.newest_id)
        return show_ticket(ticket_id, written, 409)
    except Invalid as error:
        return show_ticket(ticket_id, Written(reply=body, comment=kept, errors=field_errors(error)), 422)
    except Refused as error:
        return show_ticket(ticket_id, Written(reply=body, comment=kept, refused=str(error)), 409)
    return back_to(ticket_id, f"m{sent.message_id}")


@desk.post("/tickets/<int:ticket_id>/comment")
def comment(ticket_id: int) -> ResponseReturnValue:
    """Write an internal comment."""
    body, kept = request.form.get("comment", ""), request.form.get("body", "")
    try:
        with changing(ticket_id) as tx:
            sent = add_comment(tx, actor(), ticket_id, Draft(body, uploaded("note_files")))
    except Invalid as error:
        errors = {"note" if name == "body" else name: text for name, text in field_errors(error).items()}
        return show_ticket(ticket_id, Written(reply=kept, comment=body, to_team=True, errors=errors), 422)
    return back_to(ticket_id, f"m{sent.message_id}")

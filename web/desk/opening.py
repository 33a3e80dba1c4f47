"""A new ticket by hand: a phone note, or an e-mail on behalf of the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for

from core import procedures
from core.directory import directory
from core.errors import Invalid
from core.permissions import require
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from web.desk import desk
from web.desk.acting import uploaded
from web.signin import actor
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_CHANNELS = ("phone", "email", "chat", "form")
_IDS = {
    "/customer/email": "email",
    "/customer/id": "email",
    "/customer/name": "name",
    "/attachments": "files",
}


@desk.get("/tickets/new")
def new_ticket() -> ResponseReturnValue:
    """The form of a new ticket."""
    require(actor(), "open_ticket")
    return _form({}, 200)


@desk.post("/tickets/new")
def create_ticket() -> ResponseReturnValue:
    """Open it, or show every wrong value at once with what was typed."""
    require(actor(), "open_ticket")
    form = request.form
    new = NewTicket(
        subject=form.get("subject", ""),
        body=form.get("body", ""),
        customer=CustomerRef(
            form.get("email", "").strip() or None, form.get("name", "").strip(), form.get("phone") or None
        ),
        channel=form.get("channel", "phone"),
        department=form.get("department") or None,
        priority=form.get("priority") or None,
        topic=form.get("topic", "").strip() or None,
        product=form.get("product", "").strip() or None,
        sop=form.get("sop") or None,
        attachments=uploaded("files"),
    )
    try:
        with database().write() as tx:
            opened = open_ticket(tx, settings(), actor(), new)
    except Invalid as error:
        errors = {_IDS.get(wrong.pointer, wrong.pointer.rsplit("/", 1)[-1]): wrong.message for wrong in error.errors}
        return _form(errors, 422)
    return redirect(url_for("desk.ticket", ticket_id=opened.ticket_id), 303)


def _form(errors: dict[str, str], status: int) -> ResponseReturnValue:
    with database().read() as tx:
        firm = directory(tx)
        sops = procedures.published(tx)
    page = render_template(
        "desk/new_ticket.html",
        here="queue",
        errors=errors,
        typed=request.form,
        departments=firm.departments.values(),
        channels=_CHANNELS,
        sops=sops,
    )
    return page, status

"""The course of a ticket's procedure, changed by people: another SOP, a start, start again, a checklist out of order, and what leads decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, request

from core.errors import CommandError, Conflict, FieldError, Forbidden, Invalid, Refused
from core.permissions import require
from core.texts import _
from core.tickets.ahead import complete_ahead
from core.tickets.head import ticket_head
from core.tickets.leading import go_on, move_run, restart_at, stop_run
from core.tickets.offers import offers
from core.tickets.starting import start_sop
from core.tickets.switching import switch_sop
from web.desk import desk
from web.desk.acting import back_to, changing
from web.desk.story import attention
from web.desk.ticket import team_ids
from web.failures import status_of
from web.signin import actor, reader
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection


@desk.get("/tickets/<int:ticket_id>/course")
def course(ticket_id: int) -> ResponseReturnValue:
    """What may be done with the procedure now, and why the rest may not."""
    require(actor(), "change_ticket")
    return _page(ticket_id)


def _page(ticket_id: int, error: CommandError | None = None) -> ResponseReturnValue:
    with database().read() as tx:
        head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        offered = offers(tx, actor(), ticket_id)
    page = render_template(
        "desk/course.html",
        here="queue",
        t=head,
        o=offered,
        attention=attention(head.attention),
        error=str(error) if error else "",
        typed=request.form,
    )
    return page, status_of(error) if error else 200


@desk.post("/tickets/<int:ticket_id>/course")
def change_course(ticket_id: int) -> ResponseReturnValue:
    """Do one of the acts that the page offers."""
    require(actor(), "change_ticket")
    try:
        with changing(ticket_id) as tx:
            _act(tx, ticket_id)
    except (Invalid, Conflict, Refused, Forbidden) as error:
        return _page(ticket_id, error)
    return back_to(ticket_id, "sop")


def _act(tx: Connection, ticket_id: int) -> None:
    form = request.form
    name, reason = form.get("name", ""), form.get("reason", "")
    match form.get("act"):
        case "switch":
            switch_sop(tx, settings(), actor(), ticket_id, name, reason)
        case "start":
            start_sop(tx, settings(), actor(), ticket_id, name)
        case "restart":
            restart_at(tx, settings(), actor(), ticket_id, name)
        case "ahead":
            complete_ahead(tx, settings(), actor(), ticket_id, name)
        case "go_on":
            go_on(tx, settings(), actor(), ticket_id)
        case "move":
            move_run(tx, settings(), actor(), ticket_id, name, reason)
        case "stop":
            stop_run(tx, settings(), actor(), ticket_id, reason)
        case _:
            raise Invalid(FieldError("/act", _("Choose one of the acts on this page.")))

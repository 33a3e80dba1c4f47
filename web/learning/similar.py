"""Solved tickets like this one, beside the ticket: how they were solved, and their procedure to be used here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from core.errors import CommandError
from core.learning.offering import Offer, offered
from core.permissions import require
from core.texts import _
from core.tickets.head import ticket_head
from core.tickets.starting import start_sop
from core.tickets.switching import switch_sop
from web.desk.acting import changing, shown_again
from web.desk.ticket import team_ids
from web.learning import learning
from web.signin import actor, reader
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@dataclass(frozen=True, slots=True)
class Page:
    """What the template shows."""

    ticket_id: int
    offer: Offer
    follows: str | None
    open: bool


@learning.get("/tickets/<int:ticket_id>/similar")
def similar(ticket_id: int) -> ResponseReturnValue:
    """The list by itself (the ticket page fetches it when it is there), or as a page."""
    require(actor(), "read_tickets")
    with database().read() as tx:
        head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        offer = offered(tx, actor(), ticket_id)
    follows = head.sop if head.run_state in {"running", "attention"} else None
    page = Page(ticket_id, offer, follows, head.status not in {"resolved", "closed"})
    whole = request.headers.get("X-Requested-With") != "fetch"
    return render_template(
        "learning/similar_page.html" if whole else "learning/similar.html", here="queue", p=page, t=head
    )


@learning.post("/tickets/<int:ticket_id>/use")
def use_procedure(ticket_id: int) -> ResponseReturnValue:
    """Follow the procedure of a similar ticket: begin it, or switch to it."""
    name, like = request.form.get("sop", ""), request.form.get("like", "")
    reason = _("Like ticket %(id)s, which was solved so.", id=like[:20])
    try:
        with changing(ticket_id) as tx:
            head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
            if head.run_state in {"running", "attention"}:
                switch_sop(tx, settings(), actor(), ticket_id, name, reason)
            else:
                start_sop(tx, settings(), actor(), ticket_id, name)
    except CommandError as error:
        return shown_again(ticket_id, error)
    flash(_("The ticket follows this procedure now."))
    return redirect(url_for("desk.ticket", ticket_id=ticket_id, _anchor="sop"), 303)

"""Who holds the baton: take, assign, offer, accept, return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for

from core.errors import CommandError
from core.texts import _, ngettext
from core.tickets import holding
from core.tickets.properties import change_ticket
from web.desk import desk
from web.desk.acting import back_to, changing, number, shown_again
from web.signin import actor
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_MOST_AT_ONCE = 50


@desk.post("/tickets/<int:ticket_id>/take")
def take(ticket_id: int) -> ResponseReturnValue:
    """The reader takes the ticket."""
    try:
        with changing(ticket_id) as tx:
            holding.take(tx, settings(), actor(), ticket_id)
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(ticket_id)


@desk.post("/tickets/<int:ticket_id>/assign")
def assign(ticket_id: int) -> ResponseReturnValue:
    """Give the ticket to a colleague at once, or to a team's backlog."""
    to_team = request.form.get("how") == "team"
    person = None if to_team else number(request.form.get("to"))
    team = number(request.form.get("team")) if to_team else None
    try:
        with changing(ticket_id) as tx:
            holding.assign(tx, settings(), actor(), ticket_id, person_id=person, team_id=team)
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(ticket_id)


@desk.post("/tickets/<int:ticket_id>/handover")
def handover(ticket_id: int) -> ResponseReturnValue:
    """Offer the baton to a colleague."""
    to, note = number(request.form.get("to")) or 0, request.form.get("note", "").strip()
    try:
        with changing(ticket_id) as tx:
            holding.offer_baton(tx, settings(), actor(), ticket_id, to, note)
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(ticket_id)


@desk.post("/handovers/<int:handover_id>/accept")
def accept(handover_id: int) -> ResponseReturnValue:
    """Accept an offered baton."""
    with database().write() as tx:
        ticket_id = holding.accept_baton(tx, settings(), actor(), handover_id)
    return back_to(ticket_id)


@desk.post("/handovers/<int:handover_id>/return")
def give_back(handover_id: int) -> ResponseReturnValue:
    """Return an offered baton."""
    with database().write() as tx:
        holding.return_baton(tx, settings(), actor(), handover_id, request.form.get("note", ""))
    flash(_("Returned. The giver holds the ticket."))
    return redirect(url_for("desk.queue"), 303)


@desk.post("/bulk")
def bulk() -> ResponseReturnValue:
    """One act on several tickets of the queue, each in its own transaction."""
    act, priority = request.form.get("act"), request.form.get("priority")
    chosen = [n for text in request.form.getlist("ticket") if (n := number(text)) is not None][:_MOST_AT_ONCE]
    done, refused = 0, ""
    for ticket_id in chosen:
        try:
            with changing(ticket_id) as tx:
                if act == "take":
                    holding.take(tx, settings(), actor(), ticket_id)
                elif act == "priority" and priority:
                    change_ticket(tx, settings(), actor(), ticket_id, {"priority": priority})
                else:
                    continue
            done += 1
        except CommandError as error:
            refused = str(error)
    told = ngettext("%(n)s ticket changed.", "%(n)s tickets changed.", done) if chosen else _("No ticket was selected.")
    flash(f"{told} {refused}".strip())
    back = request.form.get("back", "")
    return redirect(back if back.startswith("/?") else url_for("desk.queue"), 303)

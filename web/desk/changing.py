"""What is true of a ticket, changed by hand: properties, resolve, reopen, close, merge; and what is made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, request, url_for

from core import effects
from core.articles import draft_from_ticket
from core.errors import CommandError, FieldError, Invalid
from core.noticing.sensing import say_no
from core.texts import _
from core.tickets import resolving
from core.tickets.head import ticket_head
from core.tickets.properties import change_ticket
from core.tickets.settling import answer_unknown
from web.desk import desk
from web.desk.acting import back_to, changing, number, shown_again
from web.desk.ticket import team_ids
from web.signin import actor, reader
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_PROPERTIES = ("status", "priority", "subject", "topic", "product", "department")


@desk.post("/tickets/<int:ticket_id>/properties")
def properties(ticket_id: int) -> ResponseReturnValue:
    """Change what the form of the ticket's head holds."""
    form = request.form
    changes: dict[str, Any] = {name: form[name].strip() or None for name in _PROPERTIES if name in form}
    if "tags" in form:
        changes["tags"] = [tag.strip() for tag in form["tags"].split(",") if tag.strip()]
    try:
        with changing(ticket_id) as tx:
            change_ticket(tx, settings(), actor(), ticket_id, changes, if_version=number(form.get("version")))
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(ticket_id)


@desk.post("/tickets/<int:ticket_id>/not-upset")
def not_upset(ticket_id: int) -> ResponseReturnValue:
    """The customer is not upset, says a person."""
    try:
        with changing(ticket_id) as tx:
            say_no(tx, settings(), actor(), ticket_id)
    except CommandError as error:
        return shown_again(ticket_id, error)
    flash(_("Noted: not upset. The same reasons will not be shown again on this ticket."))
    return back_to(ticket_id)


@desk.post("/tickets/<int:ticket_id>/resolve")
def resolve(ticket_id: int) -> ResponseReturnValue:
    """Resolve with a resolution."""
    try:
        with changing(ticket_id) as tx:
            resolving.resolve(tx, settings(), actor(), ticket_id, request.form.get("resolution", ""))
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(ticket_id)


@desk.post("/tickets/<int:ticket_id>/reopen")
def reopen(ticket_id: int) -> ResponseReturnValue:
    """Open a resolved or closed ticket again."""
    try:
        with changing(ticket_id) as tx:
            resolving.reopen(tx, settings(), actor(), ticket_id)
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(ticket_id)


@desk.post("/tickets/<int:ticket_id>/close")
def close(ticket_id: int) -> ResponseReturnValue:
    """Close by hand."""
    try:
        with changing(ticket_id) as tx:
            resolving.close(tx, settings(), actor(), ticket_id)
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(ticket_id)


@desk.post("/tickets/<int:ticket_id>/merge")
def merge(ticket_id: int) -> ResponseReturnValue:
    """Make this ticket part of another one."""
    into = number(request.form.get("into"))
    try:
        if into is None:
            raise Invalid(FieldError("/into", _("Into which ticket? Write its number.")))
        with changing(ticket_id) as tx:
            ticket_head(tx, actor(), into, team_ids(reader()))
            resolving.merge(tx, settings(), actor(), ticket_id, into)
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(into)


@desk.post("/tickets/<int:ticket_id>/article")
def make_article(ticket_id: int) -> ResponseReturnValue:
    """Draft an article from the ticket."""
    with changing(ticket_id) as tx:
        article_id = draft_from_ticket(tx, actor(), ticket_id)
    return redirect(url_for("desk.article", article_id=article_id), 303)


@desk.post("/effects/settle")
def settle_effect() -> ResponseReturnValue:
    """A person says how it went outside: it was done, or it was not and is tried again."""
    answer = request.form.get("answer", "")
    key = request.form.get("key", "")
    with database().write() as tx:
        if (known := effects.read(tx, key)) is not None:
            ticket_head(tx, actor(), known.ticket_id, team_ids(reader()))
        answer_unknown(tx, settings(), actor(), key, answer)
    flash(_("It is sent again.") if answer == "again" else _("Noted."))
    back = request.form.get("back", "")
    return redirect(back if back.startswith("/") and not back.startswith(("//", "/\\")) else url_for("desk.queue"), 303)

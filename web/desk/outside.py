"""What plugins know of a ticket or a customer, and what can be done there: links, boxes, suggestions, actions. It comes after the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from flask import flash, render_template, request

from core.customers import customer_page
from core.errors import Invalid
from core.moments import now_ms
from core.permissions import may, require
from core.plugins.linking import LinkRow, links_of
from core.plugins.panels import SUGGESTING, Box, boxes, stale, want_boxes
from core.plugins.unlinking import unlink
from core.plugins.wishing import ask_action, offered_actions, open_tasks
from core.sop.titles import bare_title
from core.texts import _
from core.tickets.documents import documents
from core.tickets.head import ticket_head
from web.desk import desk
from web.desk.acting import back_to, changing
from web.desk.ticket import team_ids
from web.signin import actor, reader
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.tickets.head import Head


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that could not be carried out: which action, what it held, what was wrong."""

    action: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """What is shown. `waiting`: something is being asked for, and the page looks again soon."""

    links: Sequence[LinkRow] = ()
    boxes: Sequence[Box] = ()
    replies: Sequence[Box] = ()
    actions: Sequence[tuple[str, Mapping[str, Any]]] = ()
    tasks: Sequence[tuple[str, str]] = ()
    unlinks: bool = False
    waiting: bool = False

    @property
    def empty(self) -> bool:
        return not (self.links or self.actions or self.boxes or self.replies)


def _want(subject: str, subject_id: int) -> None:
    """Somebody looks: what is old is asked for again. The page shows what is known until then."""
    with database().read() as tx:
        wanted = stale(tx, subject, subject_id, now_ms())
    if wanted:
        with database().write() as tx:
            want_boxes(tx, subject, subject_id, wanted, now_ms())


@desk.get("/tickets/<int:ticket_id>/outside")
def outside(ticket_id: int) -> ResponseReturnValue:
    """The part by itself (the ticket page fetches it when it is there), or as a page."""
    return _show(ticket_id, Typed(), 200)


def _show(ticket_id: int, typed: Typed, status: int) -> ResponseReturnValue:
    require(actor(), "read_tickets")
    with database().read() as tx:
        head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
    _want("ticket", ticket_id)
    _want("customer", head.customer_id)
    with database().read() as tx:
        view = _ticket_view(tx, head)
    whole = request.headers.get("X-Requested-With") != "fetch"
    page = "desk/outside_page.html" if whole else "desk/outside.html"
    context = {"v": view, "t": head, "typed": typed, "nonce": token_hex(8)}
    return render_template(page, here="queue", **context), status


def _ticket_view(tx: Connection, head: Head) -> View:
    every = [*boxes(tx, "ticket", head.id), *boxes(tx, "customer", head.customer_id)]
    unresolved = head.status not in {"resolved", "closed"}
    acting = unresolved and may(actor(), "change_ticket")
    replies = [box for box in every if box.panel in SUGGESTING and box.content and box.content["suggestions"]]
    shown = [box for box in every if box.panel not in SUGGESTING and (box.content or box.failure or box.waiting)]
    return View(
        _newest(links_of(tx, head.id)),
        shown,
        replies,
        [(row.name, one) for row, one in offered_actions(tx)] if acting else [],
        _tasks(tx, head) if acting else [],
        acting,
        any(box.waiting for box in every),
    )


def _newest(links: Sequence[LinkRow]) -> list[LinkRow]:
    """Each thing once, although several steps may have wanted it."""
    return list({(one.plugin, one.ref): one for one in links}.values())


def _tasks(tx: Connection, head: Head) -> list[tuple[str, str]]:
    """(name, title) of the open tasks that a new thing may stand for."""
    sop = documents(tx, [head.version_id]).get(head.version_id or 0)
    titles = {step.name: bare_title(step) for step in sop.steps()} if sop else {}
    return [(name, titles.get(name, name)) for name in open_tasks(tx, head.id)]


@desk.post("/tickets/<int:ticket_id>/actions/<action>")
def do_action(ticket_id: int, action: str) -> ResponseReturnValue:
    """Want an action of a plugin done; the plugin host does it within a second or two."""
    given = request.form.to_dict()
    step = given.get("stands_for", "")
    try:
        with changing(ticket_id) as tx:
            ask_action(tx, actor(), ticket_id, action, given, nonce=given.get("nonce") or token_hex(8), step=step)
    except Invalid as error:
        errors = {one.pointer.removeprefix("/"): one.message for one in error.errors}
        return _show(ticket_id, Typed(action, given, errors), 422)
    flash(_("It is being done. What came of it appears on this ticket."))
    return back_to(ticket_id)


@desk.post("/tickets/<int:ticket_id>/unlink")
def unlink_thing(ticket_id: int) -> ResponseReturnValue:
    """Take a thing outside off this ticket; the reason stays in its story."""
    form = request.form
    plugin, ref = form.get("plugin", ""), form.get("ref", "")
    try:
        with changing(ticket_id) as tx:
            unlink(tx, actor(), ticket_id, plugin, ref, form.get("reason", ""))
    except Invalid as error:
        if error.errors[0].pointer == "/ref":  # somebody was quicker: there is no form any more to say it at
            flash(error.errors[0].message)
        return _show(ticket_id, Typed(f"{plugin}/{ref}", form.to_dict(), {"reason": str(error.errors[0].message)}), 422)
    flash(_("“%(ref)s” is no longer linked to this ticket.", ref=ref))
    return back_to(ticket_id)


@desk.get("/customers/<int:customer_id>/outside")
def customer_outside(customer_id: int) -> ResponseReturnValue:
    """What plugins know of a customer."""
    with database().read() as tx:
        known = customer_page(tx, actor(), customer_id).known
    _want("customer", customer_id)
    with database().read() as tx:
        every = boxes(tx, "customer", customer_id)
    shown = [box for box in every if box.content or box.failure or box.waiting]
    view = View(boxes=shown, waiting=any(box.waiting for box in every))
    whole = request.headers.get("X-Requested-With") != "fetch"
    page = "desk/outside_page.html" if whole else "desk/outside.html"
    return render_template(page, here="queue", v=view, c=known, typed=Typed(), nonce="")

"""The course of a ticket's procedure, changed by people: another SOP, a start, start again, a checklist out of order, and what leads decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import render_template, request

from core.directory import directory
from core.errors import CommandError, Conflict, FieldError, Forbidden, Invalid, Refused
from core.permissions import require
from core.texts import _
from core.tickets.ahead import complete_ahead
from core.tickets.documents import documents
from core.tickets.head import ticket_head
from core.tickets.leading import go_on, move_run, restart_at, stop_run
from core.tickets.offers import offers
from core.tickets.starting import start_sop
from core.tickets.switching import switch_sop
from core.tickets.ways import find_step
from web.desk import desk
from web.desk.acting import back_to, changing, field_errors
from web.desk.stepform import ahead_form, read_checklist, read_fields
from web.desk.story import attention
from web.desk.ticket import team_ids
from web.failures import status_of
from web.signin import actor, reader
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.sop.document import Sop, Step
    from core.tickets.head import Head
    from core.tickets.offers import Offers
    from web.desk.stepform import StepForm


@desk.get("/tickets/<int:ticket_id>/course")
def course(ticket_id: int) -> ResponseReturnValue:
    """What may be done with the procedure now, and why the rest may not."""
    require(actor(), "change_ticket")
    return _page(ticket_id)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A task of a checklist that may be done before its turn. `open`: what was typed into its form is shown again, with its errors."""

    name: str
    title: str
    form: StepForm
    errors: Mapping[str, str]
    open: bool


def _page(ticket_id: int, error: CommandError | None = None) -> ResponseReturnValue:
    with database().read() as tx:
        head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        offered = offers(tx, actor(), ticket_id)
        firm = directory(tx)
        sop = documents(tx, [head.version_id]).get(head.version_id or 0) if offered.ahead else None
    ahead = _ahead(sop, head, offered, error) if sop else []
    page = render_template(
        "desk/course.html",
        here="queue",
        t=head,
        o=offered,
        ahead=ahead,
        firm=firm,
        attention=attention(head.attention),
        error="" if error is None or any(one.errors for one in ahead) else str(error),
        typed=request.form,
    )
    return page, status_of(error) if error else 200


def _ahead(sop: Sop, head: Head, offered: Offers, error: CommandError | None) -> list[Ahead]:
    """The forms of the tasks that may be done now, with what was typed into the one that was sent."""
    sent = request.form.get("name", "") if request.form.get("act") == "ahead" else ""
    known = (head.run_fields or {}).get("", {})
    found = []
    for place, one in enumerate(offered.ahead, 1):
        step = find_step(sop, one.name)
        if step is None:
            continue
        typed = _typed(sop, step) if one.name == sent else None
        wrong = field_errors(error, f"f{-place}-") if typed is not None and isinstance(error, Invalid) else {}
        form = ahead_form(sop, step, place, known, typed)
        found.append(Ahead(one.name, one.title, form, wrong, typed is not None))
    return found


def _typed(sop: Sop, step: Step) -> dict[str, Any]:
    typed = read_fields(sop, step, request.form)
    ticked = read_checklist(step, request.form)
    return typed if ticked is None else {**typed, "checklist": ticked}


def _complete_ahead(tx: Connection, ticket_id: int, name: str) -> None:
    head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
    sop = documents(tx, [head.version_id]).get(head.version_id or 0)
    step = find_step(sop, name) if sop else None
    typed = _typed(sop, step) if sop and step else {}
    result = {"checklist": typed.pop("checklist")} if "checklist" in typed else None
    choice = request.form.get("choice") or None
    complete_ahead(tx, settings(), actor(), ticket_id, name, fields=typed, choice=choice, result=result)


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
            _complete_ahead(tx, ticket_id, name)
        case "go_on":
            go_on(tx, settings(), actor(), ticket_id)
        case "move":
            move_run(tx, settings(), actor(), ticket_id, name, reason)
        case "stop":
            stop_run(tx, settings(), actor(), ticket_id, reason)
        case _:
            raise Invalid(FieldError("/act", _("Choose one of the acts on this page.")))

"""The course of a ticket's procedure: where it stands and why, what may be done, and what people change of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core.directory import directory
from core.moments import now_ms
from core.permissions import may
from core.sop.titles import step_title
from core.texts import language
from core.tickets import leading
from core.tickets.access import know
from core.tickets.ahead import complete_ahead
from core.tickets.documents import documents, sub_documents
from core.tickets.offers import offers
from core.tickets.page import ticket_page
from core.tickets.relay import legs
from core.tickets.rows import flush
from core.tickets.starting import start_sop
from core.tickets.switching import switch_sop
from core.tickets.ways import find_step
from web.api import shapes_course as shapes
from web.api import shapes_work
from web.api.answers import Answer, answer, command
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.ticket_json import step_json
from web.desk.stepform import ahead_form, step_form
from web.desk.story import attention
from web.desk.ticket import teller_of
from web.desk.why import explain
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.sop.document import Sop
    from core.tickets.head import Head
    from core.tickets.offers import Choice, Offers
    from core.tickets.relay import Leg
    from web.desk.stepform import StepForm
    from web.desk.telling import Teller

part = Part("course", __name__, "The course of the procedure a ticket follows.")
_COURSE = "/tickets/<int:ticket_id>/course"
_CLOSED = "closed"


@part.reading(_COURSE)
@part.response(200, shapes.Course)
def read_course(ticket_id: int) -> Response:
    """Where a ticket stands in its procedure, why, and what may be done now

    `legs` is the relay as the ticket's page shows it. `offers` holds what you may do beside the open steps; an empty text says that it may be
    done, any other is the reason why not.
    """
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        return answer(_course(tx, ticket_id))


def _course(tx: Connection, ticket_id: int) -> dict[str, Any]:
    firm = directory(tx)
    teams = tuple(team.id for team in firm.teams.values() if caller().id in team.members)
    page = ticket_page(tx, caller(), ticket_id, teams, shown=1)
    head = page.head
    sop = documents(tx, [head.version_id]).get(head.version_id or 0)
    subs = sub_documents(tx, page.steps)
    teller = teller_of(head, firm, sop, None, subs)
    shown = legs(sop, page.steps, now_ms(), subs) if sop else ()
    return {
        "sop": sop.name if sop else None,
        "title": sop.title.say(language()) if sop else None,
        "mode": sop.mode if sop else None,
        "version": head.sop_number,
        "state": head.run_state,
        "attention": attention(head.attention) or None,
        "legs": [_leg(one, head, teller, firm) for one in shown],
        "offers": _offers(offers(tx, caller(), ticket_id), sop, head),
    }


def _leg(leg: Leg, head: Head, teller: Teller, firm: Directory) -> dict[str, Any]:
    known: Mapping[str, Any] = (head.run_fields or {}).get(leg.frame, {})

    def filled(text: str) -> str:
        return teller.filled(text, leg.sop, known)

    visit = leg.visit if leg.state != "next" else None
    asked = visit is not None and visit.state == "open" and head.status != _CLOSED
    form = step_form(leg.sop, leg.step, visit, known, None, filled) if asked and visit is not None else None
    return {
        "name": leg.step.name,
        "kind": leg.step.kind,
        "title": filled(step_title(leg.step, leg.sop)),
        "state": leg.state,
        "branch": leg.branch or None,
        "visits": leg.visits,
        "step": step_json(firm, visit, leg.sop) if visit is not None else None,
        "form": _form(form) if form is not None else None,
        "why": list(explain(teller, visit.why)) if visit is not None else [],
        "legs": [_leg(one, head, teller, firm) for one in leg.legs],
    }


def _form(form: StepForm) -> dict[str, Any]:
    return {
        "kind": form.kind,
        "text": form.text,
        "note": form.note,
        "fields": [
            {
                "name": one.name.removeprefix("field."),
                "label": one.label,
                "kind": one.kind,
                "required": one.required,
                "value": one.file[1] if one.file else one.value,
                "unit": one.unit,
                "help": one.help,
                "options": [{"code": code, "label": label} for code, label in one.options],
            }
            for one in form.inputs
        ],
        "checklist": [{"text": text, "done": done} for text, done in form.checklist],
        "choices": [{"code": code, "label": label} for code, label in form.choices],
    }


def _offers(found: Offers, sop: Sop | None, head: Head) -> dict[str, Any]:
    def listed(choices: Iterable[Choice]) -> list[dict[str, str]]:
        return [{"name": one.name, "title": one.title} for one in choices]

    known: Mapping[str, Any] = (head.run_fields or {}).get("", {})
    ahead = []
    for place, one in enumerate(found.ahead, 1):
        step = find_step(sop, one.name) if sop else None
        if sop is not None and step is not None:
            form = _form(ahead_form(sop, step, place, known, None))
            ahead.append({"name": one.name, "title": one.title, "form": form})
    return {
        "resolve": found.resolve,
        "close": found.close,
        "switch": found.switch,
        "kept": dict(found.kept),
        "skip": {str(step_id): why for step_id, why in found.skip.items()},
        "switch_to": listed(() if found.switch else found.switch_to),
        "start": listed(found.start),
        "restart_at": listed(found.restart_at),
        "move_to": listed(found.move_to),
        "ahead": ahead if may(caller(), "complete_any_step") else [],
        "led": found.led,
    }


# ---- changing it -----------------------------------------------------------------------------------------------------------


def _act(ticket_id: int, act: Callable[[Connection], object]) -> Response:
    """Change the course, and answer with how it stands then."""

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        act(tx)
        flush(tx)
        return Answer(_course(tx, ticket_id))

    return command(work)


@part.command(f"{_COURSE}/switch")
@part.arguments(shapes.Switching)
@part.response(200, shapes.Course)
def switch(given: dict[str, Any], ticket_id: int) -> Response:
    """Let a ticket follow another procedure

    The reason stands on the ticket as an internal comment. Of a strict procedure only a lead may.
    """
    return _act(ticket_id, lambda tx: switch_sop(tx, settings(), caller(), ticket_id, given["sop"], given["reason"]))


@part.command(f"{_COURSE}/start")
@part.arguments(shapes.Starting)
@part.response(200, shapes.Course)
def start(given: dict[str, Any], ticket_id: int) -> Response:
    """Begin a procedure on a ticket that follows none"""
    return _act(
        ticket_id,
        lambda tx: start_sop(tx, settings(), caller(), ticket_id, given["sop"]),
    )


@part.command(f"{_COURSE}/restart")
@part.arguments(shapes.AtStep)
@part.response(200, shapes.Course)
def restart(given: dict[str, Any], ticket_id: int) -> Response:
    """Start a procedure that has ended again at one of its steps"""
    return _act(ticket_id, lambda tx: leading.restart_at(tx, settings(), caller(), ticket_id, given["step"]))


@part.command(f"{_COURSE}/ahead")
@part.arguments(shapes.DoingAhead)
@part.response(200, shapes.Course)
def ahead(given: dict[str, Any], ticket_id: int) -> Response:
    """Complete a task of a checklist before its turn"""
    values = {"fields": given["fields_"], "choice": given["choice"], "result": given["result"]}
    return _act(ticket_id, lambda tx: complete_ahead(tx, settings(), caller(), ticket_id, given["step"], **values))


@part.command(f"{_COURSE}/move")
@part.arguments(shapes.MovingOn)
@part.response(200, shapes.Course)
def move(given: dict[str, Any], ticket_id: int) -> Response:
    """Send the flow to another step (leads)"""
    return _act(
        ticket_id, lambda tx: leading.move_run(tx, settings(), caller(), ticket_id, given["step"], given["reason"])
    )


@part.command(f"{_COURSE}/go-on")
@part.arguments(shapes_work.Nothing)
@part.response(200, shapes.Course)
def go_on(_given: dict[str, Any], ticket_id: int) -> Response:
    """Let a procedure that needs attention go on (leads)"""
    return _act(ticket_id, lambda tx: leading.go_on(tx, settings(), caller(), ticket_id))


@part.command(f"{_COURSE}/stop")
@part.arguments(shapes_work.Reason)
@part.response(200, shapes.Course)
def stop(given: dict[str, Any], ticket_id: int) -> Response:
    """End a procedure that needs attention (leads); the ticket stays with its holder"""
    return _act(ticket_id, lambda tx: leading.stop_run(tx, settings(), caller(), ticket_id, given["reason"]))

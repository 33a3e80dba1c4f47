"""Steps of a ticket's procedure: read the ledger, complete, skip, vote, answer. The first one wins; the others learn who it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core.directory import directory
from core.errors import Conflict, Refused
from core.tickets import steps
from core.tickets.access import know
from core.tickets.documents import documents
from core.tickets.ledger_page import one_step, steps_page
from core.tickets.rows import flush
from web.api import shapes, shapes_work
from web.api.answers import Answer, command, cursor, items, read_cursor
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.problems import OnStep
from web.api.ticket_json import step_json
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

part = Part("steps", __name__, "The steps of the procedure a ticket follows.")
_STEP = "/tickets/<int:ticket_id>/steps/<int:step_id>"


@part.reading("/tickets/<int:ticket_id>/steps")
@part.arguments(shapes.Page, location="query")
@part.response(200, shapes.listed(shapes_work.Step))
def list_steps(wanted: dict[str, Any], ticket_id: int) -> Response:
    """The step ledger of a ticket, in the order of opening"""
    after = read_cursor(wanted["next"], int)
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        firm = directory(tx)
        found = steps_page(tx, ticket_id, after=after[0] if after else 0, limit=wanted["limit"] + 1)
        sops = documents(tx, (version for _row, version in found))
    shown = found[: wanted["limit"]]
    following = cursor(shown[-1][0].id) if len(found) > len(shown) else None
    return items([step_json(firm, row, sops.get(version)) for row, version in shown], following)


@part.command(f"{_STEP}/complete")
@part.arguments(shapes_work.Completion)
@part.response(200, shapes_work.Step)
def complete(given: dict[str, Any], ticket_id: int, step_id: int) -> Response:
    """Complete a task, with its fields and choice"""
    return _act(
        ticket_id,
        step_id,
        lambda tx: steps.complete_step(
            tx,
            settings(),
            caller(),
            ticket_id,
            step_id,
            fields=given["fields_"],
            choice=given["choice"],
            result=given["result"],
        ),
    )


@part.command(f"{_STEP}/skip")
@part.arguments(shapes_work.Reason)
@part.response(200, shapes_work.Step)
def skip(given: dict[str, Any], ticket_id: int, step_id: int) -> Response:
    """Skip a step; refused when the SOP is strict"""
    return _act(
        ticket_id,
        step_id,
        lambda tx: steps.skip_step(tx, settings(), caller(), ticket_id, step_id, reason=given["reason"]),
    )


@part.command(f"{_STEP}/approve")
@part.arguments(shapes_work.Vote)
@part.response(200, shapes_work.Step)
def approve(given: dict[str, Any], ticket_id: int, step_id: int) -> Response:
    """Vote for an approval"""
    return _vote(ticket_id, step_id, "approve", given["comment"])


@part.command(f"{_STEP}/reject")
@part.arguments(shapes_work.Vote)
@part.response(200, shapes_work.Step)
def reject(given: dict[str, Any], ticket_id: int, step_id: int) -> Response:
    """Vote against an approval"""
    return _vote(ticket_id, step_id, "reject", given["comment"])


def _vote(ticket_id: int, step_id: int, choice: str, comment: str) -> Response:
    return _act(
        ticket_id,
        step_id,
        lambda tx: steps.vote(tx, settings(), caller(), ticket_id, step_id, choice, comment=comment),
    )


@part.command(f"{_STEP}/answer")
@part.arguments(shapes_work.StepAnswer)
@part.response(200, shapes_work.Step)
def answer_question(given: dict[str, Any], ticket_id: int, step_id: int) -> Response:
    """Answer the question of a step; the answer is kept as an internal comment"""
    return _act(
        ticket_id, step_id, lambda tx: steps.answer_step(tx, settings(), caller(), ticket_id, step_id, given["text"])
    )


@part.command(f"{_STEP}/accept")
@part.arguments(shapes_work.Nothing)
@part.response(200, shapes_work.Step)
def accept_document(_given: dict[str, Any], ticket_id: int, step_id: int) -> Response:
    """Accept the draft that a document step offers"""
    return _decide_document(ticket_id, step_id, accept=True)


@part.command(f"{_STEP}/decline")
@part.arguments(shapes_work.Nothing)
@part.response(200, shapes_work.Step)
def decline_document(_given: dict[str, Any], ticket_id: int, step_id: int) -> Response:
    """Decline the draft that a document step offers"""
    return _decide_document(ticket_id, step_id, accept=False)


def _decide_document(ticket_id: int, step_id: int, *, accept: bool) -> Response:
    def act(tx: Connection) -> None:
        steps.decide_document(tx, settings(), caller(), ticket_id, step_id, accept)

    return _act(ticket_id, step_id, act)


@part.command(f"{_STEP}/decide")
@part.arguments(shapes_work.Decision)
@part.response(200, shapes_work.Step)
def decide_failure(given: dict[str, Any], ticket_id: int, step_id: int) -> Response:
    """Say what becomes of a step that failed: retry, by_hand (with the result), skip, end"""
    return _act(
        ticket_id,
        step_id,
        lambda tx: steps.decide_error(
            tx, settings(), caller(), ticket_id, step_id, given["choice"], result=given["result"]
        ),
    )


def _act(ticket_id: int, step_id: int, act: Callable[[Connection], object]) -> Response:
    """Act on a step and answer with it; who comes too late is shown how the step stands."""

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        act(tx)
        return Answer(_step(tx, ticket_id, step_id))

    try:
        return command(work)
    except (Conflict, Refused) as error:
        with database().read() as tx:
            stands = _step(tx, ticket_id, step_id)
        raise OnStep(error, stands) from error


def _step(tx: Connection, ticket_id: int, step_id: int) -> dict[str, Any]:
    flush(tx)
    row, version = one_step(tx, ticket_id, step_id)
    return step_json(directory(tx), row, documents(tx, [version]).get(version))

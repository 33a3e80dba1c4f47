"""Acting on steps through the forms that people use: typed values, files, steps that failed, sub-SOPs, and the drawing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from core.actors import SYSTEM
from core.moments import now_ms
from core.performing import perform
from core.procedures import publish, publish_library
from core.schema import Effect, Message, MessageBody, Run, StepVisit, Ticket
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

from .conftest import IDS, post
from .test_ticket import one, open_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings

TYPED = """
sop: typed
fields:
  paper:  {type: file, label: Delivery note}
  helper: {type: person, label: Who helps}
  price:  {type: money, currency: IDR, label: Price}
  day:    {type: date, label: Day}
  sure:   {type: boolean, label: Sure}
do:
  - fill:
      task: Fill it in
      require: [fields.paper, fields.helper, fields.price, fields.day, fields.sure]
  - check:
      approval: {by: lead, question: "Pay ${fields.price} on ${fields.day}?"}
  - finish: {resolve: {}}
"""
FAILING = """
sop: failing
do:
  - ship: {call: courier.book}
  - cost:
      switch:
        - {if: 'steps.ship.outcome == "skipped"', do: [{by_foot: {task: Walk there}}]}
        - else: []
  - thank: {task: Thank the courier}
  - finish: {resolve: {}}
"""
OUTER = """
sop: outer
do:
  - inner: {run: {sop: typed}}
  - finish: {resolve: {}}
"""


@pytest.fixture
def opened(settings: Settings, firm: Database) -> Callable[[str], int]:
    """`opened("typed")`: a ticket that follows this procedure."""
    with firm.write() as tx:
        publish_library(tx, SYSTEM, now_ms())
        for text in (TYPED, FAILING, OUTER):
            publish(tx, SYSTEM, text, now=now_ms())

    def open_one(sop: str) -> int:
        with firm.write() as tx:
            them = CustomerRef("sari@example.com", "Sari Wulandari")
            new = NewTicket("The fridge leaks", "Water", them, department="service", language="en", sop=sop)
            return open_ticket(tx, settings, SYSTEM, new).ticket_id

    return open_one


@pytest.fixture
def lina(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return signed_in("lina")


def send(client: FlaskClient, ticket: int, step: int, form: dict[str, Any], act: str = "complete") -> Any:
    return post(client, f"/tickets/{ticket}/steps/{step}/{act}", form, content_type="multipart/form-data")


FILLED = {"field.helper": str(IDS["wati"]), "field.price": "7450000", "field.day": "2026-12-24", "field.sure": "true"}


def paper() -> tuple[io.BytesIO, str, str]:
    return io.BytesIO(b"%PDF-1.4"), "surat jalan.pdf", "application/pdf"


def test_typed_values_reach_the_question(lina: FlaskClient, firm: Database, opened: Callable[[str], int]) -> None:
    ticket = opened("typed")
    step = open_step(firm, ticket)
    answer = send(lina, ticket, step, {**FILLED, "field.paper": paper()})
    assert answer.status_code == 303, answer.text
    page = lina.get(f"/tickets/{ticket}").text
    assert "Pay Rp 7.450.000 on 24 December 2026?" in page.replace("\u00a0", " ")
    fields = one(firm, select(Run.fields).where(Run.ticket_id == ticket))[0][""]
    assert fields["helper"] == str(IDS["wati"])
    assert fields["paper"]["name"] == "surat jalan.pdf"
    assert lina.get(f"/files/{fields['paper']['file']}").data == b"%PDF-1.4"


def test_file_outlives_wrong_values(lina: FlaskClient, firm: Database, opened: Callable[[str], int]) -> None:
    ticket = opened("typed")
    step = open_step(firm, ticket)
    answer = send(lina, ticket, step, {**FILLED, "field.price": "a lot", "field.paper": paper()})
    assert answer.status_code == 422
    assert f'href="#f{step}-price"' in answer.text
    assert 'value="a lot"' in answer.text
    assert "surat jalan.pdf" in answer.text
    assert send(lina, ticket, step, FILLED).status_code == 303
    assert one(firm, select(StepVisit.state).where(StepVisit.id == step))[0] == "done"


def test_missing_file_is_named(lina: FlaskClient, firm: Database, opened: Callable[[str], int]) -> None:
    ticket = opened("typed")
    step = open_step(firm, ticket)
    answer = send(lina, ticket, step, FILLED)
    assert answer.status_code == 422
    assert f'href="#f{step}-paper"' in answer.text
    assert f'<option value="{IDS["wati"]}" selected>' in answer.text


def test_sub_procedure_is_acted_on(lina: FlaskClient, firm: Database, opened: Callable[[str], int]) -> None:
    ticket = opened("outer")
    page = lina.get(f"/tickets/{ticket}").text
    assert "Procedure typed" in page
    assert "Fill it in" in page
    step = open_step(firm, ticket)
    assert send(lina, ticket, step, {**FILLED, "field.paper": paper()}).status_code == 303
    assert "Pay Rp 7.450.000" in lina.get(f"/tickets/{ticket}").text.replace("\u00a0", " ")
    assert "Typed" in lina.get(f"/tickets/{ticket}/procedure").text


@pytest.fixture
def failed(firm: Database, settings: Settings, opened: Callable[[str], int]) -> tuple[int, int]:
    """(ticket, step) of a `call` that no plugin could do."""
    ticket = opened("failing")
    perform(firm, settings, one(firm, select(Effect.key).where(Effect.kind != "send_mail"))[0])
    return ticket, open_step(firm, ticket, "call")


def test_failed_step_says_what_failed(lina: FlaskClient, failed: tuple[int, int]) -> None:
    page = lina.get(f"/tickets/{failed[0]}").text
    assert "“Courier.book” did not work." in page
    assert page.count("No plugin offers the action “courier.book”.") == 2
    assert f'href="#step-{failed[1]}"' in page


def test_failed_step_is_tried_again(
    lina: FlaskClient, firm: Database, settings: Settings, failed: tuple[int, int]
) -> None:
    assert send(lina, *failed, {"answer": "retry"}, "error").status_code == 303
    assert "did not work" not in lina.get(f"/tickets/{failed[0]}").text
    again = one(firm, select(Effect.key).where(Effect.kind != "send_mail", Effect.state == "planned"))[0]
    perform(firm, settings, again)
    assert "did not work" in lina.get(f"/tickets/{failed[0]}").text


def test_failed_step_is_done_by_hand(lina: FlaskClient, firm: Database, failed: tuple[int, int]) -> None:
    assert send(lina, *failed, {"answer": "by_hand", "result": "Number: 4711"}, "error").status_code == 303
    done = one(firm, select(StepVisit.state, StepVisit.result).where(StepVisit.id == failed[1]))
    assert done == ("done", {"number": "4711"})
    assert "Thank the courier" in lina.get(f"/tickets/{failed[0]}").text


def test_failed_step_is_skipped_with_reason(lina: FlaskClient, firm: Database, failed: tuple[int, int]) -> None:
    assert send(lina, *failed, {"answer": "skip", "reason": "The courier is on strike"}, "error").status_code == 303
    assert one(firm, select(StepVisit.state).where(StepVisit.id == failed[1]))[0] == "skipped"
    text = select(MessageBody.text).join(Message, Message.id == MessageBody.message_id).order_by(Message.id.desc())
    assert "The courier is on strike" in one(firm, text)[0]
    assert "Walk there" in lina.get(f"/tickets/{failed[0]}").text


def test_failed_step_ends_the_procedure(lina: FlaskClient, firm: Database, failed: tuple[int, int]) -> None:
    assert send(lina, *failed, {"answer": "end"}, "error").status_code == 303
    assert one(firm, select(Run.state).where(Run.ticket_id == failed[0]))[0] not in {"running", "attention"}
    assert one(firm, select(Ticket.status).where(Ticket.id == failed[0]))[0] != "closed"


def test_second_decider_learns_who_was_first(
    lina: FlaskClient, signed_in: Callable[[str], FlaskClient], failed: tuple[int, int]
) -> None:
    send(signed_in("dewi"), *failed, {"answer": "by_hand"}, "error")
    answer = send(lina, *failed, {"answer": "by_hand", "result": "number: 4711"}, "error")
    assert answer.status_code == 409
    assert "Dewi Anggraini completed" in answer.text
    assert "number: 4711" in answer.text


def test_drawing_shows_the_way(lina: FlaskClient, failed: tuple[int, int]) -> None:
    send(lina, *failed, {"answer": "by_hand"}, "error")
    page = lina.get(f"/tickets/{failed[0]}/procedure").text
    assert "mark-now" in page
    assert "Why this way" in page
    assert "does not hold" in page


STRICT = """
sop: strict
mode: strict
do:
  - look: {task: Look at it}
  - finish: {resolve: {}}
"""
PARENT = """
sop: parent
do:
  - ask: {run: {ticket: {department: billing, subject: Check the invoice}}}
  - finish: {resolve: {}}
"""


@pytest.fixture
def more(firm: Database, opened: Callable[[str], int]) -> Callable[[str], int]:
    with firm.write() as tx:
        for text in (STRICT, PARENT):
            publish(tx, SYSTEM, text, now=now_ms())
    return opened


def test_strict_procedure_says_why_not(lina: FlaskClient, more: Callable[[str], int]) -> None:
    page = lina.get(f"/tickets/{more('strict')}").text
    assert "cannot be skipped: its SOP is strict" in page
    assert "Skip this step" not in page
    assert 'action="/tickets/1/resolve"' not in page


def test_child_ticket_is_linked_both_ways(
    signed_in: Callable[[str], FlaskClient], more: Callable[[str], int], firm: Database
) -> None:
    parent, mira = more("parent"), signed_in("mira")
    child = one(firm, select(Ticket.id).where(Ticket.id != parent))[0]
    assert f'<a href="/tickets/{child}" lang="en">Check the invoice</a>' in mira.get(f"/tickets/{parent}").text
    assert f'opened by a step of ticket <a href="/tickets/{parent}">' in " ".join(
        mira.get(f"/tickets/{child}").text.split()
    )

"""The page where people change the course of a ticket's procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from core import procedures
from core.actors import SYSTEM
from core.moments import now_ms
from core.schema import Run, StepVisit
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

from .conftest import post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings

STRICT = "sop: card\nmode: strict\ndo:\n  - verify: {task: Check the card}\n  - finish:\n      resolve: {require: [resolution]}\n"
LIST = "sop: welcome\nmode: advisory\ndo:\n  - greet: {task: Greet them}\n  - pause:\n      wait: {for: P1D}\n  - last: {task: Write it down}\n"

FORM = """
sop: parcel
mode: advisory
fields:
  amount: {type: money, label: Amount paid}
  box: {type: boolean, label: Is the box there?}
do:
  - greet: {task: Greet them}
  - pause: {wait: {for: P1D}}
  - last:
      task: Look at the parcel
      require: [fields.amount, fields.box]
      checklist: [Sealed, Dry]
      choices: {good: Good, bad: Bad}
"""


@pytest.fixture
def opened(firm: Database, settings: Settings) -> Callable[[str], int]:
    def begin(document: str) -> int:
        with firm.write() as tx:
            procedures.publish_library(tx, SYSTEM, now_ms())
            made = procedures.publish(tx, SYSTEM, document, now=now_ms())
            new = NewTicket("Card lost", "Help.", CustomerRef("ana@example.com"), channel="form", sop=made.name)
            return open_ticket(tx, settings, SYSTEM, new).ticket_id

    return begin


def open_steps(firm: Database, ticket: int) -> list[str]:
    with firm.read() as tx:
        query = select(StepVisit.name).where(StepVisit.ticket_id == ticket, StepVisit.state == "open")
        return list(tx.execute(query.where(StepVisit.kind != "sop")).scalars())


def test_strict_page_says_why_not(opened: Callable[[str], int], signed_in: Callable[[str], FlaskClient]) -> None:
    ticket = opened(STRICT)
    page = signed_in("dewi").get(f"/tickets/{ticket}/course")
    assert page.status_code == 200
    assert "only a team lead can switch it" in page.text
    assert "Open now: “Check the card”" in page.text
    assert 'value="switch"' not in page.text
    assert 'value="switch"' in signed_in("lina").get(f"/tickets/{ticket}/course").text


def test_lead_switches_on_page(
    opened: Callable[[str], int], signed_in: Callable[[str], FlaskClient], firm: Database
) -> None:
    ticket = opened(STRICT)
    lead = signed_in("lina")
    bare = post(lead, f"/tickets/{ticket}/course", {"act": "switch", "name": "standard", "reason": ""})
    assert (bare.status_code, "Give a reason" in bare.text) == (422, True)
    done = post(lead, f"/tickets/{ticket}/course", {"act": "switch", "name": "standard", "reason": "No card"})
    assert done.status_code == 303
    with firm.read() as tx:
        states = tx.execute(select(Run.state).where(Run.ticket_id == ticket).order_by(Run.id)).scalars().all()
    assert states == ["switched", "running"]


def test_checklist_task_asks_for_its_fields_ahead(
    opened: Callable[[str], int], signed_in: Callable[[str], FlaskClient], firm: Database
) -> None:
    ticket = opened(FORM)
    agent = signed_in("dewi")
    page = agent.get(f"/tickets/{ticket}/course").text
    for words in ("Amount paid", "Is the box there?", "Sealed", 'name="choice" value="good"'):
        assert words in page
    form = {"act": "ahead", "name": "last", "field.amount": "a lot", "checklist": "0", "choice": "good"}
    wrong = post(agent, f"/tickets/{ticket}/course", form)
    assert wrong.status_code == 422
    assert 'value="a lot"' in wrong.text  # what was typed is still there
    assert "is no amount" in wrong.text or "“a lot”" in wrong.text
    assert post(agent, f"/tickets/{ticket}/course", {**form, "field.amount": "5000"}).status_code == 303
    with firm.read() as tx:
        done = tx.execute(select(StepVisit.outcome, StepVisit.result).where(StepVisit.name == "last")).one()
        fields = tx.execute(select(Run.fields).where(Run.ticket_id == ticket)).scalar_one()
    assert done.outcome == "good"
    assert done.result["checklist"] == [0]
    assert fields[""]["amount"]["minor"] == 500_000
    assert fields[""]["box"] is False


def test_checklist_task_is_done_ahead(
    opened: Callable[[str], int], signed_in: Callable[[str], FlaskClient], firm: Database
) -> None:
    ticket = opened(LIST)
    agent = signed_in("dewi")
    assert "Write it down" in agent.get(f"/tickets/{ticket}/course").text
    assert post(agent, f"/tickets/{ticket}/course", {"act": "ahead", "name": "last"}).status_code == 303
    assert open_steps(firm, ticket) == ["greet"]
    again = post(agent, f"/tickets/{ticket}/course", {"act": "ahead", "name": "last"})
    assert again.status_code == 409


def test_unknown_act_is_refused(opened: Callable[[str], int], signed_in: Callable[[str], FlaskClient]) -> None:
    ticket = opened(LIST)
    assert post(signed_in("dewi"), f"/tickets/{ticket}/course", {"act": "explode"}).status_code == 422

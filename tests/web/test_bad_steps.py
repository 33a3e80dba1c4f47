"""A step is completed twice, by the wrong person, after it expired, with a wrong value, on an old page: each is told how it stands now, on the
page and over the API, and what was typed is still there. (Temporal away: `tests/faults/test_house_faults.py`.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from core import procedures
from core.actors import SYSTEM, Actor
from core.advance import walk_on
from core.moments import now_ms
from core.organisation import issue_token
from core.schema import Run, StepVisit
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.rows import lock
from core.tickets.switching import switch_sop

from .conftest import IDS, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings

DEWI = Actor("person", IDS["dewi"], "agent", "Dewi Anggraini", 1)
PAY = """
sop: pay
fields:
  amount: {type: money, label: Amount}
  why: {type: text, label: Why}
do:
  - check:
      task: Check the invoice
      to: agent:dewi
      require: [fields.amount, fields.why]
      timeout: {after: PT4H, then: finish}
  - finish: {resolve: {require: [resolution]}}
"""
TYPED = {"field.amount": "7500", "field.why": "It was paid twice"}
FIELDS = {"fields": {"amount": 7500, "why": "It was paid twice"}}


@dataclass
class House:
    """One ticket with an open step, its page and the API."""

    app: Flask
    database: Database
    settings: Settings
    ticket: int
    step: int
    signed_in: Callable[[str], FlaskClient]

    def page(self, nick: str, form: dict[str, str]) -> Any:
        return post(self.signed_in(nick), f"/tickets/{self.ticket}/steps/{self.step}/complete", form)

    def api(self, nick: str, body: dict[str, Any]) -> Any:
        path = f"/api/v1/tickets/{self.ticket}/steps/{self.step}/complete"
        return self.app.test_client().post(path, json=body, headers={"Authorization": f"Bearer est_{nick}"})

    def late(self, hours: int) -> None:
        with self.database.write() as tx:
            walk_on(tx, self.settings, lock(tx, self.ticket), now_ms() + hours * 3_600_000)

    def outcomes(self) -> list[tuple[str, str | None]]:
        query = select(StepVisit.state, StepVisit.outcome).where(StepVisit.id == self.step)
        with self.database.read() as tx:
            return [tuple(row) for row in tx.execute(query)]


@pytest.fixture
def house(app: Flask, firm: Database, settings: Settings, signed_in: Callable[[str], FlaskClient]) -> House:
    with firm.write() as tx:
        procedures.publish_library(tx, SYSTEM, now_ms())
        procedures.publish(tx, SYSTEM, PAY, now=now_ms())
        for nick in ("dewi", "lina", "wati", "oskar"):
            issue_token(tx, IDS[nick], nick, token=f"est_{nick}")
        new = NewTicket("Paid twice", "See.", CustomerRef("ana@example.com"), department="service", sop="pay")
        ticket = open_ticket(tx, settings, SYSTEM, new).ticket_id
    with firm.read() as tx:
        step = tx.execute(
            select(StepVisit.id).where(StepVisit.ticket_id == ticket, StepVisit.name == "check")
        ).scalar_one()
    return House(app, firm, settings, ticket, step, signed_in)


def kept(page: Any) -> bool:
    """Is what was typed still on the page?"""
    return "It was paid twice" in page.text and "7500" in page.text


def test_completed_twice(house: House) -> None:
    assert house.page("dewi", TYPED).status_code == 303
    page = house.page("lina", {**TYPED, "field.why": "It was paid twice, I say"})
    assert page.status_code == 409
    assert "Dewi Anggraini" in page.text  # who was first
    assert kept(page)
    again = house.api("lina", FIELDS)
    assert again.status_code == 409
    assert again.json["step"]["ended_by"]["name"] == "Dewi Anggraini"
    assert again.json["step"]["state"] == "done"
    with house.database.read() as tx:
        fields = tx.execute(select(Run.fields).where(Run.ticket_id == house.ticket)).scalar_one()
    assert fields[""]["why"] == "It was paid twice"  # the second one changed nothing


def test_by_the_wrong_person(house: House) -> None:
    page = house.page("wati", TYPED)  # a light agent, whom the step does not ask
    assert page.status_code == 403
    assert "waits for somebody else" in page.text
    assert kept(page)
    answer = house.api("wati", FIELDS)
    assert (answer.status_code, "waits for somebody else" in answer.json["detail"]) == (403, True)
    assert house.page("oskar", TYPED).status_code == 404  # another department learns nothing
    assert house.api("oskar", FIELDS).status_code == 404
    assert house.outcomes() == [("open", None)]


def test_after_it_expired(house: House) -> None:
    house.late(5)
    page = house.page("dewi", TYPED)
    assert page.status_code == 409
    assert "timed out" in page.text or "time limit" in page.text
    assert kept(page)
    answer = house.api("dewi", FIELDS)
    assert (answer.status_code, answer.json["step"]["state"]) == (409, "expired")
    assert house.outcomes() == [("expired", "timeout")]


def test_with_a_wrong_value(house: House) -> None:
    page = house.page("dewi", {**TYPED, "field.amount": "much"})
    assert page.status_code == 422
    assert f'id="f{house.step}-amount"' in page.text
    assert "“much”" in page.text
    assert "It was paid twice" in page.text
    answer = house.api("dewi", {"fields": {"amount": "much", "why": 5}})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/fields/amount")
    missing = house.api("dewi", {"fields": {}})
    assert [one["pointer"] for one in missing.json["errors"]] == ["/fields/amount", "/fields/why"]
    assert house.outcomes() == [("open", None)]


def test_on_an_old_page(house: House) -> None:
    with house.database.write() as tx:
        switch_sop(tx, house.settings, DEWI, house.ticket, "standard", "Not a payment")
    page = house.page("dewi", TYPED)
    assert page.status_code == 409
    assert "belongs to a procedure that the ticket no longer follows" in page.text
    assert kept(page)
    answer = house.api("dewi", FIELDS)
    assert (answer.status_code, answer.json["step"]["state"]) == (409, "cancelled")

"""The customer rates, by the link in a survey's mail and on the request page, and takes their request back."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from core import procedures
from core.actors import SYSTEM, Actor
from core.moments import now_ms
from core.schema import Customer as CustomerTable
from core.schema import Event, Message, MessageBody, Run, StepVisit, Survey, Ticket
from core.templates.changes import Edit, save_template
from core.tickets.resolving import close
from core.tickets.surveys import CHANGEABLE_MS

from ..conftest import IDS
from .conftest import DEWI, new_customer

if TYPE_CHECKING:
    from flask import Flask

    from core.database import Database
    from core.settings import Settings

    from .conftest import Customer

MIRA = Actor("person", IDS["mira"], "manager", "Mira", 1)
ASKS = """
sop: asks
on:
  customer.rated: {do: [thank: {task: Read the rating, to: "agent:dewi"}]}
do:
  - how: {survey: {type: TYPE}}
  - heard: {wait: {event: customer.rated, if: result.score < 3}}
  - call: {task: Call them, to: "agent:dewi"}
"""
WITHDRAWN = """
sop: given-up
mode: MODE
ON
do:
  - work: {task: Work, to: "agent:dewi"}
  - finish: {resolve: {require: [resolution]}}
"""


@pytest.fixture
def asked(desk_app: Flask, firm: Database, settings: Settings) -> Any:
    """`asked("csat")`: a customer whose procedure asks how it was."""

    def ask(kind: str = "csat", **more: Any) -> Customer:
        with firm.write() as tx:
            procedures.publish(tx, SYSTEM, ASKS.replace("TYPE", kind), now=now_ms())
        return new_customer(desk_app, firm, settings, "eka@example.com", sop="asks", **more)

    return ask


def mail_of(customer: Customer) -> str:
    m, b = Message.__table__.c, MessageBody.__table__.c
    query = select(b.text).join(Message, m.id == b.message_id).where(m.ticket_id == customer.opened.ticket_id)
    with customer.database.read() as tx:
        return str(tx.execute(query.where(m.template.is_not(None)).order_by(m.id.desc())).scalars().first())


def survey_path(customer: Customer) -> str:
    found = re.search(re.escape(customer.settings.public_url) + r"(/s/\S+)", mail_of(customer))
    assert found
    return found[1]


def told(customer: Customer, kind: str) -> list[dict[str, Any]]:
    e = Event.__table__.c
    query = select(e.data).where(e.stream == "ticket", e.stream_id == customer.opened.ticket_id, e.kind == kind)
    with customer.database.read() as tx:
        return [row.data for row in tx.execute(query.order_by(e.seq))]


def open_steps(customer: Customer) -> list[str]:
    s = StepVisit.__table__.c
    query = select(s.name).where(s.ticket_id == customer.opened.ticket_id, s.state == "open", s.kind != "sop")
    with customer.database.read() as tx:
        return [name for name in tx.execute(query.order_by(s.id)).scalars() if not name.endswith("@")]


def ticket_of(customer: Customer) -> Any:
    with customer.database.read() as tx:
        return tx.execute(select(Ticket.__table__).where(Ticket.id == customer.opened.ticket_id)).one()


def plain(page: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@pytest.mark.parametrize(("kind", "least", "most"), [("csat", 1, 5), ("ces", 1, 7), ("nps", 0, 10)])
def test_mail_leads_to_the_scores(asked: Any, kind: str, least: int, most: int) -> None:
    customer = asked(kind)
    page = customer.browser.get(survey_path(customer))
    assert page.status_code == 200
    assert re.findall(r'name="score" value="(\d+)"', page.text) == [str(n) for n in range(least, most + 1)]
    assert "<script" not in page.text.split("<main")[1]
    assert told(customer, "customer.rated") == []  # looking at it rates nothing


def test_rating_is_told_and_wakes(asked: Any) -> None:
    customer = asked()
    done = customer.browser.post(survey_path(customer), data={"score": "2", "comment": "It took very long."})
    assert done.status_code == 303
    [data] = told(customer, "customer.rated")
    assert (data["type"], data["score"], data["max"], data["step"]) == ("csat", 2, 5, "how")
    with customer.database.read() as tx:
        body = tx.execute(select(MessageBody.text).where(MessageBody.message_id == data["comment_id"])).scalar_one()
    assert body == "It took very long."
    assert "very long" not in str(data)  # bodies stay where bodies live
    assert set(open_steps(customer)) >= {"call"}
    assert "Thank you" in plain(customer.browser.get(done.location))


def test_document_hears_a_rating(asked: Any) -> None:
    customer = asked()
    customer.browser.post(survey_path(customer), data={"score": "5"})
    assert "thank" in open_steps(customer)
    assert "call" not in open_steps(customer)  # the wait is for low ones


def test_rating_is_changed_and_not_doubled(asked: Any) -> None:
    customer = asked()
    where = survey_path(customer)
    for _n in range(2):
        customer.browser.post(where, data={"score": "4"})
    customer.browser.post(where, data={"score": "3", "comment": "On second thought."})
    first, second = told(customer, "customer.rated")
    assert (first["score"], second["score"], second["before"]) == (4, 3, 4)
    with customer.database.read() as tx:
        assert tx.execute(select(func.count()).select_from(Survey)).scalar_one() == 1


def test_rating_on_the_request_page(asked: Any) -> None:
    customer = asked()
    [action] = re.findall(r'action="(/r/[^"]+/surveys/\d+)[^"]*"', customer.page().text)
    assert customer.browser.post(action, data={"score": "9", "comment": "kept words"}).status_code == 422
    again = customer.browser.post(action, data={"score": "", "comment": "kept words"})
    assert "kept words" in again.text
    assert customer.browser.post(action, data={"score": "5"}).status_code == 303
    assert "You gave 5 of 5" in plain(customer.page())


def test_rating_ends_with_the_request(asked: Any) -> None:
    customer = asked()
    where = survey_path(customer)
    customer.browser.post(where, data={"score": "4"})
    with customer.database.write() as tx:
        close(tx, customer.settings, DEWI, customer.opened.ticket_id)
    assert customer.browser.post(where, data={"score": "1"}).status_code == 303  # two weeks are not over
    with customer.database.write() as tx:
        tx.execute(update(Survey).values(asked_at=now_ms() - CHANGEABLE_MS - 1000))
    late = customer.browser.post(where, data={"score": "5"})
    assert late.status_code == 409
    assert [data["score"] for data in told(customer, "customer.rated")] == [4, 1]
    assert ticket_of(customer).status == "closed"
    assert 'name="score"' not in customer.browser.get(where).text


def test_link_of_a_survey_can_be_revoked(asked: Any) -> None:
    customer = asked()
    where = survey_path(customer)
    with customer.database.write() as tx:
        tx.execute(update(CustomerTable).values(link_epoch=2))
    assert customer.browser.get(where).status_code == 404
    assert customer.browser.post(where, data={"score": "5"}).status_code == 404
    assert customer.browser.get(where[:-3] + "xyz").status_code == 404


def test_survey_speaks_the_customers_language(asked: Any) -> None:
    customer = asked("nps", language="id")
    page = customer.browser.get(survey_path(customer))
    assert '<html lang="id">' in page.text


def test_forgotten_link_is_put_below(asked: Any, firm: Database) -> None:
    texts = {code: {"subject": "How was it?", "text": "Tell us."} for code in ("en", "id")}
    with firm.write() as tx:
        save_template(tx, MIRA, "survey", 0, Edit(texts))
    customer = asked()
    assert mail_of(customer).startswith("Tell us.")
    assert survey_path(customer)


# ---- no longer needed ------------------------------------------------------------------------------------------------------


@pytest.fixture
def giving_up(desk_app: Flask, firm: Database, settings: Settings) -> Any:
    """`giving_up(mode, on)`: a customer whose request follows such a procedure."""

    def begin(mode: str, on: str = "") -> Customer:
        with firm.write() as tx:
            procedures.publish(tx, SYSTEM, WITHDRAWN.replace("MODE", mode).replace("ON", on), now=now_ms())
        return new_customer(desk_app, firm, settings, "fay@example.com", sop="given-up")

    return begin


def withdraw(customer: Customer, reason: str = "") -> Any:
    return customer.browser.post(f"{customer.link}/withdraw", data={"reason": reason})


@pytest.mark.parametrize("on", ["", "on: {customer.withdrew: {then: end}}"])
@pytest.mark.parametrize("mode", ["guided", "advisory"])
def test_request_is_taken_back(giving_up: Any, mode: str, on: str) -> None:
    customer = giving_up(mode, on)
    assert "I no longer need this" in customer.page().text
    assert withdraw(customer, "I found it myself.").status_code == 303
    row = ticket_of(customer)
    assert (row.status, row.resolution) == ("resolved", "I found it myself.")
    assert open_steps(customer) == []
    [data] = told(customer, "customer.withdrew")
    assert "found it" not in str(data)
    assert data["comment_id"] == row.last_message_id
    assert [data["by"] for data in told(customer, "ticket.resolved")] == ["withdrawn"]
    assert withdraw(customer).status_code == 409
    assert len(told(customer, "customer.withdrew")) == 1
    with customer.database.read() as tx:
        assert tx.execute(select(Run.state).where(Run.id == row.run_id)).scalar_one() in {
            "withdrawn",
            "ended",
            "completed",
        }


def test_strict_procedure_goes_on(giving_up: Any) -> None:
    customer = giving_up("strict")
    assert withdraw(customer).status_code == 303
    assert ticket_of(customer).status not in {"resolved", "closed"}
    assert open_steps(customer) == ["work"]


def test_strict_procedure_may_let_go(giving_up: Any) -> None:
    customer = giving_up("strict", "on: {customer.withdrew: {then: end}}")
    withdraw(customer)
    row = ticket_of(customer)
    assert (row.status, row.resolution) == ("resolved", "The customer no longer needs this.")


def test_procedure_decides_what_follows(giving_up: Any) -> None:
    customer = giving_up("guided", "on: {customer.withdrew: {then: finish}}")
    withdraw(customer)
    assert open_steps(customer) == ["finish"]
    assert ticket_of(customer).status not in {"resolved", "closed"}


def test_writing_again_opens_it(giving_up: Any) -> None:
    customer = giving_up("guided")
    withdraw(customer)
    customer.reply("I need it after all.")
    assert ticket_of(customer).status == "open"

"""The page behind the link in a mail: a decision or an answer without signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from core import procedures
from core.actors import SYSTEM
from core.links import step_url
from core.moments import now_ms
from core.schema import StepVisit

from ..conftest import IDS
from .conftest import new_customer

if TYPE_CHECKING:
    from flask import Flask

    from core.database import Database
    from core.settings import Settings

    from .conftest import Customer

ASK = """
sop: ask-first
fields:
  amount: {type: money, label: {en: Amount paid, id: Jumlah dibayar}}
do:
  - ask:
      approval: {by: "agent:rudi", question: {en: Pay it back?, id: Kembalikan uangnya?}}
      on: {reject: {then: end}}
  - stock:
      collaborate: {ask: "agent:rudi", question: {en: In stock?, id: Ada stok?}}
"""
WHO = next(nick for nick in IDS if nick not in {"dewi"})


@pytest.fixture
def asking(desk_app: Flask, firm: Database, settings: Settings) -> Customer:
    with firm.write() as tx:
        procedures.publish(tx, SYSTEM, ASK.replace("rudi", WHO), now=now_ms())
    return new_customer(
        desk_app,
        firm,
        settings,
        "cy@example.com",
        sop="ask-first",
        fields={"amount": {"minor": 50000, "currency": "IDR"}},
    )


def path(asking: Customer, step: str, who: str = "") -> str:
    with asking.database.read() as tx:
        query = select(StepVisit.id).where(StepVisit.ticket_id == asking.opened.ticket_id, StepVisit.name == step)
        step_id = tx.execute(query).scalars().one()
    url = step_url(asking.settings, step_id, who or str(IDS[WHO]))
    return url.removeprefix(asking.settings.public_url)


def test_page_shows_question_without_account(asking: Customer) -> None:
    page = asking.browser.get(path(asking, "ask"))
    assert page.status_code == 200
    assert "Pay it back?" in page.text
    assert "Amount paid" in page.text
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "Water everywhere" not in page.text


def test_looking_decides_nothing(asking: Customer) -> None:
    link = path(asking, "ask")
    for _time in range(2):
        asking.browser.get(link)
        asking.browser.head(link)
    assert 'value="approve"' in asking.browser.get(link).text


def test_decision_is_taken_once(asking: Customer) -> None:
    link = path(asking, "ask")
    done = asking.browser.post(link, data={"verdict": "approve", "text": "Go on."})
    assert done.status_code == 303
    assert "It is noted" in asking.browser.get(done.headers["Location"]).text
    again = asking.browser.post(link, data={"verdict": "reject", "text": "Stop!"})
    assert again.status_code == 409
    assert "gave the deciding vote" in again.text
    assert "Stop!" in again.text


def test_empty_answer_is_asked_again(asking: Customer) -> None:
    asking.browser.post(path(asking, "ask"), data={"verdict": "approve"})
    link = path(asking, "stock")
    empty = asking.browser.post(link, data={"text": " "})
    assert (empty.status_code, "The answer is empty" in empty.text) == (422, True)
    assert asking.browser.post(link, data={"text": "Two left."}).status_code == 303


def test_page_speaks_both_languages(asking: Customer) -> None:
    assert "Kembalikan uangnya?" in asking.browser.get(path(asking, "ask") + "?lang=id").text


def test_wrong_link_says_so(asking: Customer) -> None:
    assert asking.browser.get("/a/nonsense").status_code == 404
    assert asking.browser.post("/a/nonsense", data={"verdict": "approve"}).status_code == 404
    other = asking.browser.post(path(asking, "ask", str(IDS["dewi"])), data={"verdict": "approve"})
    assert other.status_code == 409

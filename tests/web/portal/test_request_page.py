"""The customer's page of a request: follow, answer, do what one is asked."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from core import procedures
from core.actors import SYSTEM
from core.moments import now_ms
from core.schema import Customer as CustomerTable
from core.schema import Message, MessageBody, Run, StepVisit, Ticket
from core.tickets.conversation import Draft, send_reply
from core.tickets.resolving import resolve
from core.tickets.steps import complete_step
from core.tickets.switching import switch_sop

from .conftest import DEWI, new_customer

if TYPE_CHECKING:
    from flask import Flask

    from core.database import Database
    from core.settings import Settings

    from .conftest import Customer

_t, _s = Ticket.__table__.c, StepVisit.__table__.c

UNLABELLED = """
sop: unlabelled
do:
  - tell_them: {notify: {to: customer, template: received}, visibility: customer}
  - ask_finance:
      approval: {by: agent:lina, question: Pay the hidden amount?}
      visibility: customer
      on: {reject: {then: finish}}
  - finish: {resolve: {require: [resolution]}, visibility: customer}
"""


def status(customer: Customer) -> str:
    with customer.database.read() as tx:
        return str(tx.execute(select(_t.status).where(_t.id == customer.opened.ticket_id)).scalar_one())


def step_id(customer: Customer, name: str) -> int:
    with customer.database.read() as tx:
        query = select(_s.id).where(_s.ticket_id == customer.opened.ticket_id, _s.name == name, _s.state == "open")
        return int(tx.execute(query).scalar_one())


def messages(customer: Customer) -> list[str]:
    m, b = Message.__table__.c, MessageBody.__table__.c
    query = select(b.text).join(Message, m.id == b.message_id).where(m.ticket_id == customer.opened.ticket_id)
    with customer.database.read() as tx:
        return list(tx.execute(query.where(m.author_kind == "customer").order_by(m.id)).scalars())


def test_page_says_what_concerns_them(ana: Customer) -> None:
    page = ana.page()
    assert page.status_code == 200
    for words in (
        "Fridge leaks",
        "Water everywhere.",
        "leak.jpg",
        "Our promise",
        "You will hear from us by",
        "We are working on it",
    ):
        assert words in page.text, words
    assert "icket" not in re.sub(r"<[^>]+>", "", page.text)
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]


def test_number_is_never_shown(ana: Customer) -> None:
    with ana.database.write() as tx:
        tx.execute(update(Ticket).values(last_seq=Ticket.last_seq))
    text = re.sub(r"<[^>]+>", " ", ana.page().text)
    assert not re.search(rf"(#|No\.?\s*){ana.opened.ticket_id}\b", text)


def test_language_is_theirs_or_chosen(ana: Customer) -> None:
    with ana.database.write() as tx:
        tx.execute(update(CustomerTable).values(language="id"))
    assert '<html lang="id">' in ana.page().text
    english = ana.page("?lang=en").text
    assert '<html lang="en">' in english
    assert f'action="{ana.link}/reply?lang=en"' in english


def test_reply_arrives_with_files(ana: Customer) -> None:
    answer = ana.reply("Here is the bill.", files=(io.BytesIO(b"%PDF"), "bill.pdf"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{ana.link}#conversation")
    page = ana.page().text
    assert "Here is the bill." in page
    [address] = re.findall(r'href="([^"]+/files/\d+)"[^>]*>(?:(?!</a>).)*bill\.pdf', page)
    file = ana.browser.get(address)
    assert (file.data, file.headers["Content-Disposition"][:10]) == (b"%PDF", "attachment")


def test_double_click_sends_once(ana: Customer) -> None:
    token = ana.form_token()
    for _ in range(2):
        data = {"reply": "Once only.", "form_token": token}
        assert ana.browser.post(f"{ana.link}/reply", data=data).status_code == 303
    assert messages(ana) == ["Water everywhere.", "Once only."]


def test_empty_reply_is_named(ana: Customer) -> None:
    answer = ana.reply("  ")
    assert answer.status_code == 422
    assert "The message is empty" in answer.text
    assert "<title>Error:" in answer.text


def test_too_large_files_keep_the_words(ana: Customer) -> None:
    files = [(io.BytesIO(b"x"), f"{i}.txt") for i in range(51)]
    answer = ana.reply("My long story", files=files)
    assert answer.status_code == 422
    assert "My long story</textarea>" in answer.text
    assert "51 files are attached" in answer.text


def test_not_solved_opens_again(ana: Customer) -> None:
    with ana.database.write() as tx:
        resolve(tx, ana.settings, DEWI, ana.opened.ticket_id, "We changed the seal.")
    page = ana.page().text
    assert "We consider your request solved" in page
    assert "We changed the seal." in page
    assert ana.reply("", solved="no").status_code == 303
    assert status(ana) in {"open", "in_progress"}
    assert messages(ana)[-1] == "It is not solved yet."


def test_solved_is_said_with_one_click(ana: Customer) -> None:
    assert ana.reply("", solved="yes").status_code == 303
    assert messages(ana)[-1] == "It is solved. Thank you."


def test_customer_does_their_step(bo: Customer) -> None:
    assert "Where may we deliver?" not in bo.page().text
    with bo.database.write() as tx:
        complete_step(tx, bo.settings, DEWI, bo.opened.ticket_id, step_id_in(bo, "check"))
    page = bo.page().text
    for words in ("Your turn", "Tell us where to deliver", "Where may we deliver?", "At home", "Address"):
        assert words in page, words
    step = step_id(bo, "where")
    wrong = bo.browser.post(f"{bo.link}/steps/{step}", data={"choice": "home"})
    assert wrong.status_code == 422
    assert "“Address” is needed" in wrong.text
    done = bo.browser.post(f"{bo.link}/steps/{step}", data={"choice": "home", "field.address": "Jalan Merdeka 1"})
    assert (done.status_code, done.headers["Location"]) == (303, f"{bo.link}#journey")
    with bo.database.read() as tx:
        [fields] = tx.execute(select(Run.__table__.c.fields)).scalars()
        row = tx.execute(select(_s.outcome, _s.ended_by).where(_s.id == step)).one()
    assert fields[""]["address"] == "Jalan Merdeka 1"
    assert tuple(row) == ("home", "customer")
    late = bo.browser.post(f"{bo.link}/steps/{step}", data={"choice": "work", "field.address": "x"})
    assert late.status_code == 409
    assert "answered already" in late.text


def step_id_in(customer: Customer, name: str) -> int:
    return step_id(customer, name)


def test_what_was_typed_stays(bo: Customer) -> None:
    with bo.database.write() as tx:
        complete_step(tx, bo.settings, DEWI, bo.opened.ticket_id, step_id(bo, "check"))
    step = step_id(bo, "where")
    answer = bo.browser.post(f"{bo.link}/steps/{step}", data={"choice": "moon", "field.address": "Jalan Sudirman 2"})
    assert answer.status_code == 422
    assert 'value="Jalan Sudirman 2"' in answer.text


def test_colleagues_steps_are_not_theirs(bo: Customer) -> None:
    answer = bo.browser.post(f"{bo.link}/steps/{step_id(bo, 'check')}", data={})
    assert answer.status_code == 409
    assert "fraud" not in answer.text


def test_our_answer_names_a_person(ana: Customer) -> None:
    with ana.database.write() as tx:
        send_reply(tx, ana.settings, DEWI, ana.opened.ticket_id, Draft("We come tomorrow."))
    page = ana.page().text
    assert "Dewi, Service" in page
    assert "Anggraini" not in page


def test_late_answer_is_kept_as_a_message(bo: Customer) -> None:
    a_page = bo.page().text
    found = re.search(r'action="(/r/[^"]+/steps/\d+)', a_page)
    if found is None:  # the colleague's step comes first
        with bo.database.write() as tx:
            step = tx.execute(
                select(StepVisit.id).where(StepVisit.name == "check", StepVisit.state == "open")
            ).scalar_one()
            complete_step(tx, bo.settings, DEWI, bo.opened.ticket_id, step)
        found = re.search(r'action="(/r/[^"]+/steps/\d+)', bo.page().text)
    assert found
    with bo.database.write() as tx:
        switch_sop(tx, bo.settings, DEWI, bo.opened.ticket_id, "standard", "No exchange")
    late = bo.browser.post(found[1], data={"field.address": "Jalan Melati 4", "choice": "home"})
    assert late.status_code == 409
    assert "This is not needed any more" in late.text
    assert "Jalan Melati 4</textarea>" in late.text


def test_unlabelled_steps_are_said_in_their_words(desk_app: Flask, firm: Database, settings: Settings) -> None:
    with firm.write() as tx:
        procedures.publish(tx, SYSTEM, UNLABELLED, now=now_ms())
    page = new_customer(desk_app, firm, settings, "cici@example.com", sop="unlabelled").page().text
    for words in ("We write to you", "We get an approval", "Solved"):
        assert words in page
    for inside in ("Ask finance", "Pay the hidden amount", "Tell them", "Finish"):
        assert inside not in page

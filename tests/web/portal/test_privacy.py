"""A customer never sees an internal comment, another customer's data or a stranger's thread, whichever door they try."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from core.actors import SYSTEM, Actor
from core.actors import customer as as_customer
from core.links import request_link
from core.schema import Attachment
from core.schema import Customer as CustomerTable
from core.tickets.conversation import Draft, IncomingMessage, add_comment, receive_reply, send_reply
from core.tickets.messages import NewAttachment
from core.tickets.resolving import merge

from .conftest import DEWI

if TYPE_CHECKING:
    from .conftest import Customer

MANAGER = Actor("person", 1, "manager", "Mira Santoso", None)
SECRET = "The customer is difficult"


def comment(customer: Customer, text: str = SECRET) -> int:
    """An internal comment with a file; the file's id."""
    file = NewAttachment("internal-notes.txt", "text/plain", b"internal notes")
    with customer.database.write() as tx:
        add_comment(tx, DEWI, customer.opened.ticket_id, Draft(text, (file,)))
    a = Attachment.__table__.c
    with customer.database.read() as tx:
        return int(tx.execute(select(a.id).where(a.name == "internal-notes.txt")).scalar_one())


def test_comment_stays_inside(ana: Customer) -> None:
    file = comment(ana)
    page = ana.page().text
    assert SECRET not in page
    assert "internal-notes" not in page
    assert ana.browser.get(f"{ana.link}/files/{file}").status_code == 404
    assert SECRET not in ana.reply("hello").text
    assert SECRET not in ana.reply("").text


def test_inner_steps_stay_inside(bo: Customer) -> None:
    page = bo.page().text
    for words in ("fraud", "must not know", "Look into", "exchange"):
        assert words not in page.lower(), words


def test_link_opens_its_own_thread(ana: Customer, bo: Customer) -> None:
    assert "Grinder" not in ana.page().text
    assert "bo@example.com" not in ana.page().text
    a = Attachment.__table__.c
    with ana.database.read() as tx:
        photo = tx.execute(select(a.id).where(a.name == "leak.jpg")).scalar_one()
    assert ana.browser.get(f"{ana.link}/files/{photo}").status_code == 200
    assert bo.browser.get(f"{bo.link}/files/{photo}").status_code == 404


@pytest.mark.parametrize("path", ["", "/reply", "/files/1", "/steps/1"])
def test_forged_link_helps_kindly(ana: Customer, bo: Customer, path: str) -> None:
    foreign = request_link(ana.settings, bo.opened.ticket_id, ana.opened.customer_id, 1)
    other = type(ana.settings)(**{n: getattr(ana.settings, n) for n in ana.settings.__slots__} | {"secret": b"x" * 40})
    forged = request_link(other, ana.opened.ticket_id, ana.opened.customer_id, 1)
    for link in (foreign, forged, "/r/nonsense", ana.link[:-3]):
        post = path in {"/reply", "/steps/1"}
        answer: Any = ana.browser.post(link + path, data={"reply": "hi"}) if post else ana.browser.get(link + path)
        assert answer.status_code == 404
        assert "This link does not work any more" in answer.text
        assert "/help" in answer.text
        assert "Fridge" not in answer.text
        assert "Grinder" not in answer.text


def test_revoked_link_is_dead(ana: Customer) -> None:
    with ana.database.write() as tx:
        tx.execute(
            update(CustomerTable).where(CustomerTable.__table__.c.id == ana.opened.customer_id).values(link_epoch=2)
        )
    assert ana.page().status_code == 404
    fresh = request_link(ana.settings, ana.opened.ticket_id, ana.opened.customer_id, 2)
    assert ana.browser.get(fresh).status_code == 200


def test_merged_strangers_do_not_meet(ana: Customer, bo: Customer) -> None:
    """Two customers wrote about the same outage; a colleague made one ticket of it."""
    with ana.database.write() as tx:
        send_reply(tx, ana.settings, DEWI, ana.opened.ticket_id, Draft("Only for Ana's eyes"))
    with ana.database.write() as tx:
        send_reply(tx, ana.settings, DEWI, bo.opened.ticket_id, Draft("Only for Bo's eyes"))
    with ana.database.write() as tx:
        merge(tx, ana.settings, MANAGER, ana.opened.ticket_id, bo.opened.ticket_id)
    with ana.database.write() as tx:
        send_reply(tx, ana.settings, DEWI, bo.opened.ticket_id, Draft("Later, for Bo"))
    hers, his = ana.page().text, bo.page().text
    assert "Water everywhere." in hers
    assert "Only for Ana&#39;s eyes" in hers
    for foreign in ("Only for Bo", "Later, for Bo", "bo@example.com", "Grinder", "It does not turn."):
        assert foreign not in hers, foreign
    assert "Only for Bo&#39;s eyes" in his
    assert "Later, for Bo" in his
    for foreign in ("Water everywhere.", "Only for Ana", "ana@example.com", "leak.jpg"):
        assert foreign not in his, foreign
    a = Attachment.__table__.c
    with ana.database.read() as tx:
        photo = tx.execute(select(a.id).where(a.name == "leak.jpg")).scalar_one()
    assert bo.browser.get(f"{bo.link}/files/{photo}").status_code == 404
    assert ana.browser.get(f"{ana.link}/files/{photo}").status_code == 200
    assert ana.reply("Me too!").status_code == 303
    assert "Me too!" in ana.page().text
    assert "Me too!" not in bo.page().text


def test_own_merged_request_goes_on(desk_app: Any, ana: Customer) -> None:
    from .conftest import new_customer

    second = new_customer(desk_app, ana.database, ana.settings, "ana@example.com", subject="Fridge again")
    with ana.database.write() as tx:
        merge(tx, ana.settings, MANAGER, second.opened.ticket_id, ana.opened.ticket_id)
    page = second.page().text
    assert "Fridge leaks" in page
    assert page.count("Water everywhere.") == 2


def test_bounces_are_not_shown(ana: Customer) -> None:
    incoming = IncomingMessage("Out of office", "I am away", automatic="auto-reply", channel="email")
    with ana.database.write() as tx:
        receive_reply(tx, ana.settings, SYSTEM, ana.opened.ticket_id, incoming)
    assert "I am away" not in ana.page().text


def test_participant_is_read_by_both(ana: Customer, bo: Customer) -> None:
    """Somebody who was copied answers on the thread: it is part of the conversation."""
    incoming = IncomingMessage(
        "Re", "I was there too", channel="email", author_name="Bo", author_email="bo@example.com"
    )
    with ana.database.write() as tx:
        receive_reply(tx, ana.settings, as_customer(bo.opened.customer_id, "Bo"), ana.opened.ticket_id, incoming)
    assert "I was there too" in ana.page().text


def test_portal_needs_no_cookie(ana: Customer) -> None:
    ana.browser.delete_cookie("estafet")
    assert ana.reply("No cookie").status_code == 303


def test_script_in_words_is_text(ana: Customer) -> None:
    ana.reply("<script>alert(1)</script> https://example.com/<b>")
    page = ana.page().text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert re.search(r'<a href="https://example.com/" rel="noopener noreferrer nofollow">', page)


def test_request_is_never_framed(ana: Customer) -> None:
    page = ana.page("?embed=1")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"

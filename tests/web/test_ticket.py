"""The ticket page: reading, replying, stepping, handing over, through the forms that people use."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from core.actors import customer
from core.schema import Article, Message, StepVisit, Ticket
from core.tickets.conversation import IncomingMessage, receive_reply

from .conftest import IDS, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings


@pytest.fixture
def dewi(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return signed_in("dewi")


def one(database: Database, query: Any) -> Any:
    with database.read() as tx:
        return tx.execute(query).first()


def test_page_shows_conversation_and_relay(dewi: FlaskClient, ticket_id: int) -> None:
    page = dewi.get(f"/tickets/{ticket_id}").text
    assert "The fridge leaks" in page
    assert "Water runs under it" in page
    assert "Standard request" in page
    assert "Find the answer and write to the customer" in page


def test_reply_is_sent_and_waits(dewi: FlaskClient, firm: Database, ticket_id: int) -> None:
    answer = post(dewi, f"/tickets/{ticket_id}/reply", {"body": "We will come tomorrow.", "then": "wait"})
    assert answer.status_code == 303, answer.text
    assert "We will come tomorrow." in dewi.get(f"/tickets/{ticket_id}").text
    assert one(firm, select(Ticket.status).where(Ticket.id == ticket_id))[0] == "pending_customer"


def test_empty_reply_keeps_comment(dewi: FlaskClient, ticket_id: int) -> None:
    answer = post(dewi, f"/tickets/{ticket_id}/reply", {"body": " ", "comment": "half a thought"})
    assert answer.status_code == 422
    assert "The message is empty" in answer.text
    assert "half a thought" in answer.text
    assert "<title>Error:" in answer.text


def test_reply_is_held_back(dewi: FlaskClient, firm: Database, settings: Settings, ticket_id: int) -> None:
    seen = one(firm, select(Message.id).where(Message.ticket_id == ticket_id, Message.direction == "in"))[0]
    with firm.write() as tx:
        receive_reply(tx, settings, customer(1, "Sari"), ticket_id, IncomingMessage("Re", "Never mind, it stopped."))
    answer = post(dewi, f"/tickets/{ticket_id}/reply", {"body": "We will come tomorrow.", "seen": str(seen)})
    assert answer.status_code == 409
    assert "Your reply was held back." in answer.text
    assert "We will come tomorrow." in answer.text
    assert "Never mind, it stopped." in answer.text


def test_comment_is_internal(dewi: FlaskClient, firm: Database, ticket_id: int) -> None:
    post(dewi, f"/tickets/{ticket_id}/comment", {"comment": "The drain again."})
    assert one(firm, select(Message.direction).order_by(Message.id.desc()))[0] == "internal"
    assert "the customer does not see this" in dewi.get(f"/tickets/{ticket_id}").text


def test_attachment_downloads_safely(dewi: FlaskClient, ticket_id: int) -> None:
    form = {"comment": "see file", "note_files": (io.BytesIO(b"<script>alert(1)</script>"), 'a"b.html', "text/html")}
    post(dewi, f"/tickets/{ticket_id}/comment", form, content_type="multipart/form-data")
    page = dewi.get(f"/tickets/{ticket_id}").text
    path = page.split('class="file" href="')[1].split('"')[0]
    answer = dewi.get(path)
    assert answer.data == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def open_step(database: Database, ticket_id: int, kind: str = "task") -> int:
    query = select(StepVisit.id).where(
        StepVisit.ticket_id == ticket_id, StepVisit.state == "open", StepVisit.kind == kind
    )
    return int(one(database, query)[0])


def test_choice_completes_step(dewi: FlaskClient, firm: Database, ticket_id: int) -> None:
    step = open_step(firm, ticket_id)
    answer = post(dewi, f"/tickets/{ticket_id}/steps/{step}/complete", {"choice": "solved"})
    assert answer.status_code == 303, answer.text
    resolve = open_step(firm, ticket_id, "resolve")
    answer = post(dewi, f"/tickets/{ticket_id}/steps/{resolve}/complete", {"field.resolution": ""})
    assert answer.status_code == 422
    assert f'href="#f{resolve}-resolution"' in answer.text
    answer = post(dewi, f"/tickets/{ticket_id}/steps/{resolve}/complete", {"field.resolution": "New drain heater"})
    assert answer.status_code == 303, answer.text
    assert one(firm, select(Ticket.status, Ticket.resolution)) == ("resolved", "New drain heater")


def test_loser_learns_who_won(
    dewi: FlaskClient, signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int
) -> None:
    step = open_step(firm, ticket_id)
    post(signed_in("lina"), f"/tickets/{ticket_id}/steps/{step}/complete", {"choice": "solved"})
    answer = post(dewi, f"/tickets/{ticket_id}/steps/{step}/complete", {"choice": "solved"})
    assert answer.status_code == 409
    assert "Lina Hartati completed" in answer.text


def test_typed_values_survive_reload(dewi: FlaskClient, firm: Database, ticket_id: int) -> None:
    post(dewi, f"/tickets/{ticket_id}/steps/{open_step(firm, ticket_id)}/complete", {"choice": "solved"})
    step = open_step(firm, ticket_id, "resolve")
    answer = post(dewi, f"/tickets/{ticket_id}/steps/{step}/draft", {"field.resolution": "Half a resolution"})
    assert answer.json["saved"].startswith("saved")
    assert "Half a resolution" in dewi.get(f"/tickets/{ticket_id}").text


def test_baton_is_offered_and_accepted(
    dewi: FlaskClient, signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int
) -> None:
    post(dewi, f"/tickets/{ticket_id}/take")
    assert one(firm, select(Ticket.holder_id))[0] == IDS["dewi"]
    post(dewi, f"/tickets/{ticket_id}/handover", {"to": str(IDS["bagus"]), "note": "Promise: Thursday"})
    bagus = signed_in("bagus")
    queue = bagus.get("/").text
    assert "Dewi Anggraini offers you the baton" in queue
    assert "Promise: Thursday" in queue
    assert one(firm, select(Ticket.holder_id))[0] == IDS["dewi"]
    path = queue.split('action="/handovers/')[1].split("/")[0]
    assert post(bagus, f"/handovers/{path}/accept").status_code == 303
    assert one(firm, select(Ticket.holder_id))[0] == IDS["bagus"]


def test_properties_change(dewi: FlaskClient, firm: Database, ticket_id: int) -> None:
    form = {"priority": "urgent", "tags": "leak, second visit", "subject": "The fridge leaks"}
    assert post(dewi, f"/tickets/{ticket_id}/properties", form).status_code == 303
    assert one(firm, select(Ticket.priority, Ticket.tags)) == (1, ["leak", "second visit"])
    stale = post(dewi, f"/tickets/{ticket_id}/properties", {"priority": "low", "version": "1"})
    assert stale.status_code == 409
    assert "changed since you looked" in stale.text


def test_resolve_reopen_and_article(dewi: FlaskClient, firm: Database, ticket_id: int) -> None:
    assert post(dewi, f"/tickets/{ticket_id}/resolve", {"resolution": "Replaced the heater"}).status_code == 303
    assert one(firm, select(Ticket.status))[0] == "resolved"
    answer = post(dewi, f"/tickets/{ticket_id}/article")
    assert answer.status_code == 303
    assert "Replaced the heater" in dewi.get(answer.headers["Location"]).text
    assert one(firm, select(Article.state))[0] == "draft"
    assert post(dewi, f"/tickets/{ticket_id}/reopen").status_code == 303
    assert one(firm, select(Ticket.status))[0] in {"open", "in_progress"}


def test_timeline_tells_in_sentences(dewi: FlaskClient, ticket_id: int) -> None:
    post(dewi, f"/tickets/{ticket_id}/take")
    page = dewi.get(f"/tickets/{ticket_id}/timeline").text
    assert "wrote first (E-mail)" in page
    assert "took the baton" in page
    assert "Step <em>Find the answer" in page


def test_every_event_has_a_sentence(dewi: FlaskClient, firm: Database, ticket_id: int) -> None:
    from core.schema import Event
    from web.desk.story import _SENTENCES

    post(dewi, f"/tickets/{ticket_id}/take")
    post(dewi, f"/tickets/{ticket_id}/reply", {"body": "Hello", "then": "stay"})
    post(dewi, f"/tickets/{ticket_id}/resolve", {"resolution": "Done"})
    with firm.read() as tx:
        kinds = set(tx.execute(select(Event.kind).where(Event.stream == "ticket")).scalars())
    assert kinds <= set(_SENTENCES)


def test_other_department_finds_nothing(signed_in: Callable[[str], FlaskClient], ticket_id: int) -> None:
    oskar = signed_in("oskar")
    assert oskar.get(f"/tickets/{ticket_id}").status_code == 404
    assert post(oskar, f"/tickets/{ticket_id}/take").status_code == 404
    assert "The fridge leaks" not in oskar.get("/?view=all").text


def test_light_agent_comments_but_cannot_reply(signed_in: Callable[[str], FlaskClient], ticket_id: int) -> None:
    wati = signed_in("wati")
    page = wati.get(f"/tickets/{ticket_id}").text
    assert 'id="note"' in page
    assert 'id="body"' not in page
    assert post(wati, f"/tickets/{ticket_id}/reply", {"body": "Hi"}).status_code == 403
    assert post(wati, f"/tickets/{ticket_id}/comment", {"comment": "In stock: 4"}).status_code == 303


def test_hostile_texts_are_escaped(dewi: FlaskClient, firm: Database, settings: Settings, ticket_id: int) -> None:
    evil = IncomingMessage("Re", "<script>x</script>", html="<p onclick=x>hi<img src=http://e/x><script>y</script></p>")
    with firm.write() as tx:
        sent = receive_reply(tx, settings, customer(1, "<b>Eve</b>"), ticket_id, evil)
    page = dewi.get(f"/tickets/{ticket_id}").text
    assert "<script>x" not in page
    assert "<b>Eve" not in page
    whole = dewi.get(f"/tickets/{ticket_id}/messages/{sent.message_id}").text
    assert "<p>hi</p>" in whole
    assert "http://e/x" not in whole


def test_new_ticket_by_hand(dewi: FlaskClient, ticket_id: int) -> None:
    bad = post(dewi, "/tickets/new", {"email": "sari@", "subject": "Kulkas bocor", "body": ""})
    assert bad.status_code == 422
    assert 'href="#email"' in bad.text
    assert 'href="#body"' in bad.text
    assert 'value="Kulkas bocor"' in bad.text
    form = {"email": "sari@example.com", "name": "Sari", "subject": "Kulkas bocor", "body": "Air", "channel": "phone"}
    good = post(dewi, "/tickets/new", {**form, "department": "service"})
    assert good.status_code == 303, good.text
    assert "Kulkas bocor" in dewi.get(good.headers["Location"]).text


def test_search_finds_words_and_number(dewi: FlaskClient, ticket_id: int) -> None:
    page = dewi.get("/search?q=water+und").text
    assert "The fridge leaks" in page
    assert dewi.get(f"/search?q={ticket_id}").status_code == 302
    assert "Sari Wulandari" in dewi.get("/search?q=sari").text
    assert "Nothing speaks of" in dewi.get("/search?q=zzzz").text


def test_customer_page_tells_everything(dewi: FlaskClient, ticket_id: int) -> None:
    page = dewi.get("/customers/1").text
    assert "Water runs under it" in page
    assert "sari@example.com" in page

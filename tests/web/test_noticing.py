"""Watched words through the doors that people use: the admin page with its try box, the ticket's story, and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actors import SYSTEM
from core.directory import directory
from core.noticing import store
from core.noticing.changing import create_rule
from core.organisation_changes import change_person
from core.skills import add_skill
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

from .conftest import IDS, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings

FORM = {"title": "System stuck", "place": "t1", "words": "sistem macet\noutage\n", "stems": "1", "priority": "high"}
QUOTED = "Thank you.\n\nOn Mon, 1 June 2026 at 10:00, Dewi <d@example.com> wrote:\n> the outage"


def test_word_rule_is_made_tried_and_changed(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    lina = signed_in("lina")
    assert "no words are watched" in lina.get("/admin/words").text
    empty = post(lina, "/admin/words/new", {"title": "x", "place": "t1", "words": "", "skill": "", "how": "helper"})
    assert empty.status_code == 422
    assert "Write 1 to 50 words" in empty.text
    assert "The rule does nothing." in empty.text
    assert post(lina, "/admin/words/new", {**FORM, "place": ""}).status_code == 403  # a rule of the whole firm
    form = {**FORM, "channels": ["email"], "person": str(IDS["bagus"]), "how": "helper"}
    assert post(lina, "/admin/words/new", form).status_code == 303
    page = lina.get("/admin/words").text
    assert "priority at least High; Bagus Wicaksono is called in to help" in page
    message = {"team": "1", "channel": "email", "subject": "Hello", "text": "Many outages here"}
    assert "“outage” stands in the message." in post(lina, "/admin/words/try", message).text
    quoted = post(lina, "/admin/words/try", {**message, "text": QUOTED}).text
    assert "Its word stands only in a quotation or a signature." in quoted
    assert "&gt; the outage" in quoted
    assert "It does not listen to this channel." in post(lina, "/admin/words/try", {**message, "channel": "chat"}).text
    changed = {**FORM, "words": "outage", "version": "1", "active": "1"}
    assert post(lina, "/admin/words/1", changed).status_code == 303
    assert post(lina, "/admin/words/1", changed).status_code == 409
    with firm.read() as tx:
        row = store.one_rule(tx, 1)
    assert (row.version, row.data) == (2, {"words": ["outage"], "priority": "high"})
    assert "version 1: System stuck, sistem macet, outage, Lina Hartati" in lina.get("/admin/words/1").text


def test_ticket_says_which_word_called_whom(
    signed_in: Callable[[str], FlaskClient], firm: Database, settings: Settings, ticket_id: int
) -> None:
    with firm.write() as tx:
        add_skill(tx, SYSTEM, "network", "Network")
        change_person(tx, settings, SYSTEM, IDS["bagus"], {"skills": {"network": 5}})
        call = {"how": "reassign", "skill": "network", "level": 4}
        create_rule(tx, SYSTEM, "Stuck", {"words": ["outage"], "priority": "urgent", "call": call}, department_id=1)
        create_rule(tx, SYSTEM, "Help", {"words": ["outage"], "call": {"how": "helper", "person": IDS["lina"]}})
        ref = CustomerRef("sari@example.com", "Sari")
        new = NewTicket("Outages", "Since noon.", ref, channel="email", department="service", language="en")
        ticket = open_ticket(tx, settings, SYSTEM, new).ticket_id
    assert ticket != ticket_id
    page = signed_in("bagus").get(f"/tickets/{ticket}").text
    assert "was noticed in the subject" in page
    assert "Priority from Medium to Urgent" in page
    assert "A word in the customer&#39;s message calls in a more experienced colleague" in page
    assert "Why you?" in page
    assert "Lina Hartati" in page
    assert "was called in to help" in page
    lina = signed_in("lina")
    assert "You are asked to help: “outage” stands in the customer&#39;s message" in lina.get("/alerts").text
    assert "was noticed in the subject" in lina.get(f"/tickets/{ticket}/timeline").text


def test_upset_customer_is_shown_and_denied(
    signed_in: Callable[[str], FlaskClient], firm: Database, settings: Settings, ticket_id: int
) -> None:
    with firm.write() as tx:
        ref = CustomerRef("sari@example.com", "Sari")
        body = "This is unacceptable. I am furious!"
        new = NewTicket("Fridge", body, ref, channel="email", department="service", language="en")
        ticket = open_ticket(tx, settings, SYSTEM, new).ticket_id
    lina = signed_in("lina")
    assert lina.get("/?view=all").text.count("> upset</span>") == 1
    page = lina.get(f"/tickets/{ticket}").text
    assert "strong words: “furious”, “unacceptable”" in page or "strong words: “unacceptable”, “furious”" in page
    assert "4 points; from 3 on it is said" in page
    assert "Priority from Medium to High" in page
    calm = lina.get(f"/tickets/{ticket}?reply=calm").text
    assert 'data-draft="reply">' in calm
    assert calm.count("I am sorry for the trouble you have had") == 2  # offered, and in the reply that one writes
    assert lina.get(f"/tickets/{ticket_id}?reply=calm").text.count("I am sorry for the trouble") == 0
    answer = post(lina, f"/tickets/{ticket}/not-upset", follow_redirects=True).text
    assert "seems upset:" not in answer
    assert "Noted: not upset." in answer
    assert "said: not upset" in answer
    form = {"title": "Service", "language": "en", "promise_minutes": "480", "quiet_hours": "72", "queue_order": "fifo"}
    wrong = post(lina, "/admin/departments/1", {**form, "gone_minutes": "5", "upset_threshold": "99"})
    assert wrong.status_code == 422
    assert 'id="upset_threshold-e"' in wrong.text
    right = {**form, "gone_minutes": "5", "upset_threshold": "2", "upset_mails": "0", "upset_words": "slow"}
    assert post(lina, "/admin/departments/1", right).status_code == 303
    with firm.read() as tx:
        one = directory(tx).departments[1]
    assert (one.upset.threshold, one.upset.priority, one.upset.words, one.gone_minutes) == (2, None, ("slow",), 5)

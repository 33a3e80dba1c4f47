"""Asking for help: the form keeps what was typed, opens one ticket, and is of no use to programs that spam."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from core.configuration import put_setting
from core.schema import Attachment, Customer, Ticket
from web.portal import form_token

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from core.database import Database

TYPED = {
    "department": "billing",
    "name": "Sari Lestari",
    "email": "sari@example.com",
    "subject": "Paid twice",
    "message": "Please look at INV-1.",
}


def token(client: FlaskClient, path: str = "/help") -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def send(client: FlaskClient, path: str = "/help", **change: Any) -> Any:
    data = {**TYPED, "form_token": token(client, path), **change}
    return client.post(path, data=data, content_type="multipart/form-data")


def tickets(database: Database) -> list[Any]:
    t, c = Ticket.__table__.c, Customer.__table__.c
    query = select(t.subject, t.department_id, t.channel, t.topic, t.language, c.name, c.email).join(
        Customer, c.id == t.customer_id
    )
    with database.read() as tx:
        return list(tx.execute(query.order_by(t.id)))


@pytest.fixture
def visitor(desk_app: Flask) -> FlaskClient:
    return desk_app.test_client()


def test_form_opens_a_ticket(visitor: FlaskClient, firm: Database) -> None:
    answer = send(visitor, files=(io.BytesIO(b"%PDF"), "bill.pdf"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/help/thanks?department=billing")
    assert "Your request has arrived" in visitor.get(answer.headers["Location"]).text
    assert [tuple(row) for row in tickets(firm)] == [
        ("Paid twice", 2, "form", None, "en", "Sari Lestari", "sari@example.com")
    ]
    with firm.read() as tx:
        assert tx.execute(select(Attachment.__table__.c.name)).scalars().all() == ["bill.pdf"]


def test_thanks_give_no_way_in(visitor: FlaskClient) -> None:
    """Anybody can type anybody's address: the link to the request is sent by mail only."""
    page = visitor.get(send(visitor).headers["Location"]).text
    assert "/r/" not in page


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"email": ""}, "email", "Enter your e-mail address"),
        ({"email": "sari@"}, "email", "is not an e-mail address"),
        ({"subject": " "}, "subject", "Say in a few words"),
        ({"message": ""}, "message", "Tell us what we can do"),
        ({"department": "moon"}, "department", "There is no department"),
        ({"form_token": "made up"}, "message", "open for a very long time"),
    ],
)
def test_wrong_form_keeps_what_was_typed(
    visitor: FlaskClient, firm: Database, change: dict[str, str], field: str, sentence: str
) -> None:
    answer = send(visitor, **change)
    assert answer.status_code == 422
    assert f'<p class="wrong" id="{field}-e">' in answer.text
    assert f'<a href="#{field}">' in answer.text
    assert sentence in answer.text
    assert "<title>Error:" in answer.text
    kept = {**TYPED, **change}
    assert 'value="Sari Lestari"' in answer.text
    assert f">{kept['message']}</textarea>" in answer.text
    assert tickets(firm) == []


def test_old_form_can_be_sent_again(visitor: FlaskClient, firm: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    old = token(visitor)
    monkeypatch.setattr(form_token, "OPEN_SECONDS", -1)
    answer = visitor.post("/help", data={**TYPED, "form_token": old})
    assert answer.status_code == 422
    monkeypatch.undo()
    fresh = re.search(r'name="form_token" value="([^"]+)"', answer.text)
    assert fresh
    assert visitor.post("/help", data={**TYPED, "form_token": fresh[1]}).status_code == 303
    assert len(tickets(firm)) == 1


def test_double_click_opens_one(visitor: FlaskClient, firm: Database) -> None:
    one = token(visitor)
    for _ in range(3):
        assert visitor.post("/help", data={**TYPED, "form_token": one}).status_code == 303
    assert len(tickets(firm)) == 1
    assert visitor.post("/help", data={**TYPED, "message": "Another thing", "form_token": one}).status_code == 303
    assert len(tickets(firm)) == 2


def test_trap_catches_programs(visitor: FlaskClient, firm: Database) -> None:
    assert send(visitor, website="http://spam.example").status_code == 303
    assert tickets(firm) == []


def test_flood_is_stopped(visitor: FlaskClient) -> None:
    one = token(visitor)
    statuses = [visitor.post("/help", data={"form_token": one}).status_code for _ in range(12)]
    assert statuses[:10] == [422] * 10
    assert statuses[-1] == 429
    page = visitor.post("/help", data={"form_token": one})
    assert "Wait a minute" in page.text
    assert "Retry-After" in page.headers
    assert "queue" not in page.text


def test_form_may_be_framed_elsewhere(visitor: FlaskClient, firm: Database) -> None:
    own = visitor.get("/help")
    assert "frame-ancestors 'none'" in own.headers["Content-Security-Policy"]
    assert own.headers["X-Frame-Options"] == "DENY"
    framed = visitor.get("/help/embed?department=billing&lang=id")
    assert "frame-ancestors *" in framed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.headers
    assert '<option value="billing" selected>' in framed.text
    bare = visitor.application.test_client(use_cookies=False)  # inside another site no cookie is sent
    answer = send(bare, "/help/embed")
    assert answer.status_code == 303
    thanks = bare.get(answer.headers["Location"])
    assert "frame-ancestors *" in thanks.headers["Content-Security-Policy"]
    assert len(tickets(firm)) == 1
    with visitor.get("/static/embed.js") as script:
        assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_topic_leads_to_its_department(visitor: FlaskClient, firm: Database) -> None:
    topics = [{"name": "refund", "title": {"en": "A refund", "id": "Pengembalian dana"}, "department": "billing"}]
    with firm.write() as tx:
        put_setting(tx, "help_topics", topics)
    assert "Pengembalian dana" in visitor.get("/help?lang=id").text
    send(visitor, topic="refund", department="service")
    [row] = tickets(firm)
    assert (row.department_id, row.topic) == (2, "refund")


def test_language_of_the_page_is_the_requests(visitor: FlaskClient, firm: Database) -> None:
    visitor.post("/help?lang=id", data={**TYPED, "form_token": token(visitor)})
    assert tickets(firm)[0].language == "id"


def test_failed_form_makes_no_customer(visitor: FlaskClient, firm: Database) -> None:
    send(visitor, subject="")
    with firm.read() as tx:
        assert tx.execute(select(func.count()).select_from(Customer)).scalar_one() == 0

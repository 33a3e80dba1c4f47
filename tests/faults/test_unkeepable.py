"""NUL and halves of characters, at every door and on PostgreSQL, which refuses them: taken out or named, never an error of ours."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError

from core.intake import receive_mail
from core.organisation import issue_token
from core.schema import Person
from estafet.smtp_server import Intake
from tests.core.conftest import Desk, make_desk, sqlite_desk
from tests.web.conftest import HASH, PASSWORD, post
from web.app import create_app

from .hostile import HEAD, hostile_mails

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.database import Database
    from core.settings import Settings

__all__ = ["sqlite_desk"]


class TooComplex(Exception):
    """As PostgreSQL's driver says that a limit was passed."""

    sqlstate = "54000"


NULS = (
    HEAD % 901
    + b"Subject: =?utf-8?q?nul=00x?=\r\nCc: =?utf-8?q?n=00l?= <n@b.example>\r\nReferences: <a\x00b@c>\r\n\r\nx\x00y\r\n",
    HEAD
    % 902
    + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: te\x00xt/pl\xffain; name*=utf-8''a%00b%ED%A0%80\r\n"
    b"Content-Disposition: attachment; filename*=utf-8''a%00b\r\nContent-ID: <a\x00b>\r\n\r\nA\r\n--x--\r\n",
    b"From: =?utf-8?q?n=00l?= <s\x00x@example.com>\r\nMessage-ID: <a\x00\xffb@c>\r\nIn-Reply-To: <\x00@x>\r\n\r\nhello\r\n",
    b"From: x@y.example\r\nMessage-ID: <" + b"m" * 3_000 + b"@x>\r\nSubject: \xed\xa0\x80\r\n\r\nhi \xed\xa0\x80\r\n",
)


def test_every_hostile_mail_is_kept(postgres: Database, postgres_settings: Settings) -> None:
    make_desk(postgres, postgres_settings)
    intake = Intake(postgres_settings, postgres)
    for raw in itertools.chain(itertools.islice(hostile_mails(), 80, 200), NULS):
        assert intake.take(raw, "sari@example.com", ["service@lentera.example"]).fate, raw[:200]
    intake.threads.shutdown()


POISON = (
    DataError("INSERT", {}, Exception("a value is too long")),
    IntegrityError("INSERT", {}, Exception("a check failed")),
    StatementError("surrogates", "INSERT", {}, UnicodeError("surrogates not allowed")),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    ValueError("A string literal cannot contain NUL"),
    OverflowError("too large"),
    OperationalError("INSERT", {}, TooComplex("index row size exceeds the maximum")),
)


@pytest.mark.parametrize("error", POISON, ids=lambda error: type(error).__name__)
def test_poison_becomes_a_visible_ticket(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Whatever cannot be stored of a mail, its sender is not told to try for ever: the original is there, and once."""
    real = receive_mail

    def refusing(tx: Any, settings: Any, raw: bytes, mail: Any, **more: Any) -> Any:
        if mail.text:
            raise error
        return real(tx, settings, raw, mail, **more)

    monkeypatch.setattr("estafet.smtp_server.receive_mail", refusing)
    intake = Intake(sqlite_desk.settings, sqlite_desk.database)
    raw = b"From: Sari <sari@example.com>\r\nMessage-ID: <poison@example.com>\r\nSubject: Kulkas\r\n\r\nRacun.\r\n"
    fates = [intake.take(raw, "sari@example.com", ["service@lentera.example"]) for _time in range(2)]
    assert [fate.fate for fate in fates] == ["opened", "duplicate"]
    assert sqlite_desk.row(fates[0].ticket_id or 0).subject == "Kulkas"
    [file] = sqlite_desk.sql("SELECT name FROM attachment")
    assert file.name == "original.eml"


@pytest.mark.parametrize(
    "error", [OperationalError("INSERT", {}, Exception("database is locked")), OSError(28, "full")]
)
def test_what_passes_is_not_taken_for_poison(
    sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refusing(*_given: Any, **_more: Any) -> Any:
        raise error

    monkeypatch.setattr("estafet.smtp_server.receive_mail", refusing)
    with pytest.raises(type(error)):
        Intake(sqlite_desk.settings, sqlite_desk.database).take(b"Subject: x\r\n\r\nx", "", [])
    assert sqlite_desk.sql("SELECT count(*) FROM ticket") == [(0,)]


def test_mail_delivered_twice_at_once_is_one(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one meets the first at the fingerprint, and is found to be the same."""
    real, calls = receive_mail, []

    def racing(tx: Any, *given: Any, **more: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed: mail_received.fingerprint"))
        return real(tx, *given, **more)

    monkeypatch.setattr("estafet.smtp_server.receive_mail", racing)
    intake = Intake(sqlite_desk.settings, sqlite_desk.database)
    raw = b"From: sari@example.com\r\nSubject: Kulkas\r\n\r\nBocor.\r\n"
    assert [intake.take(raw, "", ["service@lentera.example"]).fate for _time in range(2)] == ["opened", "duplicate"]


@pytest.fixture
def doors(postgres: Database, postgres_settings: Settings) -> Iterator[tuple[Any, int, str]]:
    """(an agent's browser, a ticket, a token for the API)"""
    desk = make_desk(postgres, postgres_settings)
    with postgres.write() as tx:
        tx.execute(update(Person).values(password_hash=HASH))
        token = issue_token(tx, desk.people["dewi"].id or 0, "doors")
    ticket = desk.open().ticket_id
    app = create_app(postgres_settings, postgres)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=True)
    client = app.test_client()
    post(client, "/signin", {"email": "dewi@lentera.example", "password": PASSWORD})
    yield client, ticket, token
    app.extensions["estafet"].hub.stop()


def test_forms_leave_them_out(doors: tuple[Any, int, str]) -> None:
    client, ticket, _token = doors
    assert post(client, f"/tickets/{ticket}/reply", {"body": "Ha\0lo", "then": "stay"}).status_code == 303
    assert "Halo" in client.get(f"/tickets/{ticket}").text
    assert post(client, f"/tickets/{ticket}/comment", {"comment": "Cat\0atan"}).status_code == 303
    assert client.get("/search?q=a%00b").status_code == 200
    form = {"email": "b\0udi@example.com", "name": "Bu\0di", "subject": "T\0V", "message": "Ma\0ti"}
    form["form_token"] = re.search(r'name="form_token" value="([^"]+)"', client.get("/help").text)[1]  # type: ignore[index]
    assert client.post("/help", data=form).status_code == 303


@pytest.mark.parametrize("strange", ["a\\u0000b", "a\\ud800b"])
def test_api_names_them(doors: tuple[Any, int, str], strange: str) -> None:
    client, _ticket, token = doors
    body = f'{{"subject": "TV", "body": "{strange}", "customer": {{"email": "budi@example.com", "name": "{strange}"}}}}'
    heading = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = client.post("/api/v1/tickets", data=body, headers=heading)
    assert answer.status_code == 422, answer.text
    assert {error["pointer"] for error in answer.get_json()["errors"]} == {"/body", "/customer/name"}
    assert "cannot be kept" in answer.text

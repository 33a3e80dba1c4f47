"""The database does not answer: a click gets a sentence that says what is safe and what to do, on a page that asks it nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from core.database import Database
from core.settings import Settings
from tests.web.conftest import PASSWORD, fill_firm, post, token
from web.app import create_app


@pytest.fixture
def client(database: Database, settings: Settings) -> Iterator[Any]:
    """A signed-in browser of an application that waits only shortly for the lock."""
    with database.write() as tx:
        fill_firm(tx)
    impatient = Database(settings, busy_ms=100)
    app = create_app(settings, impatient)
    app.config.update(TESTING=True)
    client = app.test_client()
    assert post(client, "/signin", {"email": "dewi@example.com", "password": PASSWORD}).status_code == 303
    yield client
    app.extensions["estafet"].hub.stop()
    impatient.close()


def test_locked_click_gets_a_sentence(client: Any, settings: Settings) -> None:
    asked = {"csrf_token": token(client, "/me"), "language": "id"}
    with closing(sqlite3.connect(settings.home / "estafet.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = client.post("/me/language", data=asked)
        assert client.get("/me").status_code == 200  # reading goes on
        other.execute("ROLLBACK")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "was not saved" in answer.text
    assert "Try again" in answer.text
    assert client.post("/me/language", data=asked).status_code == 303


def test_database_away_is_said(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be read at all: neither who reads, nor what is shown around the page."""

    @contextmanager
    def away(_self: Database, **_options: Any) -> Iterator[Any]:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))
        yield

    monkeypatch.setattr(Database, "read", away)
    for path in ("/", "/help", "/r/whatever"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert "does not answer" in answer.text
    assert client.get("/readyz").status_code == 503
    called = client.get("/api/v1/tickets", headers={"Authorization": "Bearer est_x"})
    assert called.status_code == 503
    assert "same request again" in called.get_json()["detail"]

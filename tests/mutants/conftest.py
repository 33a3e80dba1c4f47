"""The stage of the proofs: a small firm whose doors are open (mail, form, API, desk, request page), on SQLite; and its team on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from core.database import Database
from core.organisation import issue_token
from core.schema import Person
from core.settings import Settings
from estafet.ports import free_port
from estafet.smtp_server import Intake, make_server
from tests.conftest import MailSink
from tests.core.conftest import Desk, make_desk
from tests.web.conftest import HASH, PASSWORD, post
from web.app import create_app


@dataclass
class Stage:
    """The firm with its doors. `agent` is Dewi's browser, signed in; `token` is hers for the API."""

    desk: Desk
    app: Flask
    sink: MailSink
    token: str
    agent: FlaskClient
    sending: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.sending = replace(self.desk.settings, mail_url=self.sink.url)

    def stored(self, words: str) -> int:
        """How often somebody who opens the file now reads these words in a message."""
        with closing(sqlite3.connect(self.desk.settings.home / "estafet.db")) as connection:
            query = "SELECT count(*) FROM message_body WHERE text LIKE ?"
            return int(connection.execute(query, (f"%{words}%",)).fetchone()[0])

    @contextmanager
    def nobody_commits(self) -> Iterator[None]:
        """Another program holds the write lock of the database."""
        with closing(sqlite3.connect(self.desk.settings.home / "estafet.db", isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    @contextmanager
    def mail_door(self) -> Iterator[int]:
        """The mail intake, listening on this port."""
        factory = make_server(self.desk.settings, Intake(self.desk.settings, self.desk.database))

        class Door(Controller):
            def factory(self) -> Any:
                return factory()

        door = Door(None, hostname="127.0.0.1", port=free_port())
        door.start()
        yield door.port
        door.stop()

    def browser(self) -> FlaskClient:
        """A browser that nobody has signed in with."""
        return self.app.test_client()


@pytest.fixture
def stage(database: Database, settings: Settings, smtp_sink: MailSink) -> Iterator[Stage]:
    desk = make_desk(database, settings)
    dewi = desk.people["dewi"].id
    assert dewi
    with database.write() as tx:
        tx.execute(update(Person).values(password_hash=HASH))
        token = issue_token(tx, dewi, "proofs", now=1)
    app = create_app(settings, database)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=True)
    agent = app.test_client()
    signed_in = post(agent, "/signin", {"email": "dewi@lentera.example", "password": PASSWORD})
    assert signed_in.status_code == 303
    yield Stage(desk, app, smtp_sink, token, agent)
    app.extensions["estafet"].hub.stop()


@pytest.fixture
def team(postgres: Database, postgres_settings: Settings) -> Desk:
    """The firm on PostgreSQL, where transactions of one ticket really meet."""
    return make_desk(postgres, postgres_settings)

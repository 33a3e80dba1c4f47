"""The outgoing mail server hangs: nobody's click waits for it, and nobody guesses whether the mail was taken."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core import performing
from core.performing import TryLater, perform
from core.tickets.conversation import Draft, send_reply
from tests.core.conftest import make_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.database import Database
    from core.settings import Settings
    from tests.conftest import MailSink
    from tests.core.conftest import Desk


@pytest.fixture
def desk(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The firm; an attempt to send gives up after a second."""
    monkeypatch.setattr(performing, "SMTP_SECONDS", 1.0)
    return make_desk(database, settings)


@contextmanager
def silent_server() -> Iterator[str]:
    """It takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"


def reply(desk: Desk, ticket: int) -> str:
    with desk.database.write() as tx:
        sent = send_reply(tx, desk.settings, desk.people["dewi"], ticket, Draft("Halo."))
    return f"{ticket}/message/{sent.message_id}"


def put_off(desk: Desk, settings: Settings, key: str) -> None:
    with pytest.raises(TryLater):
        perform(desk.database, settings, key)


def state(desk: Desk, key: str) -> str:
    ticket = int(key.partition("/")[0])
    return next(effect.state for effect in desk.effects(ticket) if effect.key == key)


def test_click_does_not_wait_for_mail(desk: Desk) -> None:
    """While one mail hangs at the server, the next reply is written as if nothing was."""
    ticket = desk.open().ticket_id
    key = reply(desk, ticket)
    with silent_server() as url:
        hanging = threading.Thread(target=put_off, args=(desk, replace(desk.settings, mail_url=url), key))
        hanging.start()
        second = reply(desk, ticket)
        assert hanging.is_alive(), "the click waited for the mail server"
        hanging.join(30)
    assert (state(desk, key), state(desk, second)) == ("planned", "planned")  # surely nothing was sent: tried again


def test_hanging_after_the_content_is_unknown(desk: Desk, smtp_sink: MailSink) -> None:
    """The whole mail went out and no answer came within our limit: a person sees that nobody knows, and it is never sent again."""
    smtp_sink.delay = 3
    sending = replace(desk.settings, mail_url=smtp_sink.url)
    ticket = desk.open().ticket_id
    key = reply(desk, ticket)
    perform(desk.database, sending, key)
    assert state(desk, key) == "unknown"
    assert "effect.unknown" in desk.kinds(ticket)
    smtp_sink.delay = 0
    perform(desk.database, sending, key)
    assert state(desk, key) == "unknown"
    assert len(smtp_sink.mails) <= 1

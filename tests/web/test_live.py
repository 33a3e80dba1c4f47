"""The live stream: whom it tells what, and what it does when there are too many windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.actors import SYSTEM
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from web.live import Hub, Stream, messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings


@pytest.fixture
def hub(settings: Settings, firm: Database) -> Iterator[Hub]:
    made = Hub(settings, firm, most=3)
    yield made
    made.stop()


def open_one(firm: Database, settings: Settings, department: str) -> int:
    with firm.write() as tx:
        new = NewTicket("Fridge", "It leaks", CustomerRef("a@example.com"), department=department)
        return open_ticket(tx, settings, SYSTEM, new).ticket_id


def heard(stream: Stream) -> str:
    return stream.waiting.get(timeout=5)[1]


def test_commit_reaches_its_department(hub: Hub, firm: Database, settings: Settings, ticket_id: int) -> None:
    service, billing = hub.open(1), hub.open(2)
    manager = hub.open(None, everything=True)
    assert service
    assert billing
    assert manager
    opened = open_one(firm, settings, "service")
    assert f'"id": {opened}' in heard(service)
    assert '"kind": "ticket.opened"' in heard(manager)
    assert billing.waiting.empty()


def test_window_of_a_ticket_hears_of_it(hub: Hub, firm: Database, settings: Settings, ticket_id: int) -> None:
    guest = hub.open(2, ticket_id=ticket_id + 1)
    assert guest
    open_one(firm, settings, "service")
    assert f'"id": {ticket_id + 1}' in heard(guest)


def test_events_tell_no_text(hub: Hub, firm: Database, settings: Settings, ticket_id: int) -> None:
    stream = hub.open(1)
    assert stream
    open_one(firm, settings, "service")
    assert "leaks" not in heard(stream)


def test_streams_are_capped(hub: Hub) -> None:
    streams = [hub.open(1) for _ in range(4)]
    assert streams[3] is None
    assert streams[0]
    hub.close(streams[0])
    assert hub.open(1) is not None


def test_nothing_falls_between_page_and_stream(hub: Hub, firm: Database, settings: Settings, ticket_id: int) -> None:
    first = hub.open(1)
    assert first
    mark = hub.mark()
    opened = open_one(firm, settings, "service")
    heard(first)  # the hub has told it before the second window listens
    second = hub.open(1, mark=mark)
    assert second
    assert f'"id": {opened}' in heard(second)
    assert not second.missed


def test_unknown_mark_makes_the_window_look(hub: Hub) -> None:
    stream = hub.open(1, mark="elsewhere.7")
    assert stream
    assert "event: look" in next(messages(hub, stream))


def test_slow_window_is_told_to_look(hub: Hub) -> None:
    stream = hub.open(1)
    assert stream
    lines = messages(hub, stream)
    next(lines)
    stream.missed = True
    stream.waiting.put((1, "id: 1\n\n"))
    assert "event: look" in next(lines)
    lines.close()  # type: ignore[attr-defined]
    assert hub.count == 0


def test_silent_stream_beats(hub: Hub) -> None:
    stream = hub.open(1)
    assert stream
    lines = messages(hub, stream, heartbeat=0.01)
    assert next(lines).startswith("retry:")
    assert next(lines) == ": still here\n\n"


def test_full_house_asks_to_come_again(app: Flask, signed_in: Callable[[str], FlaskClient]) -> None:
    app.extensions["estafet"].hub = Hub(app.extensions["estafet"].settings, app.extensions["estafet"].database, most=0)
    answer = signed_in("dewi").get("/live")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "15")

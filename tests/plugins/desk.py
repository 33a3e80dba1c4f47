"""A firm that is connected to a stand-in, as tests of shipped plugins want it: its tickets, its buttons, its doors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

import estafet
from core import effects, procedures
from core.actors import SYSTEM
from core.moments import now_ms
from core.plugins.arriving import take_delivery
from core.plugins.calling import call
from core.plugins.discovery import find_sources
from core.plugins.keeping import keep_webhooks
from core.plugins.linking import links_of
from core.plugins.publishing import publish
from core.plugins.reading import read_sources
from core.plugins.settings import save_settings
from core.plugins.wishing import ask_action
from core.schema import Message, MessageBody, WebhookDelivery
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from estafet.ports import free_port
from plugins.standins.serving import Serving
from tests.conftest import wait_until
from web.app import create_app


def a_ticket() -> estafet.Ticket:
    """As plugins see one."""
    who = estafet.Customer(7, "Sari", "sari@example.com", "vip", "en")
    return estafet.Ticket(
        id=4711, subject="Nothing is printed", status="open", priority="urgent", channel="form", department="Service",
        team="Repair", holder="Dewi", topic=None, product=None, tags=(), language="en",
        url="http://desk.example/tickets/4711", created_at=datetime(2026, 11, 25, tzinfo=UTC), customer=who,
    )  # fmt: skip


@dataclass
class Desk:
    """A firm that is connected to a stand-in, and whose door the stand-in knows. What the host and Temporal do is done when a test says so."""

    host: Any
    standin: Any
    plugin: str

    def open(self, sop: str) -> int:
        with self.host.database.write() as tx:
            procedures.publish(tx, SYSTEM, sop, now=now_ms())
        with self.host.database.write() as tx:
            who = CustomerRef("sari@example.com", "Sari")
            new = NewTicket("Nothing is printed", "At all.", who, sop="tracked", language="en")
            return open_ticket(tx, self.host.settings, SYSTEM, new).ticket_id

    def take(self, wanted: int = 1) -> None:
        """Take webhooks until so many more have come and are applied."""
        done = self.taken() + wanted
        wait_until(lambda: self._take() >= done, what=f"{wanted} webhooks")

    def taken(self) -> int:
        return len(self.host.rows(select(WebhookDelivery.id).where(WebhookDelivery.state != "new")))

    def _take(self) -> int:
        while take_delivery(self.host.database, self.host.settings, self.host.pool, self.plugin):
            pass
        return self.taken()

    def press(self, ticket: int, action: str, nonce: str = "1", **given: str) -> None:
        """A person's button on the ticket's page."""
        with self.host.database.write() as tx:
            ask_action(tx, self.host.manager, ticket, action, given, nonce=nonce)
        self.host.call(ticket)

    def wishes(self) -> list[str]:
        """Hand over facts, and do what is wanted because of them; the words of what could not be done."""
        self.host.deliver(self.plugin)
        with self.host.database.read() as tx:
            due = [one for one in effects.page(tx) if one.kind == "call_plugin" and one.state == "planned"]
        for one in due:
            call(self.host.database, self.host.settings, self.host.pool, one.key)
        return [one.key for one in due]

    def links(self, ticket: int) -> list[tuple[str, str, bool]]:
        with self.host.database.read() as tx:
            return [(one.ref, one.state, one.open) for one in links_of(tx, ticket)]

    def comments(self, ticket: int) -> list[tuple[str, str]]:
        query = select(Message.author_name, MessageBody.text).join(MessageBody, MessageBody.message_id == Message.id)
        found = self.host.rows(
            query.where(Message.ticket_id == ticket, Message.direction == "internal").order_by(Message.id)
        )
        return [tuple(one) for one in found]


def connect(host: Any, plugin: str, settings: dict[str, Any]) -> None:
    """Type the settings in on the plugins page."""
    found = read_sources(host.pool, [one for one in find_sources(host.settings) if one.name == plugin])
    with host.database.write() as tx:
        publish(tx, found, now_ms())
    assert host.plugin(plugin).works, host.plugin(plugin).error
    with host.database.write() as tx:
        given = {
            name: "on" if value is True else "" if value is False else str(value) for name, value in settings.items()
        }
        save_settings(tx, host.settings, host.manager, plugin, given)


@contextmanager
def connected(host: Any, plugin: str, standin: Any) -> Iterator[Desk]:
    """A desk whose webhook is registered at the stand-in."""
    port = free_port()
    host.settings = replace(host.settings, public_url=f"http://127.0.0.1:{port}")
    connect(host, plugin, standin.settings())
    door = Serving(create_app(host.settings, host.database), port)
    try:
        keep_webhooks(host.database, host.settings, host.pool, plugin)
        assert host.state(plugin).keep_ok, host.state(plugin).keep_words
        yield Desk(host, standin, plugin)
    finally:
        door.close()

"""A stand-in of Jira over real HTTP, values to call the plugin with, and a firm whose plugin is connected to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

import estafet
from core import effects, procedures
from core.actors import SYSTEM
from core.moments import now_ms
from core.plugins.arriving import take_delivery
from core.plugins.calling import call
from core.plugins.keeping import keep_webhooks
from core.plugins.linking import links_of
from core.plugins.settings import save_settings
from core.plugins.wishing import ask_action
from core.schema import Message, MessageBody, WebhookDelivery
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from estafet.ports import free_port
from plugins.standins.faults import Fault
from plugins.standins.jira import EMAIL, TOKEN, Jira
from plugins.standins.jira_app import create_app
from plugins.standins.serving import Serving
from tests.conftest import wait_until
from web.app import create_app as create_desk

SECRET = "a secret for webhooks"


@dataclass
class StandIn:
    """The stand-in, where it is, and what goes wrong there."""

    jira: Jira
    serving: Serving

    @property
    def url(self) -> str:
        return self.serving.url

    @property
    def asked(self) -> list[str]:
        return self.serving.faulty.asked

    @property
    def issues(self) -> list[dict[str, Any]]:
        return list(self.jira.kept.data["issues"].values())

    def fault(self, kind: str, match: str = "", **more: Any) -> None:
        self.serving.faulty.add(Fault(kind, match, **more))

    def settings(self, **more: Any) -> dict[str, Any]:
        """As the plugin is given them."""
        return {
            "kind": "Cloud",
            "site": self.url,
            "email": EMAIL,
            "token": TOKEN,
            "webhook_secret": SECRET,
            "project": "KAN",
            "type": "Task",
            "labels": "support",
            "priorities": "urgent = Highest; high = High",
            "send_comments": "all",
            "take_comments": True,
            "watch": "",
            **more,
        }


@pytest.fixture
def standin():
    jira = Jira(lag=600)  # its search never catches up within a test, unless the test says so
    serving = Serving(create_app(jira))
    yield StandIn(jira, serving)
    serving.close()
    jira.sending.close()


@pytest.fixture
def ticket():
    who = estafet.Customer(7, "Sari", "sari@example.com", "vip", "en")
    return estafet.Ticket(
        id=4711, subject="Nothing is printed", status="open", priority="urgent", channel="form", department="Service",
        team="Repair", holder="Dewi", topic=None, product=None, tags=(), language="en",
        url="http://desk.example/tickets/4711", created_at=datetime(2026, 11, 25, tzinfo=UTC), customer=who,
    )  # fmt: skip


@pytest.fixture
def make_call(standin, ticket):
    """A call as the host makes it; `links` are refs of issues that the ticket has."""

    def make(action: str, key: str = "4711/ask/1", links: tuple[str, ...] = (), by=None, settings=None, **arguments):
        linked = tuple(estafet.Link(ref, None, ref, "To Do", None, True) for ref in links)
        given = standin.settings(**(settings or {}))
        return estafet.Call(key, f"jira.{action}", arguments, given, replace(ticket, links=linked), None, by)

    return make


@dataclass
class Desk:
    """A firm whose Jira is the stand-in, and whose door Jira knows. What the host and Temporal do is done when a test says so."""

    host: Any
    standin: StandIn

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
        while take_delivery(self.host.database, self.host.settings, self.host.pool, "jira"):
            pass
        return self.taken()

    def press(self, ticket: int, action: str, nonce: str = "1", **given: str) -> None:
        """A person's button on the ticket's page."""
        with self.host.database.write() as tx:
            ask_action(tx, self.host.manager, ticket, action, given, nonce=nonce)
        self.host.call(ticket)

    def wishes(self) -> list[str]:
        """Hand over facts, and do what is wanted because of them; the words of what could not be done."""
        self.host.deliver("jira")
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


def connect(host, standin) -> None:
    """The host's Jira is the stand-in."""
    host.publish()
    assert host.plugin("jira").works, host.plugin("jira").error
    with host.database.write() as tx:
        given = {name: "on" if value is True else str(value) for name, value in standin.settings().items()}
        save_settings(tx, host.settings, host.manager, "jira", given)


@pytest.fixture
def connected(host, standin):
    """A desk whose webhook is registered at the stand-in."""
    port = free_port()
    host.settings = replace(host.settings, public_url=f"http://127.0.0.1:{port}")
    connect(host, standin)
    door = Serving(create_desk(host.settings, host.database), port)
    keep_webhooks(host.database, host.settings, host.pool, "jira")
    assert host.state("jira").keep_words == "The webhook was registered."
    yield Desk(host, standin)
    door.close()

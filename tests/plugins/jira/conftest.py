"""A stand-in of Jira over real HTTP, values to call the plugin with, and a firm whose plugin is connected to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

import estafet
from core.plugins.settings import save_settings
from plugins.standins.faults import Fault
from plugins.standins.jira import EMAIL, TOKEN, Jira
from plugins.standins.jira_app import create_app
from plugins.standins.serving import Serving

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


@pytest.fixture
def desk(host, standin):
    """A firm whose Jira is the stand-in."""
    host.publish()
    assert host.plugin("jira").works, host.plugin("jira").error
    with host.database.write() as tx:
        given = {name: "on" if value is True else str(value) for name, value in standin.settings().items()}
        save_settings(tx, host.settings, host.manager, "jira", given)
    return host

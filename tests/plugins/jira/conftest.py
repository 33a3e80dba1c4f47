"""A stand-in of Jira over real HTTP, values to call the plugin with, and a firm whose plugin is connected to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

import estafet
from plugins.standins.faults import Fault
from plugins.standins.jira import EMAIL, TOKEN, Jira
from plugins.standins.jira_app import create_app
from plugins.standins.serving import Serving
from tests.plugins.desk import a_ticket, connected

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
    return a_ticket()


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
    """A desk whose webhook is registered at the stand-in."""
    with connected(host, "jira", standin) as desk:
        yield desk

"""A stand-in of Trello over real HTTP, values to call the plugin with, and a firm whose plugin is connected to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

import estafet
from plugins.standins.faults import Fault
from plugins.standins.serving import Serving
from plugins.standins.trello import KEY, SECRET, TOKEN, Trello
from plugins.standins.trello_app import create_app
from tests.plugins.desk import a_ticket, connected


@dataclass
class StandIn:
    """The stand-in, where it is, and what goes wrong there."""

    trello: Trello
    serving: Serving

    @property
    def url(self) -> str:
        return self.serving.url

    @property
    def asked(self) -> list[str]:
        return self.serving.faulty.asked

    @property
    def cards(self) -> list[dict[str, Any]]:
        return list(self.trello.kept.data["cards"].values())

    def fault(self, kind: str, match: str = "", **more: Any) -> None:
        self.serving.faulty.add(Fault(kind, match, **more))

    def settings(self, **more: Any) -> dict[str, Any]:
        """As the plugin is given them."""
        return {
            "site": self.url,
            "key": KEY,
            "token": TOKEN,
            "app_secret": SECRET,
            "board": "Support",
            "list": "To do",
            "labels": "",
            "tasks": True,
            "done_lists": "Done, Finished",
            "follow_name": True,
            "follow_due": True,
            "label_changes": "Urgent = priority: urgent; Billing = tag: billing; Printer = product: printer",
            "send_comments": "all",
            "take_comments": True,
            "watch": "",
            **more,
        }


@pytest.fixture
def standin():
    trello = Trello()
    serving = Serving(create_app(trello))
    yield StandIn(trello, serving)
    serving.close()
    trello.sending.close()


@pytest.fixture
def ticket():
    return a_ticket()


@pytest.fixture
def make_call(standin, ticket):
    """A call as the host makes it; `links` are refs of cards that the ticket has."""

    def make(action: str, key: str = "4711/ask/1", links: tuple[str, ...] = (), by=None, settings=None, **arguments):
        linked = tuple(estafet.Link(ref, None, ref, "To do", None, True) for ref in links)
        given = standin.settings(**(settings or {}))
        return estafet.Call(key, f"trello.{action}", arguments, given, replace(ticket, links=linked), None, by)

    return make


@pytest.fixture
def desk(host, standin):
    """A desk whose webhook is registered at the stand-in."""
    with connected(host, "trello", standin) as desk:
        yield desk

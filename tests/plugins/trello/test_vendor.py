"""Every request that the plugin makes is valid by Trello's own description, and every answer of its examples can be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

import estafet
from plugins.trello import cards, check_connection, commenting, look_at, ticket_panel
from plugins.trello.site import Site
from tests.plugins.prism import prism

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def vendor(tmp_path_factory):
    with prism("trello.json", tmp_path_factory.mktemp("prism")) as url:
        yield url


@pytest.fixture
def settings(vendor, standin):
    return standin.settings(site=vendor, key="0" * 32, token="t" * 64)


@pytest.fixture
def site(settings):
    return Site(settings)


@pytest.fixture
def board(site):
    return str(site.ask("GET", f"/members/{site.me()['id']}/boards", filter="open")[0]["id"])


def test_vendor_answers_boards_and_cards(site, board):
    assert isinstance(site.ask("GET", f"/boards/{board}/lists", filter="open", fields="name"), list)
    site.ask("GET", f"/boards/{board}/labels", limit=1000)
    site.ask("GET", f"/boards/{board}/cards/all", fields="desc,shortLink")
    assert site.card("AbCd1234")["id"]


def test_vendor_takes_cards_with_everything(site, board):
    made = site.ask(
        "POST", "/cards", idList=board, name="Name", desc="Words", due="2026-12-24", idLabels=board, pos="top"
    )
    assert made["id"]
    site.ask("POST", "/checklists", idCard=made["id"], name="Tasks")
    site.ask("POST", f"/checklists/{board}/checkItems", name="One")
    site.ask("GET", f"/cards/{board}/checklists")
    site.ask("PUT", f"/cards/{board}", idList=board)


def test_vendor_takes_what_actions_send(settings, make_call):
    call = make_call("attach", card="AbCd1234")
    assert cards.attach(replace(call, settings=settings)).ref
    said = replace(make_call("comment", card="AbCd1234", text="Hello", by="Dewi"), settings=settings)
    assert commenting.comment(said).values["comment"]
    assert commenting.find(said) is None


def test_vendor_answers_looks_panels_and_tests(settings, ticket):
    assert look_at(["AbCd1234"], settings)[0].ref == "AbCd1234"
    linked = replace(ticket, links=(estafet.Link("AbCd1234", None, "", "", None, True),))
    assert ticket_panel(linked, settings).facts
    assert "Trello answers" in check_connection({**settings, "board": ""})


def test_vendor_takes_webhooks(site, board):
    assert isinstance(site.webhooks(), list)
    made = site.ask(
        "POST",
        "/webhooks/",
        callbackURL="https://desk.example/hooks/trello/boards",
        idModel=board,
        description="Estafet",
    )
    assert made["id"]
    site.ask("PUT", f"/webhooks/{made['id']}", active="true")


def test_vendor_refuses_what_is_wrong(site, board):
    """The description does check: without this the tests above would prove nothing."""
    for method, path, query in (
        ("GET", "/members/me/boards", {}),
        ("PUT", f"/cards/{board}", {"dueComplete": "perhaps"}),
        ("GET", "/nothing", {}),
    ):
        with pytest.raises(estafet.PermanentFailure):
            site.ask(method, path, **query)

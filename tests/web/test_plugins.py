"""The plugins page: what is there and how it fares, switches, settings with secrets, parked events."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from core.moments import now_ms
from core.plugins.publishing import Found, publish
from core.plugins.registry import plugin
from core.plugins.settings import settings_of
from core.schema import Plugin, PluginParked, PluginState
from tests.web.conftest import post

SETTINGS = (
    {"name": "url", "title": "Address", "kind": "url", "required": True, "secret": False, "default": None, "help": "", "options": []},
    {"name": "token", "title": "Token", "kind": "text", "required": True, "secret": True, "default": None, "help": "", "options": []},
)  # fmt: skip
ACTION = {
    "name": "desk.go",
    "title": "Go there",
    "arguments": {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]},
    "result": None,
    "finds": False,
    "lag": 0,
    "repeatable": False,
    "irreversible": False,
}


@pytest.fixture
def offered(firm, ticket_id):
    with firm.write() as tx:
        publish(tx, [Found("desk", "1.2", {}, (ACTION,), SETTINGS, ("check_connection", "ticket_opened"))], now_ms())
        values = {
            "calls": 9,
            "errors": 1,
            "recent_ms": [5, 7, 90],
            "last_error": "it fell over",
            "last_error_at": now_ms(),
        }
        tx.execute(update(PluginState).values(last_error_ticket=ticket_id, **values))
        parked = {"plugin": "desk", "event_id": 1, "ticket_id": ticket_id, "kind": "ticket.opened", "at": now_ms()}
        tx.execute(insert(PluginParked).values(**parked, detail="not <today>", again=False))
    return firm


def row(firm):
    with firm.read() as tx:
        return plugin(tx, "desk")


def test_page_tells_how_it_fares(offered, signed_in, ticket_id):
    page = signed_in("lina").get("/admin/plugins").text
    for words in ("desk.go", "1.2", "9 calls", "1 error", "it fell over", f"/tickets/{ticket_id}", "not &lt;today&gt;"):
        assert words in page
    assert "Switch off" not in page  # a lead looks, a manager switches


def test_manager_switches_it(offered, signed_in):
    client = signed_in("mira")
    assert post(client, "/admin/plugins/desk/switch", {"on": "0"}).status_code == 303
    assert not row(offered).enabled
    assert "switched off" in client.get("/admin/plugins").text
    post(client, "/admin/plugins/desk/switch", {"on": "1"})
    assert row(offered).works


def test_lead_may_not_switch(offered, signed_in):
    assert post(signed_in("lina"), "/admin/plugins/desk/switch", {"on": "0"}).status_code == 403
    assert row(offered).enabled


def test_secret_is_encrypted_and_never_shown(offered, signed_in, settings):
    client = signed_in("mira")
    typed = {"url": "https://desk.example.com", "token": "s3cret-token"}
    assert post(client, "/admin/plugins/desk/settings", typed).status_code == 303
    with offered.read() as tx:
        stored = tx.execute(select(Plugin.__table__)).one()
    assert "s3cret" not in str(tuple(stored))
    assert settings_of(settings, row(offered)) == typed
    assert "s3cret" not in client.get("/admin/plugins").text
    post(client, "/admin/plugins/desk/settings", {"url": "https://other.example.com", "token": ""})
    assert settings_of(settings, row(offered))["token"] == "s3cret-token"


def test_wrong_setting_is_said_and_kept(offered, signed_in):
    answer = post(signed_in("mira"), "/admin/plugins/desk/settings", {"url": "ftp:/nowhere"})
    assert answer.status_code == 422
    assert "is no web address" in answer.text
    assert "ftp:/nowhere" in answer.text
    assert "This value is needed." in answer.text
    assert row(offered).settings == {}


def test_parked_event_is_sent_again(offered, signed_in):
    client = signed_in("mira")
    assert post(client, "/admin/plugins/parked/1/again").status_code == 303
    assert "is sent again" in client.get("/admin/plugins").text


def test_connection_is_tested_when_asked(offered, signed_in):
    client = signed_in("mira")
    post(client, "/admin/plugins/desk/check")
    with offered.read() as tx:
        assert tx.execute(select(PluginState.__table__.c.check_asked_at)).scalar_one()
    assert "is being tested" in client.get("/admin/plugins").text


def test_checker_knows_the_arguments(offered):
    from core.studio.known_names import check_here

    text = "sop: a\ntitle: A\ndo:\n  - ask:\n      call: desk.go\n      with: {too: there}\n  - finish:\n      resolve: {require: []}\n"
    with offered.read() as tx:
        errors = check_here(tx, text).errors
    assert {(error.code, error.line) for error in errors} == {("argument-missing", 6), ("argument-unknown", 6)}

"""`crm.lookup`, through the door that every plugin uses."""

from __future__ import annotations

import pytest

from core.moments import now_ms
from core.plugins.panels import boxes, renew_box, want_boxes
from core.plugins.settings import save_settings
from core.tickets.rows import read

CSV = "email,tier,owner\nsari@example.com,gold,Rina\nbudi@example.com,silver,Joko\n"


@pytest.fixture
def crm(host, tmp_path):
    host.publish()
    assert host.plugin("crm").works
    host.file = tmp_path / "customers.csv"
    host.file.write_text(CSV)
    return host


def point(host, **more):
    with host.database.write() as tx:
        save_settings(
            tx,
            host.settings,
            host.manager,
            "crm",
            {"provider": "file", "file": str(host.file), "delimiter": ",", **more},
        )


def look_up(host):
    ticket = host.open("crm.lookup", '{email: "${customer.email}"}', on_error="continue")
    host.call(ticket)
    return ticket


def test_customer_is_found(crm):
    point(crm)
    step = crm.step(look_up(crm))
    assert step.result == {"found": True, "email": "sari@example.com", "tier": "gold", "owner": "Rina"}


def test_stranger_is_said_to_be_unknown(crm):
    point(crm)
    crm.file.write_text("email;tier\nother@example.com;gold\n")
    point(crm, delimiter=";")
    assert crm.step(look_up(crm)).result == {"found": False}


def test_missing_setting_says_where_to_add_it(crm):
    ticket = look_up(crm)
    assert crm.step(ticket).outcome == "error"
    assert "No file is named for the built-in tables" in crm.effect(ticket).detail
    assert "plugins page" in crm.effect(ticket).detail


def test_file_without_addresses_is_explained(crm):
    crm.file.write_text("mail,tier\n")
    point(crm)
    assert "no column “email”" in crm.effect(look_up(crm)).detail


def test_file_that_is_gone_is_named(crm):
    point(crm)
    crm.file.unlink()
    assert str(crm.file) in crm.effect(look_up(crm)).detail


def test_tier_becomes_the_service_class(crm):
    point(crm, classes="gold = vip")
    ticket = crm.open("crm.lookup", '{email: "${customer.email}"}')
    with crm.database.write() as tx:
        want_boxes(tx, "ticket", ticket, [("crm", "account")], now_ms())
    assert renew_box(crm.database, crm.settings, crm.pool, "crm")
    with crm.database.read() as tx:
        (box,) = [one for one in boxes(tx, "ticket", ticket) if one.plugin == "crm"]
        assert {fact["label"]: fact["value"] for fact in box.content["facts"]}["Tier"] == "gold"
        assert read(tx, ticket).vip

"""The page on which open tickets are routed again: chosen, seen before, done, cancelled, and told on each ticket."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.actors import SYSTEM
from core.routing.store import RuleText, add_rule
from core.tickets.bulk_rerouting import go_on

from .conftest import post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from playwright.sync_api import Page

    from core.database import Database
    from core.settings import Settings

LOOK = "/admin/routing/again?look=1&which=all"


def to_billing(firm: Database, settings: Settings) -> None:
    with firm.write() as tx:
        add_rule(tx, settings, SYSTEM, RuleText("To billing", "", {"team": 2, "priority": "high", "tags": ["money"]}))


def test_open_tickets_are_seen_then_routed(
    signed_in: Callable[[str], FlaskClient], firm: Database, settings: Settings, ticket_id: int
) -> None:
    mira, lina = signed_in("mira"), signed_in("lina")
    refused = post(mira, "/admin/routing/again", {"which": "all"})
    assert (refused.status_code, "no routing rules that are switched on" in refused.text) == (409, True)
    to_billing(firm, settings)
    page = lina.get(LOOK).text
    row = page[page.index(f"/tickets/{ticket_id}") :]
    assert "Rule “To billing” (version 1)" in row
    for words in ("Medium", "High", "+ money", "chosen anew"):
        assert words in row[: row.index("</tr>")], words
    rules = re.search(r'name="rules" value="(\d+)"', page)
    assert rules is not None
    wish = {"which": "all", "department": "1", "rules": rules[1]}
    assert post(lina, "/admin/routing/again", {**wish, "department": "2"}).status_code == 403
    assert post(lina, "/admin/routing/again", {**wish, "rules": "77"}).status_code == 409
    begun = post(lina, "/admin/routing/again", wish)
    assert begun.status_code == 303
    running = lina.get(begun.location).text
    assert "Cancel the rest" in running
    second = post(mira, "/admin/routing/again", {"which": "all"})
    assert (second.status_code, "Tickets are being routed again already: 0 of 1" in second.text) == (409, True)
    while go_on(firm, settings):
        pass
    done = lina.get(begun.location).text
    assert "1 of 1 tickets" in done
    assert "Cancel the rest" not in done
    assert "Medium" in done
    assert "/admin/routing/again/1" in mira.get("/admin/routing/again").text
    told = mira.get(f"/tickets/{ticket_id}/timeline").text
    assert "had open tickets meet the changed rules (re-routing" in told
    assert "There is none." in mira.get(LOOK).text
    post(mira, "/admin/routing/again", {"which": "all"})
    cancelled = post(mira, "/admin/routing/again/2/cancel", follow_redirects=True).text
    assert "cancelled" in cancelled
    assert lina.get("/admin/routing/again/2").status_code == 404  # of the whole firm: its managers' business


def test_pages_of_rerouting_are_accessible(
    enter: Callable[..., Page],
    findings: Callable[[Page], list[str]],
    signed_in: Callable[[str], FlaskClient],
    firm: Database,
    settings: Settings,
    ticket_id: int,
) -> None:
    to_billing(firm, settings)
    begun = post(signed_in("mira"), "/admin/routing/again", {"which": "all"}).location
    for width in (1280, 390):
        page = enter("mira", LOOK, width=width)
        for path in (LOOK, begun):
            page.goto(path)
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
    while go_on(firm, settings):
        pass
    page.locator("text=1 of 1 tickets").wait_for()  # the page follows by itself

"""The pages of routing: rules in their order, made without expressions, tried on a ticket, and explained on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from core.actors import SYSTEM
from core.organisation_changes import change_team
from core.schema import Person, RoutingRule
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

from .conftest import IDS, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from playwright.sync_api import Page

    from core.database import Database
    from core.settings import Settings

ROW = {"what": "ticket.channel", "op": "==", "value": "chat"}


def test_rule_is_made_and_tried(
    signed_in: Callable[[str], FlaskClient], firm: Database, settings: Settings, ticket_id: int
) -> None:
    mira = signed_in("mira")
    chat = {"title": "Chats to Bagus", **ROW, "agent": str(IDS["bagus"]), "active": "yes"}
    assert post(mira, "/admin/routing/rules", chat).status_code == 303
    rows = {"what": ["ticket.subject", "ticket.hour"], "op": ["contains", ">="], "value": ["Fridge", "0"]}
    fridge = {"title": "Fridges to Dewi", **rows, "agent": str(IDS["dewi"]), "priority": "high", "active": "yes"}
    assert post(mira, "/admin/routing/rules", fridge).status_code == 303
    shadowed = {"title": "Never asked", **ROW, "priority": "low", "active": "yes"}
    page = post(mira, "/admin/routing/rules", shadowed, follow_redirects=True).text
    assert (
        page.count("Never reached: rule 1, “Chats to Bagus”, always matches first.") == 2
    )  # on saving, and in the list
    with firm.read() as tx:
        conditions = list(tx.execute(select(RoutingRule.condition).order_by(RoutingRule.place)).scalars())
    assert conditions[1] == 'ticket.subject.contains("Fridge") && ticket.hour >= 0'
    tried = mira.get(f"/admin/routing?ticket={ticket_id}").text
    assert "Rule 2, “Fridges to Dewi” (version 1) matches" in tried
    assert "Rule 1, “Chats to Bagus”: “" in tried
    assert "is not true" in tried
    assert "you are not in" in mira.get("/admin/routing?ticket=999").text

    with firm.write() as tx:
        new = NewTicket("My fridge", "It leaks.", CustomerRef("sari@example.com"), channel="email", language="en")
        opened = open_ticket(tx, settings, SYSTEM, new).ticket_id
        tx.execute(update(Person).where(Person.id == IDS["bagus"]).values(availability="away", availability_at=1))
    page = signed_in("dewi").get(f"/tickets/{opened}").text
    assert "Why you?" in page
    assert "Named by a rule" in page
    assert "Rule 2, “Fridges to Dewi” (version 1) matches" in page
    assert "Rule 1, “Chats to Bagus”" in page


def test_rule_form_keeps_what_is_wrong(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    lina = signed_in("lina")
    answer = post(lina, "/admin/routing/rules", {"title": "Mine", **ROW, "owner": "1", "active": "yes"})
    assert answer.status_code == 422
    assert "The rule gives nothing." in answer.text
    assert 'value="Mine"' in answer.text
    assert 'value="chat"' in answer.text
    mine = {"title": "Mine", **ROW, "owner": "1", "team": "1", "active": "yes"}
    assert post(lina, "/admin/routing/rules", mine).status_code == 303
    theirs = post(lina, "/admin/routing/rules", {**mine, "owner": "2"})
    assert theirs.status_code == 403
    raw = {**mine, "condition.raw": "ticket.hour < 8 || ticket.hour > 17", "version": "1"}
    assert post(lina, "/admin/routing/rules/1", raw).status_code == 303
    assert "condition.raw" in lina.get("/admin/routing/rules/1").text  # more than rows can say stays an expression
    assert post(lina, "/admin/routing/rules/1", raw).status_code == 409  # somebody was faster
    with firm.write() as tx:
        tx.execute(update(RoutingRule).values(gives={"agent": IDS["bagus"]}))
    post(signed_in("mira"), "/admin/routing/rules", {**mine, "owner": "", "title": "Common"})
    assert post(lina, "/admin/routing/rules/1/move", {"place": "2"}).status_code == 403
    assert post(signed_in("mira"), "/admin/routing/rules/1/move", {"place": "2"}).status_code == 303
    with firm.read() as tx:
        assert list(tx.execute(select(RoutingRule.title).order_by(RoutingRule.place)).scalars()) == ["Common", "Mine"]
    assert post(lina, "/admin/routing/rules/1/remove").status_code == 303
    assert "Mine" not in lina.get("/admin/routing").text


def test_rule_shows_who_left(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    mira = signed_in("mira")
    rule = {"title": "To Bagus", **ROW, "agent": str(IDS["bagus"]), "active": "yes"}
    post(mira, "/admin/routing/rules", rule)
    with firm.write() as tx:
        from core import configuration

        tx.execute(update(Person).where(Person.id == IDS["bagus"]).values(active=False))
        configuration.bump(tx)
    assert "Bagus Wicaksono does not work here any more" in mira.get("/admin/routing").text
    assert "Bagus Wicaksono" in mira.get("/admin/routing/rules/1").text


def test_routing_pages_are_accessible(
    enter: Callable[..., Page],
    findings: Callable[[Page], list[str]],
    signed_in: Callable[[str], FlaskClient],
    ticket_id: int,
) -> None:
    mira = signed_in("mira")
    post(mira, "/admin/routing/rules", {"title": "Chats", **ROW, "agent": str(IDS["bagus"]), "active": "yes"})
    post(mira, "/admin/routing/rules", {"title": "Chats again", **ROW, "priority": "low", "active": "yes"})
    for width in (1280, 390):
        page = enter("mira", f"/admin/routing?ticket={ticket_id}", width=width)
        for path in (f"/admin/routing?ticket={ticket_id}", "/admin/routing/rules/1"):
            page.goto(path)
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)


def test_row_says_its_teams_order(
    signed_in: Callable[[str], FlaskClient], firm: Database, settings: Settings, ticket_id: int
) -> None:
    assert "Behind the VIP lane" in signed_in("mira").get("/?view=all").text
    with firm.write() as tx:
        change_team(tx, settings, SYSTEM, 1, {"queue_order": "urgency"})
    assert "Most urgent first: priority is Medium." in signed_in("mira").get("/?view=all").text

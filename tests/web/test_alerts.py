"""Alerts through the doors that people use: the bell and its list, the rules' page, a ticket's Why, silence, watching, and the API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core.actors import SYSTEM
from core.alerts.changing import create_rule
from core.alerts.delivering import Wishes, wishes_of
from core.alerts.store import one_rule
from core.alerts.watching import watch, watchers_of
from core.moments import now_ms
from core.people import load_reader
from core.timeline import append
from tests.conftest import wait_until

from .conftest import IDS, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from playwright.sync_api import Page

    from core.database import Database

LOW = {"to": ["lead", "agent:dewi"], "threshold": 40}
FORM = {
    "title": "Nobody answers",
    "kind": "idle",
    "place": "t1",
    "threshold": "1 h 30 min",
    "to": ["holder", "lead"],
    "names": "agent:bagus",
    "how": "digest",
    "priorities": ["urgent"],
    "waiting": "1",
}


def rate(firm: Database, ticket_id: int, score: int = 1) -> None:
    with firm.write() as tx:
        append(tx, ticket_id, "customer.rated", SYSTEM, {"score": score, "max": 5, "type": "csat"}, at=now_ms())


@pytest.fixture
def low(firm: Database) -> int:
    """A rule of the service department that tells Dewi of bad ratings."""
    with firm.write() as tx:
        return create_rule(tx, SYSTEM, "Unhappy", "bad_rating", LOW, department_id=1)


def test_bell_counts_and_list_is_read(
    signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int, low: int
) -> None:
    dewi = signed_in("dewi")
    assert "Nothing has called for you yet" in dewi.get("/alerts").text
    rate(firm, ticket_id)
    rate(firm, ticket_id, 2)
    assert dewi.get("/alerts/count").get_json() == {"unread": 2}
    page = dewi.get("/alerts").text
    assert re.findall(r"<span class=\"num\" data-unread>(\d+)", page) == ["2"]
    assert page.index("The customer gave 2 of 5") < page.index("The customer gave 1 of 5")
    assert f'href="/tickets/{ticket_id}"' in page
    assert "Rule “Unhappy”, version 1: bad rating, up to 40 percent" in page
    [first, second] = re.findall(r'id="alert-(\d+)"', page)
    post(dewi, "/alerts/read", {"alert": second})
    unread = dewi.get("/alerts?unread=1").text
    assert (f"alert-{first}" in unread, f"alert-{second}" in unread) == (True, False)
    post(dewi, "/alerts/read", {})
    assert "You have read everything." in dewi.get("/alerts?unread=1").text
    assert f"alert-{second}" not in dewi.get(f"/alerts?before={second}").text


def test_ticket_tells_why_and_is_silenced(
    signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int, low: int
) -> None:
    with firm.write() as tx:
        create_rule(tx, SYSTEM, "Very important", "vip", {"to": ["lead"]}, department_id=1)
    dewi = signed_in("dewi")
    rate(firm, ticket_id)
    page = dewi.get(f"/tickets/{ticket_id}/alerts").text
    assert "The customer gave 1 of 5" in page
    assert "Very important" in page
    assert "The customer is no VIP" in page
    assert post(dewi, f"/tickets/{ticket_id}/silence", {"back": "alerts"}).headers["Location"] == "/alerts"
    rate(firm, ticket_id)
    assert dewi.get("/alerts/count").get_json() == {"unread": 0}
    assert "(silenced)" in dewi.get(f"/tickets/{ticket_id}").text
    assert "Undo" in dewi.get("/alerts").text
    post(dewi, f"/tickets/{ticket_id}/unsilence")
    rate(firm, ticket_id)
    assert dewi.get("/alerts/count").get_json() == {"unread": 1}
    story = dewi.get(f"/tickets/{ticket_id}/timeline").text
    for said in ("silenced the alerts", "let the alerts of this ticket be heard again", "Alert:"):
        assert said in story
    assert post(signed_in("wati"), f"/tickets/{ticket_id}/silence").status_code == 403


def test_lead_writes_an_alert_rule(signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int) -> None:
    lina = signed_in("lina")
    assert post(lina, "/admin/alerts/new", FORM).status_code == 303
    with firm.read() as tx:
        row = one_rule(tx, 1)
    assert (row.department_id, row.team_id, row.kind, row.version) == (1, 1, "idle", 1)
    assert row.data == {
        "threshold": "PT1H30M",
        "to": ["holder", "lead", "agent:bagus"],
        "how": "digest",
        "priorities": ["urgent"],
        "waiting": True,
    }
    assert "after 1 h 30 min of opening time" in lina.get("/admin/alerts").text
    page = lina.get("/admin/alerts/1").text
    assert 'value="1 h 30 min"' in page
    assert 'value="agent:bagus"' in page
    changed = {**FORM, "version": "1", "threshold": "2 h", "title": "Nobody cares"}
    assert post(lina, "/admin/alerts/1", changed).status_code == 303
    with firm.read() as tx:
        assert (one_rule(tx, 1).version, one_rule(tx, 1).active) == (2, False)
    assert post(lina, "/admin/alerts/1", changed).status_code == 409
    assert "switched off" in lina.get("/admin/alerts").text
    assert post(lina, "/admin/alerts/new", {**FORM, "place": "d2"}).status_code == 403
    wrong = post(lina, "/admin/alerts/new", {**FORM, "threshold": "soon", "to": [], "names": "agent:nobody"})
    assert wrong.status_code == 422
    for said in ("“soon” is no length of time", "Nobody is called “nobody”"):
        assert said in wrong.text


def test_person_chooses_digest_and_quiet_time(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    dewi = signed_in("dewi")
    form = {"digest": "09.15", "quiet": "times", "begins": "21:00", "ends": "6:30"}
    assert post(dewi, "/alerts/wishes", form).status_code == 303
    with firm.read() as tx:
        reader = load_reader(tx, IDS["dewi"])
    assert reader is not None
    assert wishes_of(reader.settings) == Wishes(9 * 60 + 15, "times", 21 * 60, 6 * 60 + 30)
    assert 'value="09:15"' in dewi.get("/alerts").text
    wrong = post(dewi, "/alerts/wishes", {**form, "digest": "noon", "ends": "21:00"})
    assert wrong.status_code == 422
    assert "“noon” is no time of day" in wrong.text


def test_agent_watches_and_adds_a_colleague(
    signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int
) -> None:
    dewi, at = signed_in("dewi"), f"/tickets/{ticket_id}"
    form = {"chosen": "1", "hears": ["resolved"], "how": "mail"}
    assert post(dewi, f"{at}/watch", form).status_code == 303
    assert post(dewi, f"{at}/watch", {**form, "person": str(IDS["bagus"])}).status_code == 303
    with firm.read() as tx:
        found = [(one.person_id, one.hears, one.how, one.by) for one in watchers_of(tx, ticket_id)]
    assert found == [(IDS[nick], ("resolved",), "mail", "hand") for nick in ("dewi", "bagus")]
    page = dewi.get(at).text
    assert "You watch" in page
    refused = post(dewi, f"{at}/watch", {**form, "person": str(IDS["oskar"])})
    assert refused.status_code == 422
    assert "cannot read this ticket" in refused.text
    assert post(dewi, f"{at}/unwatch").status_code == 303
    with firm.read() as tx:
        assert [one.person_id for one in watchers_of(tx, ticket_id)] == [IDS["bagus"]]
    assert "watches this ticket no more" in dewi.get(f"{at}/timeline").text


def test_bell_follows_the_live_stream(
    enter: Callable[..., Page], findings: Callable[[Page], list[str]], firm: Database, ticket_id: int, low: int
) -> None:
    queue, phone = enter("dewi", "/"), enter("dewi", "/alerts", width=390)
    assert queue.text_content("#my-alerts [data-unread]") == "0"
    with firm.write() as tx:
        watch(tx, SYSTEM, ticket_id, IDS["dewi"])
    rate(firm, ticket_id)
    for page in (queue, phone):
        page.wait_for_selector("#my-alerts [data-unread]:text-is('1')")
    phone.wait_for_selector("text=The customer gave 1 of 5")
    assert findings(phone) == []
    phone.click("text=Mark all as read")
    queue.wait_for_selector("#my-alerts [data-unread]:text-is('0')")
    queue.goto("/tickets/" + str(ticket_id))
    queue.click("#watching > summary")
    assert findings(queue) == []
    wait_until(lambda: queue.is_visible("text=Nobody watches this ticket.") is False)

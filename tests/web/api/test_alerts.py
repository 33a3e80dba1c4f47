"""Alerts over the API: rules with versions, one's own list, a ticket's Why, silence, and watchers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.api.conftest import Program

TICKET: dict[str, Any] = {"subject": "X", "body": "Y", "department": "service", "customer": {"email": "a@b.co"}}
URGENT = {"title": "Urgent late", "kind": "overdue", "data": {"to": ["holder", "lead"], "how": "mail"}}


def test_rule_is_written_and_changed(as_: Callable[[str], Program]) -> None:
    lina = as_("lina")
    made = lina.post("/alert-rules", {**URGENT, "team": "service-team"})
    assert made.status_code == 201, made.text
    rule = made.get_json()
    assert (rule["department"], rule["team"], rule["version"]) == ("service", "service-team", 1)
    assert rule["data"] == {"threshold": "PT0S", "to": ["holder", "lead"], "how": "mail"}
    changed = lina.patch(f"/alert-rules/{rule['id']}", {"data": {"to": ["lead"], "threshold": "PT1H"}, "version": 1})
    assert changed.get_json()["version"] == 2
    assert lina.patch(f"/alert-rules/{rule['id']}", {"title": "x", "version": 1}).status_code == 409
    assert lina.get("/alert-rules").get_json()["items"] == [lina.get(f"/alert-rules/{rule['id']}").get_json()]
    wrong = lina.post("/alert-rules", {**URGENT, "data": {"to": ["nobody"]}, "department": "service"})
    assert [error["pointer"] for error in wrong.get_json()["errors"]] == ["/data/to"]
    assert lina.post("/alert-rules", URGENT).status_code == 403


def test_ticket_says_what_called_and_what_did_not(as_: Callable[[str], Program]) -> None:
    lina, dewi = as_("lina"), as_("dewi")
    lina.post("/alert-rules", {"title": "Again", "kind": "reopened", "data": {"to": ["agent:dewi"]}, "department": 1})
    lina.post("/alert-rules", {"title": "VIP", "kind": "vip", "data": {"to": ["lead"]}, "department": 1})
    ticket = dewi.post("/tickets", TICKET).get_json()["id"]
    dewi.post(f"/tickets/{ticket}/resolve", {"resolution": "done"})
    lina.post(f"/tickets/{ticket}/reopen")
    found = dewi.get(f"/tickets/{ticket}/alerts").get_json()
    [called] = found["called"]
    assert (called["kind"], called["version"], called["facts"]) == ("reopened", 1, {"times": 1})
    [silent] = found["not_called"]
    assert silent["false"] == {"condition": "vip", "seen": {}, "text": "The customer is no VIP"}
    [mine] = dewi.get("/alerts?unread=true").get_json()["items"]
    assert (mine["ticket"], mine["rule"], mine["read_at"]) == (ticket, called["rule"], None)
    assert dewi.post("/alerts/read", {"alerts": [mine["id"]]}).get_json() == {"read": 1}
    assert dewi.get("/alerts?unread=true").get_json()["items"] == []
    assert dewi.post(f"/tickets/{ticket}/silence").get_json()["silenced_at"]
    assert dewi.post(f"/tickets/{ticket}/unsilence").get_json()["silenced_at"] is None


def test_watchers_and_wishes_are_kept(as_: Callable[[str], Program]) -> None:
    dewi = as_("dewi")
    ticket = dewi.post("/tickets", TICKET).get_json()["id"]
    dewi.post(f"/tickets/{ticket}/watch")
    found = dewi.post(f"/tickets/{ticket}/watch", {"person": "bagus", "hears": ["resolved"], "how": "digest"})
    assert [(w["person"]["name"], w["hears"], w["how"]) for w in found.get_json()["items"]] == [
        ("Dewi Anggraini", ["replied", "resolved", "reopened"], "page"),
        ("Bagus Wicaksono", ["resolved"], "digest"),
    ]
    assert dewi.get(f"/tickets/{ticket}/watchers").get_json() == found.get_json()
    assert len(dewi.post(f"/tickets/{ticket}/unwatch", {"person": "bagus"}).get_json()["items"]) == 1
    assert as_("wati").post(f"/tickets/{ticket}/watch", {"person": "bagus"}).status_code == 403
    assert dewi.patch("/alerts/wishes", {"quiet": "hours", "digest": "7:30"}).get_json() == {
        "digest": "07:30",
        "quiet": "hours",
        "begins": "20:00",
        "ends": "07:00",
    }
    assert dewi.get("/alerts/wishes").get_json()["quiet"] == "hours"
    assert dewi.patch("/alerts/wishes", {"digest": "25:00"}).status_code == 422

"""Word rules over the API: written with versions, by leads for their department, and tried on a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.api.conftest import Program

STUCK: dict[str, Any] = {
    "title": "Stuck",
    "data": {"words": ["sistem macet"], "priority": "high", "call": {"how": "helper", "person": "bagus"}},
}


def test_word_rule_is_written_and_tried(as_: Callable[[str], Program]) -> None:
    lina = as_("lina")
    made = lina.post("/word-rules", {**STUCK, "team": "service-team"})
    assert made.status_code == 201, made.text
    rule = made.get_json()
    assert (rule["department"], rule["team"], rule["version"]) == ("service", "service-team", 1)
    assert rule["data"] == STUCK["data"]
    assert lina.post("/word-rules", STUCK).status_code == 403
    wrong = lina.post("/word-rules", {"title": "x", "data": {"words": []}, "department": "service"})
    assert [error["pointer"] for error in wrong.get_json()["errors"]] == ["/data/words", "/data"]
    message = {"text": "Sistemnya macet", "team": "service-team"}
    [tried] = lina.post("/word-rules/try", message).get_json()["items"]
    assert (tried["rule"], tried["word"], tried["where"], tried["why"]) == (rule["id"], "sistem macet", "text", None)
    [other] = lina.post("/word-rules/try", {**message, "team": "billing-team"}).get_json()["items"]
    assert (other["word"], other["why"]) == (None, "place")
    changed = lina.patch(f"/word-rules/{rule['id']}", {"active": False, "title": "Stuck!", "version": 1})
    assert (changed.get_json()["active"], changed.get_json()["version"]) == (False, 2)
    assert lina.patch(f"/word-rules/{rule['id']}", {"title": "x", "version": 1}).status_code == 409
    assert lina.get("/word-rules").get_json()["items"] == [lina.get(f"/word-rules/{rule['id']}").get_json()]


def test_upset_customer_is_told_and_denied(as_: Callable[[str], Program]) -> None:
    dewi = as_("dewi")
    new = {"subject": "X", "body": "I am furious. Terrible!", "department": "service", "customer": {"email": "a@b.co"}}
    ticket = dewi.post("/tickets", new).get_json()
    assert (ticket["upset"], ticket["priority"]) == (["words"], "high")
    calm = dewi.post(f"/tickets/{ticket['id']}/not-upset")
    assert (calm.get_json()["upset"], calm.get_json()["priority"]) == (None, "medium")
    assert as_("wati").post(f"/tickets/{ticket['id']}/not-upset").status_code == 403
    mira = as_("mira")
    kept = mira.patch("/departments/1", {"upset": {"threshold": 0}, "gone_minutes": 30}).get_json()
    assert kept["upset"] == {"threshold": 0, "priority": "high", "mails": 3, "words": []}
    assert kept["gone_minutes"] == 30
    assert dewi.post("/tickets", new).get_json()["upset"] is None

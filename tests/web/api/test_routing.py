"""Rules and skills through the API, and why a ticket went where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Program


def test_rules_are_kept_and_explained(any_as: Callable[[str], Program]) -> None:
    mira, dewi, lina = any_as("mira"), any_as("dewi"), any_as("lina")
    assert mira.post("/skills", {"name": "fridges"}).get_json()["title"] == "Fridges"
    assert mira.patch("/people/4", {"skills": {"fridges": 3}}).get_json()["skills"] == {"fridges": 3}
    assert mira.get("/skills").get_json()["items"][0]["people"] == {"bagus": 3}
    chat = {"title": "Chats", "condition": 'ticket.channel == "chat"', "gives": {"team": "billing-team"}}
    assert mira.post("/routing-rules", chat).status_code == 201
    fridge = {
        "title": "Fridges",
        "condition": 'ticket.product == "XT372"',
        "gives": {"team": "service-team", "skill": "fridges", "level": 2, "priority": "high"},
        "department": "service",
    }
    made = lina.post("/routing-rules", fridge).get_json()
    assert (made["place"], made["version"], made["trap"], made["gives"]["team"]) == (2, 1, None, "service-team")
    ticket = dewi.post(
        "/tickets", {"subject": "Leaks", "body": "Help", "product": "XT372", "customer": {"email": "sari@example.com"}}
    ).get_json()
    assert (ticket["holder"]["name"], ticket["priority"]) == ("Bagus Wicaksono", "high")
    routed, assigned = dewi.get(f"/tickets/{ticket['id']}/routing").get_json()["items"]
    assert (routed["rule"], routed["version"]) == (made["id"], 1)
    assert routed["passed"] == [{"rule": 1, "version": 1, "false": 'ticket.channel == "chat"'}]
    assert routed["facts"]["ticket.product"] == "XT372"
    assert assigned["why"]["by"] == "skill"
    assert assigned["why"]["passed_over"]["3"] == {"level": 0, "wanted": 2}
    assert lina.patch("/routing-rules/1", {"active": False}).status_code == 403
    assert lina.patch(f"/routing-rules/{made['id']}", {"condition": ""}).get_json()["version"] == 2
    assert mira.patch(f"/routing-rules/{made['id']}", {"place": 1}).get_json()["place"] == 1
    assert mira.get("/routing-rules/1").get_json()["trap"] == {"code": "shadowed", "what": None, "rule": made["id"]}
    assert lina.post(f"/routing-rules/{made['id']}/remove", {}).status_code == 200
    assert len(mira.get("/routing-rules").get_json()["items"]) == 1
    assert dewi.get(f"/tickets/{ticket['id']}/routing").get_json()["items"][0]["rule"] == made["id"]
    assert dewi.get("/routing-rules").status_code == 403
    wrong = mira.post("/routing-rules", {"title": "X", "condition": "ticket.colour == 1", "gives": {"by": "luck"}})
    assert {one["pointer"] for one in wrong.get_json()["errors"]} == {"/condition", "/gives/by"}


def test_teams_say_how_they_give(any_as: Callable[[str], Program]) -> None:
    mira, lina = any_as("mira"), any_as("lina")
    way = {"queue_order": "urgency", "routing": {"by": "round_robin", "weights": {"urgent": 3}}}
    assert lina.patch("/teams/1", way).status_code == 200
    assert lina.patch("/teams/2", way).status_code == 403
    wrong = mira.patch("/teams/1", {"routing": {"by": "luck", "weights": {"urgent": -1}}, "queue_order": "random"})
    assert {one["pointer"] for one in wrong.get_json()["errors"]} == {"/routing/by", "/routing/weights", "/queue_order"}
    wrong = mira.patch("/people/3", {"routing": {"max_open": -1, "by_priority": {"hot": 1}, "hours": "nights"}})
    assert {one["pointer"] for one in wrong.get_json()["errors"]} == {
        "/routing/max_open", "/routing/by_priority", "/routing/hours",
    }  # fmt: skip

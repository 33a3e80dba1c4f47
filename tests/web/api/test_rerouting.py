"""Open tickets are routed again through the API: looked at, begun, followed, cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.tickets.bulk_rerouting import go_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.database import Database
    from core.settings import Settings

    from .conftest import Program


def test_open_tickets_are_routed_again(
    any_as: Callable[[str], Program], any_database: Database, any_settings: Settings
) -> None:
    mira, lina, dewi = any_as("mira"), any_as("lina"), any_as("dewi")
    body = {"subject": "A refund", "body": "Help", "customer": {"email": "sari@example.com"}, "department": "service"}
    ticket = dewi.post("/tickets", body).get_json()["id"]
    assert mira.post("/reroutings", {}).status_code == 409  # there are no rules
    rule = {"title": "Refunds", "condition": 'ticket.subject.contains("refund")', "gives": {"priority": "high"}}
    made = mira.post("/routing-rules", rule).get_json()
    found = lina.get("/reroutings/preview?unassigned=false&department=service").get_json()
    assert found["counts"]["changes"] == found["total"] == 1
    assert found["items"] == [
        {"ticket": ticket, "rule": made["id"], "version": 1, "moves": {"priority": ["medium", "high"]}, "kept": []}
    ]
    wish = {"unassigned": False, "department": "service", "rules": found["rules"]}
    assert lina.post("/reroutings", {**wish, "department": "billing"}).status_code == 403
    assert lina.post("/reroutings", {**wish, "rules": found["rules"] + 1}).status_code == 409
    job = lina.post("/reroutings", wish).get_json()
    assert (job["state"], job["total"], job["done"]) == ("running", 1, 0)
    again = mira.post("/reroutings", {"unassigned": False})
    assert (again.status_code, "0 of 1" in again.get_json()["detail"]) == (409, True)
    while go_on(any_database, any_settings):
        pass
    done = lina.get(f"/reroutings/{job['id']}").get_json()
    assert (done["state"], done["done"], done["changed"]) == ("done", 1, 1)
    listed = lina.get(f"/reroutings/{job['id']}/tickets").get_json()["items"]
    assert listed == [{"ticket": ticket, "rule": made["id"], "moved": {"priority": ["medium", "high"]}, "kept": []}]
    assert dewi.get(f"/tickets/{ticket}").get_json()["priority"] == "high"
    assert lina.post(f"/reroutings/{job['id']}/cancel", {}).get_json()["state"] == "done"  # it had ended
    assert [one["id"] for one in lina.get("/reroutings").get_json()["items"]] == [job["id"]]
    assert dewi.get("/reroutings").status_code == 403
    assert mira.get("/reroutings/99").status_code == 404

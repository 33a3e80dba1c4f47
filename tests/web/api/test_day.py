"""The lead's day over the API: loads, days against what is usual, and the tickets behind each figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.figures.keeping import catch_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.database import Database
    from tests.web.api.conftest import Program

TICKET: dict[str, Any] = {"subject": "X", "body": "Y", "department": "service", "customer": {"email": "a@b.co"}}


def test_day_leads_to_its_tickets(as_: Callable[[str], Program], firm: Database) -> None:
    lina, dewi = as_("lina"), as_("dewi")
    tickets = [dewi.post("/tickets", {**TICKET, "topic": topic}).get_json()["id"] for topic in ("leak", "noise")]
    dewi.post(f"/tickets/{tickets[0]}/messages", {"body": "Hello", "then": "resolve"})
    for _turn in range(20):
        with firm.write() as tx:
            if not catch_up(tx):
                break
    found = lina.get("/day").get_json()
    [team] = found["teams"]
    assert team["days"]["7"] == {"came": 2, "solved": 1, "growth": 1}
    assert [one["name"] for one in found["departments"]] == ["service"]
    assert found["departments"][0]["staffing"]["came"] == 2
    assert sum(one["days"]["7"]["came"] for one in found["people"] if one["days"]) == 2
    [today] = lina.get("/day/departments/1").get_json()["items"]
    assert (today["came"], today["solved"], today["answered"], today["people"]) == (2, 1, 1, 1)
    assert (today["usual"]["came"], today["unusual"], today["because"]) == (None, {}, [])
    [of_team] = lina.get("/day/departments/1?team=service-team").get_json()["items"]
    assert (of_team["day"], of_team["came"]) == (today["day"], 2)
    assert lina.get("/day/departments/1?person=wati").get_json()["items"] == []
    assert lina.get("/day/departments/2").status_code == 404
    query = f"/day/tickets?since={today['day']}&until={today['day']}&department=service"
    first = lina.get(query + "&limit=1").get_json()
    second = lina.get(f"{query}&limit=1&next={first['next']}").get_json()
    assert [one["id"] for one in first["items"] + second["items"]] == tickets[::-1]
    assert second["next"] is None
    [leak] = lina.get(query + "&topic=leak").get_json()["items"]
    assert leak["id"] == tickets[0]
    assert lina.get("/day/tickets?what=solved").get_json()["items"] == [leak | {"at": leak_solved(lina)}]
    assert lina.get("/day/tickets?department=billing").status_code == 404
    assert lina.get("/day/tickets?what=lost").status_code == 422


def leak_solved(lina: Program) -> str:
    [one] = lina.get("/day/tickets?what=solved").get_json()["items"]
    return str(one["at"])

"""Policies over the API: written by leads for their department, by managers for all; each change is a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.api.conftest import Program

QUICK: dict[str, Any] = {
    "name": "Quick",
    "priorities": ["urgent"],
    "metrics": {"first_response": {"goal": "PT30M", "limit": "PT1H", "warnings": [50, "PT5M"]}},
}


def test_lead_promises_for_their_department(as_: Callable[[str], Program]) -> None:
    lina, dewi = as_("lina"), as_("dewi")
    made = lina.post("/policies", {"department": "service", "policy": QUICK})
    assert made.status_code == 201, made.text
    policy = made.get_json()
    assert (policy["department"], policy["version"], policy["policy"]) == ("service", 1, QUICK)
    assert lina.post("/policies", {"policy": QUICK}).status_code == 403  # for everybody: a manager's
    assert dewi.post("/policies", {"department": "service", "policy": QUICK}).status_code == 403
    ticket = dewi.post(
        "/tickets",
        {"subject": "X", "body": "Y", "priority": "urgent", "department": "service", "customer": {"email": "a@b.co"}},
    ).get_json()
    [clock] = ticket["clocks"]
    assert (clock["kind"], clock["state"], clock["policy"]) == (
        "first_response",
        "running",
        {"id": policy["id"], "version": 1},
    )
    later = {**QUICK, "metrics": {"first_response": {"goal": "PT45M"}}}
    changed = lina.patch(f"/policies/{policy['id']}", {"policy": later}).get_json()
    assert changed["version"] == 2
    [newest, *_earlier] = as_("mira").get("/reckonings").get_json()["items"]
    assert (newest["cause"], newest["of"], newest["total"], newest["done"]) == ("policy", policy["id"], 1, 0)


def metric(**values: Any) -> dict[str, Any]:
    return {"name": "X", "metrics": {"first_response": {"goal": "PT1H", **values}}}


NOBODY = [{"at": "breach", "do": "tell", "to": "agent:nobody"}]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": "X", "metrics": {}}, "/metrics"),
    ({"name": "", "metrics": QUICK["metrics"]}, "/name"),
    (metric(goal="PT0M"), "/metrics/first_response/goal"),
    (metric(goal="P1D"), "/metrics/first_response/goal"),
    (metric(goal="2h"), "/metrics/first_response/goal"),
    (metric(limit="PT30M"), "/metrics/first_response/limit"),
    (metric(warnings=[100]), "/metrics/first_response/warnings/0"),
    (metric(pause_while="ticket.subject == 'x'"), "/metrics/first_response/pause_while"),
    (metric(start=["ticket.vanished"]), "/metrics/first_response/start/0"),
    (metric(escalations=NOBODY), "/metrics/first_response/escalations/0/to"),
    ({"name": "X", "metrics": {"triage": {"goal": "PT1H"}}}, "/metrics/triage/start"),
    ({**QUICK, "calendar": "nights"}, "/calendar"),
    ({**QUICK, "priorities": ["huge"]}, "/priorities"),
]


@pytest.mark.parametrize(("policy", "pointer"), WRONG)
def test_wrong_policy_says_what_is_wrong(as_: Callable[[str], Program], policy: dict[str, Any], pointer: str) -> None:
    refused = as_("mira").post("/policies", {"policy": policy})
    assert refused.status_code == 422
    assert pointer in [error["pointer"] for error in refused.get_json()["errors"]]


def test_calendar_takes_holidays_of_a_country(as_: Callable[[str], Program]) -> None:
    mira = as_("mira")
    hours = {"tz": "Asia/Jakarta", "hours": {"mon": [["09:00", "17:00"]]}, "country": "ID"}
    made = mira.post("/calendars", {"name": "hari-kerja", "hours": hours}).get_json()
    public = made["hours"]["public"]
    assert "Independence Day" in {name for day, name in public.items() if day.endswith("-08-17")}
    without = mira.patch(f"/calendars/{made['id']}", {"hours": {**hours, "joint_holidays": False}}).get_json()
    assert without["version"] == 2
    assert len(without["hours"]["public"]) < len(public)  # without the cuti bersama


@pytest.mark.parametrize(
    "hours",
    [
        {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]},
        {"mon": [["22:00", "06:00"]], "tue": [["05:00", "09:00"]]},
        {"sun": [["22:00", "06:00"]], "mon": [["05:00", "09:00"]]},
        {"mon": []},
    ],
)
def test_overlapping_or_empty_hours_are_refused(as_: Callable[[str], Program], hours: dict[str, Any]) -> None:
    refused = as_("mira").post("/calendars", {"name": "wrong", "hours": {"tz": "Asia/Jakarta", "hours": hours}})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/hours"

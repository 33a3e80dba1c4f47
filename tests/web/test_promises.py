"""Policies and calendars as pages: a lead promises for their department, a manager sets hours; what is wrong stands at its field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.actors import SYSTEM
from core.clocks.policies import one_policy
from core.organisation import create_calendar
from web.admin.promise_form import iso, spoken

from .conftest import post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database

FORM: dict[str, Any] = {
    "name": "Quick",
    "department": "1",
    "priorities": ["urgent", "high"],
    "first_response-urgent": "30 min",
    "first_response-urgent-limit": "1 h 30 min",
    "first_response-warnings": "50%, 10 min",
    "resolution-high": "PT8H",
    "resolution-escalations": "breach tell lead\nwarning raise_priority urgent",
    "own": "triage:\n  goal: PT1H\n  start: [ticket.opened]\n  stop: [ticket.assigned]\n",
}


def test_lead_writes_a_policy(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    lina = signed_in("lina")
    assert post(lina, "/admin/policies/new", FORM).status_code == 303
    with firm.read() as tx:
        data = one_policy(tx, 1).data
    assert data["metrics"]["first_response"] == {
        "goal": {"urgent": "PT30M"},
        "limit": {"urgent": "PT1H30M"},
        "warnings": [50, "PT10M"],
    }
    assert data["metrics"]["resolution"]["escalations"][1] == {"at": "warning", "do": "raise_priority", "to": "urgent"}
    assert data["metrics"]["triage"]["start"] == ["ticket.opened"]
    page = lina.get("/admin/policies/1").text
    assert 'value="1 h 30 min"' in page
    assert "breach tell lead" in page
    assert post(lina, "/admin/policies/1", {**FORM, "active": "1", "place": "7", "name": "Quicker"}).status_code == 303
    with firm.read() as tx:
        row = one_policy(tx, 1)
    assert (row.name, row.version, row.place, row.active) == ("Quicker", 2, 7, True)
    assert "Quicker" in lina.get("/admin/policies").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"first_response-urgent": "0 min"}, "first_response-urgent"),
        ({"first_response-urgent": "soon"}, "first_response-urgent"),
        ({"resolution-escalations": "breach tell agent:nobody"}, "resolution-escalations"),
        ({"own": "- x"}, "own"),
        ({"name": ""}, "name"),
    ],
)
def test_wrong_promise_stays_in_the_form(
    signed_in: Callable[[str], FlaskClient], typed: dict[str, str], field: str
) -> None:
    answer = post(signed_in("lina"), "/admin/policies/new", {**FORM, **typed})
    assert answer.status_code == 422
    assert f'id="{field}-e"' in answer.text
    assert "breach" in answer.text  # what was typed is still there


def test_lead_promises_for_nobody_else(signed_in: Callable[[str], FlaskClient]) -> None:
    assert post(signed_in("lina"), "/admin/policies/new", {**FORM, "department": "2"}).status_code == 403


def test_manager_sets_hours(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    mira = signed_in("mira")
    form = {"name": "pagi", "tz": "Asia/Jakarta", "mon": "08:00–12:00, 13:00-17:00", "country": "ID", "joint": "1"}
    assert post(mira, "/admin/calendars/new", form).status_code == 303
    page = mira.get("/admin/calendars/1").text
    assert 'value="08:00–12:00, 13:00–17:00"' in page
    assert "Independence Day" in page
    refused = post(mira, "/admin/calendars/1", {**form, "mon": "08:00–12:00, 11:00–17:00"})
    assert refused.status_code == 422
    assert "overlap" in refused.text
    assert post(mira, "/admin/calendars/1", {**form, "mon": ""}).status_code == 422  # no working time at all
    with firm.write() as tx:
        create_calendar(tx, SYSTEM, "sore", {"tz": "Asia/Jakarta", "hours": {"mon": [["13:00", "17:00"]]}})
    assert "sore" in mira.get("/admin/calendars").text


def test_lengths_read_as_people_write_them() -> None:
    assert [iso(text) for text in ("2 h", "30 min", "1 jam 30 menit", "PT2H", "soon", "")] == [
        "PT2H",
        "PT30M",
        "PT1H30M",
        "PT2H",
        "soon",
        "",
    ]
    assert spoken("PT1H30M") == "1 h 30 min"

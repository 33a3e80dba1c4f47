"""The organisation as pages: a lead adds a colleague with skills, a manager moves a mailbox, somebody leaves and everything finds its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from core.actors import SYSTEM
from core.directory import directory
from core.organisation import create_organisation, issue_token
from core.organisation_changes import change_team
from core.people import load_reader
from core.procedures import publish
from core.routing.store import RuleText, add_rule
from core.schema import Organisation
from core.skills import add_skill
from core.tickets.holding import assign
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.rows import read
from core.tokens import find_caller

from .conftest import IDS, PASSWORD, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings

NEW: dict[str, Any] = {
    "name": "Citra Lestari",
    "email": "citra@example.com",
    "role": "agent",
    "language": "en",
    "department": "1",
    "teams": ["1"],
    "skill-network": "4",
    "max_open": "12",
    "urgent": "2",
}
NAMING = """
sop: lend
title: Lend a unit
department: service
do:
  - ask:
      task: {en: Ask, id: Tanya}
      to: agent:dewi
  - finish:
      resolve: {require: [resolution]}
"""


def test_lead_adds_colleague_with_skills(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    with firm.write() as tx:
        add_skill(tx, SYSTEM, "network", "Network")
    lina = signed_in("lina")
    form = lina.get("/admin/people/new").text
    assert 'value="manager"' not in form
    assert "Billing team" not in form
    wrong = post(
        lina, "/admin/people/new", {**NEW, "email": "dewi@example.com", "skill-network": "9", "urgent": "many"}
    )
    assert wrong.status_code == 422
    for field, said in (("email", "Dewi Anggraini"), ("network", "from 1 to 5"), ("urgent", "whole number")):
        assert f'id="{field}-e"' in wrong.text
        assert said in wrong.text
    assert 'value="Citra Lestari"' in wrong.text  # what was typed is still there
    made = post(lina, "/admin/people/new", NEW)
    assert made.status_code == 303
    page = lina.get(made.headers["Location"])
    assert "citra@example.com" in page.text
    with firm.read() as tx:
        citra = next(p for p in directory(tx).people.values() if p.email == "citra@example.com")
        assert (citra.levels, citra.way.max_open, citra.way.by_priority) == ({"network": 4}, 12, {1: 2})
        assert citra.id in directory(tx).teams[1].members
    found = lina.get("/admin/people?q=citra").text
    assert ("Citra" in found, "Bagus" in found) == (True, False)
    assert post(lina, made.headers["Location"], {**NEW, "name": "Citra L.", "skill-network": ""}).status_code == 303
    with firm.read() as tx:
        assert directory(tx).people[citra.id].levels == {}


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/admin/people/new", {**NEW, "role": "manager"}),
        ("/admin/people/new", {**NEW, "department": "2"}),
        ("/admin/people/new", {**NEW, "teams": ["2"]}),
        (f"/admin/people/{IDS['oskar']}", {**NEW, "email": "oskar@example.com"}),
        (f"/admin/people/{IDS['mira']}/leave", {}),
        ("/admin/teams/2", {"title": "Ours"}),
        ("/admin/teams/new", {"department": "2", "name": "ours", "title": "Ours"}),
        ("/admin/departments/2", {"title": "Ours"}),
        ("/admin/departments/1/close", {}),
    ],
)
def test_lead_changes_nothing_of_others(
    signed_in: Callable[[str], FlaskClient], path: str, form: dict[str, Any]
) -> None:
    assert post(signed_in("lina"), path, form).status_code == 403


DEPARTMENT = {
    "title": "Service",
    "language": "en",
    "address": "service@example.com",
    "mailboxes": "help@example.com\nrepair@example.com",
    "calendar": "id-jakarta",
    "promise_minutes": "480",
    "quiet_hours": "72",
    "queue_order": "urgency",
    "signature": "Service",
}


def test_manager_moves_and_closes_a_mailbox(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    mira = signed_in("mira")
    assert post(mira, "/admin/departments/1", DEPARTMENT).status_code == 303
    twice = post(mira, "/admin/departments/2", {**DEPARTMENT, "title": "Billing", "address": "help@example.com"})
    assert twice.status_code == 422
    assert "Service" in twice.text
    assert 'id="address-e"' in twice.text
    assert "repair@example.com</textarea>" in twice.text
    assert post(mira, "/admin/departments/1", {**DEPARTMENT, "mailboxes": "repair@example.com"}).status_code == 303
    with firm.read() as tx:
        known = directory(tx)
        assert known.departments[1].addresses == ("service@example.com", "repair@example.com")
        assert (known.departments[1].queue_order, known.departments[1].quiet_hours) == ("urgency", 72)
        assert "help@example.com" not in known.department_addresses
    kept = post(mira, "/admin/departments/2/close")
    assert kept.status_code == 422
    assert "Oskar" in kept.text
    made = post(
        mira,
        "/admin/departments/new",
        {**DEPARTMENT, "name": "sales", "title": "Sales", "address": "", "mailboxes": ""},
    )
    assert made.status_code == 303
    assert post(mira, f"{made.headers['Location']}/close").status_code == 303
    assert "closed" in mira.get("/admin/departments").text


def test_lead_shapes_a_team(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    lina = signed_in("lina")
    form = {"department": "1", "name": "second-line", "title": "Second line", "lead": str(IDS["lina"])}
    form |= {"members": [str(IDS["dewi"])], "tier": "2", "by": "round_robin", "queue_order": "fifo"}  # type: ignore[dict-item]
    assert 'id="tier-e"' in post(lina, "/admin/teams/new", {**form, "tier": "soon"}).text
    made = post(lina, "/admin/teams/new", form)
    assert made.status_code == 303, made.text
    with firm.read() as tx:
        team = directory(tx).team("second-line")
        assert team
        assert (team.members, team.lead_id, team.queue_order) == ((IDS["dewi"],), IDS["lina"], "fifo")
        assert (team.way.tier, team.way.by, team.way.drain) == (2, "round_robin", False)
    assert "Second line" in lina.get("/admin/teams").text
    assert post(lina, f"/admin/teams/{team.id}/close").status_code == 303
    with firm.read() as tx:
        assert directory(tx).team("second-line") is None
    assert post(lina, "/admin/teams/1/close").status_code == 422  # the only one left


def test_leaving_says_what_went_where(
    signed_in: Callable[[str], FlaskClient], firm: Database, settings: Settings, ticket_id: int
) -> None:
    dewi = signed_in("dewi")
    with firm.write() as tx:
        token = issue_token(tx, IDS["dewi"], "script")
        publish(tx, SYSTEM, NAMING, now=1)
        add_rule(tx, settings, SYSTEM, RuleText("Fridges to Dewi", "", {"agent": IDS["dewi"]}))
        change_team(tx, settings, SYSTEM, 1, {"lead_id": IDS["dewi"]})
        assign(tx, settings, SYSTEM, ticket_id, person_id=IDS["dewi"])
        new = NewTicket(
            "Lend me one", "Please.", CustomerRef("ana@example.com", "Ana"), department="service", sop="lend"
        )
        lent = open_ticket(tx, settings, SYSTEM, new).ticket_id
        assign(tx, settings, SYSTEM, lent, team_id=1)
    mira = signed_in("mira")
    before = mira.get(f"/admin/people/{IDS['dewi']}/leave").text
    for said in ("1 open ticket", "2 open steps", "Fridges to Dewi", "lend", "lead the team Service team", "1 token"):
        assert said in before
    after = post(mira, f"/admin/people/{IDS['dewi']}/leave", follow_redirects=True)
    assert "1 ticket went to" in after.text
    with firm.read() as tx:
        assert read(tx, ticket_id).holder_id != IDS["dewi"]
        assert load_reader(tx, IDS["dewi"]) is None
        assert find_caller(tx, token, 1) is None
    assert dewi.get("/").status_code == 303
    assert post(mira, f"/admin/people/{IDS['dewi']}/return").status_code == 303
    with firm.read() as tx:
        assert find_caller(tx, token, 1) is None  # a token that has ended stays ended
    back = post(dewi, "/signin", {"email": "dewi@example.com", "password": PASSWORD})
    assert back.headers["Location"] == "/"


def test_last_manager_stays(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    mira = signed_in("mira")
    assert post(mira, f"/admin/people/{IDS['mira']}/leave").status_code == 422
    form = {"name": "Mira", "email": "mira@example.com", "role": "agent", "language": "en", "department": "1"}
    assert 'id="role-e"' in post(mira, f"/admin/people/{IDS['mira']}", form).text
    with firm.read() as tx:
        assert directory(tx).people[IDS["mira"]].role == "manager"


def test_skills_classes_and_organisations(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    mira = signed_in("mira")
    assert post(mira, "/admin/skills", {"name": "Two Words", "title": "x"}).status_code == 422
    assert post(mira, "/admin/skills", {"name": "wifi", "title": "Wi-Fi"}).status_code == 303
    assert post(mira, "/admin/skills/wifi", {"title": "Wireless"}).status_code == 303
    assert "Wireless" in signed_in("lina").get("/admin/skills").text
    assert post(mira, "/admin/classes", {"name": "gold", "title": "Gold"}).status_code == 303
    organisation = {"name": "Kopi Lereng", "class": "gold", "domains": "kopi.example, lereng.example"}
    assert post(mira, "/admin/organisations/new", organisation).status_code == 303
    wrong = post(
        mira, "/admin/organisations/new", {"name": "Kopi Lereng", "class": "iron", "domains": "kopi.example\nx"}
    )
    assert wrong.status_code == 422
    for field in ("name", "class", "domains"):
        assert f'id="{field}-e"' in wrong.text
    assert "gold" in mira.get("/admin/classes").text
    assert post(mira, "/admin/classes/gold", {"title": "Gold", "active": "no"}).status_code == 422  # somebody has it
    assert "Kopi Lereng" in mira.get("/admin/organisations?q=lereng.ex").text
    assert "No organisation is like that" in mira.get("/admin/organisations?q=nothing").text


def test_long_lists_have_pages(signed_in: Callable[[str], FlaskClient], firm: Database) -> None:
    with firm.write() as tx:
        create_organisation(tx, SYSTEM, "First")
        tx.execute(insert(Organisation), [{"name": f"Firm {n:03}", "klass": "standard"} for n in range(60)])
    page = signed_in("lina").get("/admin/organisations").text
    assert ("Firm 040" in page, "Firm 059" in page, 'rel="next"' in page) == (True, False, True)

"""The firm, its customers and its procedures through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Program

DOCUMENT = """sop: swap
title: Swap a unit
department: service
do:
  - order:
      task: Order the unit
  - finish:
      resolve: {require: [resolution]}
"""


def test_documents_become_versions(any_as: Callable[[str], Program]) -> None:
    lina = any_as("lina")
    saved = lina.call("POST", "/sops", data=DOCUMENT, content_type="application/yaml")
    assert saved.status_code == 201, saved.text
    assert (saved.get_json()["version"], saved.get_json()["state"]) == (1, "draft")
    published = lina.post("/sops/swap/versions/1/publish", {"reason": "small"})
    assert (published.status_code, published.get_json()["state"]) == (200, "published"), published.text
    assert lina.post("/sops/swap/versions/1/publish").get_json()["state"] == "published"
    made = ask(lina, sop="swap")
    assert made["sop"]["name"] == "swap"
    again = lina.post("/sops", {"text": DOCUMENT.replace("Order the unit", "Order two units")})
    assert again.get_json()["version"] == 2
    lina.post("/sops/swap/versions/2/publish")
    assert lina.post("/sops/swap/versions/1/publish").status_code == 409
    one = lina.get("/sops/swap").get_json()
    assert [(v["version"], v["state"]) for v in one["versions"]] == [(2, "published"), (1, "deprecated")]
    assert "two units" in one["text"]
    assert lina.get("/sops/swap/versions/1").get_json()["text"] == DOCUMENT
    assert lina.get(f"/tickets/{made['id']}").get_json()["sop"]["version"] == 1
    assert {"swap", "standard"} <= {s["name"] for s in lina.get("/sops").get_json()["items"]}
    assert any_as("oskar").get("/sops/swap").status_code == 404


def test_object_is_a_document_too(as_: Callable[[str], Program]) -> None:
    body = {"sop": "chat", "title": "Chat", "do": [{"finish": {"resolve": {"require": ["resolution"]}}}]}
    answer = as_("lina").post("/sops", body)
    assert answer.status_code == 201, answer.text
    assert as_("dewi").post("/sops", body).status_code == 403


def test_wrong_document_is_explained(as_: Callable[[str], Program]) -> None:
    wrong = DOCUMENT.replace("task:", "tsak:")
    answer = as_("lina").call("POST", "/sops", data=wrong, content_type="application/yaml")
    assert answer.status_code == 422
    problem = answer.get_json()
    assert problem["errors"][0]["pointer"] == "/text"
    assert (problem["problems"][0]["line"], problem["problems"][0]["suggests"]) == (6, "task")
    assert as_("lina").get("/sops/swap").status_code == 404
    checked = as_("dewi").call("POST", "/sops/check", data=wrong, content_type="text/yaml")
    assert checked.status_code == 200
    assert checked.get_json()["errors"] == problem["problems"]
    assert as_("dewi").call("POST", "/sops/check", data=DOCUMENT, content_type="text/yaml").get_json()["errors"] == []


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[1]", b'{"text": ""}', b'{"sop": ' + b"[" * 5000])
def test_odd_documents_do_no_harm(as_: Callable[[str], Program], body: bytes) -> None:
    answer = as_("lina").call("POST", "/sops", data=body, content_type="application/json")
    assert answer.status_code in {400, 422}


def test_managers_change_the_firm(any_as: Callable[[str], Program]) -> None:
    mira = any_as("mira")
    assert (
        mira.post("/departments", {"name": "sales", "title": "Sales", "address": "sales@example.com"}).status_code
        == 201
    )
    team = mira.post("/teams", {"name": "sales-team", "department": "sales", "lead": "lina", "members": ["lina"]})
    assert team.get_json()["members"] == [{"kind": "person", "id": 2, "name": "Lina Hartati"}]
    person = mira.post(
        "/people", {"email": "eko@example.com", "name": "Eko", "department": "sales", "teams": ["sales-team"]}
    )
    assert person.status_code == 201, person.text
    eko = person.get_json()
    assert (eko["teams"], eko["role"]) == (["sales-team"], "agent")
    changed = mira.patch(f"/people/{eko['id']}", {"role": "lead", "availability": "online"}).get_json()
    assert (changed["role"], changed["availability"]) == ("lead", "online")
    hours = {"tz": "Asia/Jakarta", "hours": {"mon": [["09:00", "12:00"]]}}
    assert mira.post("/calendars", {"name": "mornings", "hours": hours}).status_code == 201
    [sales] = [d for d in mira.get("/departments").get_json()["items"] if d["name"] == "sales"]
    changed = mira.patch(f"/departments/{sales['id']}", {"calendar": "mornings", "manager": "lina"}).get_json()
    assert (changed["calendar"], changed["manager"]["name"]) == ("mornings", "Lina Hartati")
    promise = mira.patch(f"/departments/{sales['id']}", {"promise_minutes": 60}).get_json()
    assert (promise["promise_minutes"], promise["calendar"]) == (60, "mornings")
    made = ask(mira, department="sales")
    assert made["team"] == "sales-team"


def test_who_leaves_holds_nothing(any_as: Callable[[str], Program]) -> None:
    mira, dewi = any_as("mira"), any_as("dewi")
    made = ask(dewi)
    dewi.post(f"/tickets/{made['id']}/assign", {"person": "me"})
    assert mira.patch("/people/3", {"active": False}).status_code == 200
    holder = mira.get(f"/tickets/{made['id']}").get_json()["holder"]
    assert holder["id"] != 3 or holder["kind"] == "team"
    assert dewi.get("/tickets").status_code == 401
    assert mira.patch("/people/1", {"active": False}).status_code == 409


WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("POST", "/people", {"email": "x", "name": "X"}, "/email"),
    ("POST", "/people", {"email": "a@b.co", "name": "X", "role": "boss"}, "/role"),
    ("POST", "/people", {"email": "dewi@example.com", "name": "X"}, "/email"),
    ("POST", "/people", {"email": "a@b.co", "name": "X", "department": "sales"}, "/department"),
    ("POST", "/people", {"email": "a@b.co", "name": "X", "password": "short"}, "/password"),
    ("PATCH", "/people/3", {"email": "mira@example.com"}, "/email"),
    ("PATCH", "/people/3", {"availability": "asleep"}, "/availability"),
    ("PATCH", "/people/3", {"teams": ["nobody"]}, "/teams/0"),
    ("PATCH", "/people/3", {"name": ""}, "/name"),
    ("POST", "/teams", {"name": "service-team", "department": "service"}, "/name"),
    ("POST", "/teams", {"name": "Bad Name", "department": "service"}, "/name"),
    ("POST", "/teams", {"name": "x", "department": 77}, "/department"),
    ("PATCH", "/teams/1", {"lead": True}, "/lead"),
    ("POST", "/departments", {"name": "service", "title": "S"}, "/name"),
    ("PATCH", "/departments/1", {"queue_order": "random"}, "/queue_order"),
    ("PATCH", "/departments/1", {"calendar": "nights"}, "/calendar"),
    ("PATCH", "/departments/1", {"promise_minutes": 0}, "/promise_minutes"),
    ("POST", "/calendars", {"name": "x", "hours": {"tz": "Mars/Base", "hours": {}}}, "/hours"),
    ("POST", "/calendars", {"name": "always", "hours": {"tz": "UTC", "hours": {"mon": [["09:00", "10:00"]]}}}, "/name"),
    ("POST", "/calendars", {"name": "x", "hours": {"tz": "UTC", "hours": {"mon": [["9", "10"]]}}}, "/hours"),
    ("POST", "/customers", {"name": "X"}, "/email"),
    ("POST", "/customers", {"email": "nope"}, "/email"),
    ("POST", "/customers", {"email": "a@b.co", "organisation": 9}, "/organisation"),
    ("POST", "/customers", {"email": "a@b.co", "language": "fr"}, "/language"),
    ("POST", "/organisations", {"name": " "}, "/name"),
    ("POST", "/tokens", {"name": ""}, "/name"),
]


@pytest.mark.parametrize(("method", "path", "body", "pointer"), WRONG)
def test_wrong_value_is_named(mira: Program, method: str, path: str, body: dict[str, Any], pointer: str) -> None:
    answer = mira.call(method, path, json=body)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [pointer]


@pytest.mark.parametrize("path", ["/people", "/teams", "/departments", "/calendars"])
def test_all_read_only_managers_change(as_: Callable[[str], Program], path: str) -> None:
    assert as_("wati").get(path).get_json()["next"] is None
    body = {"name": "x", "title": "X", "email": "x@example.com", "department": "service", "hours": {}}
    known = {
        "/people": ("name", "email"),
        "/teams": ("name", "department"),
        "/departments": ("name", "title"),
        "/calendars": ("name", "hours"),
    }
    for nick in ("lina", "dewi"):
        if path in known:
            expected = 201 if (nick, path) == ("lina", "/teams") else 403  # a lead makes teams in their own department
            assert as_(nick).post(path, {name: body[name] for name in known[path]}).status_code == expected
        if path == "/people" or (nick == "dewi" and path != "/calendars"):  # leads change what is of their department
            assert as_(nick).patch(f"{path}/1", {}).status_code == 403


def test_customers_are_kept(any_as: Callable[[str], Program]) -> None:
    dewi = any_as("dewi")
    firm = dewi.post("/organisations", {"name": "Kopi Lereng", "class": "vip"}).get_json()
    body = {"email": "Sari@Kopi.example", "name": "Sari", "organisation": firm["id"], "language": "id"}
    made = dewi.post("/customers", body).get_json()
    assert (made["email"], made["organisation"]["name"]) == ("sari@kopi.example", "Kopi Lereng")
    assert dewi.post("/customers", body).status_code == 422
    assert dewi.get("/customers?email=SARI@kopi.example").get_json()["items"] == [made]
    assert dewi.get("/customers?q=sar").get_json()["items"] == [made]
    changed = dewi.patch(f"/customers/{made['id']}", {"name": "Sari L.", "class": "vip"}).get_json()
    assert (changed["name"], changed["class"]) == ("Sari L.", "vip")
    assert dewi.get("/people/me").get_json()["nick"] == "dewi"
    assert dewi.get("/customers/999").status_code == 404

"""Programs do what people do with procedures: see the course and change it, find their work, write, try and release documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core import procedures
from core.actors import SYSTEM
from core.moments import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.database import Database

    from .conftest import Program

PARCEL = """
sop: parcel
title: {en: Parcel, id: Paket}
mode: advisory
fields:
  amount: {type: money, label: Amount paid}
do:
  - greet: {task: Greet them, to: agent:dewi}
  - pause: {wait: {for: P1D}}
  - last:
      task: Look at the parcel
      require: [fields.amount]
      choices: {good: Good, bad: Bad}
"""
TIERS = """
sop: tiers
do:
  - who: {call: crm.lookup}
  - way:
      switch:
        - {if: steps.who.result.tier == "gold", do: [gold: {task: Look after them}]}
        - else: []
  - finish: {resolve: {require: [resolution]}}
"""


def opened(program: Program, **more: Any) -> int:
    new = {"subject": "Parcel", "body": "It is open.", "customer": {"email": "ana@example.com", "name": "Ana"}, **more}
    answer = program.post("/tickets", new)
    assert answer.status_code == 201, answer.json
    return int(answer.json["id"])


@pytest.fixture
def parcel(as_: Callable[[str], Program], firm: Database) -> int:
    with firm.write() as tx:
        procedures.publish(tx, SYSTEM, PARCEL, now=now_ms())
    return opened(as_("dewi"), sop="parcel")


def test_course_says_what_is_asked_and_why(as_: Callable[[str], Program], parcel: int) -> None:
    course = as_("dewi").get(f"/tickets/{parcel}/course").json
    assert (course["sop"], course["title"], course["mode"], course["state"]) == (
        "parcel",
        "Parcel",
        "advisory",
        "running",
    )
    greet = course["legs"][0]
    assert (greet["state"], greet["title"], greet["form"]["kind"]) == ("now", "Greet them", "task")
    assert greet["step"]["assignees"][0]["name"].startswith("Dewi")
    [ahead] = course["offers"]["ahead"]
    assert ahead["form"]["fields"][0]["name"] == "amount"
    assert ahead["form"]["choices"] == [{"code": "good", "label": "Good"}, {"code": "bad", "label": "Bad"}]
    assert "standard" in [one["name"] for one in course["offers"]["switch_to"]]
    light = as_("wati").get(f"/tickets/{parcel}/course").json
    assert (light["legs"][0]["state"], light["offers"]["switch_to"], light["offers"]["ahead"]) == ("now", [], [])


def test_course_is_changed(as_: Callable[[str], Program], parcel: int) -> None:
    dewi, url = as_("dewi"), f"/tickets/{parcel}/course"
    wrong = dewi.post(f"{url}/ahead", {"step": "last", "fields": {"amount": "a lot"}, "choice": "good"})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/fields/amount")
    assert dewi.post(f"{url}/ahead", {"step": "nowhere"}).status_code == 409
    done = dewi.post(f"{url}/ahead", {"step": "last", "fields": {"amount": 5000}, "choice": "good"})
    assert done.status_code == 200
    assert next(leg for leg in done.json["legs"] if leg["name"] == "last")["step"]["outcome"] == "good"
    assert dewi.post(f"{url}/start", {"sop": "standard"}).status_code == 409  # it follows one already
    assert dewi.post(f"{url}/switch", {"sop": "standard"}).status_code == 422  # the reason is missing
    assert dewi.post(f"{url}/switch", {"sop": "nothing", "reason": "x"}).status_code == 422
    switched = dewi.post(f"{url}/switch", {"sop": "standard", "reason": "No parcel"}, key="once")
    assert (switched.status_code, switched.json["sop"]) == (200, "standard")
    assert dewi.post(f"{url}/switch", {"sop": "standard", "reason": "No parcel"}, key="once").json == switched.json
    assert as_("lina").post(f"{url}/go-on").status_code == 409  # it needs nobody's attention
    moved = as_("lina").post(f"{url}/move", {"step": "end", "reason": "Enough"})
    assert moved.status_code == 200
    assert moved.json["state"] not in {"running", "attention"}
    assert moved.json["offers"]["restart_at"]
    again = dewi.post(f"{url}/restart", {"step": moved.json["offers"]["restart_at"][0]["name"]})
    assert (again.status_code, again.json["state"]) == (200, "running")


def test_own_work_is_listed(as_: Callable[[str], Program], parcel: int) -> None:
    work = as_("dewi").get("/work").json
    [mine] = [one for one in work["items"] if one["ticket"] == parcel]
    assert (mine["name"], mine["title"], mine["kind"], mine["for"]) == ("greet", "Greet them", "task", "person")
    assert as_("oskar").get("/work").json["items"] == []
    dewi = as_("dewi")
    assert dewi.post(f"/tickets/{parcel}/handover", {"to": "lina", "note": "Please"}).status_code == 200
    [offered] = as_("lina").get("/work").json["handovers"]
    assert (offered["ticket"], offered["note"]) == (parcel, "Please")


def test_solved_ticket_is_learnt_from(as_: Callable[[str], Program]) -> None:
    dewi, lina = as_("dewi"), as_("lina")
    ticket = opened(dewi, subject="Fridge leaks", language="en")
    assert dewi.post(f"/tickets/{ticket}/messages", {"body": "Put the hose back."}).status_code == 201
    assert dewi.post(f"/tickets/{ticket}/resolve", {"resolution": "The hose was put back."}).status_code == 200
    article = dewi.post(f"/tickets/{ticket}/article").json
    assert dewi.post(f"/tickets/{ticket}/article").json["id"] == article["id"]
    url = f"/articles/{article['id']}"
    wrong = dewi.patch(url, {"title": " ", "visibility": "all"})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/visibility")
    assert dewi.patch(url, {}).status_code == 422
    changed = dewi.patch(url, {"title": "Leaking fridge", "visibility": "public", "version": article["version"]})
    assert (changed.status_code, changed.json["title"]) == (200, "Leaking fridge")
    assert dewi.patch(url, {"title": "Mine", "version": article["version"]}).status_code == 409
    assert dewi.post(f"{url}/publish").status_code == 403
    assert lina.post(f"{url}/publish", {"confirmed": True}).json["state"] == "published"
    assert article["id"] in [one["id"] for one in dewi.get("/articles").json["items"]]
    learnt = lina.post(f"/tickets/{ticket}/learn")
    assert learnt.status_code == 200, learnt.json
    draft = lina.get(f"/sops/{learnt.json['sop']}/draft").json
    assert draft["errors"] == []
    assert "# event" in draft["text"]
    similar = dewi.get(f"/tickets/{opened(dewi, subject='Kulkas bocor', language='id')}/similar").json
    assert [one["id"] for one in similar["articles"]] == [article["id"]]


def test_draft_is_written_and_released(as_: Callable[[str], Program], firm: Database) -> None:
    lina, dewi = as_("lina"), as_("dewi")
    with firm.write() as tx:
        procedures.publish(tx, SYSTEM, TIERS, now=now_ms())
    assert dewi.get("/sops/tiers/draft").status_code == 404
    draft = lina.post("/sops/tiers/draft").json
    assert (draft["state"], draft["revision"], draft["tests"]["cases"]) == ("draft", 1, 0)
    broken = lina.patch("/sops/tiers/draft", {"revision": 1, "text": TIERS.replace("tier ==", "tier =")}).json
    assert broken["errors"][0]["line"] == 7
    assert broken["blocking"]
    late = lina.patch("/sops/tiers/draft", {"revision": 1, "text": TIERS})
    assert late.status_code == 409
    text = (
        TIERS.replace("Look after them", "Look after them well")
        + "  - tell: {notify: {to: customer, template: received}}\n"
    )
    good = lina.patch("/sops/tiers/draft", {"revision": broken["revision"], "text": text}).json
    assert good["errors"] == []
    told = dewi.get("/sops/tiers/compare").json
    assert (told["from"], told["to"]) == ("1", "draft")
    assert {"gold", "tell"} == {one["step"] for one in told["differences"]}
    assert dewi.get("/sops/tiers/compare?from=9").status_code == 404
    asked = lina.post("/sops/tiers/draft/review", {"revision": good["revision"], "note": "Please look"})
    assert asked.json["state"] == "in_review"
    back = lina.post("/sops/tiers/draft/send-back", {"revision": asked.json["revision"]})
    assert back.json["state"] == "draft"


def test_dry_run_tells_what_would_happen(as_: Callable[[str], Program], firm: Database) -> None:
    with firm.write() as tx:
        procedures.publish(tx, SYSTEM, TIERS, now=now_ms())
    dewi = as_("dewi")
    body = {
        "answers": {"crm.lookup": {"tier": "gold"}},
        "when": [{"after": "PT1H", "complete": "gold", "by": "sari"}],
        "for": "PT2H",
    }
    played = dewi.post("/sops/tiers/try", body).json
    assert [one["what"] for one in played["steps"]] == ["who", "way", "gold", "finish"]
    assert played["steps"][-1]["after_seconds"] == 3600
    assert (played["open"], played["ended"], played["problem"]) == (["finish"], None, None)
    plain = dewi.post("/sops/tiers/try", {"answers": {"crm.lookup": {"tier": "none"}}, "when": body["when"]}).json
    assert "gold" in plain["problem"]
    for wrong in ({"for": "soon"}, {"when": [{"jump": "gold"}]}, {"when": [{"after": "x", "complete": "gold"}]}):
        answer = dewi.post("/sops/tiers/try", wrong)
        assert (answer.status_code, bool(answer.json["errors"])) == (422, True), answer.json
    ticket = opened(dewi)
    assert dewi.post("/sops/tiers/try", {"copy": ticket}).status_code == 200
    assert dewi.post("/sops/tiers/try", {"copy": 99999}).status_code == 404


def test_running_tickets_are_moved(as_: Callable[[str], Program], parcel: int, firm: Database) -> None:
    other = opened(as_("dewi"), sop="parcel")
    with firm.write() as tx:
        procedures.publish(tx, SYSTEM, PARCEL.replace("Look at", "Look well at"), now=now_ms())
    lina = as_("lina")
    seen = lina.get("/sops/parcel/versions/1/running").json
    assert (seen["to"], [one["group"] for one in seen["tickets"]]) == (2, ["safe", "safe"])
    done = lina.post("/sops/parcel/move", {"tickets": [other, parcel, 99999]}).json
    assert done["moved"] == [parcel, other]
    assert [one["ticket"] for one in done["refused"]] == [99999]
    assert lina.get("/sops/parcel/versions/1/running").json["tickets"] == []
    assert lina.post("/sops/parcel/move", {"tickets": []}).status_code == 422

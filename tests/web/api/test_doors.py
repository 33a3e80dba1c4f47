"""Who gets in, and what those get who do not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from core.schema import Person, Token
from web.api import caller

from ..conftest import IDS
from .conftest import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from core.database import Database

    from .conftest import Program


def test_nobody_gets_a_problem(as_: Callable[[str | None], Program]) -> None:
    answer = as_(None).get("/tickets")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.get_json()["errors"] == []


def test_wrong_tokens_are_limited(as_: Callable[[str], Program]) -> None:
    statuses = [as_("nobody").get("/tickets").status_code for _ in range(62)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert as_("dewi").get("/tickets").status_code == 200


def test_texts_follow_the_caller(as_: Callable[[str], Program]) -> None:
    wish = {"Accept-Language": "id"}
    answer = as_("dewi").post("/tickets", {}, headers=wish)
    english = as_("dewi").post("/tickets", {})
    assert answer.status_code == english.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert english.get_json()["errors"][0]["message"] == "This is needed."


def test_revoked_token_is_out(as_: Callable[[str], Program], dewi: Program) -> None:
    made = dewi.post("/tokens", {"name": "importer"}).get_json()
    program = type(dewi)(dewi.app, made["token"])
    assert program.get("/tickets").status_code == 200
    assert dewi.post(f"/tokens/{made['id']}/revoke").get_json()["revoked"] is True
    assert program.get("/tickets").status_code == 401
    assert as_("oskar").post(f"/tokens/{made['id']}/revoke").status_code == 404


def test_who_left_is_out(dewi: Program, firm: Database) -> None:
    with firm.write() as tx:
        tx.execute(update(Person).where(Person.__table__.c.id == IDS["dewi"]).values(active=False))
    assert dewi.get("/tickets").status_code == 401


def test_secret_is_kept_as_hash(dewi: Program, firm: Database) -> None:
    made = dewi.post("/tokens", {"name": "importer"}, key="k1")
    again = dewi.post("/tokens", {"name": "importer"}, key="k1")
    assert made.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    secret = made.get_json()["token"]
    assert "token" not in dewi.get("/tokens").get_json()["items"][0]
    assert secret.encode() not in Path(firm.url.removeprefix("sqlite:///")).read_bytes()


def test_use_is_noted_once_a_minute(dewi: Program, firm: Database) -> None:
    t = Token.__table__.c
    used = select(t.last_used_at).where(t.name == "dewi")

    def last() -> int:
        with firm.read() as tx:
            return int(tx.execute(used).scalar_one())

    dewi.get("/tickets")
    first = last()
    dewi.get("/tickets")
    assert last() == first
    with firm.write() as tx:
        tx.execute(update(Token).values(last_used_at=first - 61_000))
    dewi.get("/tickets")
    assert last() > first - 61_000


def test_open_desk_may_read_only(as_: Callable[[str], Program], signed_in: Callable[[str], FlaskClient]) -> None:
    ask(as_("dewi"))
    browser = signed_in("dewi")
    assert len(browser.get("/api/v1/tickets").get_json()["items"]) == 1
    assert browser.post("/api/v1/tickets", json={}).status_code == 401


def test_light_agents_do_their_own_only(as_: Callable[[str], Program], dewi: Program) -> None:
    made, wati = ask(dewi), as_("wati")
    base = f"/tickets/{made['id']}"
    assert wati.get(base).status_code == 200
    assert wati.post(f"{base}/messages", {"body": "hm", "visibility": "internal"}).status_code == 201
    assert wati.post(f"{base}/messages", {"body": "hello"}).status_code == 403
    assert wati.post("/tickets", {"subject": "a", "body": "b", "customer": {"email": "c@d.ef"}}).status_code == 403
    assert wati.post(f"{base}/steps/{made['open_steps'][0]['id']}/complete", {"choice": "solved"}).status_code == 403
    assert wati.get("/customers").status_code == 403
    assert wati.get("/effects").status_code == 403


def test_unknown_address_and_method_are_problems(dewi: Program) -> None:
    missing = dewi.get("/nowhere")
    assert (missing.status_code, missing.mimetype) == (404, "application/problem+json")
    refused = dewi.call("DELETE", "/tickets")
    assert (refused.status_code, refused.mimetype) == (405, "application/problem+json")
    assert {"GET", "POST"} <= set(refused.headers["Allow"].split(", "))
    assert dewi.get("/tickets/0").status_code == 404
    assert dewi.get(f"/tickets/{10**30}").status_code == 404


def test_other_bodies_are_refused(dewi: Program) -> None:
    assert dewi.call("POST", "/tickets", data="a=b", content_type="text/csv").status_code == 415
    broken = dewi.call("POST", "/tickets", data="{", content_type="application/json")
    assert (broken.status_code, broken.mimetype) == (400, "application/problem+json")
    assert dewi.call("POST", "/tickets", json=[1]).status_code == 422


def test_too_large_is_refused(dewi: Program, monkeypatch: object) -> None:
    import pytest

    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    monkeypatch.setattr(caller, "LARGEST_BODY", 1000)
    answer = dewi.post("/tickets", {"subject": "x" * 2000})
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_breakage_is_a_problem(dewi: Program, app: Flask, monkeypatch: object) -> None:
    import pytest

    from web.api import tickets

    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("secret detail")

    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    monkeypatch.setattr(tickets, "ticket_list", fail)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    answer = dewi.get("/tickets")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "secret detail" not in answer.text
    assert answer.get_json()["code"] in answer.get_json()["detail"]

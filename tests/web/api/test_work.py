"""Work on tickets through the API: messages, files, steps, the baton, the end."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from .conftest import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Program

FILE = {"name": "../plan.txt", "content_type": "text/plain", "content": base64.b64encode(b"the plan").decode()}


def test_messages_come_back_whole(any_as: Callable[[str], Program]) -> None:
    dewi = any_as("dewi")
    base = f"/tickets/{ask(dewi, attachments=[FILE])['id']}"
    sent = dewi.post(
        f"{base}/messages", {"body": "Dear Ana,\n\n> quoted", "attachments": [FILE], "cc": ["Bo@Example.com"]}
    )
    assert sent.status_code == 201
    message = sent.get_json()
    assert (message["direction"], message["text"]) == ("out", "Dear Ana,\n\n> quoted")
    assert message["author"]["name"] == "Dewi Anggraini"
    assert message["delivery"] == {"state": "queued", "detail": None}
    assert message["cc"] == [{"name": "", "email": "bo@example.com"}]
    dewi.post(f"{base}/messages", {"body": "Only for us", "visibility": "internal"})
    items = dewi.get(f"{base}/messages").get_json()["items"]
    assert [item["direction"] for item in items if item["author"]["kind"] != "flow"] == ["in", "out", "internal"]
    page = dewi.get(f"{base}/messages?limit=1").get_json()
    following = dewi.get(f"{base}/messages?limit=1&next={page['next']}").get_json()
    assert [page["items"][0], following["items"][0]] == items[:2]


def test_files_go_to_those_who_may(any_as: Callable[[str], Program]) -> None:
    dewi = any_as("dewi")
    made = ask(dewi, attachments=[FILE])
    [file] = dewi.get(f"/tickets/{made['id']}/messages").get_json()["items"][0]["attachments"]
    assert (file["name"], file["size"], file["content_type"]) == ("plan.txt", 8, "text/plain")
    answer = dewi.get(file["url"])
    assert answer.data == b"the plan"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert any_as("oskar").get(file["url"]).status_code == 404
    assert any_as("mira").get("/attachments/999").status_code == 404


def test_reply_is_held_back(dewi: Program, firm: Any, settings: Any) -> None:
    from core.actors import customer
    from core.tickets.conversation import IncomingMessage, receive_reply

    made = ask(dewi)
    base = f"/tickets/{made['id']}"
    seen = dewi.get(f"{base}/messages").get_json()["items"][-1]["id"]
    with firm.write() as tx:
        newest = receive_reply(
            tx, settings, customer(made["customer"]["id"]), made["id"], IncomingMessage("", "One more thing")
        ).message_id
    answer = dewi.post(f"{base}/messages", {"body": "Done!", "seen_message": seen})
    assert (answer.status_code, answer.get_json()["newest_message"]) == (409, newest)
    assert dewi.post(f"{base}/messages", {"body": "Done!", "seen_message": newest}).status_code == 201


def test_strict_procedure_runs_to_its_end(any_as: Callable[[str], Program]) -> None:
    dewi, lina, bagus = any_as("dewi"), any_as("lina"), any_as("bagus")
    base = f"/tickets/{ask(dewi, sop='refund')['id']}"

    def step(name: str) -> dict[str, Any]:
        items = dewi.get(f"{base}/steps").get_json()["items"]
        return next(item for item in items if item["name"] == name)

    check = step("check")
    assert (check["state"], check["title"], check["assignee"]["name"]) == (
        "open",
        "Check the invoice",
        "Dewi Anggraini",
    )
    wrong = dewi.post(f"{base}/steps/{check['id']}/complete", {"choice": "pay", "fields": {"amount": "much"}})
    assert (wrong.status_code, wrong.get_json()["errors"][0]["pointer"]) == (422, "/fields/amount")
    wrong = dewi.post(f"{base}/steps/{check['id']}/complete", {"choice": "maybe", "fields": {"amount": 5}})
    assert (wrong.status_code, wrong.get_json()["errors"][0]["pointer"]) == (422, "/choice")
    assert dewi.post(f"{base}/steps/{check['id']}/skip", {"reason": "bored"}).status_code == 409
    assert dewi.post(f"{base}/close").status_code == 409
    done = dewi.post(f"{base}/steps/{check['id']}/complete", {"choice": "pay", "fields": {"amount": 250000}})
    assert done.status_code == 200, done.text
    assert (done.get_json()["state"], done.get_json()["outcome"]) == ("done", "pay")
    assert done.get_json()["ended_by"] == {"kind": "person", "id": 3, "name": "Dewi Anggraini"}
    late = lina.post(f"{base}/steps/{check['id']}/complete", {"choice": "refuse", "fields": {"amount": 1}})
    assert late.status_code == 409
    assert "Dewi Anggraini" in late.get_json()["detail"]
    assert late.get_json()["step"]["ended_by"]["name"] == "Dewi Anggraini"
    assert dewi.post(f"{base}/steps/{step('sign')['id']}/approve").status_code == 403
    assert lina.post(f"{base}/steps/{step('sign')['id']}/approve", {"comment": "fine"}).status_code == 200
    assert dewi.post(f"{base}/steps/{step('ask')['id']}/answer", {"text": "?"}).status_code == 403
    assert bagus.post(f"{base}/steps/{step('ask')['id']}/answer", {"text": "BCA 123"}).status_code == 200
    resolved = dewi.post(f"{base}/resolve", {"resolution": "Paid."}).get_json()
    assert (resolved["status"], resolved["resolution"], resolved["sop"]["state"]) == ("resolved", "Paid.", "completed")
    assert resolved["fields"]["amount"] == {"minor": 25000000, "currency": "IDR"}
    assert dewi.post(f"{base}/resolve", {"resolution": "Again."}).status_code == 409
    assert dewi.post(f"{base}/reopen", {"reason": "not paid"}).get_json()["status"] in {"open", "in_progress"}


def test_foreign_step_is_not_found(dewi: Program) -> None:
    one, two = ask(dewi), ask(dewi)
    step = two["open_steps"][0]["id"]
    assert dewi.post(f"/tickets/{one['id']}/steps/{step}/complete", {"choice": "solved"}).status_code == 404


def test_baton_passes_with_consent(any_as: Callable[[str], Program]) -> None:
    dewi, bagus = any_as("dewi"), any_as("bagus")
    base = f"/tickets/{ask(dewi)['id']}"
    dewi.post(f"{base}/assign", {"person": "me"})
    assert dewi.post(f"{base}/handover", {}).get_json()["errors"][0]["pointer"] == "/to"
    assert bagus.post(f"{base}/handover", {"action": "accept"}).status_code == 409
    offered = dewi.post(f"{base}/handover", {"to": "bagus", "note": "my shift ends"}).get_json()
    assert (offered["state"], offered["to"]["name"]) == ("offered", "Bagus Wicaksono")
    assert dewi.get(base).get_json()["holder"]["id"] == 3
    assert bagus.post(f"{base}/handover", {"action": "return", "note": "mine too"}).get_json()["state"] == "returned"
    dewi.post(f"{base}/handover", {"to": "bagus@example.com"})
    assert bagus.post(f"{base}/handover", {"action": "accept"}).get_json()["state"] == "accepted"
    assert dewi.get(base).get_json()["holder"] == {"kind": "person", "id": 4, "name": "Bagus Wicaksono"}
    assert [h["state"] for h in dewi.get(f"{base}/handovers").get_json()["items"]] == ["accepted", "returned"]


def test_unknown_effect_is_settled(any_as: Callable[[str], Program], any_database: Any) -> None:
    from sqlalchemy import update

    from core.schema import Effect

    dewi = any_as("dewi")
    made = ask(dewi)
    effects = dewi.get(f"/effects?ticket={made['id']}").get_json()["items"]
    effect = next(one for one in effects if one["step"] == "received")
    assert (effect["kind"], effect["state"], effect["ticket"]) == ("send_mail", "planned", made["id"])
    assert dewi.post(f"/effects/{effect['key']}/settle", {"outcome": "done"}).status_code == 409
    with any_database.write() as tx:
        tx.execute(update(Effect).values(state="unknown"))
    assert any_as("oskar").post(f"/effects/{effect['key']}/settle", {"outcome": "done"}).status_code == 404
    assert effect["key"] in {one["key"] for one in dewi.get("/effects?state=unknown").get_json()["items"]}
    assert dewi.post(f"/effects/{effect['key']}/settle", {"outcome": "done"}).get_json()["state"] == "done"
    assert effect["key"] not in {one["key"] for one in dewi.get("/effects?state=unknown").get_json()["items"]}

"""E-mail templates through the API: read, saved with versions, previewed on a real ticket, with every wrong place named."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Program

TEXT = {
    "subject": "Hi {{ customer.name }}",
    "text": "About “{{ ticket.subject }}”: {{ link }}\n\n{{ department.signature }}",
}


def test_words_are_saved_and_restored(any_as: Callable[[str], Program]) -> None:
    lina = any_as("lina")
    before = lina.get("/templates/received").json
    assert (before["version"], before["department"], set(before["texts"])) == (0, "service", {"en", "id"})
    assert "customer.name" in {one["name"] for one in before["placeholders"]}
    saved = lina.post("/templates/received", {"texts": {"en": TEXT}, "version": 0}, key="once")
    assert saved.status_code == 200
    assert saved.json["texts"]["en"]["subject"] == TEXT["subject"]
    assert lina.post("/templates/received", {"texts": {"en": TEXT}, "version": 0}, key="once").json == saved.json
    assert lina.post("/templates/received", {"texts": {"en": TEXT}, "version": 0}).status_code == 409
    assert lina.post("/templates/received", {"restore": 0}).json["texts"] == before["texts"]
    assert [one["number"] for one in lina.get("/templates/received").json["versions"]] == [2, 1]


def test_wrong_words_are_named(as_: Callable[[str], Program]) -> None:
    texts = {"en": {"subject": "x", "text": "a\n{{ costumer.name }}"}, "id": {"subject": "", "text": "{{ link() }}"}}
    wrong = as_("lina").post("/templates/received", {"texts": texts})
    assert wrong.status_code == 422
    assert [one["pointer"] for one in wrong.json["errors"]] == ["/en/text", "/id/subject", "/id/text"]
    assert "Line 2" in wrong.json["errors"][0]["message"]
    assert as_("lina").post("/templates/received", {"texts": {"en": TEXT}, "department": 0}).status_code == 403


def test_preview_reads_a_real_ticket(as_: Callable[[str], Program]) -> None:
    dewi = as_("dewi")
    customer = {"email": "sari@example.com", "name": "Sari"}
    ticket = dewi.post("/tickets", {"subject": "TV is dark", "body": "x", "customer": customer}).json["id"]
    lina = as_("lina")
    (shown,) = lina.post("/templates/received/preview", {"texts": {"en": TEXT}, "ticket": ticket}).json["items"]
    assert shown["subject"] == "Hi Sari"
    assert "TV is dark" in shown["text"]
    assert shown["html"].startswith("<!DOCTYPE html>")


def test_own_template_can_be_sent(as_: Callable[[str], Program]) -> None:
    lina = as_("lina")
    made = lina.post("/templates", {"name": "part_arrived", "title": "Spare part has arrived"})
    assert made.status_code == 201
    document = "sop: parts\ndo:\n  - tell: {notify: {to: customer, template: part_arrived}}\n  - done: {resolve: {require: [resolution]}}\n"
    assert lina.post("/sops/check", {"text": document}).json["errors"] == []
    assert lina.post("/templates", {"name": "part_arrived", "title": "Again"}).status_code == 422

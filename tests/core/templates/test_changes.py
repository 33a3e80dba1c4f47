"""Templates are edited by those who may, per department, with versions; the mail that leaves has the newest words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.templates import changes
from core.templates.changes import Edit, NewTemplate
from core.templates.pages import template_list, template_page
from core.templates.wordings import templates

if TYPE_CHECKING:
    from tests.core.conftest import Desk

EN = {"subject": "Here it is: {{ ticket.subject }}", "text": "Dear {{ customer.name }},\n\n{{ link }}\n"}


def save(desk: Desk, who: str, name: str, department: int, text: str, seen: int | None = None) -> int:
    with desk.database.write() as tx:
        edit = Edit({"en": {**EN, "text": text}}, seen)
        return changes.save_template(tx, desk.people[who], name, department, edit)


def said(desk: Desk, name: str, department: int, language: str = "en") -> str:
    with desk.database.read() as tx:
        return templates(tx).wording(name, language, department)[0].text


def test_department_keeps_its_own_words(desk: Desk) -> None:
    service, billing = desk.departments["service"], desk.departments["billing"]
    save(desk, "mira", "received", 0, "For all: {{ link }}")
    save(desk, "mira", "received", service, "For service: {{ link }}")
    assert said(desk, "received", service).startswith("For service")
    assert said(desk, "received", billing).startswith("For all")
    assert said(desk, "received", service, "id").startswith("Bapak/Ibu") or "customer.name" in said(
        desk, "received", service, "id"
    )
    with desk.database.write() as tx:
        changes.restore_template(tx, desk.people["mira"], "received", service, 0)
    assert said(desk, "received", service).startswith("For all")
    with desk.database.write() as tx:
        changes.restore_template(tx, desk.people["mira"], "received", service, 1)
    assert said(desk, "received", service).startswith("For service")
    with desk.database.read() as tx:
        page = template_page(tx, desk.people["mira"], "received", service)
    assert [one.template.number for one in page.versions] == [3, 2, 1]
    assert page.own


def test_mail_has_the_newest_words(desk: Desk) -> None:
    save(
        desk, "mira", "received", 0, "Dear {{ customer.name }}, we answer by {{ promise }}. {{ department.signature }}"
    )
    ticket = desk.open("TV mati").ticket_id
    desk.perform_all(ticket)
    query = "SELECT b.text FROM message m JOIN message_body b ON b.message_id = m.id WHERE m.ticket_id = :ticket AND m.direction = 'out'"
    text = desk.sql(query, ticket=ticket)[0][0]
    assert text.startswith("Dear Sari")
    assert re.search(r"we answer by \d", text)


def test_second_author_is_told(desk: Desk) -> None:
    save(desk, "mira", "resolved", 0, "one {{ link }}", seen=0)
    with pytest.raises(Conflict):
        save(desk, "mira", "resolved", 0, "two {{ link }}", seen=0)
    assert said(desk, "resolved", 0).startswith("one")


def test_only_those_allowed_may_write(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        save(desk, "dewi", "received", desk.departments["service"], "{{ link }}")
    with pytest.raises(NotFound):
        save(desk, "mira", "password", 0, "{{ link }}")
    with pytest.raises(NotFound):
        save(desk, "mira", "nonsense", 0, "{{ link }}")


def test_all_that_is_wrong_is_said_at_once(desk: Desk) -> None:
    texts = {
        "en": {"subject": "", "text": "a\n{{ costumer.name }}"},
        "id": {"subject": "x", "text": "", "html": "{{ 1 + 1 }}"},
    }
    with desk.database.write() as tx, pytest.raises(Invalid) as caught:
        changes.save_template(tx, desk.people["mira"], "received", 0, Edit(texts))
    assert [one.pointer for one in caught.value.errors] == ["/en/subject", "/en/text", "/id/text", "/id/html"]
    assert caught.value.errors[1].message == (
        "Line 2: There is no placeholder “costumer.name”. Did you mean “customer.name”?"
    )


def test_firm_adds_a_template(desk: Desk) -> None:
    with desk.database.write() as tx:
        changes.add_template(tx, desk.people["mira"], NewTemplate("part_arrived", "Spare part has arrived"), 0)
    with desk.database.read() as tx:
        line = next(one for one in template_list(tx, desk.people["mira"]) if one.template.name == "part_arrived")
    assert line.template.said() == "Spare part has arrived"
    with desk.database.write() as tx, pytest.raises(Invalid):
        changes.add_template(tx, desk.people["mira"], NewTemplate("part_arrived", "Again"), 0)

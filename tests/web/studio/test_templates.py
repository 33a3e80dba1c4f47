"""A team lead changes the words of a mail in the studio: placeholders, errors at their line, preview, versions, a trial to oneself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from sqlalchemy import select

from core import effects, person_mail
from core.actors import SYSTEM
from core.mailing import letter_of
from core.schema import CaughtMail
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from playwright.sync_api import Page

    from core.database import Database

WORDS = "Dear {{ customer.name }},\n\nwe look into “{{ ticket.subject }}”.\n\n{{ link }}\n\n{{ department.signature }}"


def opened(firm: Database, app: Flask) -> int:
    with firm.write() as tx:
        new = NewTicket("Broken fridge", "It is warm.", CustomerRef("sari@example.com", "Sari <b>W</b>"), language="en")
        return open_ticket(tx, app.extensions["estafet"].settings, SYSTEM, new).ticket_id


def test_lead_rewrites_a_mail(enter: Callable[..., Page], library: Database, app: Flask) -> None:
    opened(library, app)
    page = enter("lina", "/studio/templates")
    page.get_by_role("link", name="Request received", exact=True).click()
    page.fill("#en-text", WORDS.replace("customer.name", "customer.nam"))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#en-text-e")).to_contain_text(
        "Line 1: There is no placeholder “customer.nam”. Did you mean “customer.name”?"
    )
    expect(page.locator("#en-text")).to_have_value(re.compile("we look into"))
    page.fill("#en-text", WORDS)
    page.fill("#en-subject", "We have ")
    page.get_by_role("button", name="{{ ticket.subject }}", exact=True).click()
    expect(page.locator("#en-subject")).to_have_value("We have {{ ticket.subject }}")
    page.get_by_role("button", name="Preview").click()
    shown = page.frame_locator("#preview")
    expect(shown.locator("section[lang=en]")).to_contain_text("we look into “Broken fridge”")
    expect(shown.locator("section[lang=en] h2")).to_have_text("We have Broken fridge")
    expect(shown.locator("section[lang=id]")).to_contain_text("Sari <b>W</b>")
    page.get_by_role("button", name="Send me a trial").click()
    expect(page.locator("[data-toast]")).to_contain_text("lina@example.com")
    assert person_mail.send_due(library, app.extensions["estafet"].settings) == 1
    with library.read() as tx:
        assert "Subject: We have Broken fridge" in tx.execute(select(CaughtMail.__table__.c.raw)).scalar_one()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("version 1", exact=False).first).to_be_visible()
    assert "We have Broken fridge" in letter(library, app)
    page.get_by_role("button", name="Back to the words that came with it").click()
    expect(page.locator("#en-subject")).to_have_value("We have received your request: {{ ticket.subject }}")
    page.locator("summary", has_text="version 1").click()
    page.get_by_role("button", name="Use these words again").click()
    expect(page.locator("#en-subject")).to_have_value("We have {{ ticket.subject }}")


def letter(firm: Database, app: Flask) -> str:
    """The first answer to a new ticket."""
    ticket = opened(firm, app)
    with firm.read() as tx:
        effect = next(one for one in effects.page(tx, ticket_id=ticket, limit=10) if one.kind == "send_mail")
        return letter_of(tx, app.extensions["estafet"].settings, effect).subject


def test_editor_has_no_barriers(
    enter: Callable[..., Page], findings: Callable[[Page], list[str]], library: Database, app: Flask
) -> None:
    opened(library, app)
    page = enter("lina", "/studio/templates", width=390)
    for path in ("/studio/templates", "/studio/templates/new", "/studio/templates/received?department=1"):
        page.goto(path)
        page.locator("h1").wait_for()
        assert findings(page) == [], path

"""What portal tests share: a request with a link, a colleague who works on it, and a customer's browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from core import procedures
from core.actors import SYSTEM, Actor
from core.links import request_link
from core.moments import now_ms
from core.tickets.opening import CustomerRef, NewAttachment, NewTicket, Opened, open_ticket

from ..conftest import IDS

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings

DEWI = Actor("person", IDS["dewi"], "agent", "Dewi Anggraini", 1)
EXCHANGE = """
sop: exchange
title: {en: Exchange, id: Penukaran}
fields:
  address: {type: string, label: {en: Address, id: Alamat}}
do:
  - check:
      task: Look into the fraud list
      note: The customer must not know of this list.
      to: agent:dewi
  - where:
      task: {en: Where may we deliver?, id: Ke mana kami kirim?}
      to: customer
      require: [fields.address]
      choices: {home: {en: At home, id: Di rumah}, work: {en: At work, id: Di kantor}}
      customer_label: {en: Tell us where to deliver, id: Beri tahu alamatnya}
  - finish:
      resolve: {require: [resolution]}
      customer_label: {en: Solved, id: Selesai}
"""


@dataclass
class Customer:
    """A customer's browser and what they asked."""

    browser: FlaskClient
    database: Database
    settings: Settings
    opened: Opened
    link: str

    def page(self, query: str = "") -> Any:
        return self.browser.get(self.link + query)

    def form_token(self) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', self.page().text)
        assert found
        return found[1]

    def reply(self, text: str = "", **more: Any) -> Any:
        data = {"reply": text, "form_token": self.form_token(), **more}
        return self.browser.post(f"{self.link}/reply", data=data, content_type="multipart/form-data")


def new_customer(app: Flask, database: Database, settings: Settings, email: str, **more: Any) -> Customer:
    """Somebody who has asked for something."""
    words = {"subject": "Fridge leaks", "body": "Water everywhere.", "language": "en", **more}
    new = NewTicket(customer=CustomerRef(email, email.split("@")[0].title()), channel="form", **words)
    with database.write() as tx:
        opened = open_ticket(tx, settings, SYSTEM, new)
    link = request_link(settings, opened.ticket_id, opened.customer_id, 1)
    return Customer(app.test_client(), database, settings, opened, link)


@pytest.fixture
def desk_app(app: Flask, firm: Database) -> Flask:
    """The application with procedures."""
    with firm.write() as tx:
        procedures.publish_library(tx, SYSTEM, now_ms())
        procedures.publish(tx, SYSTEM, EXCHANGE, now=now_ms())
    return app


@pytest.fixture
def ana(desk_app: Flask, firm: Database, settings: Settings) -> Customer:
    """Ana, with a photo and the standard procedure."""
    photo = NewAttachment("leak.jpg", "image/jpeg", b"a photo")
    return new_customer(desk_app, firm, settings, "ana@example.com", attachments=(photo,))


@pytest.fixture
def bo(desk_app: Flask, firm: Database, settings: Settings) -> Customer:
    """Bo, who asks for an exchange."""
    return new_customer(
        desk_app,
        firm,
        settings,
        "bo@example.com",
        subject="Grinder stands still",
        body="It does not turn.",
        sop="exchange",
    )

"""The other side of a tracker: it knows the secret, asks at our door, and keeps a book of what was asked of it."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from sqlalchemy import select

from core import procedures
from core.actors import SYSTEM
from core.moments import now_ms
from core.plugins.arriving import take_delivery
from core.plugins.facts import NotTaken
from core.plugins.linking import links_of
from core.plugins.settings import save_settings
from core.schema import Message, MessageBody, Ticket, WebhookDelivery, WebhookState
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from web.app import create_app

TRACKER = Path(__file__).with_name("tracker.py").read_text()
SECRET = "a shared secret"
SOP = """
sop: tracked
title: Tracked
do:
  - ask:
      call: tracker.create
      with: {title: BUG}
      until: result.status == "Done"
      on_error: continue
  - work:
      task: Do the work
  - finish:
      resolve: {require: [resolution]}
"""


class Outside:
    """The other side: it knows the secret, and keeps a book of what was asked of it."""

    def __init__(self, host, folder):
        self.host, self.file = host, folder / "book"
        host.add("tracker", TRACKER)
        host.publish_only("tracker")
        assert host.plugin("tracker").error is None
        self.settings()
        app = create_app(host.settings, host.database)
        app.config["TESTING"] = True
        self.client = app.test_client()

    def settings(self, mode=""):
        given = {"book": str(self.file), "secret": SECRET, "mode": mode}
        with self.host.database.write() as tx:
            save_settings(tx, self.host.settings, self.host.manager, "tracker", given)

    @property
    def book(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def begin(self):
        """A ticket whose first step waits for a thing outside."""
        with self.host.database.write() as tx:
            procedures.publish(tx, SYSTEM, SOP, now=now_ms())
        with self.host.database.write() as tx:
            new = NewTicket("Broken", "It is.", CustomerRef("sari@example.com", "Sari"), sop="tracked", language="en")
            return open_ticket(tx, self.host.settings, SYSTEM, new).ticket_id

    def open(self):
        """The same; the thing has been made."""
        ticket = self.begin()
        self.host.call(ticket)
        return ticket

    def post(self, said, delivery="", **headers):
        body = json.dumps(said).encode() if not isinstance(said, bytes) else said
        signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        given = {"X-Signature": f"sha256={signed}", **({"X-Delivery": delivery} if delivery else {}), **headers}
        return self.client.post("/hooks/tracker/news", data=body, headers=given)

    def take(self):
        """The host takes what came; how often it could not."""
        refused = 0
        while True:
            try:
                if not take_delivery(self.host.database, self.host.settings, self.host.pool, "tracker"):
                    return refused
            except NotTaken:
                refused += 1

    def tell(self, **said):
        assert self.post(said).status_code == 200
        assert self.take() == 0

    def links(self, ticket):
        with self.host.database.read() as tx:
            return links_of(tx, ticket)

    def counted(self, webhook="news"):
        return self.host.rows(select(WebhookState.__table__).where(WebhookState.webhook == webhook))[0]

    def deliveries(self):
        return self.host.rows(select(WebhookDelivery.__table__).order_by(WebhookDelivery.id))

    def ticket(self, ticket):
        return self.host.rows(select(Ticket.__table__).where(Ticket.id == ticket))[0]

    def comments(self, ticket):
        query = select(Message.author_name, MessageBody.text).join(MessageBody, MessageBody.message_id == Message.id)
        found = self.host.rows(query.where(Message.ticket_id == ticket, Message.direction == "internal"))
        return [tuple(one) for one in found]

"""What happens outside reaches tickets: through signed webhooks, once, in order, and the walk judges `until`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core import procedures
from core.actors import SYSTEM
from core.moments import now_ms
from core.plugins.arriving import DONE, KEPT_MS, PARKED, forget_old_deliveries, take_delivery, turn_again
from core.plugins.facts import NotTaken
from core.plugins.keeping import keep_webhooks, look_outside, with_care
from core.plugins.linking import LOOK_EVERY_MS, links_of
from core.plugins.panels import boxes, renew_box, stale, want_boxes
from core.plugins.publishing import switch
from core.plugins.settings import save_settings
from core.plugins.wishing import ask_action
from core.schema import Link, Message, MessageBody, Ticket, WebhookDelivery, WebhookState
from core.tickets.conversation import Draft, add_comment, send_reply
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


@pytest.fixture
def outside(any_host, tmp_path):
    return Outside(any_host, tmp_path)


@pytest.fixture
def quick(host, tmp_path):
    """On SQLite only: where nothing of the database is in question."""
    return Outside(host, tmp_path)


def at(minutes):
    return (datetime(2026, 11, 25, tzinfo=UTC) + timedelta(minutes=minutes)).isoformat()


# ---- links and steps ------------------------------------------------------------------------------------------------------


def test_webhook_wakes_the_waiting_step(outside):
    ticket = outside.open()
    [link] = outside.links(ticket)
    assert (link.ref, link.path, link.state, link.url) == ("BUG-1", "ask", "Open", "https://tracker.example/BUG-1")
    assert outside.host.step(ticket).state == "open"
    outside.tell(ref="BUG-1", values={"status": "In Progress"}, state="In Progress", title="A bug")
    assert outside.host.step(ticket).state == "open"
    assert outside.links(ticket)[0].title == "A bug"
    outside.tell(ref="BUG-1", values={"status": "Done", "by": "Ana"}, state="Done")
    step = outside.host.step(ticket)
    assert (step.state, step.outcome) == ("done", "done")
    assert step.result["status"] == "Done"
    assert step.result["by"] == "Ana"
    assert outside.host.step(ticket, "work").state == "open"
    ops = [event.data["op"] for event in outside.host.events(ticket) if event.kind == "link.changed"]
    assert ops == ["linked", "changed", "changed"]


def test_every_linked_ticket_learns_it(outside):
    tickets = [outside.open(), outside.open()]
    outside.tell(ref="BUG-1", values={"status": "Done"})
    assert [outside.host.step(ticket).state for ticket in tickets] == ["done", "done"]


def test_older_news_are_ignored(outside):
    ticket = outside.open()
    outside.tell(ref="BUG-1", values={"status": "In Progress"}, state="In Progress", at=at(10))
    outside.tell(
        ref="BUG-1",
        state="Open",
        at=at(5),
        values={"status": "Done"},
        comments=[{"id": "1", "author": "Ana", "text": "Hi"}],
    )
    assert outside.links(ticket)[0].state == "In Progress"
    assert outside.host.step(ticket).state == "open"
    assert outside.comments(ticket) == [("Ana (BUG-1)", "Hi")]


def test_comment_comes_once(outside):
    ticket = outside.open()
    comment = {"id": "7", "author": "Ana", "text": "Look at the log."}
    outside.tell(ref="BUG-1", comments=[comment])
    outside.tell(ref="BUG-1", comments=[comment, {**comment, "id": "8", "text": "Found it."}])
    assert outside.comments(ticket) == [("Ana (BUG-1)", "Look at the log."), ("Ana (BUG-1)", "Found it.")]


def test_done_completes_the_task_it_stands_for(outside):
    ticket = outside.open()
    outside.tell(ref="BUG-1", values={"status": "Done"})
    with outside.host.database.write() as tx:
        ask_action(tx, outside.host.agent, ticket, "tracker.create", {"title": "CARD"}, nonce="n1", step="work")
        ask_action(tx, outside.host.agent, ticket, "tracker.create", {"title": "CARD"}, nonce="n1", step="work")
    outside.host.call(ticket)
    assert outside.book[-1]["by"] == "Dewi"
    assert [(one.ref, one.step) for one in outside.links(ticket)] == [("BUG-1", "ask"), ("CARD-1", "work")]
    assert "arguments" not in outside.host.effect(ticket).payload
    due = datetime(2026, 12, 1, 9, tzinfo=UTC)
    outside.tell(ref="CARD-1", changes={"due": due.isoformat(), "subject": "Renamed", "tags": ["red"]})
    assert outside.host.step(ticket, "work").due_at == int(due.timestamp() * 1000)
    assert (outside.ticket(ticket).subject, outside.ticket(ticket).tags) == ("Renamed", ["red"])
    outside.tell(ref="CARD-1", done=True, state="Done")
    assert outside.host.step(ticket, "work").state == "done"
    done = [event for event in outside.host.events(ticket) if event.kind == "task.completed"]
    assert [(event.actor_kind, event.data["by"]) for event in done] == [("plugin", "plugin")]


def test_thing_that_is_gone_fails_its_step(outside):
    ticket = outside.open()
    outside.tell(ref="BUG-1", gone=True)
    assert outside.links(ticket)[0].open is False
    assert outside.host.step(ticket).outcome == "error"
    assert outside.host.step(ticket, "work").state == "open"
    assert outside.host.events(ticket)[-1].kind != "link.changed"
    assert "gone" in [event.data.get("op") for event in outside.host.events(ticket)]


def test_change_that_is_refused_is_said(quick):
    ticket = quick.open()
    quick.tell(ref="BUG-1", changes={"priority": "enormous"}, state="Open now")
    assert quick.links(ticket)[0].state == "Open now"
    assert "enormous" in quick.host.state("tracker").last_error
    assert quick.host.state("tracker").last_error_ticket == ticket


# ---- the door -------------------------------------------------------------------------------------------------------------


def test_wrong_signatures_are_counted(quick):
    body = b'{"ref": "BUG-1"}'
    assert quick.client.post("/hooks/tracker/news", data=body).status_code == 401
    assert quick.post(body, **{"X-Signature": "sha256=" + "0" * 64}).status_code == 401
    assert quick.post(body, **{"X-Signature": "nonsense"}).status_code == 401
    assert (quick.counted().refused, quick.counted().refused_why, quick.counted().taken) == (3, "wrong", 0)
    assert quick.deliveries() == []
    assert quick.client.post("/hooks/tracker/nowhere", data=body).status_code == 404
    assert quick.client.post("/hooks/nobody/news", data=body).status_code == 404


def test_providers_may_look_first(quick):
    assert quick.client.head("/hooks/tracker/board").status_code == 200
    assert quick.client.get("/hooks/tracker/board").status_code == 200
    assert quick.client.head("/hooks/tracker/nowhere").status_code == 404


def test_large_body_is_not_read(quick):
    assert quick.post(b"x" * 10_000_000).status_code == 413
    assert quick.counted().refused_why == "large"
    assert quick.post(b"\xff\xfe").status_code == 400


def test_repetition_is_taken_once(outside):
    ticket = outside.open()
    first = {"ref": "BUG-1", "state": "A"}
    assert outside.post(first, delivery="d1").json == {"status": "taken"}
    assert outside.post(first, delivery="d1").json == {"status": "again"}
    assert outside.post(first, delivery="d2").json == {"status": "taken"}
    assert outside.post(first).json == {"status": "taken"}
    assert outside.post(first).json == {"status": "again"}
    outside.take()
    changed = [event for event in outside.host.events(ticket) if event.data.get("op") == "changed"]
    assert len(changed) == 1
    assert {one.state for one in outside.deliveries()} == {DONE}
    assert {one.body for one in outside.deliveries()} == {""}
    with outside.host.database.write() as tx:
        assert forget_old_deliveries(tx, now_ms()) == 0
        assert forget_old_deliveries(tx, now_ms() + KEPT_MS + 1000) == 3


def test_other_ways_of_signing(quick):
    url = f"{quick.host.settings.public_url}/hooks/tracker/board"
    body = b'{"ref": "X"}'
    sign = base64.b64encode(hmac.new(SECRET.encode(), body + url.encode(), hashlib.sha1).digest()).decode()
    assert quick.client.post("/hooks/tracker/board", data=body, headers={"X-Board": sign}).status_code == 200
    assert quick.client.post("/hooks/tracker/plain", data=body, headers={"X-Token": SECRET}).status_code == 200
    assert quick.client.post("/hooks/tracker/plain", data=body, headers={"X-Token": "no"}).status_code == 401
    for age, status in ((0, 200), (3600, 401)):
        moment = str(int(time.time()) - age)
        sign = hmac.new(SECRET.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-Signature": sign, "X-Moment": moment}
        assert quick.client.post("/hooks/tracker/timed", data=body, headers=headers).status_code == status


def test_unknown_thing_is_noted(quick):
    quick.tell(ref="NOBODY-9", values={"status": "Done"})
    [one] = quick.deliveries()
    assert (one.state, one.detail) == (DONE, "no ticket is linked to NOBODY-9.")


def test_secret_that_is_not_set(quick):
    with quick.host.database.write() as tx:
        from core.schema import Plugin

        tx.execute(Plugin.__table__.update().where(Plugin.name == "tracker").values(secrets={}))
    assert quick.post({"ref": "X"}).status_code == 503
    assert quick.counted().refused_why == "unset"


def test_failing_delivery_is_parked(quick):
    ticket = quick.open()
    quick.settings("broken")
    quick.post({"ref": "BUG-1", "values": {"status": "Done"}})
    assert quick.take() == 4
    [one] = quick.deliveries()
    assert (one.state, one.tries) == (PARKED, 5)
    assert "not now" in one.detail
    quick.settings()
    with quick.host.database.write() as tx:
        turn_again(tx, quick.host.manager, one.id)
    quick.take()
    assert quick.host.step(ticket).state == "done"


def test_what_came_while_it_was_off_is_kept(quick):
    ticket = quick.open()
    with quick.host.database.write() as tx:
        switch(tx, quick.host.manager, "tracker", on=False)
    assert quick.post({"ref": "BUG-1", "values": {"status": "Done"}}).status_code == 200
    quick.take()
    assert quick.host.step(ticket).state == "open"
    with quick.host.database.write() as tx:
        switch(tx, quick.host.manager, "tracker", on=True)
    quick.take()
    assert quick.host.step(ticket).state == "done"


# ---- care -----------------------------------------------------------------------------------------------------------------


def test_missed_news_are_looked_up(outside):
    ticket = outside.open()
    host = outside.host
    with host.database.read() as tx:
        assert with_care(tx, now_ms())["look"] == set()
        assert with_care(tx, now_ms() + 16_000)["look"] == {"tracker"}  # news that came before the link was made
    with host.database.write() as tx:
        tx.execute(Link.__table__.update().values(seen_at=now_ms() - LOOK_EVERY_MS - 1))
    assert look_outside(host.database, host.settings, host.pool, "tracker") is False
    assert outside.book[-1] == {"looked": ["BUG-1"]}
    assert host.step(ticket).state == "done"
    assert look_outside(host.database, host.settings, host.pool, "tracker") is False
    assert len([one for one in outside.book if "looked" in one]) == 1


def test_webhooks_are_kept_registered(quick):
    host = quick.host
    with host.database.read() as tx:
        assert with_care(tx, now_ms())["keep"] == {"tracker"}
    keep_webhooks(host.database, host.settings, host.pool, "tracker")
    assert quick.book[-1]["kept"][0] == f"{host.settings.public_url}/hooks/tracker/board"
    assert (host.state("tracker").keep_ok, host.state("tracker").keep_words) == (True, "4 webhooks")
    with host.database.read() as tx:
        assert with_care(tx, now_ms() + 3_500_000)["keep"] == set()
        assert with_care(tx, now_ms() + 3_601_000)["keep"] == {"tracker"}
    quick.settings("broken")  # new settings: at once
    keep_webhooks(host.database, host.settings, host.pool, "tracker")
    assert (host.state("tracker").keep_ok, host.state("tracker").keep_words) == (False, "the tracker is away")


def test_command_of_a_plugin(quick, monkeypatch):
    from click.testing import CliRunner

    from estafet.command import cli

    monkeypatch.setenv("ESTAFET_HOME", str(quick.host.settings.home))
    monkeypatch.setenv("ESTAFET_SECRET_KEY", quick.host.settings.secret.decode())
    quick.settings("gently")
    run = CliRunner().invoke
    assert "Count words." in run(cli, ["x", "tracker"]).output
    assert run(cli, ["x", "tracker", "count", "a", "--b"]).output == "2 words, gently\n"
    wrong = run(cli, ["x", "tracker", "nothing"])
    assert wrong.exit_code == 2
    assert "It has: count." in wrong.output
    assert run(cli, ["x", "nobody"]).exit_code == 2


# ---- wishes, channels, panels ---------------------------------------------------------------------------------------------


def test_wish_is_carried_out_once(outside):
    ticket = outside.open()
    host = outside.host
    with host.database.write() as tx:
        add_comment(tx, host.agent, ticket, Draft("Please hurry."))
    outside.tell(ref="BUG-1", comments=[{"id": "1", "author": "Ana", "text": "We do."}])  # comes back to nobody
    host.deliver("tracker")
    state = host.state("tracker")
    with host.database.write() as tx:  # a crash before the position was noted: the facts come again
        tx.execute(state_table().update().values(position_xid=0, position_id=0))
    assert state.position_id > 0
    host.deliver("tracker")
    keys = host.due(ticket)
    assert len(keys) == 1
    assert keys[0].startswith(f"{ticket}/wish/")
    host.call(ticket)
    assert [one for one in outside.book if "said" in one] == [{"said": "Please hurry.", "step": None}]


def state_table():
    from core.schema import PluginState

    return PluginState.__table__


def test_conversation_opens_and_joins(outside):
    host = outside.host
    first = {
        "channel": "pigeon",
        "id": "m1",
        "thread": "t1",
        "sender": "loft 7",
        "name": "Sari",
        "text": "My door\nis shut.",
    }
    outside.post(first)
    outside.post({**first, "id": "m2", "text": "Still shut."})
    outside.post([first, {**first, "id": "m3", "thread": "t2", "text": "Another thing."}])
    outside.take()
    one, two = host.rows(select(Ticket.__table__).order_by(Ticket.id))
    assert (one.subject, one.channel, two.subject) == ("My door", "pigeon", "Another thing.")
    assert one.customer_id == two.customer_id
    said = select(MessageBody.text).join(Message, Message.id == MessageBody.message_id).order_by(Message.id)
    texts = [row.text for row in host.rows(said.where(Message.ticket_id == one.id, Message.direction == "in"))]
    assert texts == ["My door\nis shut.", "Still shut."]
    newest = host.rows(select(Message.id).where(Message.ticket_id == one.id).order_by(Message.id.desc()))[0].id
    with host.database.write() as tx:
        sent = send_reply(tx, host.settings, host.agent, one.id, Draft("Push it.", seen_message_id=newest))
    from core.plugins.calling import call

    key = f"{one.id}/message/{sent.message_id}"
    call(host.database, host.settings, host.pool, key)
    assert outside.book[-1] == {"sent": "Push it.", "to": "loft 7", "key": key}
    message = host.rows(select(Message.__table__).where(Message.id == sent.message_id))[0]
    assert (message.channel, message.delivery) == ("pigeon", "sent")


def test_panel_is_kept_and_renewed(outside):
    ticket = outside.open()
    host = outside.host

    def look():
        with host.database.write() as tx:
            want_boxes(tx, "ticket", ticket, stale(tx, "ticket", ticket, now_ms()), now_ms())
        while renew_box(host.database, host.settings, host.pool, "tracker"):
            pass
        with host.database.read() as tx:
            return {box.panel: box for box in boxes(tx, "ticket", ticket)}

    shown = look()
    assert shown["issues"].content["facts"][0]["label"] == "BUG-1"
    assert shown["issues"].content["note"] == "issues of Broken"
    assert [one["title"] for one in shown["suggest_replies"].content["suggestions"]] == ["Now", "Later"]
    with host.database.read() as tx:
        assert stale(tx, "ticket", ticket, now_ms()) == []
        assert ("tracker", "issues") in stale(tx, "ticket", ticket, now_ms() + 301_000)
        row = host.rows(select(Ticket.customer_id).where(Ticket.id == ticket))[0]
        assert [box.panel for box in boxes(tx, "customer", row.customer_id)] == ["owner"]
    outside.settings("broken")
    from core.schema import PanelKept

    with host.database.write() as tx:
        tx.execute(PanelKept.__table__.update().values(at=now_ms() - 400_000))
    shown = look()
    assert shown["issues"].content["facts"][0]["label"] == "BUG-1"  # the last good answer
    assert "not now" in shown["issues"].failure


def test_guessing_signatures_is_slowed_down(quick):
    body = json.dumps({"ref": "BUG-1"}).encode()
    wrong = {"X-Signature": "sha256=" + "0" * 64}
    answers = [quick.client.post("/hooks/tracker/news", data=body, headers=wrong) for _turn in range(32)]
    assert {one.status_code for one in answers[:30]} == {401}
    assert [one.status_code for one in answers[30:]] == [429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert (quick.counted().refused, quick.counted().refused_why) >= (31, "limited")
    assert quick.post({"ref": "BUG-1"}).json == {"status": "taken"}  # the other side itself, from the same address
    other = {"REMOTE_ADDR": "203.0.113.9"}
    assert quick.client.post("/hooks/tracker/news", data=body, headers=wrong, environ_base=other).status_code == 401

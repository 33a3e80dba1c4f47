"""What happens outside reaches tickets: through signed webhooks, once, in order, and the walk judges `until`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from core.moments import now_ms
from core.plugins.keeping import keep_webhooks, look_outside, with_care
from core.plugins.linking import LOOK_EVERY_MS
from core.plugins.panels import boxes, renew_box, stale, want_boxes
from core.plugins.wishing import ask_action
from core.schema import Link, Message, MessageBody, Ticket
from core.tickets.conversation import Draft, add_comment, send_reply


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

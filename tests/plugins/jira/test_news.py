"""What Jira tells by webhook and what a slow look finds, and how the webhook is kept registered."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import estafet
from core.plugins.labels import said
from plugins.jira import commenting, creating, keep_webhooks, linking, look_at, receive_webhook, ticket_panel
from tests.conftest import wait_until

SECRET = "a secret for webhooks"


@pytest.fixture
def told(standin, ear):
    """Jira tells the ear, once it is registered. Call it for the next delivery, as the plugin is given it."""
    assert keep_webhooks({"issues": ear.url}, standin.settings()) == "The webhook was registered."

    def next_one():
        headers, body = wait_until(lambda: ear.heard.pop(0) if ear.heard else None)
        signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-hub-signature"] == f"sha256={signed}"
        assert headers["x-atlassian-webhook-identifier"]
        delivery = estafet.Delivery(1, "issues", headers, body.decode(), datetime.now(UTC))
        return receive_webhook(delivery, standin.settings())

    return next_one


def delivery(**body):
    return estafet.Delivery(1, "issues", {}, json.dumps(body), datetime.now(UTC))


def test_change_of_an_issue_is_told(standin, make_call, told):
    creating.create(make_call("create"))
    (made,) = told()
    assert (made.ref, made.state, made.done, made.title) == ("KAN-1", "To Do", False, "Nothing is printed")
    issue = standin.issues[0]
    standin.jira.change(issue, "a1", assignee="a1")
    assert told()[0].values["assignee"] == "Agus Salim"
    standin.jira.move(issue, "31", "a1")
    (done,) = told()
    assert (done.state, done.done, done.values["status"]) == ("Done", True, "Done")
    assert done.at > made.at
    standin.jira.delete(issue, "a1")
    assert told()[0].gone is True


def test_comments_come_without_echo(standin, make_call, told):
    creating.create(make_call("create"))
    commenting.comment(make_call("comment", issue="KAN-1", text="Ours"))
    standin.jira.comment(standin.issues[0], "Theirs\n\nin two parts", "a2")
    told()
    (ours,), (theirs,) = told(), told()
    assert ours.comments == ()
    (said,) = theirs.comments
    assert (said.author, said.text) == ("Wulan Sari", "Theirs\n\nin two parts")
    (looked,) = look_at(["KAN-1"], standin.settings())
    assert [one.id for one in looked.comments] == [said.id]
    assert look_at(["KAN-1"], standin.settings(take_comments=False))[0].comments == ()


def test_slow_look_says_what_no_webhook_told(standin, make_call):
    for key in "ab":
        creating.create(make_call("create", key=key))
    standin.jira.move(standin.issues[1], "31", "a1")
    for kind in ({}, {"kind": "Data Center"}):
        first, second, third = look_at(["KAN-1", "KAN-2", "KAN-3"], standin.settings(**kind))
        assert (first.state, first.done, first.gone) == ("To Do", False, False)
        assert (second.state, second.done, second.url) == ("Done", True, f"{standin.url}/browse/KAN-2")
        assert third.gone is True


def test_moved_issue_is_told_by_both_keys(standin):
    fields = {"summary": "Moved", "status": {"name": "Done", "statusCategory": {"key": "done"}}}
    changelog = {"items": [{"field": "Key", "fromString": "KAN-1", "toString": "OPS-9"}]}
    issue = {"id": "1", "key": "OPS-9", "fields": fields}
    told = delivery(webhookEvent="jira:issue_updated", timestamp=1000, issue=issue, changelog=changelog)
    assert [one.ref for one in receive_webhook(told, standin.settings())] == ["OPS-9", "KAN-1"]


def test_odd_webhooks_are_no_news(standin):
    for body in (
        {"webhookEvent": "sprint_started"},
        {"webhookEvent": "jira:issue_updated", "issue": None},
        {"issue": {"key": "A-1"}},
    ):
        assert receive_webhook(delivery(**body), standin.settings()) == []
    bare = delivery(
        webhookEvent="comment_created", issue={"id": "1", "key": "KAN-1"}, comment={"id": 5, "body": "Hello"}
    )
    (news,) = receive_webhook(bare, standin.settings())
    assert (news.state, news.title, news.at, news.comments[0].text) == (None, None, None, "Hello")
    with pytest.raises(estafet.PermanentFailure, match="Exclude body"):
        receive_webhook(replace(bare, body=""), standin.settings())


def test_webhook_is_repaired(standin):
    callbacks = {"issues": "https://desk.example/hooks/jira/issues"}
    assert keep_webhooks(callbacks, standin.settings()) == "The webhook was registered."
    (hook,) = standin.jira.kept.data["webhooks"].values()
    assert hook["filters"] == {"issue-related-events-section": "project = KAN"}
    assert keep_webhooks(callbacks, standin.settings()) == "The webhook is registered."
    hook["enabled"] = False
    assert keep_webhooks(callbacks, standin.settings()) == "The webhook was repaired."
    assert keep_webhooks(callbacks, standin.settings(webhook_secret="another")) == "The webhook was repaired."
    assert (hook["enabled"], hook["secret"]) == (True, "another")
    assert len(standin.jira.kept.data["webhooks"]) == 1
    standin.fault("status", "GET /rest/webhooks", status=403)
    with pytest.raises(estafet.PermanentFailure, match="can add the webhook by hand"):
        keep_webhooks(callbacks, standin.settings())
    assert "no secret" in keep_webhooks(callbacks, standin.settings(webhook_secret=""))


def test_webhook_is_sent_again_until_taken(standin, make_call, ear, told):
    ear.answer[0] = 503
    creating.create(make_call("create"))
    first = wait_until(lambda: ear.heard[0] if ear.heard else None)
    ear.answer[0] = 200
    again = wait_until(lambda: ear.heard[1] if len(ear.heard) > 1 else None)
    assert first[0]["x-atlassian-webhook-identifier"] == again[0]["x-atlassian-webhook-identifier"]


def test_panel_shows_every_issue(standin, make_call, ticket):
    assert ticket_panel(ticket, standin.settings()) is None
    creating.create(make_call("create", due="2026-12-24"))
    ours = estafet.Link("KAN-1", None, "", "", None, True)
    shown = ticket_panel(replace(ticket, links=(ours,)), standin.settings())
    assert [(said(one.label), said(one.value), one.tone) for one in shown.facts] == [
        ("Issue", "KAN-1 Nothing is printed", ""),
        ("Status", "To Do", ""),
        ("Assignee", "nobody", ""),
        ("Priority", "Highest", "bad"),
        ("Due", "2026-12-24", ""),
    ]


@pytest.mark.parametrize(
    ("choice", "text", "wanted"),
    [
        ("none", "@jira look", []),
        ("those that begin with @jira", "look", []),
        ("those that begin with @jira", "@jira: look", ["look"]),
        ("all", "look", ["look"]),
    ],
)
def test_internal_comments_go_as_chosen(ticket, choice, text, wanted):
    links = tuple(
        estafet.Link(ref, None, ref, "", None, is_open) for ref, is_open in (("KAN-1", True), ("KAN-2", False))
    )
    event = estafet.Event(1, 1, "comment.added", datetime.now(UTC), "person", {})
    message = estafet.Message(1, "internal", "Dewi", text, datetime.now(UTC))
    linked, settings = replace(ticket, links=links), {"send_comments": choice}
    wishes = commenting.wishes_for(event, linked, message, settings)
    assert [one.arguments["text"] for one in wishes] == wanted
    echo = replace(event, data={"plugin": "jira"})
    assert commenting.wishes_for(echo, linked, message, {"send_comments": "all"}) == []


def test_link_is_set_once(standin, make_call):
    creating.create(make_call("create"))
    linking.link(make_call("link", issue="KAN-1"))
    assert len(standin.issues[0]["links"]) == 1

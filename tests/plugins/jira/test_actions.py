"""What the plugin does in Jira, against the stand-in over real HTTP: Cloud and Data Center."""

from __future__ import annotations

import pytest

import estafet
from plugins.jira import commenting, creating, linking, moving
from plugins.jira.documents import document, plain
from plugins.standins.jira import text_in

DATA_CENTER = {"kind": "Data Center", "email": ""}


@pytest.mark.parametrize("kind", [{}, DATA_CENTER])
def test_issue_is_made_from_ticket(standin, make_call, kind):
    made = creating.create(make_call("create", settings=kind, description="It *is* {dead}.\n\nSince today"))
    (issue,) = standin.issues
    assert (made.ref, made.state, made.values["status"]) == ("KAN-1", "To Do", "To Do")
    assert made.url == f"{standin.url}/browse/KAN-1"
    assert made.title == "Nothing is printed"
    assert issue["fields"]["priority"] == "Highest"
    assert issue["fields"]["labels"][0] == "support"
    assert issue["links"]["estafet=http://desk.example/tickets/4711"]["title"] == "Ticket 4711: Nothing is printed"
    assert "Ticket 4711|http://desk.example/tickets/4711" in text_in(issue["fields"]["description"], 2)


def test_custom_fields_are_named(standin, make_call):
    fields = {"severity": "S1", "Affected users": "12", "Steps to reproduce": "Print\nSwear", "Systems": "App, Web"}
    creating.create(
        make_call("create", fields=fields, type="Bug", labels=["on fire"], summary="Two\nlines", due="2026-12-24")
    )
    given = standin.issues[0]["fields"]
    assert given["customfield_10010"] == {"value": "S1"}
    assert given["customfield_10011"] == 12
    assert given["customfield_10012"]["type"] == "doc"
    assert given["customfield_10014"] == [{"value": "App"}, {"value": "Web"}]
    assert (given["summary"], given["type"], given["labels"][0], given["duedate"]) == (
        "Two lines",
        "Bug",
        "on-fire",
        "2026-12-24",
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"Colour": "red"}, "Jira has no field “Colour”. Its own fields: Affected users"),
        ("Twin = a", "Write which one: customfield_10020 or customfield_10021"),
        ({"Affected users": "many"}, "“Affected users” wants a number, not “many”"),
        ("Severity = S9", "“Severity”: Specify a valid value: S1, S2, S3"),
    ],
)
def test_wrong_custom_field_is_explained(standin, make_call, fields, words):
    with pytest.raises(estafet.PermanentFailure, match="(?s).*" + words.replace(".", "[.]")):
        creating.create(make_call("create", fields=fields))
    assert standin.issues == []


def test_existing_issue_is_linked_by_address(standin, make_call):
    standin.jira.create({"fields": {"project": {"key": "KAN"}, "issuetype": {"name": "Bug"}, "summary": "Old"}}, 3)
    for given in ("KAN-1", "kan-1", f"{standin.url}/browse/KAN-1?focus=1"):
        linked = linking.link(make_call("link", issue=given))
        assert (linked.ref, linked.values["type"], linked.values["linked_back"]) == ("KAN-1", "Bug", True)
    assert len(standin.issues[0]["links"]) == 1
    with pytest.raises(estafet.PermanentFailure, match="is not on"):
        linking.link(make_call("link", issue="https://other.example/browse/KAN-1"))
    with pytest.raises(estafet.PermanentFailure, match="is no issue"):
        linking.link(make_call("link", issue="that one"))


@pytest.mark.parametrize("kind", [{}, DATA_CENTER])
def test_comment_carries_its_mark(standin, make_call, kind):
    creating.create(make_call("create"))
    call = make_call("comment", key="4711/c/1", links=("KAN-1",), by="Dewi", settings=kind, text="Look [here]\nplease")
    assert commenting.find(call) is None
    made = commenting.comment(call)
    assert commenting.find(call) == made
    said = text_in(standin.issues[0]["comments"][0]["body"], 2)
    assert "Dewi: Look" in said
    assert commenting.mark_of(call.key) in said
    with pytest.raises(estafet.PermanentFailure, match="has no issue yet"):
        commenting.comment(make_call("comment", text="Where?"))
    with pytest.raises(estafet.PermanentFailure, match=r"several issues \(KAN-1, KAN-2\)"):
        commenting.comment(make_call("comment", links=("KAN-1", "KAN-2"), text="Where?"))


def test_transition_goes_by_either_name(standin, make_call):
    creating.create(make_call("create"))
    assert moving.transition(make_call("transition", issue="KAN-1", to="start work")).state == "In Progress"
    assert moving.transition(make_call("transition", issue="KAN-1", to="Done")).values["done"] is True
    before = len(standin.asked)
    assert moving.transition(make_call("transition", issue="KAN-1", to="DONE")).state == "Done"
    assert [line for line in standin.asked[before:] if line.startswith("POST")] == []
    with pytest.raises(
        estafet.PermanentFailure, match=r"no transition is called “Cancelled”[.] There are: Reopen → To Do"
    ):
        moving.transition(make_call("transition", issue="KAN-1", to="Cancelled"))


@pytest.mark.parametrize("kind", [{}, DATA_CENTER])
def test_lost_creation_is_found_although_search_lags(standin, make_call, kind):
    call = make_call("create", key="4711/ask/9", settings=kind)
    assert creating.find(call) is None
    bug = {"fields": {"project": {"key": "KAN"}, "issuetype": {"name": "Bug"}, "summary": "Other"}}
    for _n in range(3):
        standin.jira.create(bug, 3)
    standin.fault("cut", f"POST /rest/api/{2 if kind else 3}/issue")
    with pytest.raises(estafet.OutcomeUnknown):
        creating.create(call)
    standin.jira.create(bug, 3)
    assert standin.issues[3]["links"] == {}
    for lag in (600, 0):
        standin.jira.lag = lag
        assert creating.find(call).ref == "KAN-4"
    assert len(standin.issues[3]["links"]) == 1
    assert creating.find(make_call("create", key="4711/ask/10", settings=kind)) is None


def test_search_that_is_far_behind_is_waited_for(standin, make_call, monkeypatch):
    monkeypatch.setattr("plugins.jira.creating.FARTHEST", 6)
    for _n in range(6):
        standin.jira.create(
            {"fields": {"project": {"key": "KAN"}, "issuetype": {"name": "Bug"}, "summary": "Other"}}, 3
        )
    with pytest.raises(estafet.TemporaryFailure, match="far behind in KAN"):
        creating.find(make_call("create", key="4711/ask/11"))


def test_made_issue_is_never_said_to_be_undone(standin, make_call):
    standin.fault("status", "POST /rest/api/3/issue/KAN-1/remotelink", status=429, headers={"Retry-After": "7"})
    with pytest.raises(estafet.OutcomeUnknown, match="KAN-1 was made, and then: Jira asks to wait 7 seconds"):
        creating.create(make_call("create"))
    standin.fault("status", "POST /rest/api/3/issue/KAN-1/remotelink", status=403)
    assert creating.find(make_call("create")).values["linked_back"] is False


def test_lost_transition_is_found(standin, make_call):
    creating.create(make_call("create"))
    call = make_call("transition", issue="KAN-1", to="Start work")
    assert moving.find(call) is None
    standin.fault("status", "POST /rest/api/3/issue/KAN-1/transitions", status=502, after=True)
    with pytest.raises(estafet.OutcomeUnknown):
        moving.transition(call)
    with pytest.raises(estafet.OutcomeUnknown, match="nobody can tell"):
        moving.find(call)
    assert moving.find(make_call("transition", issue="KAN-1", to="In Progress")).state == "In Progress"


def test_documents_say_what_was_written():
    text = "First [line]\nsecond\n\nNew paragraph"
    assert plain(document(text)) == text
    listed = {"type": "bulletList", "content": [{"type": "listItem", "content": [document("one")["content"][0]]}]}
    mention = {"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "1", "text": "@Agus"}}]}
    assert plain({"type": "doc", "content": [listed, mention]}) == "- one\n@Agus"
    deep: dict = {"type": "paragraph"}
    for _n in range(500):
        deep = {"type": "blockquote", "content": [deep]}
    assert plain(deep) == ""

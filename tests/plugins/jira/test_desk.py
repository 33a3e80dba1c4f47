"""Tickets and their issues, through the doors that Jira and people use: steps, buttons, signed webhooks, comments in both directions."""

from __future__ import annotations

from core.tickets.conversation import Draft, add_comment

SOP = """
sop: tracked
title: Tracked
do:
  - bug:
      call: jira.create
      with: {type: Bug, summary: "${ticket.subject}"}
      until: result.status == "Done"
  - finish:
      resolve: {require: [resolution]}
"""
BY_HAND = """
sop: tracked
title: By hand
do:
  - repair:
      task: Repair it
  - finish:
      resolve: {require: [resolution]}
"""


def test_done_issue_ends_the_step_that_waits(connected):
    ticket = connected.open(SOP)
    connected.host.call(ticket)
    connected.take()
    assert connected.links(ticket) == [("KAN-1", "To Do", True)]
    assert connected.host.step(ticket, "bug").state == "open"
    connected.standin.jira.move(connected.standin.issues[0], "21", "a1")
    connected.take()
    assert connected.links(ticket) == [("KAN-1", "In Progress", True)]
    connected.standin.jira.move(connected.standin.issues[0], "31", "a1")
    connected.take()
    step = connected.host.step(ticket, "bug")
    assert (step.state, step.result["status"], step.result["key"]) == ("done", "Done", "KAN-1")


def test_every_ticket_of_an_issue_learns_that_it_is_done(connected):
    first, second = connected.open(SOP), connected.open(BY_HAND)
    connected.host.call(first)
    connected.press(second, "jira.link", issue="KAN-1")
    connected.press(second, "jira.create", nonce="2", summary="Another one")
    assert [ref for ref, _state, _open in connected.links(second)] == ["KAN-1", "KAN-2"]
    assert len(connected.standin.issues[0]["links"]) == 2
    connected.take(2)
    connected.standin.jira.move(connected.standin.issues[0], "31", "a1")
    connected.take()
    assert connected.host.step(first, "bug").state == "done"
    assert connected.links(second) == [("KAN-1", "Done", True), ("KAN-2", "To Do", True)]


def test_comments_go_both_ways_and_never_come_back(connected):
    ticket = connected.open(SOP)
    connected.host.call(ticket)
    connected.take()
    with connected.host.database.write() as tx:
        draft = Draft("Please look at the printer")
        add_comment(tx, connected.host.agent, ticket, draft)
    assert len(connected.wishes()) == 1
    connected.take()  # the echo of our own
    assert connected.comments(ticket) == [("Dewi", "Please look at the printer")]
    issue = connected.standin.issues[0]
    connected.standin.jira.comment(issue, "It has no paper", "a1")
    connected.take()
    assert connected.comments(ticket)[1:] == [("Agus Salim (KAN-1)", "It has no paper")]
    assert connected.wishes() == []
    assert len(issue["comments"]) == 2


def test_deleted_issue_is_gone_from_the_ticket(connected):
    ticket = connected.open(BY_HAND)
    connected.press(ticket, "jira.create")
    connected.take()
    connected.standin.jira.delete(connected.standin.issues[0], "a1")
    connected.take()
    assert connected.links(ticket) == [("KAN-1", "deleted", False)]


def test_wrong_arguments_are_said_on_the_ticket(connected):
    ticket = connected.open(BY_HAND)
    connected.press(ticket, "jira.create", type="Epic")
    effect = connected.host.effect(ticket)
    assert effect.state == "failed"
    assert effect.detail == "Plugin “jira”: Jira refuses this (400): issuetype: Specify a valid issue type."

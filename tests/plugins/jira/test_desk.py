"""Tickets and their issues, through the doors that Jira and people use: steps, buttons, signed webhooks, comments in both directions."""

from __future__ import annotations

from core.plugins.unlinking import unlink
from core.tickets.conversation import Draft, add_comment

SOP = """
sop: tracked
title: Tracked
do:
  - bug:
      call: jira.create_issue
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


def test_done_issue_ends_the_step_that_waits(desk):
    ticket = desk.open(SOP)
    desk.host.call(ticket)
    desk.take()
    assert desk.links(ticket) == [("KAN-1", "To Do", True)]
    assert desk.host.step(ticket, "bug").state == "open"
    desk.standin.jira.move(desk.standin.issues[0], "21", "a1")
    desk.take()
    assert desk.links(ticket) == [("KAN-1", "In Progress", True)]
    desk.standin.jira.move(desk.standin.issues[0], "31", "a1")
    desk.take()
    step = desk.host.step(ticket, "bug")
    assert (step.state, step.result["status"], step.result["key"]) == ("done", "Done", "KAN-1")


def test_every_ticket_of_an_issue_learns_that_it_is_done(desk):
    first, second = desk.open(SOP), desk.open(BY_HAND)
    desk.host.call(first)
    desk.press(second, "jira.link", issue="KAN-1")
    desk.press(second, "jira.create_issue", nonce="2", summary="Another one")
    assert [ref for ref, _state, _open in desk.links(second)] == ["KAN-1", "KAN-2"]
    assert len(desk.standin.issues[0]["links"]) == 2
    desk.take(2)
    desk.standin.jira.move(desk.standin.issues[0], "31", "a1")
    desk.take()
    assert desk.host.step(first, "bug").state == "done"
    assert desk.links(second) == [("KAN-1", "Done", True), ("KAN-2", "To Do", True)]


def test_comments_go_both_ways_and_never_come_back(desk):
    ticket = desk.open(SOP)
    desk.host.call(ticket)
    desk.take()
    with desk.host.database.write() as tx:
        draft = Draft("Please look at the printer")
        add_comment(tx, desk.host.agent, ticket, draft)
    assert len(desk.wishes()) == 1
    desk.take()  # the echo of our own
    assert desk.comments(ticket) == [("Dewi", "Please look at the printer")]
    issue = desk.standin.issues[0]
    desk.standin.jira.comment(issue, "It has no paper", "a1")
    desk.take()
    assert desk.comments(ticket)[1:] == [("Agus Salim (KAN-1)", "It has no paper")]
    assert desk.wishes() == []
    assert len(issue["comments"]) == 2


def test_deleted_issue_is_gone_from_the_ticket(desk):
    ticket = desk.open(BY_HAND)
    desk.press(ticket, "jira.create_issue")
    desk.take()
    desk.standin.jira.delete(desk.standin.issues[0], "a1")
    desk.take()
    assert desk.links(ticket) == [("KAN-1", "deleted", False)]


def test_wrong_arguments_are_said_on_the_ticket(desk):
    ticket = desk.open(BY_HAND)
    desk.press(ticket, "jira.create_issue", type="Epic")
    effect = desk.host.effect(ticket)
    assert effect.state == "failed"
    assert effect.detail == "Plugin “jira”: Jira refuses this (400): issuetype: Specify a valid issue type."


def test_unlinked_issue_no_longer_reaches_the_ticket(desk):
    wrong, right = desk.open(BY_HAND), desk.open(BY_HAND)
    desk.press(wrong, "jira.create_issue", summary="Paper jam")
    desk.press(right, "jira.link", issue="KAN-1")
    with desk.host.database.write() as tx:
        unlink(tx, desk.host.agent, wrong, "jira", "KAN-1", "It is the other printer.")
    assert (desk.links(wrong), desk.comments(wrong)) == ([], [("Dewi", "Unlinked KAN-1: It is the other printer.")])
    assert desk.wishes() == []  # the reason stays with us
    desk.take()
    desk.standin.jira.move(desk.standin.issues[0], "31", "a1")
    desk.take()
    assert (desk.links(wrong), desk.links(right)) == ([], [("KAN-1", "Done", True)])
    assert desk.standin.issues[0].get("comments", []) == []

"""Tickets and their cards, through the doors that Trello and people use: steps, buttons, signed webhooks, comments in both directions."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.plugins.unlinking import unlink
from core.schema import StepVisit, Ticket
from core.tickets.conversation import Draft, add_comment
from core.tickets.properties import change_ticket
from core.tickets.rows import PRIORITIES
from core.tickets.steps import complete_step
from plugins.standins.trello import LABELS, LISTS

TODO, DOING, DONE = LISTS
SOP = """
sop: tracked
title: Tracked
do:
  - card:
      call: trello.create
      with: {step: repair, checklist: [Open it, Close it]}
  - repair:
      task: Repair it
  - finish:
      resolve: {require: [resolution]}
"""


@pytest.fixture
def opened(desk):
    """A ticket whose card stands for its open task."""
    ticket = desk.open(SOP)
    desk.host.call(ticket)
    desk.take()
    assert desk.host.step(ticket, "repair").state == "open"
    return ticket


def of(desk, ticket):
    return desk.host.rows(select(Ticket.__table__).where(Ticket.id == ticket))[0]


@pytest.mark.parametrize("way", [{"list": DONE}, {"complete": True}])
def test_done_card_completes_its_task(desk, opened, way):
    desk.standin.trello.change(desk.standin.cards[0], "m1", list=DOING)
    desk.take()
    assert desk.links(opened)[0][1] == "Doing"
    assert desk.host.step(opened, "repair").state == "open"
    desk.standin.trello.change(desk.standin.cards[0], "m1", **way)
    desk.take()
    assert desk.host.step(opened, "repair").state == "done"


def test_completed_task_moves_its_card(desk, opened):
    with desk.host.database.write() as tx:
        complete_step(tx, desk.host.settings, desk.host.agent, opened, desk.host.step(opened, "repair").id)
    desk.wishes()
    desk.take()
    assert desk.standin.cards[0]["list"] == DONE
    assert desk.links(opened)[0][1] == "Done"
    desk.wishes()
    assert len([line for line in desk.standin.asked if line.startswith("PUT /1/cards")]) == 1


def test_tasks_are_the_checklist_of_a_card(desk):
    ticket = desk.open(SOP.replace("{step: repair, checklist: [Open it, Close it]}", "{name: Whole repair}"))
    desk.host.call(ticket)
    (item,) = desk.standin.cards[0]["checklists"][0]["checkItems"]
    assert (item["name"], item["state"]) == ("Repair it", "incomplete")
    with desk.host.database.write() as tx:
        complete_step(tx, desk.host.settings, desk.host.agent, ticket, desk.host.step(ticket, "repair").id)
    desk.wishes()
    assert (item["state"], desk.standin.cards[0]["list"]) == ("complete", TODO)


def test_comments_go_both_ways_and_never_come_back(desk, opened):
    with desk.host.database.write() as tx:
        add_comment(tx, desk.host.agent, opened, Draft("Please look"))
    desk.wishes()
    desk.take()
    desk.standin.trello.comment(desk.standin.cards[0], "It is the fuse", "m1")
    desk.take()
    (ours, theirs) = desk.comments(opened)
    assert ours == ("Dewi", "Please look")
    assert (theirs[0].startswith("Maya Putri"), theirs[1]) == (True, "It is the fuse")
    assert desk.wishes() == []
    assert len(desk.standin.cards[0]["comments"]) == 2


def test_card_changes_what_the_mapping_says(desk, opened):
    card, billing = desk.standin.cards[0], list(LABELS)[1]
    desk.standin.trello.change(
        card, "m1", name="It prints nothing", due="2026-12-24T12:00:00.000Z", labels=list(LABELS)
    )
    desk.take(4)
    now = of(desk, opened)
    assert (now.subject, now.product, list(now.tags)) == ("It prints nothing", "printer", ["billing"])
    assert now.priority == PRIORITIES["urgent"]
    step = desk.host.rows(select(StepVisit.due_at).where(StepVisit.ticket_id == opened, StepVisit.name == "repair"))[0]
    assert step.due_at == 1798113600000
    desk.standin.trello.change(card, "m1", labels=[one for one in LABELS if one != billing])
    desk.take()
    assert list(of(desk, opened).tags) == []


def test_agents_subject_stays_when_the_card_only_moves(desk, opened):
    with desk.host.database.write() as tx:
        change_ticket(tx, desk.host.settings, desk.host.agent, opened, {"subject": "Fuse is broken"})
    desk.standin.trello.change(desk.standin.cards[0], "m1", list=DOING)
    desk.take()
    assert of(desk, opened).subject == "Fuse is broken"


@pytest.mark.parametrize("state", ["archived", "deleted"])
def test_card_that_is_gone_is_noticed(desk, opened, state):
    card = desk.standin.cards[0]
    if state == "archived":
        desk.standin.trello.change(card, "m1", closed=True)
    else:
        desk.standin.trello.delete(card, "m1")
    desk.take()
    assert desk.links(opened) == [(card["short"], state, False)]
    assert desk.host.step(opened, "repair").state == "open"


def test_step_waits_until_its_card_is_done(desk):
    waits = SOP.replace(
        "{step: repair, checklist: [Open it, Close it]}", '{name: Fuse}\n      until: result.list == "Done"'
    )
    ticket = desk.open(waits)
    desk.host.call(ticket)
    desk.take()
    assert desk.host.step(ticket, "card").state == "open"
    desk.standin.trello.change(desk.standin.cards[0], "m1", list=DOING)
    desk.take()
    assert desk.host.step(ticket, "card").state == "open"
    desk.standin.trello.change(desk.standin.cards[0], "m1", list=DONE)
    desk.take()
    step = desk.host.step(ticket, "card")
    assert (step.state, step.result["list"], step.result["done"]) == ("done", "Done", True)


def test_unlinked_card_no_longer_reaches_the_ticket(desk, opened):
    ref = desk.links(opened)[0][0]
    with desk.host.database.write() as tx:
        unlink(tx, desk.host.agent, opened, "trello", ref, "It is another repair.")
    assert (desk.links(opened), desk.comments(opened)) == ([], [("Dewi", f"Unlinked {ref}: It is another repair.")])
    assert desk.wishes() == []
    desk.standin.trello.change(desk.standin.cards[0], "m1", list=DONE)
    desk.take()
    assert (desk.links(opened), desk.host.step(opened, "repair").state) == ([], "open")
    assert desk.standin.cards[0]["comments"] == []

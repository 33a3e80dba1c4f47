"""The changes people and effects make to rows, one by one."""

from __future__ import annotations

import pytest

from core.procedure.acting import NotOpen, Refused, answer, decide_error, finish_effect, linked, vote
from core.procedure.values import State

CALL = '- bug:\n    call: jira.create\n    until: result.status == "Done"\n- next: {task: Next}'


def test_row_of_the_walk_is_not_touched(play):
    visit = play("- ask: {approval: {by: team:f, question: Well?}, on: {reject: {then: end}}}").visit("ask")
    changed = vote(visit, "approve", "rina", None)
    assert changed.marks["votes"] == {"rina": "approve"}
    assert "votes" not in visit.marks


def test_newest_vote_stands_last(play):
    visit = play("- ask: {approval: {by: team:f, question: Well?, quorum: 3}, on: {reject: {then: end}}}").visit("ask")
    visit = vote(vote(vote(visit, "approve", "a", None), "approve", "b", None), "approve", "a", None)
    assert list(visit.marks["votes"]) == ["b", "a"]


def test_answer_keeps_its_comment(play):
    visit = play("- ask: {collaborate: {ask: team:f, question: Well?}}").visit("ask")
    assert answer(visit, "a", {"a"}, 4711).marks["answers"] == {"a": 4711}
    with pytest.raises(Refused, match="does not ask you"):
        answer(visit, "eve", {"a"})


def test_only_votes_are_votes(play):
    visit = play("- ask: {approval: {by: team:f, question: Well?}, on: {reject: {then: end}}}").visit("ask")
    with pytest.raises(Refused, match="approve or reject"):
        vote(visit, "abstain", "a", None)
    with pytest.raises(Refused, match="cannot be done this way"):
        answer(visit, "a", None)


def test_unknown_that_turned_out_well_goes_on(play):
    ticket = play(CALL, answers={"jira.create": {"error": "unknown"}})
    visit = ticket.visit("bug")
    assert visit.marks["asked"] is True
    late = finish_effect(visit, ticket.sim.step_of(visit), "done", {"status": "Open"}, 5)
    assert late.open
    assert late.result == {"status": "Open"}
    assert "error" not in late.marks
    assert linked(late, {"status": "Done"}).result == {"status": "Done"}


def test_nothing_failed_nothing_to_decide(play):
    ticket = play(CALL, answers={"jira.create": {"status": "Open"}})
    with pytest.raises(Refused, match="has not failed"):
        decide_error(ticket.visit("bug"), "retry", "lead", 1)


def test_decision_must_be_one_of_four(play):
    ticket = play(CALL, answers={"jira.create": {"error": "down"}})
    with pytest.raises(Refused, match="retry, by_hand, skip or end"):
        decide_error(ticket.visit("bug"), "shrug", "lead", 1)
    skipped = decide_error(ticket.visit("bug"), "skip", "lead", 1)
    assert (skipped.state, skipped.outcome, skipped.ended_by) == (State.SKIPPED, "skipped", "lead")
    with pytest.raises(NotOpen):
        decide_error(skipped, "skip", "lead", 2)

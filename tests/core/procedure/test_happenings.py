"""Reopened, merged, switched, resolved or closed by hand, moved by a lead."""

from __future__ import annotations

import pytest

from core.procedure import happenings
from core.procedure.acting import Refused
from core.procedure.walk import walk

RESOLVE = """
sop: test
mode: %s
do:
  - work: {task: Work}
  - more: {task: More}
  - finish:
      resolve: {require: [resolution]}
  - learn:
      document: {article: suggest}
"""


def apply(ticket, changes):
    ticket.sim.replace(*(change.visit for change in changes))
    ticket.sim.settle()
    ticket.check()


def test_reopening_opens_resolve_again(play):
    ticket = (
        play(RESOLVE % "guided")
        .do("PT1H", "complete", "work")
        .do("PT1H", "complete", "more")
        .do("PT2H", "complete", "finish")
    )
    assert (ticket.open, ticket.status) == (["learn"], "resolved")
    ticket.do("PT3H", "event", "ticket.reopened")
    assert (ticket.open, ticket.status) == (["finish@2"], "in_progress")
    assert ticket.visit("learn").state == "cancelled"
    ticket.do("PT4H", "complete", "finish")
    assert (ticket.open, ticket.status) == (["learn@2"], "resolved")


def test_reopening_an_ended_run_offers_only(play):
    ticket = play("- finish:\n    resolve: {require: []}")
    assert happenings.reopened(ticket.sop, ticket.sim.ledger, "ana", 1) == ()


def test_reopening_revives_where_it_says(play):
    text = """
    sop: test
    on:
      ticket.reopened: {then: again}
    do:
      - finish:
          resolve: {require: []}
      - stop: {then: end, if: steps.finish.visits == 1}
      - again: {task: Look again}
    """
    ticket = play(text)
    assert ticket.outcome == "completed"
    ticket.do("PT1H", "event", "ticket.reopened")
    assert (ticket.open, ticket.outcome) == (["again"], None)


def test_start_again_at_a_step(play):
    ticket = play(RESOLVE % "guided").do("PT1H", "complete", "work").do("PT1H", "complete", "more")
    ticket.do("PT2H", "complete", "finish").do("PT2H", "accept", "learn")
    apply(ticket, happenings.revived(ticket.sim.ledger, "more", "sari", ticket.sim.now))
    assert ticket.open == ["more@2"]


def test_merging_ends_the_run(play):
    ticket = play(RESOLVE % "guided").do("PT1H", "event", "ticket.merged")
    assert ticket.outcome == "merged"
    assert ticket.visit("work").state == "cancelled"


def test_resolved_by_hand_goes_on_behind_resolve(play):
    ticket = play(RESOLVE % "guided")
    apply(ticket, happenings.resolved_by_hand(ticket.sop, ticket.sim.ledger, "sari", ticket.sim.now))
    assert ticket.open == ["learn"]
    assert ticket.visit("work").state == "cancelled"
    assert ticket.visit("finish").ended_by == "sari"


def test_resolved_by_hand_at_resolve_completes_it(play):
    ticket = play(RESOLVE % "guided").do("PT1H", "complete", "work").do("PT1H", "complete", "more")
    apply(ticket, happenings.resolved_by_hand(ticket.sop, ticket.sim.ledger, "sari", ticket.sim.now))
    assert ticket.visit("finish").outcome == "completed"
    assert ticket.open == ["learn"]


def test_resolved_by_hand_without_resolve_ends(play):
    ticket = play("- work: {task: Work}")
    apply(ticket, happenings.resolved_by_hand(ticket.sop, ticket.sim.ledger, "sari", ticket.sim.now))
    assert ticket.outcome == "resolved"


def test_strict_refuses_short_cuts(play):
    ticket = play(RESOLVE % "strict")
    for refused in (happenings.resolved_by_hand, happenings.closed_by_hand):
        with pytest.raises(Refused, match="strict"):
            refused(ticket.sop, ticket.sim.ledger, "sari", 1)
    with pytest.raises(Refused, match="only a team lead"):
        happenings.switched(ticket.sop, ticket.sim.ledger, "sari", 1, reason="wrong one", is_lead=False)


def test_switching_needs_a_reason(play):
    ticket = play(RESOLVE % "guided")
    with pytest.raises(Refused, match="reason"):
        happenings.switched(ticket.sop, ticket.sim.ledger, "sari", 1, reason=" ", is_lead=True)
    apply(
        ticket,
        happenings.switched(ticket.sop, ticket.sim.ledger, "sari", ticket.sim.now, reason="wrong", is_lead=False),
    )
    assert ticket.outcome == "switched"


def test_closing_ends_the_run(play):
    assert play(RESOLVE % "guided").do("PT1H", "event", "ticket.closed").outcome == "closed"


def test_lead_moves_the_run(play):
    ticket = play(RESOLVE % "strict")
    apply(ticket, happenings.moved(ticket.sop, ticket.sim.ledger, "finish", "lead", ticket.sim.now))
    assert ticket.open == ["finish"]
    with pytest.raises(Refused, match="cannot be moved"):
        happenings.moved(ticket.sop, ticket.sim.ledger, "nowhere", "lead", 1)


def test_lead_lets_a_circle_go_on(play):
    ticket = play("- a:\n    wait: {for: PT1H}\n    then: a").wait("P2D")
    assert ticket.sim.move.attention.code == "visits"
    apply(ticket, happenings.granted(ticket.sim.ledger, "a"))
    assert ticket.open == ["a@26"]


def test_ended_run_is_not_walked(play):
    ticket = play("- finish:\n    resolve: {require: []}")
    move = walk(ticket.sop, ticket.sim.ledger, ticket.sim, ticket.sim.now + 10**9)
    assert move.empty
    assert move.ended is not None

"""Document-level `on`: steps beside the flow, and interruptions."""

from __future__ import annotations

BESIDE = """
sop: test
on:
  customer.replied:
    do:
      - read: {task: Read the answer}
do:
  - work: {task: Work}
  - reply:
      wait: {event: customer.replied}
  - last: {task: Last}
"""


def test_handler_runs_beside(play):
    ticket = play(BESIDE).do("PT1H", "event", "customer.replied")
    assert ticket.open == ["work", "read"]
    assert "@customer.replied/read" in ticket.sim.ledger
    ticket.do("PT2H", "complete", "read")
    assert ticket.visit("@customer.replied").outcome == "completed"


def test_open_wait_takes_an_event_first(play):
    ticket = play(BESIDE).do("PT1H", "complete", "work").do("PT2H", "event", "customer.replied")
    assert ticket.open == ["last"]
    assert "@customer.replied" not in ticket.sim.ledger


def test_three_handlers_at_a_time(play):
    ticket = play(BESIDE)
    for _n in range(5):
        ticket.do("PT1H", "event", "customer.replied")
    assert ticket.open == ["work", "read", "read@2", "read@3"]
    ticket.do("PT2H", "complete", "read@2")
    assert ticket.open == ["work", "read", "read@3", "read@4"]


def test_run_waits_for_its_handlers(play):
    ticket = play(BESIDE).do("PT1H", "event", "customer.replied").do("PT2H", "complete", "work")
    ticket.do("PT3H", "complete", "last")
    assert ticket.outcome is None
    assert ticket.open == ["read"]
    assert ticket.do("PT4H", "complete", "read").outcome == "completed"


def test_many_answers_are_no_circle(play):
    ticket = play(
        BESIDE.replace("read: {task: Read the answer}", "read:\n          notify: {to: assignee, template: answered}")
    )
    for _n in range(40):
        ticket.do("PT1H", "event", "customer.replied")
    assert len(ticket.notices) == 40
    assert ticket.sim.move.attention is None


INTERRUPT = """
sop: test
on:
  customer.withdrew: {then: end}
  plugin.fraud: {if: result.score > 80, then: fraud}
do:
  - work:
      fork:
        join: all
        branches:
          one:
            - a: {task: A}
          two:
            - b: {task: B}
  - done: {task: Done, then: end}
  - fraud: {task: Look into it}
"""


def test_event_ends_the_run(play):
    ticket = play(INTERRUPT).do("PT1H", "event", "customer.withdrew")
    assert ticket.outcome == "completed"
    assert ticket.visit("work/one/a").state == "cancelled"
    assert ticket.visit("work/one/a").ended_by == "event"


def test_event_sends_the_flow_elsewhere(play):
    ticket = play(INTERRUPT).do("PT1H", "event", "plugin.fraud", data={"score": 90})
    assert ticket.open == ["fraud"]


def test_event_must_meet_its_condition(play):
    ticket = play(INTERRUPT).do("PT1H", "event", "plugin.fraud", data={"score": 10})
    assert ticket.open == ["a", "b"]


def test_end_in_a_handler_ends_the_run(play):
    text = """
    sop: test
    on:
      customer.replied:
        do:
          - stop:
              end: {outcome: answered}
    do:
      - work: {task: Work}
    """
    assert play(text).do("PT1H", "event", "customer.replied").outcome == "answered"

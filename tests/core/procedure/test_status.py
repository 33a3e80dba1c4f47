"""The status follows from the open steps; advisory documents are checklists."""

from __future__ import annotations

TAKE = "- take:\n    assign: {team: t}\n"


def test_backlog_is_open(play):
    assert play(TAKE + "- work: {task: Work}", assign=None).status == "open"


def test_work_is_in_progress(play):
    assert play(TAKE + "- work: {task: Work}").status == "in_progress"


def test_customers_task_is_pending(play):
    ticket = play(TAKE + "- ask: {task: Send it, to: customer}\n- work: {task: Work}")
    assert ticket.status == "pending_customer"
    assert ticket.do("PT1H", "complete", "ask", by="customer").status == "in_progress"


def test_own_work_beside_a_customer_wait_is_in_progress(play):
    text = """
    - take:
        assign: {team: t}
    - both:
        fork:
          join: all
          branches:
            one:
              - ask: {task: A, to: customer}
            two:
              - work: {task: W}
    """
    ticket = play(text)
    assert ticket.status == "in_progress"
    assert ticket.do("PT1H", "complete", "work").status == "pending_customer"


def test_other_department_is_a_third_party(play):
    assert play(TAKE + "- ask: {task: Check, to: 'department:legal'}").status == "pending_third_party"


def test_pending_overrides(play):
    assert play(TAKE + "- call_bank: {task: Call the bank, pending: third_party}").status == "pending_third_party"


def test_set_status_stays_until_something_changes(play):
    text = """
    - take:
        assign: {team: t}
    - hold:
        set: {ticket.status: pending_third_party}
    - work: {task: Work}
    - ask: {task: Ask, to: customer}
    """
    ticket = play(text)
    assert ticket.status == "pending_third_party"
    assert ticket.do("PT1H", "complete", "work").status == "pending_customer"


def test_resolved_stays_resolved_behind_it(play):
    text = TAKE + "- finish:\n    resolve: {require: []}\n- learn:\n    document: {sop: suggest}"
    assert play(text).status == "resolved"


BACK = """
- finish:
    resolve: {require: [resolution]}
- pleased: {task: Ask, choices: [fine, bad], on: {bad: {then: finish}}}
"""
SAID = {"fields": {"resolution": "It works."}}


def test_way_back_leaves_it_resolved(play):
    ticket = play(BACK).do("PT1H", "complete", "finish", **SAID).do("PT2H", "complete", "pleased", choice="bad")
    assert (ticket.open, ticket.status) == (["finish@2"], "resolved")


def test_ticket_resolved_twice_is_reopened(play):
    ticket = play(BACK).do("PT1H", "complete", "finish", **SAID).do("PT2H", "complete", "pleased", choice="bad")
    ticket.do("PT3H", "complete", "finish", **SAID)
    ticket.do("PT4H", "event", "ticket.reopened")
    assert ticket.visit("@").marks["status"] == "in_progress"


ADVISORY = """
sop: test
mode: advisory
do:
  - a: {task: A}
  - b: {task: B, choices: [yes, no], on: {no: {then: end}}}
  - c: {task: C}
  - size:
      switch:
        - {if: 'steps.c.by == "sari"', then: last}
        - else: []
  - d: {task: D}
  - last: {task: Last}
"""


def test_advisory_is_done_in_any_order(play):
    ticket = play(ADVISORY)
    assert ticket.open == ["a", "b"]
    ticket.do("PT1H", "complete", "b", choice="yes")
    assert ticket.open == ["a", "c"]
    ticket.do("PT2H", "complete", "c", by="sari")
    assert ticket.open == ["a"]
    assert ticket.do("PT3H", "complete", "a").open == ["last"]

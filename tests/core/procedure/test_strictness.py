"""A strict SOP keeps what its steps decide."""

from __future__ import annotations

import pytest

from core.procedure.acting import Refused
from core.procedure.strictness import check_change, kept_names

TEXT = """
sop: test
mode: %s
fields:
  amount: {type: money}
  note: {type: text, required: false}
do:
  - check: {task: Check, require: [fields.amount]}
  - mark:
      set: {ticket.priority: high, ticket.assignee: "agent", vars.n: 1}
  - finish:
      resolve: {require: [resolution]}
"""


def test_names_a_document_keeps(play):
    assert kept_names(play(TEXT % "strict").sop) == {"ticket.priority", "fields.amount"}


def test_strict_keeps_what_its_steps_decide(play):
    ticket = play(TEXT % "strict")
    with pytest.raises(Refused, match="“priority” cannot be changed here"):
        check_change(ticket.sop, ticket.sim.ledger, "ticket.priority")
    check_change(ticket.sop, ticket.sim.ledger, "fields.amount")  # its step is open
    check_change(ticket.sop, ticket.sim.ledger, "ticket.tags")
    ticket.do("PT1H", "complete", "check", fields={"amount": 5})
    with pytest.raises(Refused, match="“amount”"):
        check_change(ticket.sop, ticket.sim.ledger, "fields.amount")


def test_guided_keeps_nothing(play):
    ticket = play(TEXT % "guided")
    check_change(ticket.sop, ticket.sim.ledger, "ticket.priority")


def test_ended_run_keeps_nothing(play):
    ticket = (
        play(TEXT % "strict").do("PT1H", "complete", "check", fields={"amount": 5}).do("PT2H", "complete", "finish")
    )
    assert ticket.outcome == "completed"
    check_change(ticket.sop, ticket.sim.ledger, "ticket.priority")

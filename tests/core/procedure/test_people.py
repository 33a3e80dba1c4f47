"""Steps that people end: assign, task, approval, collaborate, resolve, document."""

from __future__ import annotations

import pytest

from core.procedure.acting import Invalid, NotOpen, Refused, complete, vote
from core.procedure.deeds import NobodyWaits


def test_checklist_of_texts_runs_in_order(play):
    ticket = play("- Set a new password\n- Tell the customer")
    assert ticket.path == ["set_a_new_password"]
    ticket.do("PT1H", "complete", "set_a_new_password").do("PT2H", "complete", "tell_the_customer")
    assert ticket.path == ["set_a_new_password", "tell_the_customer"]
    assert ticket.outcome == "completed"


def test_assign_gives_the_ticket_a_holder(play):
    ticket = play("- take:\n    assign: {team: billing}\n- work: {task: Do it}")
    assert ticket.sim.ticket["assignee"] == "agent"
    assert ticket.sim.ticket["team"] == "billing"
    assert ticket.visit("work").assignees[0].id == "agent"


def test_backlog_waits_for_a_holder(play):
    ticket = play("- take:\n    assign: {team: billing}\n- work: {task: Do it}", assign=None)
    assert ticket.open == ["take"]
    assert ticket.status == "open"
    ticket.do("PT2H", "change", {"ticket.assignee": "sari"})
    assert ticket.visit("take").outcome == "assigned"
    assert ticket.open == ["work"]


def test_without_backlog_the_lead_is_asked(play):
    ticket = play("- take:\n    assign: {team: billing, backlog: false}\n- work: {task: Do it}", assign=None)
    assert ticket.visit("take").marks["error"] == {"code": "nobody"}
    assert ticket.visit("take").assignees[0].id == "lead"


def test_choice_routes_the_flow(play):
    text = """
    - ask:
        task: Did it work?
        choices: [well, badly]
        on:
          badly: {then: again}
    - bye: {task: Say goodbye, then: end}
    - again: {task: Try again, then: ask}
    """
    ticket = play(text).do("PT1H", "complete", "ask", choice="badly").do("PT2H", "complete", "again")
    ticket.do("PT3H", "complete", "ask", choice="well").do("PT4H", "complete", "bye")
    assert ticket.path == ["ask", "again", "ask@2", "bye"]
    assert ticket.visit("ask#2").visit == 2


def test_choice_must_be_offered(play):
    ticket = play("- ask: {task: Well?, choices: [good, bad]}")
    with pytest.raises(Refused, match="no choice"):
        ticket.do("PT1H", "complete", "ask", choice="ugly")
    with pytest.raises(Refused, match="Choose how"):
        ticket.do("PT1H", "complete", "ask")


def test_second_completion_learns_who_was_first(play):
    ticket = play("- work: {task: Do it}")
    done = complete(ticket.visit("work"), ticket.sop.do[0], None, None, "sari", 1)
    with pytest.raises(NotOpen) as caught:
        complete(done, ticket.sop.do[0], None, None, "joko", 2)
    assert caught.value.visit.ended_by == "sari"


def test_skippable_step_is_routed(play):
    text = """
    - check:
        task: Check it
        skippable: {reason: true}
        on:
          skipped: {then: note}
    - work: {task: Work}
    - note: {task: Note why}
    """
    ticket = play(text)
    with pytest.raises(Refused, match="reason"):
        ticket.do("PT1H", "skip", "check")
    ticket.do("PT1H", "skip", "check", reason="known customer")
    assert ticket.path == ["check", "note"]


def test_unskippable_step_is_not_skipped(play):
    with pytest.raises(NobodyWaits, match="not skippable"):
        play("- check: {task: Check it}").do("PT1H", "skip", "check", reason="lazy")


APPROVAL = """
- buy:
    approval: {by: %s, question: May we?%s}
    on:
      reject: {then: no}
- yes: {task: Buy, then: end}
- no: {task: Tell them}
"""


def test_one_vote_approves(play):
    assert play(APPROVAL % ("team:finance", "")).do("PT1H", "approve", "buy", by="rina").path == ["buy", "yes"]


def test_one_rejection_rejects(play):
    ticket = play(APPROVAL % ("team:finance", ", quorum: 3"))
    ticket.do("PT1H", "approve", "buy", by="a").do("PT2H", "reject", "buy", by="b")
    assert ticket.path == ["buy", "no"]
    assert ticket.visit("buy").why == {"votes": {"a": "approve", "b": "reject"}}


def test_quorum_counts_people_not_votes(play):
    ticket = play(APPROVAL % ("team:finance", ", quorum: 2"))
    ticket.do("PT1H", "approve", "buy", by="a").do("PT2H", "approve", "buy", by="a")
    assert ticket.open == ["buy"]
    ticket.do("PT3H", "approve", "buy", by="b")
    assert ticket.open == ["yes"]


def test_all_are_the_members_at_the_last_vote(play):
    members = {"team:finance": ("a", "b", "agent")}
    ticket = play("- take:\n    assign: {team: t}" + APPROVAL % ("team:finance", ", quorum: all"), members=members)
    assert ticket.visit("buy").marks["excluded"] == ["agent", "customer"]
    ticket.do("PT1H", "approve", "buy", by="a")
    assert ticket.open == ["buy"]
    assert ticket.do("PT2H", "approve", "buy", by="b").open == ["yes"]


def test_own_work_is_not_approved(play):
    ticket = play("- take:\n    assign: {team: t}" + APPROVAL % ("team:finance", ""))
    with pytest.raises(Refused, match="your own work"):
        ticket.do("PT1H", "approve", "buy", by="agent")


def test_customer_is_asked_when_named(play):
    ticket = play(APPROVAL % ("customer", ""))
    assert ticket.status == "pending_customer"
    assert ticket.do("PT1H", "approve", "buy", by="customer").path == ["buy", "yes"]


def test_stranger_cannot_vote(play):
    ticket = play(APPROVAL % ("team:finance", ""))
    with pytest.raises(Refused, match="does not ask you"):
        vote(ticket.visit("buy"), "approve", "eve", {"rina"})


def test_unreachable_quorum_is_told(play):
    ticket = play(APPROVAL % ("team:finance", ", quorum: 3"), members={"team:finance": ("a", "b")})
    assert ticket.sim.move.attention.code == "quorum"


def test_collaborate_waits_for_everybody(play):
    text = "- ask:\n    collaborate: {ask: [agent:a, agent:b], question: What now?}\n- go: {task: Go on}"
    ticket = play(text).do("PT1H", "answer", "ask", by="a")
    assert ticket.open == ["ask"]
    ticket.do("PT2H", "answer", "ask", by="b")
    assert ticket.visit("ask").outcome == "answered"
    assert ticket.open == ["go"]


def test_open_task_follows_a_new_assignee(play):
    ticket = play("- take:\n    assign: {team: t}\n- work: {task: Do it}")
    ticket.do("PT1H", "change", {"ticket.assignee": "joko"})
    assert ticket.visit("work").assignees[0].id == "joko"


def test_resolve_is_a_task_of_the_assignee(play):
    ticket = play("- finish:\n    resolve: {require: [resolution]}")
    assert ticket.open == ["finish"]
    ticket.do("PT1H", "complete", "finish", fields={"resolution": "Fixed"})
    assert ticket.status == "resolved"
    assert ticket.outcome == "completed"


def test_resolve_without_requirement_is_immediate(play):
    ticket = play("- finish:\n    resolve: {require: []}\n- after: {task: Tidy up}")
    assert ticket.status == "resolved"
    assert ticket.open == ["after"]


def test_document_is_accepted_or_declined(play):
    text = "- learn:\n    document: {article: suggest}\n    on:\n      declined: {then: end}\n- tell: {task: Tell}"
    assert play(text).do("PT1H", "accept", "learn").open == ["tell"]
    assert play(text).do("PT1H", "decline", "learn").outcome == "completed"


def test_required_document_cannot_be_declined(play):
    with pytest.raises(Refused, match="cannot be declined"):
        play("- learn:\n    document: {article: require}").do("PT1H", "decline", "learn")


def test_wrong_field_values_are_all_told(play):
    text = """
    sop: test
    fields:
      invoice: {type: string, pattern: 'INV-\\d+', label: Invoice}
      amount: {type: money, label: Amount}
    do:
      - check: {task: Check, require: [fields.invoice, fields.amount]}
    """
    ticket = play(text)
    with pytest.raises(Invalid) as caught:
        ticket.do("PT1H", "complete", "check", fields={"invoice": "7", "amount": "much", "amuont": 1})
    assert [error.field for error in caught.value.errors] == ["invoice", "amount", "amuont"]
    assert "Did you mean “amount”?" in caught.value.message


def test_fields_keep_their_values_on_a_second_visit(play):
    text = """
    sop: test
    fields:
      amount: {type: money, label: Amount}
    do:
      - check: {task: Check, require: [fields.amount], choices: [again, fine], on: {again: {then: check}}}
    """
    ticket = play(text).do("PT1H", "complete", "check", choice="again", fields={"amount": 5})
    assert ticket.sim.fields("")["amount"] == {"minor": 500, "currency": "IDR"}
    assert ticket.do("PT2H", "complete", "check", choice="fine").outcome == "completed"

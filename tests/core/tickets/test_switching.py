"""Another procedure, start rules judged again, and what a lead does with a run that cannot go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.errors import Conflict, Forbidden, Invalid, Refused
from core.tickets.leading import go_on, move_run, restart_at, stop_run
from core.tickets.properties import change_ticket
from core.tickets.resolving import close, merge, reopen, resolve
from core.tickets.starting import start_sop
from core.tickets.switching import switch_sop

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = """
sop: first
fields:
  invoice: {type: string, label: Invoice}
  amount: {type: money, label: Amount}
  note: {type: text, label: Note, required: false}
do:
  - take:
      assign: {by: least_busy}
  - verify: {task: Check it, require: [fields.invoice, fields.amount]}
  - more: {task: More}
"""
SECOND = """
sop: second
start: {if: ticket.topic == "refund"}
fields:
  invoice: {type: string, label: Invoice}
  amount: {type: int, label: Pieces}
do:
  - look: {task: Look at it, require: [fields.invoice]}
  - finish:
      resolve: {require: [resolution]}
"""
LOOP = """
sop: looping
do:
  - take:
      assign: {by: least_busy}
  - again:
      task: Try it
      choices: [once_more, enough]
      then: last
      on: {once_more: {then: again}}
  - last: {task: Write it down}
"""


def test_switch_ends_old_and_carries_fields(follow: Callable[..., Any]) -> None:
    play = follow(FIRST)
    play.desk.publish(SECOND)
    play.complete("verify", fields={"invoice": "INV-7", "amount": 5000})
    play.do(switch_sop, "dewi", "second", "It is a refund")
    assert play.steps(name="more")[0].state == "cancelled"
    assert play.open == ["look"]
    assert play.run.fields[""] == {"invoice": "INV-7"}  # amount has another type there
    assert [event["outcome"] for event in play.events("sop.ended")] == ["switched"]
    assert "It is a refund" in str(play.desk.sql("SELECT text FROM message_body"))
    states = play.desk.sql(f"SELECT state FROM run WHERE ticket_id = {play.ticket} ORDER BY id")
    assert [row.state for row in states] == ["switched", "running"]


def test_switch_needs_reason_and_another_sop(follow: Callable[..., Any]) -> None:
    play = follow(FIRST)
    play.desk.publish(SECOND)
    with pytest.raises(Invalid, match="reason"):
        play.do(switch_sop, "dewi", "second", " ")
    with pytest.raises(Invalid, match="no published SOP"):
        play.do(switch_sop, "dewi", "secnod", "Why not")
    with pytest.raises(Conflict, match="already"):
        play.do(switch_sop, "dewi", "first", "Why not")
    with pytest.raises(Forbidden):
        play.do(switch_sop, "wati", "second", "Why not")
    assert play.open == ["verify"]


def ended(follow: Callable[..., Any]) -> Any:
    """A ticket whose run has ended without resolving it."""
    play = follow(FIRST)
    play.complete("verify", fields={"invoice": "INV-7", "amount": 5000})
    play.complete("more")
    assert play.run.state == "completed"
    return play


def test_start_when_no_run_is_open(follow: Callable[..., Any]) -> None:
    play = ended(follow)
    play.desk.publish(SECOND)
    play.do(start_sop, "dewi", "second", fields={"invoice": "INV-8"})
    assert play.open == ["look"]
    with pytest.raises(Conflict, match="Switch"):
        play.do(start_sop, "dewi", "first")


def test_rules_are_judged_again(follow: Callable[..., Any]) -> None:
    play = ended(follow)
    play.desk.publish(SECOND)
    play.do(change_ticket, "dewi", {"priority": "high"})
    assert play.open == []
    play.do(change_ticket, "dewi", {"topic": "refund"})
    assert play.open == ["look"]
    play.do(change_ticket, "dewi", {"topic": "other"})
    play.do(change_ticket, "dewi", {"topic": "refund"})
    assert len(play.desk.sql(f"SELECT id FROM run WHERE ticket_id = {play.ticket}")) == 2


def test_open_run_is_not_replaced_by_rules(follow: Callable[..., Any]) -> None:
    play = follow(FIRST)
    play.desk.publish(SECOND)
    play.do(change_ticket, "dewi", {"topic": "refund"})
    assert play.open == ["verify"]


def test_other_department_keeps_run(follow: Callable[..., Any]) -> None:
    play = follow(FIRST)
    play.do(change_ticket, "dewi", {"department": "billing"})
    assert (play.row.department_id, play.row.holder_id) == (play.desk.departments["billing"], None)
    step = play.step("verify")
    assert step.state == "open"
    assert step.assignees == [["team", str(play.desk.teams["invoices"])]]


def looped(follow: Callable[..., Any]) -> Any:
    play = follow(LOOP)
    for _round in range(25):
        play.complete("again", choice="once_more")
    assert play.row.attention == "visits"
    return play


def test_lead_lets_it_go_on(follow: Callable[..., Any]) -> None:
    play = looped(follow)
    with pytest.raises(Forbidden):
        play.do(go_on, "dewi")
    play.do(go_on, "catherine")
    assert (play.row.attention, play.open, play.run.state) == (None, ["again#26"], "running")


def test_lead_moves_it(follow: Callable[..., Any]) -> None:
    play = looped(follow)
    with pytest.raises(Invalid, match="reason"):
        play.do(move_run, "catherine", "last", "")
    with pytest.raises(Refused, match="Steps: take, again, last"):
        play.do(move_run, "catherine", "lsat", "Enough")
    play.do(move_run, "catherine", "last", "Enough")
    assert (play.row.attention, play.open) == (None, ["last"])


def test_lead_ends_it(follow: Callable[..., Any]) -> None:
    play = looped(follow)
    play.do(stop_run, "catherine", "Nobody knows why")
    assert (play.row.attention, play.open, play.run.state) == (None, [], "ended")
    assert play.row.holder_id == play.desk.people["dewi"].id


def test_nothing_to_lead_says_so(follow: Callable[..., Any]) -> None:
    play = follow(LOOP)
    with pytest.raises(Conflict, match="goes on by itself"):
        play.do(go_on, "catherine")
    with pytest.raises(Refused, match="needs attention"):
        play.do(stop_run, "catherine", "Why not")


def test_ended_run_starts_again_at(follow: Callable[..., Any]) -> None:
    play = ended(follow)
    play.do(resolve, "dewi", "Done.")
    play.do(reopen, "dewi")
    assert play.open == []
    with pytest.raises(Invalid, match="Steps: take, verify, more"):
        play.do(restart_at, "dewi", "nowhere")
    play.do(restart_at, "dewi", "more")
    assert (play.open, play.run.state) == (["more#2"], "running")
    play.complete("more")
    assert play.run.state == "completed"


def test_reopened_run_opens_resolve_again(follow: Callable[..., Any]) -> None:
    play = follow(FIRST + "  - finish:\n      resolve: {require: [resolution]}\n  - tell: {task: Tell them}\n")
    play.complete("verify", fields={"invoice": "INV-7", "amount": 5000})
    play.complete("more")
    play.do(resolve, "dewi", "Done.")
    assert play.open == ["tell"]
    play.do(reopen, "dewi")
    assert play.open == ["finish#2"]
    assert play.step("finish").assignees == [["person", str(play.desk.people["dewi"].id)]]


def test_closed_by_hand_ends_run(follow: Callable[..., Any]) -> None:
    play = follow(FIRST)
    play.do(close, "dewi")
    assert (play.row.status, play.run.state, play.open) == ("closed", "closed", [])
    assert [event["what"] for event in play.events("sop.deviated")] == ["closed_by_hand"]


def test_merged_run_ends_and_target_hears(follow: Callable[..., Any]) -> None:
    play = follow(FIRST + "on:\n  ticket.merged: {do: [{heard: {task: Read both}}]}\n")
    other = play.desk.open(subject="The same again", sop="first").ticket_id
    play.do(lambda tx, settings, actor, _ticket, **more: merge(tx, settings, actor, other, play.ticket, **more), "dewi")
    assert "@ticket.merged/heard" in play.open
    assert play.desk.sql(f"SELECT state FROM run WHERE ticket_id = {other}")[0].state == "merged"
    assert play.desk.row(other).status == "closed"


def test_resolved_by_hand_goes_on_behind_resolve(follow: Callable[..., Any]) -> None:
    play = follow(SECOND.replace("sop: second", "sop: third") + "  - tell: {task: Tell them}\n")
    play.do(resolve, "dewi", "Done.")
    assert (play.row.status, play.open) == ("resolved", ["tell"])
    assert play.step("look").state == "cancelled"

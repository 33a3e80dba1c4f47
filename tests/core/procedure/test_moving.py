"""A running ticket is moved to another version of its SOP."""

from __future__ import annotations

from core.procedure.moving import plan_move
from core.procedure.walk import walk
from core.sop.reading import load

OLD = """
sop: test
do:
  - first: {task: First}
  - check: {task: Check, due: PT4H}
  - work:
      fork:
        join: all
        branches:
          one:
            - a: {task: A}
          two:
            - b: {task: B}
  - last: {task: Last}
"""


def moved(ticket, text, choices=None):
    new = load(text)
    plan = plan_move(ticket.sop, new, ticket.sim.ledger, ticket.sim, ticket.sim.now, choices)
    rows = dict(plan.rows)
    ledger = {}
    for path, visit in ticket.sim.ledger.items():
        row = rows.get(path, visit)
        ledger[row.path] = row
    move = walk(new, ledger, ticket.sim, ticket.sim.now)
    ledger |= {change.visit.path: change.visit for change in move.visits}
    assert walk(new, ledger, ticket.sim, ticket.sim.now).empty
    return plan, [visit.path for visit in ledger.values() if visit.open and visit.kind not in ("sop", "fork")]


def test_step_added_behind_changes_nothing(play):
    ticket = play(OLD).do("PT1H", "complete", "first")
    plan, still = moved(ticket, OLD + "  - audit: {task: Audit}\n")
    assert plan.safe
    assert still == ["check"]


def test_renamed_step_keeps_its_clock(play):
    ticket = play(OLD).do("PT1H", "complete", "first")
    plan, still = moved(ticket, OLD.replace("check: {task: Check", "verify: {was: check, task: Check"))
    assert plan.safe
    assert still == ["verify"]
    assert dict(plan.rows)["check"].due_at == ticket.visit("check").due_at


def test_renamed_holder_renames_what_is_inside(play):
    ticket = play(OLD).do("PT1H", "complete", "first").do("PT1H", "complete", "check").do("PT1H", "complete", "a")
    plan, still = moved(ticket, OLD.replace("- work:\n", "- both:\n      was: work\n"))
    assert plan.safe
    assert still == ["both/two/b"]


def test_removed_open_step_is_not_safe(play):
    ticket = play(OLD).do("PT1H", "complete", "first")
    plan, still = moved(ticket, OLD.replace("  - check: {task: Check, due: PT4H}\n", ""))
    assert plan.lost == ("check",)
    assert "does not have it" in plan.reasons[0]
    assert still == ["work/one/a", "work/two/b"]


def test_somebody_chooses_the_successor(play):
    ticket = play(OLD).do("PT1H", "complete", "first")
    text = OLD.replace("- check: {task: Check, due: PT4H}", "- inspect: {task: Inspect}")
    assert not moved(ticket, text)[0].safe
    plan, still = moved(ticket, text, {"check": "inspect"})
    assert plan.safe
    assert still == ["inspect"]


def test_step_added_before_takes_over(play):
    ticket = play(OLD).do("PT1H", "complete", "first")
    plan, still = moved(ticket, OLD.replace("  - check", "  - before: {task: Before}\n  - check"))
    assert plan.opens == ("before",)
    assert "would stand elsewhere: it would open before" in plan.reasons[0]
    assert still == ["before"]


def test_changed_kind_opens_again(play):
    ticket = play(OLD).do("PT1H", "complete", "first")
    text = OLD.replace(
        "check: {task: Check, due: PT4H}", "check: {approval: {by: team:x, question: Fine?}, on: {reject: {then: end}}}"
    )
    plan, still = moved(ticket, text)
    assert "its kind is “task”, and “approval” in the new version" in plan.reasons[0]
    assert still == ["check#2"]


def test_done_steps_stay_done(play):
    ticket = play(OLD).do("PT1H", "complete", "first")
    plan, still = moved(ticket, OLD.replace("first: {task: First}", "first: {task: First, choices: [x, y]}"))
    assert plan.safe
    assert still == ["check"]


def test_jump_to_a_renamed_step_is_kept(play):
    text = OLD.replace("first: {task: First}", "first: {task: First, choices: [x, y], on: {y: {then: last}}}")
    ticket = play(text).do("PT1H", "complete", "first", choice="y")
    plan, still = moved(ticket, text.replace("then: last", "then: final").replace("last: {", "final: {was: last, "))
    assert plan.safe
    assert still == ["final"]


def test_lost_target_needs_attention(play):
    text = "- choose:\n    switch:\n      - {if: ticket.status == 'open', then: last}\n- a: {task: A}\n- last: {task: Last}"
    ticket = play(text)
    assert ticket.open == ["last"]
    new = load(
        "sop: test\ncalendar: id-jakarta\ndo:\n- choose:\n    switch:\n      - {if: ticket.status == 'open', then: a}\n- a: {task: A}\n"
    )
    plan = plan_move(ticket.sop, new, ticket.sim.ledger, ticket.sim, ticket.sim.now)
    assert plan.lost == ("last",)
    assert "need attention" in plan.reasons[-1]

"""A procedure as the legs of a relay, and where a step stands in it."""

from __future__ import annotations

from typing import Any

from core.sop.reading import load
from core.tickets.relay import StepRow, in_order, legs
from core.tickets.ways import Standing, find_step, standing

SOP = load(
    """
sop: repair
do:
  - look: {task: Look at it}
  - size:
      switch:
        - if: ticket.priority == "high"
          do: [{hurry: {task: Hurry}}]
        - else: []
  - again: {if: ticket.reopened > 0, then: look}
  - work:
      fork:
        join: all
        branches:
          stock: [{send: {task: Send it}}]
          money: [{pay: {task: Pay it}}]
  - finish: {resolve: {require: [resolution]}}
"""
)


def row(name: str, state: str = "open", visit: int = 1, **values: Any) -> StepRow:
    blank: dict[str, Any] = {
        "kind": "task",
        "outcome": None,
        "result": None,
        "why": None,
        "assignees": [],
        "opened_at": 1,
    }
    more: dict[str, Any] = {"due_at": None, "ended_at": None, "ended_by": None, "marks": {}, "draft": None}
    return StepRow(id=visit, path=f"{name}#{visit}", name=name, visit=visit, state=state, **{**blank, **more, **values})


def states(*rows: StepRow, now: int = 100) -> dict[str, str]:
    return {leg.step.name: leg.state for leg in in_order(legs(SOP, rows, now))}


def test_new_run_has_only_next_legs() -> None:
    found = states()
    assert set(found.values()) == {"next"}
    assert list(found) == ["look", "size", "work", "send", "pay", "finish"]


def test_states_follow_the_ledger() -> None:
    found = states(
        row("look", "done"), row("size", "done", kind="switch"), row("work", kind="fork"), row("send", due_at=50)
    )
    assert (found["look"], found["work"], found["send"], found["pay"]) == ("done", "now", "late", "next")


def test_only_the_taken_case_is_shown() -> None:
    assert "hurry" not in states(row("size", "done", kind="switch"))
    assert states(row("size", kind="switch"), row("hurry"))["hurry"] == "now"


def test_newest_visit_counts() -> None:
    found = next(leg for leg in legs(SOP, [row("look", "done"), row("look", visit=2)], 1) if leg.step.name == "look")
    assert (found.state, found.visits) == ("now", 2)


def test_branch_is_named_once() -> None:
    work = next(leg for leg in legs(SOP, [], 1) if leg.step.name == "work")
    assert [leg.branch for leg in work.legs] == ["stock", "money"]


def test_standing_counts_top_legs() -> None:
    assert standing(SOP, "work/money/pay", ["look", "size", "work"]) == Standing(2, 3)
    assert standing(SOP, "work/money/pay", ["look", "size", "hurry", "work"]) == Standing(3, 4)
    assert standing(SOP, None, []) == Standing(0, 4)
    assert standing(SOP, "look#2", ["look", "size", "work"]) == Standing(1, 4)
    assert standing(SOP, None, ["look", "finish"], over=True) == Standing(2, 2)
    step = find_step(SOP, "pay")
    assert step is not None
    assert step.title.say("en") == "Pay it"


WAYS = load(
    """
sop: ways
do:
  - ask:
      task: Ask
      choices: {far: Far, near: Near}
      on: {far: {then: far}}
  - near: {task: Near}
  - note: {notify: {to: customer, template: received}}
  - far: {task: Far}
  - check:
      task: Check
      choices: {again: Again, fine: Fine}
      on: {again: {then: far}}
  - finish: {resolve: {}}
"""
)


def ways_states(*rows: StepRow) -> dict[str, str]:
    return {leg.step.name: leg.state for leg in in_order(legs(WAYS, rows, 100))}


def test_way_not_taken_is_unneeded() -> None:
    found = ways_states(row("ask", "done", outcome="far"), row("far", opened_at=2))
    assert (found["near"], found["note"]) == ("unneeded", "unneeded")
    assert (found["check"], found["finish"]) == ("next", "next")


def test_false_condition_is_unneeded() -> None:
    assert ways_states(row("ask", "done"), row("near", "skipped", visit=0), row("far"))["near"] == "unneeded"


def test_step_behind_comes_again() -> None:
    found = ways_states(row("ask", "done"), row("far", "done"), row("check", "done"), row("far", visit=2, opened_at=5))
    assert found["check"] == "next"


def test_nothing_comes_after_the_end() -> None:
    found = ways_states(row("@", "done", kind="sop"), row("ask", "done"), row("far", "done"))
    assert {found["near"], found["check"], found["finish"]} == {"unneeded"}


def test_sub_procedure_lies_under_its_leg() -> None:
    outer = load("sop: outer\ndo:\n  - inner: {run: {sop: ways}}\n  - finish: {resolve: {}}\n")
    run = row("inner", kind="run", marks={"hash": "h"})
    inside = row("ask")
    inside = StepRow(**{**{n: getattr(inside, n) for n in StepRow.__slots__}, "path": f"{run.path}/ask"})
    leg = legs(outer, [run, inside], 100, {"h": WAYS})[0]
    assert [one.step.name for one in leg.legs] == ["ask", "near", "note", "far", "check", "finish"]
    assert (leg.legs[0].frame, leg.legs[0].state, leg.legs[1].state) == (run.path, "now", "next")

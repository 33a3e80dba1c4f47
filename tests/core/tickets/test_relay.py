"""A procedure as the legs of a relay, and where a step stands in it."""

from __future__ import annotations

from typing import Any

from core.sop.reading import load
from core.tickets.relay import StepRow, find_step, in_order, legs, standing

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
    assert (standing(SOP, "pay").at, standing(SOP, "pay").of) == (3, 4)
    assert standing(SOP, None).at == 0
    step = find_step(SOP, "pay")
    assert step is not None
    assert step.title.say("en") == "Pay it"

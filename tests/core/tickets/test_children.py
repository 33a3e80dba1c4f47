"""A step opens a child ticket and waits for its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.children import children_of, parent_of
from core.tickets.resolving import close, merge, resolve
from core.tickets.steps import decide_error

if TYPE_CHECKING:
    from collections.abc import Callable

PARENT = """
sop: onboard
fields:
  name: {type: string, label: Name}
do:
  - take:
      assign: {by: least_busy}
  - who: {task: Who is it, require: [fields.name]}
  - uniform:
      run:
        ticket: {department: billing, topic: uniform, priority: high, sop: errand, subject: "Uniform for ${fields.name}"}
        await: AWAIT
  - tell: {task: Tell them}
"""
ERRAND = "sop: errand\ndo:\n  - fetch: {task: Fetch it}\n  - finish:\n      resolve: {require: [resolution]}\n"


def begun(follow: Callable[..., Any], wait: str = "true", document: str = PARENT) -> tuple[Any, int]:
    """A parent whose step has opened its child, and the child's id."""
    play = follow(document.replace("AWAIT", wait))
    play.desk.publish(ERRAND)
    play.complete("who", fields={"name": "Bagus"})
    with play.desk.database.read() as tx:
        (child,) = children_of(tx, play.ticket)
    return play, child.ticket_id


def on(play: Any, ticket: int, act: Callable[..., Any], who: str, *given: Any, **more: Any) -> None:
    with play.desk.database.write() as tx:
        act(tx, play.desk.settings, play.desk.people[who], ticket, *given, now=play.later(), **more)


def test_child_opens_with_its_values(follow: Callable[..., Any]) -> None:
    play, child = begun(follow)
    row = play.desk.row(child)
    assert (row.subject, row.topic, row.priority) == ("Uniform for Bagus", "uniform", 2)
    assert row.department_id == play.desk.departments["billing"]
    assert row.customer_id == play.row.customer_id
    assert play.row.status == "pending_third_party"
    assert play.open == ["uniform"]
    with play.desk.database.read() as tx:
        parent = parent_of(tx, child)
    assert parent is not None
    assert (parent.ticket_id, parent.path, parent.awaited) == (play.ticket, "uniform", True)
    assert [event["ticket"] for event in play.events("child.opened")] == [child]


def test_resolved_child_ends_step(follow: Callable[..., Any]) -> None:
    play, child = begun(follow)
    on(play, child, resolve, "rina", "Here it is.")
    play.desk.perform_all(child)
    step = play.step("uniform")
    assert (step.state, step.outcome, step.result) == ("done", "resolved", {"ticket": child})
    assert play.open == ["tell"]
    play.desk.perform_all(child)
    assert len(play.events("child.ended")) == 1


def test_closed_child_ends_step(follow: Callable[..., Any]) -> None:
    play, child = begun(follow)
    on(play, child, close, "rina")
    play.desk.perform_all(child)
    assert play.open == ["tell"]


def test_nobody_waits_for_child(follow: Callable[..., Any]) -> None:
    play, child = begun(follow, "false")
    assert play.open == ["tell"]
    on(play, child, resolve, "rina", "Here it is.")
    assert "parent" not in {effect.title for effect in play.desk.effects(child)}


def test_merged_child_goes_on_as_other(follow: Callable[..., Any]) -> None:
    play, child = begun(follow)
    other = play.desk.open(subject="Uniforms", department="billing").ticket_id
    on(play, child, merge, "mira", other)
    play.desk.perform_all(child)
    assert play.open == ["uniform"]
    on(play, other, resolve, "rina", "Here they are.")
    play.desk.perform_all(other)
    assert play.open == ["tell"]


def test_child_stays_when_fork_cancels_step(follow: Callable[..., Any]) -> None:
    forked = PARENT[: PARENT.index("  - uniform")] + (
        "  - both:\n      fork:\n        join: any\n        branches:\n"
        "          one:\n            - uniform:\n                run: {ticket: {department: billing, sop: errand}}\n"
        "          two:\n            - find: {task: Find an old one}\n  - tell: {task: Tell them}\n"
    )
    play, child = begun(follow, document=forked)
    play.complete("find")
    assert (play.step("uniform").state, play.open) == ("cancelled", ["tell"])
    on(play, child, resolve, "rina", "Here it is.")
    play.desk.perform_all(child)
    assert play.step("uniform").state == "cancelled"
    assert play.desk.row(child).status == "resolved"


def test_child_that_cannot_open_asks(follow: Callable[..., Any]) -> None:
    play = follow(PARENT.replace("AWAIT", "true").replace("priority: high", 'priority: "${fields.name}"'))
    play.desk.publish(ERRAND)
    play.complete("who", fields={"name": "soon"})
    step = play.step("uniform")
    assert step.marks["error"]["code"] == "child"
    assert "soon" in step.marks["error"]["detail"]
    assert step.assignees == [["person", str(play.desk.people["catherine"].id)]]
    play.do(decide_error, "catherine", step.id, "by_hand", result={"ticket": 7})
    assert play.open == ["tell"]


def test_children_do_not_open_without_end(follow: Callable[..., Any]) -> None:
    play = follow("sop: nest\ndo:\n  - inner:\n      run: {ticket: {sop: nest, subject: again}}\n")
    tickets = play.desk.sql("SELECT id FROM ticket")
    assert len(tickets) == 6
    deepest = play.desk.sql(
        f"SELECT marks FROM step WHERE kind = 'run' AND ticket_id = {max(row.id for row in tickets)}"
    )
    assert "child" in str(deepest[0].marks)


@pytest.mark.parametrize("times", [1, 2])
def test_killed_telling_is_told_once(follow: Callable[..., Any], times: int) -> None:
    """The process may die between the attempt's begin and its end: whoever repeats it finds it done, or does it."""
    play, child = begun(follow)
    on(play, child, resolve, "rina", "Here it is.")
    play.desk.sql("UPDATE effect SET state = 'attempting', attempted_at = 1 WHERE kind = 'tell_parent'")
    for _time in range(times):
        play.desk.perform_all(child)
    assert (play.open, len(play.events("child.ended"))) == (["tell"], 1)

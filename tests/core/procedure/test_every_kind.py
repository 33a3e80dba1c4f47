"""Every kind of step through everything that can happen to it while it is open."""

from __future__ import annotations

from textwrap import indent

import pytest

from core.procedure import acting, happenings
from core.procedure.moving import plan_move
from core.procedure.walk import walk
from core.sop.reading import load

from .silent import AT_ONCE, OPEN, Standing, alone, step

SKIPPABLE = ("task", "approval", "collaborate", "notify", "call", "resolve", "document", "wait")
every_kind = pytest.mark.parametrize("kind", OPEN)


@every_kind
def test_step_completes(kind: str) -> None:
    ticket = Standing(alone(kind))
    assert (ticket.x.open, ticket.open("later")) == (True, False)
    ticket.finish(kind)
    assert (ticket.x.state, ticket.open("later")) == ("done", True)


@pytest.mark.parametrize("kind", SKIPPABLE)
def test_step_is_skipped(kind: str) -> None:
    ticket = Standing(alone(kind, "skippable: {reason: true}"))
    ticket.act("skip", "x", reason="Not needed")
    assert (ticket.x.state, ticket.x.outcome, ticket.open("later")) == ("skipped", "skipped", True)


@pytest.mark.parametrize("kind", [kind for kind in OPEN if kind not in SKIPPABLE])
def test_step_is_never_skipped(kind: str) -> None:
    ticket = Standing(alone(kind))
    with pytest.raises(acting.Refused):
        acting.skip(ticket.x, ticket.sim.step_of(ticket.x), "guided", "Why not", "sari", ticket.sim.now)


@every_kind
def test_step_times_out(kind: str) -> None:
    ticket = Standing(alone(kind, "timeout: {after: PT4H, then: late}") + "  - late: {task: Too late}\n")
    ticket.wait("PT3H59M")
    assert ticket.x.open
    ticket.wait("PT4H")
    assert (ticket.x.state, ticket.open("late"), ticket.open("later")) == ("expired", True, False)
    assert not ticket.open("inside")
    assert not ticket.open("within")


@every_kind
def test_step_is_escalated(kind: str) -> None:
    louder = "escalate: [{after: PT1H, do: [{louder: {task: Look at it, to: lead}}]}]"
    ticket = Standing(alone(kind, louder))
    ticket.wait("PT1H")
    assert (ticket.x.open, ticket.open("louder"), ticket.open("later")) == (True, True, False)
    ticket.finish(kind)
    assert (ticket.x.state, ticket.open("later")) == ("done", True)


@every_kind
def test_fork_cancels_step(kind: str) -> None:
    branches = f"one:\n{indent(step(kind), '  ')}\ntwo:\n  - other: {{task: Other}}\n"
    head = "sop: matrix\ndo:\n  - both:\n      fork:\n        join: any\n        branches:\n"
    ticket = Standing(head + indent(branches, "          ") + "  - later: {task: Later}\n")
    ticket.act("complete", "other")
    assert (ticket.x.state, ticket.open("later")) == ("cancelled", True)
    assert not ticket.open("inside")
    assert not ticket.open("within")


@every_kind
def test_reopening_withdraws_step(kind: str) -> None:
    """What stands behind `resolve` is cancelled, and `resolve` opens again."""
    first = "  - finish:\n      resolve: {require: [resolution]}\n"
    ticket = Standing(f"sop: matrix\ndo:\n{first}{indent(step(kind), '  ')}\n")
    ticket.act("complete", "finish", fields={"resolution": "Done"})
    assert ticket.x.open
    ticket.act("event", "ticket.reopened")
    assert (ticket.x.state, ticket.open("finish")) == ("cancelled", True)
    ticket.act("complete", "finish")
    newest = [visit for visit in ticket.sim.ledger.values() if visit.name == "x"][-1]
    assert (newest.path, newest.visit, newest.open) == ("x#2", 2, True)


@every_kind
def test_merging_ends_step(kind: str) -> None:
    ticket = Standing(alone(kind))
    ticket.apply(happenings.merged(ticket.sim.ledger, "sari", ticket.sim.now))
    assert (ticket.x.state, ticket.open("later")) == ("cancelled", False)
    assert ticket.sim.move.ended
    assert ticket.sim.move.ended.outcome == "merged"


@every_kind
def test_switching_ends_step(kind: str) -> None:
    ticket = Standing(alone(kind))
    changes = happenings.switched(
        ticket.sop, ticket.sim.ledger, "sari", ticket.sim.now, reason="Wrong one", is_lead=False
    )
    ticket.apply(changes)
    assert (ticket.x.state, ticket.open("later")) == ("cancelled", False)
    assert not any(visit.open for visit in ticket.sim.ledger.values())


@every_kind
def test_moved_version_keeps_step(kind: str) -> None:
    ticket = Standing(alone(kind, "timeout: {after: PT4H, then: later}"))
    new = load(alone(kind, "timeout: {after: PT9H, then: later}") + "  - audit: {task: Audit}\n")
    plan = plan_move(ticket.sop, new, ticket.sim.ledger, ticket.sim, ticket.sim.now, None)
    assert plan.safe
    rows = dict(plan.rows)
    ledger = {row.path: row for path, visit in ticket.sim.ledger.items() for row in (rows.get(path, visit),)}
    assert walk(new, ledger, ticket.sim, ticket.sim.now).empty
    assert (ledger["x"].open, ledger["x"].marks["clock"]) == (True, ticket.x.marks["clock"])


@every_kind
def test_killed_step_is_taken_up(kind: str) -> None:
    """The process dies at every commit: before the step, while it is open, after it. `check` walks again from the rows each time."""
    ticket = Standing(alone(kind))
    wanted = list(ticket.sim.wanted)
    for _time in range(3):
        ticket.sim.settle()
        ticket.check()
    assert ticket.sim.wanted == wanted
    ticket.finish(kind)
    ticket.sim.settle()
    assert [visit.path for visit in ticket.sim.ledger.values() if visit.name == "later"] == ["later"]


@pytest.mark.parametrize("kind", AT_ONCE)
def test_passed_step_is_passed_once(kind: str) -> None:
    ticket = Standing(alone(kind))
    before, wanted = dict(ticket.sim.ledger), list(ticket.sim.wanted)
    ticket.sim.settle()
    ticket.check()
    assert (ticket.x.open, dict(ticket.sim.ledger), ticket.sim.wanted) == (False, before, wanted)


@pytest.mark.parametrize("kind", [kind for kind in AT_ONCE if kind != "end"])
def test_passed_step_is_passed_again_on_a_new_visit(kind: str) -> None:
    first = "  - finish:\n      resolve: {require: [resolution]}\n"
    ticket = Standing(f"sop: matrix\ndo:\n{first}{indent(step(kind), '  ')}\n  - later: {{task: Later}}\n")
    ticket.act("complete", "finish")
    ticket.act("event", "ticket.reopened")
    ticket.act("complete", "finish")
    assert [visit.path for visit in ticket.sim.ledger.values() if visit.name == "x"] == ["x", "x#2"]

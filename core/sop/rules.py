"""The rules that a whole document must keep: approvals are routed, circles wait, strict documents leave no gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sop import tree as trees
from core.sop.document import Approval, Call, Collaborate, Phase, Resolve, Set, Switch, Task, Wait
from core.sop.grammar import parse
from core.sop.graph import START
from core.sop.problems import at_step
from core.sop.schemas import check_arguments
from core.sop.tokens import SyntaxProblem
from core.sop.tree import path_of
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.sop.document import Sop, Step
    from core.sop.graph import Graph
    from core.sop.naming import Names
    from core.sop.reading import Draft
    from core.sop.structure import Spot


def check_rules(draft: Draft, names: Names | None) -> None:
    """What can be said of each step by itself."""
    sop = draft.sop
    assert sop is not None
    _calendar(draft, sop)
    _limits_of_fields(draft, sop)
    for step in sop.steps():
        if step.name not in draft.nodes:
            continue
        draft.problems.where = at_step(step.name)
        node = draft.nodes[step.name]
        if isinstance(step.what, Approval) and "reject" not in step.on:
            draft.problems.add("approval-reject", node)
        if step.was and step.was in draft.nodes:
            draft.problems.add("was-name", node, found=step.was)
        if isinstance(step.what, Call):
            check_arguments(draft, step, step.what, names)
        if sop.mode == "strict":
            _strict(draft, step, names)
    draft.problems.where = ""


def _calendar(draft: Draft, sop: Sop) -> None:
    if draft.shapes.business and not (sop.calendar or sop.department):
        draft.problems.add("no-calendar", draft.shapes.business[0])


def _limits_of_fields(draft: Draft, sop: Sop) -> None:
    for name, declared in sop.fields.items():
        least, most = declared.min, declared.max
        if isinstance(least, int | float) and isinstance(most, int | float) and least > most and draft.top is not None:
            fields = draft.top.at["fields"]
            key = next(key for key, _value in fields.pairs if key.text == name)  # type: ignore[union-attr]
            draft.problems.where = _("field '%(name)s'", name=name)
            draft.problems.add("min-max", key, least=least, most=most)
    draft.problems.where = ""


def _strict(draft: Draft, step: Step, names: Names | None) -> None:
    node = draft.nodes[step.name]
    if (
        isinstance(step.what, Switch)
        and not any(case.if_ is None for case in step.what.cases)
        and not _covers(draft.sop, step.what)
    ):
        draft.problems.add("strict-else", node)
    if isinstance(step.what, Call) and step.on_error and step.on_error.then == "continue":
        action = names.actions.get(step.what.action) if names and names.actions else None
        if action is not None and action.irreversible:
            draft.problems.add("strict-continue", node, found=step.what.action)


def _covers(sop: Sop | None, switch: Switch) -> bool:
    """Do the rows compare one choice with each of its options?"""
    assert sop is not None
    seen: dict[tuple[str, ...], set[str]] = {}
    for case in switch.cases:
        try:
            tree = parse(case.if_ or "")
        except SyntaxProblem:
            return False
        found = _options_of(tree)
        if found is None:
            return False
        seen.setdefault(found[0], set()).update(found[1])
    if len(seen) != 1:
        return False
    (path, covered), *_rest = seen.items()
    if len(path) == 2 and path[0] == "fields" and path[1] in sop.fields:
        return {option.code for option in sop.fields[path[1]].options} <= covered
    step = next((step for step in sop.steps() if path == ("steps", step.name, "outcome")), None)
    return isinstance(getattr(step, "what", None), Task) and {choice.code for choice in step.what.choices} <= covered  # type: ignore[union-attr]


def _options_of(tree: trees.Expr) -> tuple[tuple[str, ...], set[str]] | None:
    """`X == "a"`, `X in ["a", "b"]` and `… || …` of them: the path and the options."""
    if not isinstance(tree, trees.Binary):
        return None
    if tree.op == "||":
        left, right = _options_of(tree.left), _options_of(tree.right)
        return (left[0], left[1] | right[1]) if left and right and left[0] == right[0] else None
    path = path_of(tree.left)
    if path is None:
        return None
    if tree.op == "==" and isinstance(tree.right, trees.Literal):
        return path, {str(tree.right.value)}
    if tree.op == "in" and isinstance(tree.right, trees.Many):
        return path, {str(item.value) for item in tree.right.items if isinstance(item, trees.Literal)}
    return None


# ---- the document as a whole -------------------------------------------------------------------------------------------


def check_ways(draft: Draft, graph: Graph, spots: Mapping[str, Spot]) -> None:
    """Circles in which nothing waits (errors); then what may be meant: no way to a step, no limit, nothing resolves (warnings)."""
    assert draft.sop is not None
    for circle in graph.endless():
        jumps = [aim for aim in draft.shapes.aims if aim.step in circle and aim.target in circle]
        node = jumps[-1].node if jumps else draft.nodes[circle[0]]
        draft.problems.add("endless", node, path=" → ".join([*circle, circle[0]]))
    _unreachable(draft, graph, spots)
    _unlimited(draft, draft.sop, spots)
    if (
        not any(isinstance(step.what, Resolve) or _sets_resolved(step) for step in draft.sop.steps())
        and draft.top is not None
    ):
        key = next(key for key, _value in draft.top.pairs if key.text == "do")
        draft.problems.add("never-resolved", key, severity="warning")


def _sets_resolved(step: Step) -> bool:
    return isinstance(step.what, Set) and any(
        name == "ticket.status" and value in ("resolved", "closed") for name, value in step.what.values
    )


def _unreachable(draft: Draft, graph: Graph, spots: Mapping[str, Spot]) -> None:
    reached = graph.reach([START])
    for name, spot in spots.items():
        lost_with = spot.holder is not None and ("in", spot.holder.step.name) not in reached
        before = spot.siblings[spot.index - 1].name if spot.index else None
        follows_lost = before is not None and ("in", before) not in reached
        if ("in", name) not in reached and not lost_with and not follows_lost:
            draft.problems.where = at_step(name)
            draft.problems.add("unreachable", draft.nodes[name], severity="warning")
    draft.problems.where = ""


def _unlimited(draft: Draft, sop: Sop, spots: Mapping[str, Spot]) -> None:
    if sop.timeout or sop.due or sop.escalate:
        return
    for name, spot in spots.items():
        step = spot.step
        if (
            not _may_last(step)
            or name in draft.shapes.moments
            or any(around.step.timeout or around.step.due or around.step.escalate for around in spot.around())
        ):
            continue
        draft.problems.where = at_step(name)
        draft.problems.add("no-limit", draft.nodes[name], severity="warning", kind=step.kind, step=name)
    draft.problems.where = ""


def _may_last(step: Step) -> bool:
    """Does the step wait for somebody who may never answer?"""
    match step.what:
        case Approval() | Collaborate():
            return True
        case Task(to=to):
            return bool({"customer", "requester"} & set(to))
        case Wait(for_=limit, event=event, until=until):
            return limit is None and (event is not None or until is not None)
        case Phase():
            return False
        case _:
            return False

"""SOPs that run SOPs: no circle, not too deep, and only fields that the other one declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sop.document import Run
from core.sop.problems import at_step, nearest
from core.sop.references import runs_of
from core.sop.schemas import with_of
from core.sop.types import type_of_field, type_of_literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.sop.document import Sop, Step
    from core.sop.reading import Draft

    Find = Callable[[str], Sop | None]

DEEPEST = 5


def check_runs(draft: Draft, find: Find | None) -> None:
    """Look into the SOPs that this one runs, as far as they can be found."""
    sop = draft.sop
    if sop is None or find is None:
        return
    for step, name in runs_of(sop):
        other = find(name)
        if other is None or other.name == sop.name:
            continue
        draft.problems.where = at_step(step.name)
        circle = _circle(sop, other, find, [sop.name])
        if circle and circle[-1] == sop.name:
            draft.problems.add("sop-cycle", draft.nodes[step.name], path=" → ".join(circle))
        elif circle and len(circle) > DEEPEST:
            draft.problems.add("sop-depth", draft.nodes[step.name], most=DEEPEST, path=" → ".join(circle))
        _arguments(draft, step, other)
    draft.problems.where = ""


def _circle(top: Sop, sop: Sop, find: Find, path: list[str]) -> list[str]:
    """The way back to `top`, or one that is too deep; nothing when there is neither."""
    here = [*path, sop.name]
    if sop.name == top.name or len(here) > DEEPEST:
        return here
    for _step, name in runs_of(sop):
        if name in (top.name, f"{top.department}/{top.name}"):
            return [*here, top.name]
        other = find(name)
        if other is not None and other.name not in path[1:] and (found := _circle(top, other, find, here)):
            return found
    return []


def _arguments(draft: Draft, step: Step, other: Sop) -> None:
    assert isinstance(step.what, Run)
    assert draft.top is not None
    given = with_of(draft.top, step.name)
    for key, value in step.what.with_.items():
        node = next((name for name, _value in getattr(given, "pairs", ()) if name.text == key), draft.nodes[step.name])
        declared = other.fields.get(key)
        if declared is None:
            known = ", ".join(other.fields) or "–"
            draft.problems.add(
                "argument-unknown", node, nearest(key, other.fields), action=other.name, found=key, known=known
            )
        elif not isinstance(value, str) and value is not None:
            wanted, found = type_of_field(declared), type_of_literal(value)
            if not wanted.is_a(found.kind) and not (
                wanted.kind in ("money", "number") and found.kind in ("int", "number")
            ):
                draft.problems.add(
                    "argument-type", node, action=other.name, key=key, wanted=wanted.say(), type=found.say()
                )

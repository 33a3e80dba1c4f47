"""How does a procedure look on a ticket? Its steps as the legs of a relay: done, now, next. Pure: a document and its ledger in, legs out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.sop.document import Fork, Phase, Switch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.sop.document import Sop, Step

_NO_LEG = frozenset({"jump", "end"})  # these lead somewhere and are nothing to run
_WAITING = frozenset({"wait", "call", "run", "survey", "notify"})  # open without anybody's work


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row of the step ledger as pages read it."""

    id: int
    path: str
    name: str
    visit: int
    kind: str
    state: str
    outcome: str | None
    result: dict[str, Any] | None
    why: dict[str, Any] | None
    assignees: list[Any]
    opened_at: int
    due_at: int | None
    ended_at: int | None
    ended_by: str | None
    marks: dict[str, Any]
    draft: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Leg:
    """One step as the relay shows it. `state`: done, now, wait, late, next, skip, failed. `visit` is its newest row of the ledger."""

    step: Step
    state: str
    visit: StepRow | None
    branch: str = ""  # the fork's branch that it opens
    legs: tuple[Leg, ...] = ()
    visits: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the relay stands: leg `at` of `of` (1-based; 0: not begun)."""

    at: int
    of: int


def legs(sop: Sop, visits: Sequence[StepRow], now: int) -> tuple[Leg, ...]:
    """The whole relay of a run."""
    newest: dict[str, StepRow] = {}
    for visit in visits:
        if "/@" not in visit.path and not visit.path.startswith("@"):
            known = newest.get(visit.name)
            if known is None or (visit.visit, visit.id) >= (known.visit, known.id):
                newest[visit.name] = visit
    beside = [step for event in sop.on for step in event.do or () if step.name in newest]
    return (*_list(sop.do, newest, now), *_list(tuple(beside), newest, now))


def _list(steps: Sequence[Step], newest: Mapping[str, StepRow], now: int, branch: str = "") -> tuple[Leg, ...]:
    shown = [step for step in steps if step.kind not in _NO_LEG or step.name in newest]
    return tuple(_leg(step, newest, now, branch if i == 0 else "") for i, step in enumerate(shown))


def _leg(step: Step, newest: Mapping[str, StepRow], now: int, branch: str) -> Leg:
    visit = newest.get(step.name)
    inner = _inside(step, newest, now, shown=visit is not None)
    return Leg(step, _state(step, visit, inner, now), visit, branch, inner, visit.visit if visit else 0)


def _inside(step: Step, newest: Mapping[str, StepRow], now: int, *, shown: bool) -> tuple[Leg, ...]:
    """The legs inside a step: all of a phase or fork; of a switch only the case taken; of an escalation only what has begun."""
    found: list[Leg] = []
    match step.what:
        case Phase(do=do):
            found += _list(do, newest, now)
        case Fork(branches=branches):
            for name, steps in branches:
                found += _list(steps, newest, now, name)
        case Switch(cases=cases) if shown:
            for case in cases:
                if case.do and any(inner.name in newest for inner in case.do):
                    found += _list(case.do, newest, now)
        case _:
            pass
    for escalation in step.escalate:
        found += _list([inner for inner in escalation.do if inner.name in newest], newest, now)
    return tuple(found)


def _state(step: Step, visit: StepRow | None, inner: Sequence[Leg], now: int) -> str:
    if visit is None:
        return "next"
    if visit.state == "open":
        if visit.due_at is not None and visit.due_at < now:
            return "late"
        return "wait" if step.kind in _WAITING and not inner else "now"
    return {"skipped": "skip", "cancelled": "skip", "failed": "failed", "expired": "skip"}.get(visit.state, "done")


@dataclass(frozen=True, slots=True)
class _Map:
    """What is asked of a document for every row of a list: its steps by name, and the number of the leg each belongs to."""

    steps: dict[str, Step]
    places: dict[str, int]
    of: int


_maps: dict[str, _Map] = {}
_MOST_MAPS = 500


def _map(sop: Sop) -> _Map:
    known = _maps.get(sop.hash)
    if known is None:
        tops = [step for step in sop.do if step.kind not in _NO_LEG]
        places = {inner.name: i for i, top in enumerate(tops, 1) for inner in _all(top)}
        known = _Map({step.name: step for step in sop.steps()}, places, len(tops))
        if sop.hash:
            if len(_maps) >= _MOST_MAPS:
                _maps.clear()
            _maps[sop.hash] = known
    return known


def _all(step: Step) -> Iterator[Step]:
    yield step
    for steps in step.lists():
        for inner in steps:
            yield from _all(inner)


def standing(sop: Sop, step_name: str | None) -> Standing:
    """Which leg of how many the step `step_name` belongs to."""
    known = _map(sop)
    return Standing(known.places.get(step_name or "", 0), known.of)


def find_step(sop: Sop, name: str | None) -> Step | None:
    """The step of the document with this name."""
    return _map(sop).steps.get(name or "")


def in_order(found: Sequence[Leg]) -> Iterator[Leg]:
    """Every leg of the relay, top to bottom."""
    for leg in found:
        yield leg
        yield from in_order(leg.legs)

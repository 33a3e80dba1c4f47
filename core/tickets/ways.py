"""Which steps of a procedure may still come, and how far is it? Read from the document alone, once for each document of this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.sop.document import Call, Resolve
from core.sop.graph import Graph
from core.sop.structure import spots_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from core.sop.document import Sop, Step

AUTOMATIC = frozenset({"assign", "set", "notify", "survey", "switch", "call", "jump", "end"})
_MOST = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the relay stands: leg `at` of `of` (1-based; 0: not begun). Only legs that take somebody's time are counted."""

    at: int
    of: int


@dataclass(slots=True)
class Ways:
    """What is asked of a document again and again: its steps by name, its top legs in order, what lies ahead of a step."""

    graph: Graph
    steps: dict[str, Step]
    tops: dict[str, int]  # name of a top-level step → its place
    legs: dict[str, str]  # name of any step → the top-level step that holds it
    counted: frozenset[str]
    _ahead: dict[str, frozenset[str]] = field(default_factory=dict)

    def ahead(self, name: str | None) -> frozenset[str]:
        """The names of the steps to which a way leads from this one (without it, unless it may come again); None: from the start."""
        known = self._ahead.get(name or "")
        if known is None:
            starts = (
                [edge.to for edge in self.graph.edges[("in", name)]] if name else [("in", s.name) for s in self.top[:1]]
            )
            points = self.graph.reach(starts)
            known = self._ahead[name or ""] = frozenset(step for kind, step in points if kind == "in")
        return known

    @property
    def top(self) -> tuple[Step, ...]:
        """The top-level steps."""
        return self.graph.sop.do


_kept: dict[str, Ways] = {}


def ways(sop: Sop) -> Ways:
    """The ways of a document."""
    known = _kept.get(sop.hash)
    if known is None:
        legs = {inner.name: top.name for top in sop.do for inner in everything(top)}
        known = Ways(
            graph=Graph(sop, spots_of(sop)),
            steps={step.name: step for step in sop.steps()},
            tops={top.name: place for place, top in enumerate(sop.do)},
            legs=legs,
            counted=frozenset(top.name for top in sop.do if counts(top)),
        )
        if sop.hash:
            if len(_kept) >= _MOST:
                _kept.clear()
            _kept[sop.hash] = known
    return known


def everything(step: Step) -> Iterator[Step]:
    """A step and all that is inside it."""
    yield step
    for steps in step.lists():
        for inner in steps:
            yield from everything(inner)


def automatic(step: Step) -> bool:
    """Does the step pass by itself, in no time?"""
    if isinstance(step.what, Resolve):
        return step.what.automatic
    if isinstance(step.what, Call):
        return step.what.until is None
    return step.kind in AUTOMATIC


def counts(step: Step) -> bool:
    """Does the leg take somebody's time, itself or inside?"""
    return not automatic(step) or any(counts(inner) for steps in _inside(step) for inner in steps)


def _inside(step: Step) -> Iterator[tuple[Step, ...]]:
    """The lists inside, without what escalates beside."""
    beside = {id(escalation.do) for escalation in step.escalate}
    yield from (steps for steps in step.lists() if id(steps) not in beside)


def standing(sop: Sop, path: str | None, begun: Collection[str], *, over: bool = False) -> Standing:
    """Which leg of how many. `path` is the open step's in the ledger, `begun` the names of the steps that were visited.

    What was run counts, and what may still come; a way that was not taken does not.
    """
    known = ways(sop)
    run = {known.legs[name] for name in begun if name in known.legs and not automatic(known.steps[name])}
    if over:
        return Standing(len(run), len(run))
    leg = leg_at(sop, path)
    if leg is None:
        return Standing(0, len(known.counted & known.ahead(None)))
    here = leg.name
    place = known.tops[here]
    coming = {name for name in known.counted & known.ahead(here) if known.tops[name] > place}
    of = len(run | coming | {here})
    return Standing(of - len(coming), of)


def leg_at(sop: Sop, path: str | None) -> Step | None:
    """The top-level step in which a row of the ledger lies."""
    known = ways(sop)
    return known.steps.get(known.legs.get((path or "").split("/", 1)[0].split("#", 1)[0], ""))


def find_step(sop: Sop, name: str | None) -> Step | None:
    """The step of the document with this name."""
    return ways(sop).steps.get(name or "")

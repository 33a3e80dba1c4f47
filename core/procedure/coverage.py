"""How much of a document do its cases walk? Steps, branches, timeouts and routes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.procedure.values import ROOT, State
from core.sop.document import Fork, Switch

if TYPE_CHECKING:
    from core.procedure.simulation import Simulation
    from core.sop.document import Sop, Step

KINDS = ("steps", "branches", "timeouts", "routes")


@dataclass(slots=True)
class Coverage:
    """What there is to walk in one document, and what was walked, by kind."""

    all: dict[str, list[str]]
    walked: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})

    @property
    def percent(self) -> int:
        """The walked part of everything, rounded down."""
        total = sum(len(names) for names in self.all.values())
        return 100 * sum(len(self.hit(kind)) for kind in KINDS) // total if total else 100

    def hit(self, kind: str) -> list[str]:
        """What was walked of one kind."""
        return [name for name in self.all[kind] if name in self.walked[kind]]

    def missed(self, kind: str) -> list[str]:
        """What no case walked."""
        return [name for name in self.all[kind] if name not in self.walked[kind]]

    def add(self, sim: Simulation) -> None:
        """Count what one simulated ticket walked of the main document."""
        steps = {step.name: step for step in sim.main.steps()}
        for visit in sim.ledger.values():
            if sim.frame(visit):
                continue
            if visit.kind == "event":
                self.walked["routes"].add(f"on.{visit.name}")
            elif visit.path == ROOT:
                self._root(sim, visit.marks.get("seen", {}))
            elif visit.visit and visit.name in steps:
                self._step(steps[visit.name], visit.outcome, visit.state, visit.marks.get("case"))

    def _root(self, sim: Simulation, seen: Iterable[str]) -> None:
        self.walked["routes"].update(f"on.{kind}" for kind in seen)
        if sim.main.timeout and sim.ledger[ROOT].marks.get("clock", {}).get("timeout", 0) is None:
            self.walked["timeouts"].add("(document)")

    def _step(self, step: Step, outcome: str | None, state: State, case: int | None) -> None:
        self.walked["steps"].add(step.name)
        if state is State.EXPIRED:
            self.walked["timeouts"].add(step.name)
        if case is not None:
            self.walked["branches"].add(f"{step.name}[{case + 1}]")
        elif isinstance(step.what, Switch) and outcome == "none":
            self.walked["branches"].add(f"{step.name}[none]")
        if isinstance(step.what, Fork):
            self.walked["branches"].update(f"{step.name}/{name}" for name, _steps in step.what.branches)
        if outcome in step.on:
            self.walked["routes"].add(f"{step.name}.{outcome}")
        if outcome == "error" and step.on_error and step.on_error.then:
            self.walked["routes"].add(f"{step.name}.error")


def coverage_of(sop: Sop) -> Coverage:
    """What there is to walk in a document."""
    steps = list(sop.steps())
    branches, routes = [], []
    for step in steps:
        if isinstance(step.what, Switch):
            branches += [f"{step.name}[{n}]" for n in range(1, len(step.what.cases) + 1)]
            if all(case.if_ is not None for case in step.what.cases):
                branches.append(f"{step.name}[none]")
        elif isinstance(step.what, Fork):
            branches += [f"{step.name}/{name}" for name, _steps in step.what.branches]
        routes += [f"{step.name}.{outcome}" for outcome in step.on]
        if step.on_error and step.on_error.then and "error" not in step.on:
            routes.append(f"{step.name}.error")
    routes += list(dict.fromkeys(f"on.{on.event}" for on in sop.on))
    timeouts = [step.name for step in steps if step.timeout] + (["(document)"] if sop.timeout else [])
    return Coverage(
        {"steps": [step.name for step in steps], "branches": branches, "timeouts": timeouts, "routes": routes}
    )

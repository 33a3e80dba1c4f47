"""Where each step stands: its list, what encloses it, and where a jump from it may lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.sop.document import Fork, Phase, Switch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.sop.document import Sop, Step


@dataclass(frozen=True, slots=True)
class Spot:
    """A step in its list. `region` says what kind of list: main, do, case, branch:NAME, escalate or event."""

    step: Step
    siblings: tuple[Step, ...]
    index: int
    holder: Spot | None
    region: str

    @property
    def borders(self) -> bool:
        """Does no jump leave this list?"""
        return self.region in ("main", "escalate", "event") or self.region.startswith("branch:")

    @property
    def next(self) -> Step | None:
        """The step behind this one in its list."""
        return self.siblings[self.index + 1] if self.index + 1 < len(self.siblings) else None

    def around(self) -> Iterator[Spot]:
        """This spot, then what holds it, outward."""
        spot: Spot | None = self
        while spot is not None:
            yield spot
            spot = spot.holder

    def targets(self) -> list[str]:
        """The steps a `then` of this one may name: its own list, then the enclosing ones up to a border."""
        found: list[str] = []
        for spot in self.around():
            found += [step.name for step in spot.siblings]
            if spot.borders:
                break
        return found

    def beside(self, other: Spot) -> bool:
        """May both be open at the same time: in two branches, or one of them in an escalation or event?"""
        mine = {spot.holder.step.name: spot.region for spot in self.around() if spot.holder}
        for spot in other.around():
            if spot.region in ("escalate", "event"):
                return True
            if (
                spot.holder
                and mine.get(spot.holder.step.name, spot.region) != spot.region
                and spot.region.startswith("branch:")
            ):
                return True
        return any(spot.region in ("escalate", "event") for spot in self.around())


def lists_of(step: Step) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The lists inside a step, each with its region."""
    match step.what:
        case Phase(do=do):
            yield "do", do
        case Switch(cases=cases):
            yield from (("case", case.do) for case in cases if case.do is not None)
        case Fork(branches=branches):
            yield from ((f"branch:{name}", steps) for name, steps in branches)
        case _:
            pass
    yield from (("escalate", escalation.do) for escalation in step.escalate)


def spots_of(sop: Sop) -> dict[str, Spot]:
    """Every step of the document by name."""
    found: dict[str, Spot] = {}
    heads: list[tuple[str, tuple[Step, ...], Spot | None]] = [("main", sop.do, None)]
    heads += [("event", event.do, None) for event in sop.on if event.do]
    heads += [("escalate", escalation.do, None) for escalation in sop.escalate]
    while heads:
        region, steps, holder = heads.pop()
        for index, step in enumerate(steps):
            spot = Spot(step, steps, index, holder, region)
            found.setdefault(step.name, spot)
            heads += [(inner_region, inner, spot) for inner_region, inner in lists_of(step)]
    return found

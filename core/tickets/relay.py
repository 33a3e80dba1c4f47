"""How does a procedure look on a ticket? Its steps as the legs of a relay: done, now, next. Pure: a document and its ledger in, legs out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.procedure.checklist import AHEAD
from core.sop.document import Fork, Phase, Run, Switch
from core.tickets.ways import find_step as find_step
from core.tickets.ways import ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.sop.document import Sop, Step

_NO_LEG = frozenset({"jump", "end"})  # these lead somewhere and are nothing to run
_NO_STEP = frozenset({"sop", "event"})  # rows of the ledger that are no step
_WAITING = frozenset({"wait", "call", "run", "survey", "notify"})  # open without anybody's work
_UNDER_WAY = frozenset({"now", "wait", "late"})


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
    """One step as the relay shows it. `state`: done, now, wait, late, next, skip, failed, unneeded. `visit` is its newest row of the ledger.

    `unneeded`: the way went past it, or its condition did not hold. A leg that is `next` and has a visit comes again.
    `sop` and `frame` say which document it is of: the run's own (""), or that of the sub-SOP whose `run` visit has the path `frame`.
    """

    step: Step
    state: str
    visit: StepRow | None
    sop: Sop
    frame: str = ""
    branch: str = ""  # the fork's branch that it opens
    legs: tuple[Leg, ...] = ()
    visits: int = 0


def legs(sop: Sop, visits: Sequence[StepRow], now: int, subs: Mapping[str, Sop] | None = None) -> tuple[Leg, ...]:
    """The whole relay of a run. `subs`: the documents of sub-SOPs by their hash."""
    frames = [row.path for row in visits if row.kind == "run" and row.marks.get("hash")]
    by_frame: dict[str, list[StepRow]] = {}
    for row in visits:
        by_frame.setdefault(frame_of(row.path, frames), []).append(row)
    return _Track(sop, "", by_frame, now, subs or {}).drawn()


def frame_of(path: str, frames: Sequence[str]) -> str:
    """The innermost sub-SOP (the path of its `run` visit) in which a row lies; "" for the run's own document."""
    return max((one for one in frames if path.startswith(one + "/")), key=len, default="")


@dataclass(slots=True)
class _Track:
    """One document and its rows of the ledger."""

    sop: Sop
    frame: str
    by_frame: Mapping[str, list[StepRow]]
    now: int
    subs: Mapping[str, Sop]
    newest: dict[str, StepRow] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    ahead: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        rows = self.by_frame.get(self.frame, [])
        steps = [row for row in rows if row.kind not in _NO_STEP]
        for row in steps:
            self.newest[row.name] = row
            self.visits[row.name] = max(row.visit, self.visits.get(row.name, 0))
        if any(row.kind == "sop" and row.state != "open" for row in rows):
            return  # it has ended: nothing more comes
        known = ways(self.sop)
        here = [row.name for row in steps if row.state == "open"] or [row.name for row in steps[-1:]]
        self.ahead = frozenset().union(*(known.ahead(name) for name in here)) if here else known.ahead(None)

    def drawn(self) -> tuple[Leg, ...]:
        beside = [step for event in self.sop.on for step in event.do or () if step.name in self.newest]
        return (*self.list(self.sop.do, "", may_come=True), *self.list(tuple(beside), "", may_come=False))

    def list(self, steps: Sequence[Step], branch: str, *, may_come: bool) -> tuple[Leg, ...]:
        at = self.standing(steps)
        found = [
            self.leg(step, may_come=may_come and place > at and step.name in self.ahead)
            for place, step in enumerate(steps)
            if step.kind not in _NO_LEG or step.name in self.newest
        ]
        return tuple(_opening(leg, branch) if i == 0 else leg for i, leg in enumerate(found))

    def standing(self, steps: Sequence[Step]) -> int:
        """The place in this list at which the flow stands or, between two steps, which it last left; -1: the list has not begun."""
        opened = [place for place, step in enumerate(steps) if self.open(step)]
        if opened:
            return max(opened)
        begun = [
            (self.newest[step.name].opened_at, place) for place, step in enumerate(steps) if step.name in self.newest
        ]
        return max(begun)[1] if begun else -1

    def open(self, step: Step) -> bool:
        row = self.newest.get(step.name)
        if row is not None and row.state == "open":
            return True
        return any(self.open(inner) for steps in step.lists() for inner in steps)

    def leg(self, step: Step, *, may_come: bool) -> Leg:
        row = self.newest.get(step.name)
        under_way = self.open(step)
        done_ahead = row is not None and bool(row.marks.get(AHEAD))  # the flow passes over it later
        if row is None or (may_come and not under_way and not done_ahead):
            state = "next" if may_come else "unneeded"
            inner = self.inside(step, may_come=True) if state == "next" and row is None else ()
        else:
            inner = self.inside(step, may_come=under_way)
            state = self.state(step, row, inner)
        return Leg(step, state, row, self.sop, self.frame, "", inner, self.visits.get(step.name, 0))

    def inside(self, step: Step, *, may_come: bool) -> tuple[Leg, ...]:
        """The legs inside: all of a phase or fork; of a switch the case taken; of a sub-SOP its own; of an escalation what has begun."""
        found: list[Leg] = []
        row = self.newest.get(step.name)
        match step.what:
            case Phase(do=do):
                found += self.list(do, "", may_come=may_come)
            case Fork(branches=branches):
                for name, steps in branches:
                    found += self.list(steps, name, may_come=may_come)
            case Switch(cases=cases) if row is not None:
                for case in cases:
                    if case.do and any(inner.name in self.newest for inner in case.do):
                        found += self.list(case.do, "", may_come=may_come)
            case Run() if row is not None and (sub := self.subs.get(str(row.marks.get("hash")))) is not None:
                found += _Track(sub, row.path, self.by_frame, self.now, self.subs).drawn()
            case _:
                pass
        for escalation in step.escalate:
            begun = [inner for inner in escalation.do if inner.name in self.newest]
            found += self.list(begun, "", may_come=False)
        return tuple(found)

    def state(self, step: Step, row: StepRow, inner: Sequence[Leg]) -> str:
        if row.state == "open":
            if row.marks.get("asked"):
                return "failed"
            if row.due_at is not None and row.due_at < self.now:
                return "late"
            return "wait" if step.kind in _WAITING and not any(leg.state in _UNDER_WAY for leg in inner) else "now"
        if row.state == "skipped":
            return "skip" if row.visit else "unneeded"  # visit 0: passed over, because its condition did not hold
        return {"cancelled": "skip", "failed": "failed", "expired": "skip"}.get(row.state, "done")


def _opening(leg: Leg, branch: str) -> Leg:
    return Leg(leg.step, leg.state, leg.visit, leg.sop, leg.frame, branch, leg.legs, leg.visits) if branch else leg


def in_order(found: Sequence[Leg]) -> Iterator[Leg]:
    """Every leg of the relay, top to bottom."""
    for leg in found:
        yield leg
        yield from in_order(leg.legs)

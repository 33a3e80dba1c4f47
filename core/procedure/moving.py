"""Moving a running ticket to another version of its SOP: which open step becomes which, and why it may not be safe.

What is done stays done. Steps keep their rows under their new names (`was`, or somebody's choice); then the walk is tried with the new
document, and whatever is open but not reached any more is told before anything is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.procedure.frames import steps_by_name
from core.procedure.record import frame_of, frames_in
from core.procedure.status import HOLDERS
from core.procedure.values import ROOT, Move, State, Visit
from core.procedure.walk import trace
from core.texts import _

if TYPE_CHECKING:
    from core.procedure.values import World
    from core.sop.document import Sop


@dataclass(frozen=True, slots=True)
class Moving:
    """What moving would do. `rows`: the old path and the new row of every visit that changes; make them so, then walk.

    `opens`: what the new version would open at once. `lost`: open steps that would be cancelled. `reasons`: why it is not safe, for people;
    empty when every open step is found again and nothing else opens.
    """

    rows: tuple[tuple[str, Visit], ...]
    opens: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Does every open step go on as it is?"""
        return not self.reasons


def plan_move(
    old: Sop, new: Sop, ledger: Mapping[str, Visit], world: World, now: int, choices: Mapping[str, str] | None = None
) -> Moving:
    """What moving this run to `new` would do, tried and not done. `choices` maps names of old steps to names of new ones."""
    names = _names(old, new, choices or {})
    there, reasons = _renamed(new, ledger, names)
    beside = {
        path for path in ledger if path not in trace(old, ledger, world, now)[1]
    }  # begun escalations of steps that are over
    move, reached = trace(new, {visit.path: visit for visit in there.values()}, world, now)
    lost = [
        path
        for path, visit in there.items()
        if visit.open and visit.path not in reached and not (path in beside and visit.name in steps_by_name(new))
    ]
    opens = _opened(move)
    rows: list[tuple[str, Visit]] = []
    for path, visit in there.items():
        if path in lost:
            cancelled = visit.copy()
            cancelled.state, cancelled.outcome, cancelled.ended_at, cancelled.ended_by = (
                State.CANCELLED,
                "cancelled",
                now,
                "flow",
            )
            cancelled.awaits, cancelled.effect, cancelled.why = (), False, {"moved": new.hash}
            rows.append((path, cancelled))
            if visit.kind not in HOLDERS:
                reasons.append(_why_lost(ledger[path], names, opens))
        elif visit != ledger[path]:
            rows.append((path, visit))
    if move.attention is not None:
        reasons.append(_("The run would need attention at step “%(step)s”.", step=move.attention.path))
    if opens and not reasons:
        reasons.append(_("The new version would open: %(steps)s.", steps=", ".join(opens)))
    return Moving(tuple(rows), opens, tuple(path for path in lost if ledger[path].kind not in HOLDERS), tuple(reasons))


def _names(old: Sop, new: Sop, choices: Mapping[str, str]) -> dict[str, str]:
    """Old name → new name: by choice, by `was`, by the name itself."""
    there = steps_by_name(new)
    was = {step.was: step.name for step in there.values() if step.was}
    names = {}
    for name in steps_by_name(old):
        target = choices.get(name) or was.get(name) or name
        if target in there:
            names[name] = target
    return names


def _renamed(new: Sop, ledger: Mapping[str, Visit], names: Mapping[str, str]) -> tuple[dict[str, Visit], list[str]]:
    """The rows as the new version knows them, by their old paths. A step whose kind has changed opens again."""
    frames, there, taken = frames_in(ledger), {}, set()
    reasons: list[str] = []
    steps = steps_by_name(new)
    for path, visit in ledger.items():
        mine = visit.copy()
        frame = frame_of(path, frames)
        whole = _new_path(frame or path, names) + (path[len(frame) :] if frame else "")
        if path == ROOT:
            mine.marks["hash"] = new.hash
        elif whole in taken:
            reasons.append(_("Two steps would become “%(step)s”.", step=whole))
            whole = path
        mine.path = whole
        taken.add(whole)
        if not frame and visit.name in names:
            mine.name = names[visit.name]
            if steps[mine.name].kind != visit.kind:
                mine.kind = steps[mine.name].kind if not visit.open else visit.kind
                if visit.open:
                    reasons.append(_kind_changed(visit, steps[mine.name].kind))
                    mine.state, mine.outcome, mine.ended_by = State.CANCELLED, "cancelled", "flow"
                    mine.ended_at, mine.awaits, mine.effect = visit.opened_at, (), False
                    mine.marks["to"] = mine.name
        for mark in ("to", "way", "start"):
            if not frame and mine.marks.get(mark) in names:
                mine.marks[mark] = names[mine.marks[mark]]
        if visit.kind == "event":
            _keep_handler(mine, new)
        there[path] = mine
    return there, reasons


def _kind_changed(visit: Visit, kind: str) -> str:
    return _(
        "Step “%(step)s” is open; its kind is “%(old)s”, and “%(new)s” in the new version: it would open again.",
        step=visit.name,
        old=visit.kind,
        new=kind,
    )


def _new_path(path: str, names: Mapping[str, str]) -> str:
    """A path with its steps renamed; branches and events keep their names."""
    parts = []
    for part in path.split("/"):
        name, sign, number = part.partition("#")
        parts.append(f"{names.get(name, name)}{sign}{number}")
    return "/".join(parts)


def _keep_handler(visit: Visit, new: Sop) -> None:
    """A handler of an event goes on with the new version's steps for the same event."""
    at = next((i for i, on in enumerate(new.on) if on.event == visit.name and on.do), None)
    visit.marks["on"] = at if at is not None else len(new.on)


def _opened(move: Move) -> tuple[str, ...]:
    return tuple(
        change.visit.name
        for change in move.visits
        if change.op in ("opened", "decided") and change.visit.visit and change.visit.kind not in ("sop", "event")
    )


def _why_lost(visit: Visit, names: Mapping[str, str], opens: tuple[str, ...]) -> str:
    if visit.name not in names:
        return _(
            "Step “%(step)s” is open, but the new version does not have it. Choose the step that takes its place.",
            step=visit.name,
        )
    if opens:
        return _(
            "Step “%(step)s” is open, but in the new version the flow would stand elsewhere: it would open %(opens)s.",
            step=visit.name,
            opens=", ".join(opens),
        )
    return _("Step “%(step)s” is open, but in the new version the flow does not come by it.", step=visit.name)

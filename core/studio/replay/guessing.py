"""What happens next at an open step of the draft: what was done there in the past, something that may be assumed, or nobody can know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.procedure.status import HUMAN
from core.procedure.values import State
from core.procedure.ways import CONTINUE
from core.sop.document import Approval, Document, Task, Wait
from core.studio.replay.causes import ACTION, CHILD, CUSTOMER, DECISION, LED, MERGED, OPEN, SIZE, SWITCHED, Unknown
from core.studio.replay.story import bare, ended_how

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Mapping

    from core.procedure.values import Visit
    from core.sop.document import Step
    from core.studio.past import Deed
    from core.studio.replay.playing import Replayed
    from core.studio.replay.story import Story


@dataclass(frozen=True, slots=True)
class Next:
    """At a moment: a deed of the past (`queue` says from where), an end that is assumed (no deed), or `unknown`."""

    at: int
    deed: Deed | None = None
    visit: Visit | None = None
    queue: str = ""
    guessed: bool = False
    unknown: Unknown | None = None


def next_of(sim: Replayed, visit: Visit, story: Story, acts: Mapping[str, deque[Deed]]) -> Next | None:
    """What ends this visit; None: nothing but the clock or an event of the ticket."""
    step = sim.step_of(visit)
    names = _names(sim, visit, step)
    if visit.kind == "wait":
        return _waited(sim, visit, step, story, names)
    if visit.kind == "assign" and not visit.marks.get("asked"):
        return None
    for name in names:
        if acts.get(name):
            deed = acts[name][0]
            if deed.at >= visit.opened_at:
                return Next(max(deed.at, sim.now), deed, visit, name)
            took = deed.at - deed.since if deed.since is not None and deed.since < deed.at else 0
            return Next(max(visit.opened_at + took, sim.now), deed, visit, name, guessed=True)
    cause, at = _never(visit, step, story, names)
    if not cause:
        return Next(max(visit.opened_at, sim.now), visit=visit)
    at = max(at, visit.opened_at, sim.now)
    return Next(at, visit=visit, unknown=Unknown(cause, at, sim.shown(visit)))


def _names(sim: Replayed, visit: Visit, step: Step) -> list[str]:
    """What the step may have been called in the past."""
    shown = bare(sim.shown(visit))
    return list(dict.fromkeys(name for name in (shown, visit.name, step.was) if name))


def _waited(sim: Replayed, visit: Visit, step: Step, story: Story, names: list[str]) -> Next | None:
    """A wait is ended by its clock or by what happened to the ticket; but not all that it waits for could happen."""
    what = step.what
    assert isinstance(what, Wait)
    cause = ""
    if what.event and story.real(names) is None:
        if what.event.startswith("customer."):
            asked = [one.what for one in sim.log.notices if one.who == "customer" and one.at <= visit.opened_at]
            cause = CUSTOMER if asked and asked[-1] not in story.sent else ""
        elif not _of_ticket(what.event) and not any(one.target == what.event for one in story.deeds):
            cause = ACTION
    if not cause and story.cut and what.event:
        return Next(
            max(story.cut[0], visit.opened_at),
            visit=visit,
            unknown=Unknown(story.cut[1], story.cut[0], sim.shown(visit)),
        )
    if not cause:
        return None
    return Next(visit.opened_at, visit=visit, unknown=Unknown(cause, visit.opened_at, sim.shown(visit)))


def _of_ticket(event: str) -> bool:
    return event.partition(".")[0] in ("ticket", "message", "step", "task", "clock", "article", "customer")


def _never(visit: Visit, step: Step, story: Story, names: list[str]) -> tuple[str, int]:
    """(cause, from when on) for a step at which nothing was done; ("", …): it may be taken as done."""
    real = story.real(names)
    customers = bool(visit.assignees) and all(party.kind == "customer" for party in visit.assignees)
    asks = CUSTOMER if customers else DECISION if visit.kind in HUMAN or visit.marks.get("asked") else ACTION
    asks = CHILD if visit.kind == "run" else asks
    if story.cut and story.cut[1] == SIZE:
        return SIZE, story.cut[0]
    if real is not None:
        return _left(story, real, asks)
    if story.cut and visit.opened_at >= story.cut[0]:
        return story.cut[1], story.cut[0]
    if story.names().intersection(names):  # the ticket could have come to it, and did not
        if story.open:
            return OPEN, story.now
        if any(ended_how(past) == "switched" for past in story.pasts):
            return SWITCHED, visit.opened_at
        if story.cut:
            return story.cut[1], visit.opened_at
    if customers or visit.kind not in HUMAN or visit.marks.get("asked") or not one_way(step):
        return asks, visit.opened_at
    return "", visit.opened_at


def _left(story: Story, real: Visit, asks: str) -> tuple[str, int]:
    """The ticket was at this step, and nobody did what the draft needs there: until then it is known that nobody did, and after that nothing."""
    if real.open:  # a resolved ticket may stand there for good, an article that nobody writes: so it stands in both
        return OPEN, story.now + (not story.open)
    ended = real.ended_at or real.opened_at
    if real.state is State.CANCELLED:
        mine = next((past for past in story.pasts if past.visits.get(real.path) is real), None)
        how = ended_how(mine) if mine else ""
        if how in ("switched", "merged", "closed"):
            return {"switched": SWITCHED, "merged": MERGED}.get(how, LED), ended
        if story.cut:
            return story.cut[1], min(ended, story.cut[0])
    return asks, ended


def one_way(step: Step) -> bool:
    """Does the flow go on the same way, however a person ends this step?"""
    match step.what:
        case Task(choices=choices) if choices:
            outcomes = [choice.code for choice in choices]
        case Approval():
            outcomes = ["approve", "reject"]
        case Document():
            outcomes = ["accepted", "declined"]
        case _:
            return True
    return len({step.on.get(outcome) or step.then or CONTINUE for outcome in outcomes}) == 1

"""Steps that hold or direct the flow: switch, fork, do (a phase), end and jump."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.behaviour import Behaviour
from core.procedure.setting import stored
from core.procedure.timers import escalations_of
from core.procedure.values import JSON, State
from core.procedure.ways import CONTINUE, END, EXIT, WAITING
from core.sop.document import End, Fork, Phase, Switch

if TYPE_CHECKING:
    from core.procedure.running import Here, Running
    from core.procedure.values import Visit
    from core.sop.document import Step


def _open_switch(walk: Running, here: Here) -> Visit:
    """The decision is written down with the values it saw: what changes later cannot reroute the past."""
    what, frame = here.step.what, here.frame
    assert isinstance(what, Switch)
    seen: list[JSON] = []
    for i, case in enumerate(what.cases):
        if case.if_ is not None:
            verdict, why = walk.judge(frame, case.if_)
            seen.append(why)
            if not verdict.holds:
                continue
        if case.do:
            visit = walk.open(here, case=i)
            visit.why = {"cases": seen}
            return visit
        way = None if case.then in (None, CONTINUE) else case.then
        return walk.decide(here, _outcome(what, i), why={"cases": seen}, case=i, way=way)
    return walk.decide(here, "none", why={"cases": seen})


def _outcome(what: Switch, case: int) -> str:
    return "else" if what.cases[case].if_ is None else "branch"


def _stay_switch(walk: Running, here: Here, visit: Visit) -> str | None:
    what = here.step.what
    assert isinstance(what, Switch)
    case = int(visit.marks.get("case", 0))
    steps = (what.cases[case].do or ()) if case < len(what.cases) else ()
    return _pass_inside(walk, here, visit, steps, _outcome(what, case) if case < len(what.cases) else "none")


def _open_phase(walk: Running, here: Here) -> Visit:
    return walk.open(here)


def _stay_phase(walk: Running, here: Here, visit: Visit) -> str | None:
    what = here.step.what
    assert isinstance(what, Phase)
    return _pass_inside(walk, here, visit, what.do, "completed")


def _pass_inside(walk: Running, here: Here, visit: Visit, steps: tuple[Step, ...], outcome: str) -> str | None:
    """Walk the steps inside; when the flow leaves them, the holder ends, and how it was left is remembered."""
    way = walk.steps(here.frame, steps, f"{visit.path}/", visit.opened_at)
    if way == WAITING:
        return None
    if way in (CONTINUE, EXIT):
        walk.record.end(visit, State.DONE, outcome if way == CONTINUE else "left")
        return None
    if way != END:  # a step of an enclosing list
        visit = walk.record.mark(walk.record.own(visit), way=way)
    walk.record.end(visit, State.DONE, "left")
    return END if way == END else None


def _open_fork(walk: Running, here: Here) -> Visit:
    return walk.open(here)


def _stay_fork(walk: Running, here: Here, visit: Visit) -> str | None:
    """Walk every branch; when enough have come to their end, what is still open in the others is withdrawn."""
    what, record = here.step.what, walk.record
    assert isinstance(what, Fork)
    done = 0
    for name, steps in what.branches:
        way = walk.steps(here.frame, steps, f"{visit.path}/{name}/", visit.opened_at)
        if way == END:
            return END
        done += way in (CONTINUE, EXIT)
    of = len(what.branches)
    wanted = of if what.join == "all" else 1 if what.join == "any" else int(what.join)
    if done >= min(wanted, of):
        record.withdraw(f"{visit.path}/", {"join": visit.path}, keep=escalations_of(here.step, visit))
        record.end(visit, State.DONE, "joined", why={"done": done, "of": of})
    return None


def _open_end(walk: Running, here: Here) -> Visit:
    what = here.step.what
    assert isinstance(what, End)
    result = stored(walk.fill(here.frame, what.result)) if what.result is not None else None
    return walk.decide(here, what.outcome, result)


def _open_jump(walk: Running, here: Here) -> Visit:
    return walk.decide(here, None)


SWITCH = Behaviour(_open_switch, _stay_switch, holds_steps=True)
FORK = Behaviour(_open_fork, _stay_fork, holds_steps=True)
PHASE = Behaviour(_open_phase, _stay_phase, holds_steps=True)
END_STEP = Behaviour(_open_end)
JUMP = Behaviour(_open_jump)

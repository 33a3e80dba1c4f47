"""Steps that want something outside: notify, call, survey. The walk only wishes for the effect; performing it is somebody else's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.behaviour import Behaviour
from core.procedure.failing import fail
from core.procedure.values import State
from core.sop.document import Call, Notify, Survey

if TYPE_CHECKING:
    from core.procedure.running import Here, Running
    from core.procedure.values import Visit


def _open_notify(walk: Running, here: Here) -> Visit:
    what = here.step.what
    assert isinstance(what, Notify)
    earlier = walk.record.newest(here.frame.path, here.step.name)
    if what.once and earlier is not None:
        return walk.decide(here, "done", why={"once": earlier.path})
    to = list(walk.who(here.frame, what.to))
    if not what.wait:
        visit = walk.decide(here, "done")
        _want_notice(walk, visit, what, to, 1)
        return visit
    visit = walk.open(here)
    visit.effect = True
    _want_notice(walk, visit, what, to, 1)
    return visit


def _want_notice(walk: Running, visit: Visit, what: Notify, to: list[str], n: int) -> None:
    payload = {"template": what.template, "to": to, "channel": what.channel, "await": what.wait}
    walk.record.want(visit, "notify", "notify", payload, n)


def _stay_notify(walk: Running, here: Here, visit: Visit) -> None:
    what = here.step.what
    assert isinstance(what, Notify)
    if visit.marks.get("error"):
        fail(walk, here, visit, visit.marks["error"])
    elif tries := _again(walk, visit):
        _want_notice(walk, visit, what, list(walk.who(here.frame, what.to)), tries)


def _open_call(walk: Running, here: Here) -> Visit:
    what = here.step.what
    assert isinstance(what, Call)
    visit = walk.open(here)
    visit.effect = True
    walk.record.want(visit, "call", what.action, {"action": what.action})
    return visit


def _stay_call(walk: Running, here: Here, visit: Visit) -> None:
    what = here.step.what
    assert isinstance(what, Call)
    if visit.marks.get("error"):
        fail(walk, here, visit, visit.marks["error"])
    elif tries := _again(walk, visit):
        walk.record.want(visit, "call", what.action, {"action": what.action}, tries)
    elif what.until and not visit.effect:
        verdict, why = walk.judge(here.frame, what.until, visit.result)
        if verdict.holds:
            walk.record.end(visit, State.DONE, "done", by="event", why=why)


def _again(walk: Running, visit: Visit) -> int:
    """A person decided to try again: the number of this try, once."""
    tries = int(visit.marks.get("tries", 1))
    if tries == int(visit.marks.get("tried", 1)):
        return 0
    walk.record.mark(visit, tried=tries)
    return tries


def _open_survey(walk: Running, here: Here) -> Visit:
    what = here.step.what
    assert isinstance(what, Survey)
    visit = walk.decide(here, "done")
    walk.record.want(visit, "survey", "survey", {"type": what.type, "template": what.template})
    return visit


NOTIFY = Behaviour(_open_notify, _stay_notify)
CALL = Behaviour(_open_call, _stay_call)
SURVEY = Behaviour(_open_survey)

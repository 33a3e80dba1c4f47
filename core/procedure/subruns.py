"""The `run` step: a sub-SOP with its own fields, variables and steps, or a child ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.procedure.behaviour import Behaviour
from core.procedure.failing import fail
from core.procedure.frames import Frame
from core.procedure.setting import stored
from core.procedure.values import Order, State
from core.sop.document import Run
from core.sop.values import typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.procedure.running import Here, Running
    from core.procedure.values import Visit
    from core.sop.document import Sop

DEEPEST = 5


def _open_run(walk: Running, here: Here) -> Visit:
    what = here.step.what
    assert isinstance(what, Run)
    if what.ticket is not None:
        return _open_child(walk, here, what)
    assert what.sop
    try:
        sop = walk.world.sop(what.sop, None)
    except LookupError:
        return fail(walk, here, walk.open(here), {"code": "missing", "sop": what.sop})
    if here.frame.depth + 1 > DEEPEST:
        return fail(walk, here, walk.open(here), {"code": "depth", "sop": what.sop})
    if sop is None:  # its end will be told
        if not what.wait:
            return walk.decide(here, "completed", sop=what.sop)
        return walk.open(here, awaits=("child.ended",), sop=what.sop, child=True)
    given = walk.fill(here.frame, dict(what.with_))
    wrong = _wrong(sop, given)
    if wrong:
        return fail(walk, here, walk.open(here), {"code": "with", "field": wrong})
    marks: dict[str, Any] = {"sop": what.sop, "hash": sop.hash, "beside": None if what.wait else True}
    visit = walk.open(here, **marks) if what.wait else walk.decide(here, "completed", **marks)
    for name, value in given.items():
        walk.facts.fields(here.path)[name] = stored(value)
        walk.record.orders.append(Order("field", name, stored(value), here.path, here.path))
    return visit


def _open_child(walk: Running, here: Here, what: Run) -> Visit:
    visit = (
        walk.open(here, awaits=("child.ended",), child=True)
        if what.wait
        else walk.decide(here, "completed", child=True)
    )
    walk.record.want(visit, "child", "child", {"await": what.wait})
    return visit


def _wrong(sop: Sop, given: Mapping[str, Any]) -> str | None:
    """The first value of `with` that its field cannot take."""
    for name, value in given.items():
        field = sop.fields.get(name)
        if field is None or (value is not None and typed(field, stored(value)) is None):
            return name
    return None


def frame_of_run(walk: Running, outer: Frame, visit: Visit) -> Frame | None:
    """The sub-SOP behind a `run` visit, in the version it has begun with."""
    known = walk.frames.get(visit.path)
    if known is None:
        try:
            sop = walk.world.sop(visit.marks["sop"], visit.marks.get("hash"))
        except LookupError:
            sop = None
        if sop is None:
            return None
        known = walk.frames[visit.path] = Frame(sop, visit.path, walk.world.calendar(sop.calendar), outer.depth + 1)
    return known


def _stay_run(walk: Running, here: Here, visit: Visit) -> None:
    if visit.marks.get("error"):
        fail(walk, here, visit, visit.marks["error"])
        return
    if visit.marks.get("child"):
        return
    frame = frame_of_run(walk, here.frame, visit)
    if frame is None:
        walk.need("missing", visit.path)
        return
    ended = walk.run(walk, frame)
    if ended:
        walk.record.end(walk.record.rows[visit.path], State.DONE, ended.outcome, result=ended.result)


def beside(walk: Running, frame: Frame) -> bool:
    """Walk the sub-SOPs nobody waits for; is one of them still under way?"""
    under_way = False
    if "run" not in walk.record.kinds:
        return under_way
    for visit in list(walk.record.rows.values()):
        if visit.kind == "run" and visit.marks.get("beside") and walk.frame_path(visit) == frame.path:
            inner = frame_of_run(walk, frame, visit)
            root = walk.record.rows.get(inner.root) if inner else None
            if inner and (root is None or root.open):
                under_way = walk.run(walk, inner) is None or under_way
    return under_way


RUN = Behaviour(_open_run, _stay_run, holds_steps=True)

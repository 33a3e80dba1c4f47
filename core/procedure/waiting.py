"""The `wait` step: for a time, until a condition or a moment, or for an event of the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.behaviour import Behaviour
from core.procedure.seeing import moment_in
from core.procedure.values import Happening, State
from core.sop.document import Wait
from core.sop.expressions import evaluate

if TYPE_CHECKING:
    from core.procedure.running import Here, Running
    from core.procedure.values import Visit


def _open_wait(walk: Running, here: Here) -> Visit:
    what, frame = here.step.what, here.frame
    assert isinstance(what, Wait)
    ends = frame.calendar.after(walk.record.now, what.for_) if what.for_ else None
    if what.event:
        # Events count from the opening of the step before, so that no answer falls between two steps; but none counts twice.
        return walk.open(
            here, awaits=(what.event,), since=here.before, after=_taken(walk, what.event), limit=ends, kind=what.event
        )
    if what.until:
        value = evaluate(what.until, walk.scope(frame))
        moment = None if isinstance(value, bool) else moment_in(value, frame.calendar.tz())
        return walk.open(here, awaits=() if moment else ("*",), at=moment, limit=ends)
    return walk.open(here, at=ends)


def _taken(walk: Running, kind: str) -> int | None:
    """The newest event of this kind that an earlier wait has ended with."""
    taken = [
        v.marks["event"]
        for v in walk.record.rows.values()
        if v.kind == "wait" and v.marks.get("kind") == kind and "event" in v.marks
    ]
    return max(taken, default=None)


def _stay_wait(walk: Running, here: Here, visit: Visit) -> None:
    what, record = here.step.what, walk.record
    assert isinstance(what, Wait)
    marks = visit.marks
    limit = marks.get("limit")
    if what.event:
        if happening := _come(walk, here, visit, what):
            visit = record.own(visit)
            visit.marks["event"] = happening.seq
            record.end(
                visit, State.DONE, "event", by="event", result=dict(happening.data), why={"event": happening.seq}
            )
            return
    elif marks.get("at") is not None:
        if record.due(marks["at"], visit.path):
            record.end(visit, State.DONE, "time", by="clock")
            return
    elif what.until and _holds(walk, here, visit, what.until):
        return
    if limit is not None and record.due(limit, visit.path):
        record.end(visit, State.EXPIRED, "timeout", by="clock")


def _come(walk: Running, here: Here, visit: Visit, what: Wait) -> Happening | None:
    """The first event this wait is for, if it came in time."""
    assert what.event
    limits = [at for at in (visit.marks.get("limit"), visit.marks.get("clock", {}).get("timeout")) if at is not None]
    for happening in walk.world.happened(what.event, visit.marks["since"]):
        if happening.seq <= visit.marks.get("after", 0) or any(happening.at > at for at in limits):
            continue
        if what.if_ is None or walk.judge(here.frame, what.if_, dict(happening.data))[0].holds:
            return happening
    return None


def _holds(walk: Running, here: Here, visit: Visit, until: str) -> bool:
    """Has the condition come true, or the moment it names become known?"""
    value = evaluate(until, walk.scope(here.frame))
    if value is None or value is False:
        return False
    if value is True:
        _verdict, why = walk.judge(here.frame, until)
        walk.record.end(visit, State.DONE, "condition", why=why)
        return True
    moment = moment_in(value, here.frame.calendar.tz())
    if moment is not None and walk.record.due(moment, visit.path):
        walk.record.end(visit, State.DONE, "time", by="clock")
        return True
    return False


WAIT = Behaviour(_open_wait, _stay_wait)

"""What a document says about events that may come at any time (its own `on`): steps beside the flow, or an interruption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.values import State, Visit
from core.procedure.ways import CONTINUE, END, WAITING

if TYPE_CHECKING:
    from core.procedure.frames import Frame
    from core.procedure.running import Running
    from core.procedure.values import Happening

AT_ONCE = 3  # handlers of one event
SKEW_MS = 60_000  # so far the clocks of two machines may be apart: events are looked at again from so long before
OPENED = "@"  # the answer to an event: a handler was opened


def come(walk: Running, frame: Frame) -> bool:
    """Look at the events nobody has taken. True: the flow was sent somewhere else, or a handler was opened beside it: walk again."""
    record, root = walk.record, walk.record.rows[frame.root]
    if not frame.sop.on:
        return False
    seen: dict[str, list[int]] = dict(root.marks.get("seen", {}))  # the newest seq and moment of each kind
    waits = {v.marks["event"] for v in record.rows.values() if v.kind == "wait" and "event" in v.marks}
    answers: list[str | None] = []
    for kind in dict.fromkeys(on.event for on in frame.sop.on):
        seq, at = seen.get(kind, (0, 0))
        for happening in walk.world.happened(kind, max(root.opened_at, at - SKEW_MS)):
            if happening.seq <= seq:
                continue
            # An open wait takes an event first; a reopening that has revived this run has had its effect.
            taken = happening.seq in waits or (
                kind == "ticket.reopened" and happening.at <= root.marks.get("revived_at", 0)
            )
            answer = None if taken else _handle(walk, frame, kind, happening)
            if answer == WAITING:
                break  # three are at work: the next one comes when one of them is done
            seen[kind] = [happening.seq, happening.at]
            answers.append(answer)
            if answer not in (None, OPENED):
                record.mark(root, seen=seen)
                walk.redirect(frame, str(answer), {"event": happening.seq}, "event")
                return True
    if seen:
        record.mark(root, seen=seen)
    return OPENED in answers


def _handle(walk: Running, frame: Frame, kind: str, happening: Happening) -> str | None:
    """What the document says to one event: a target; OPENED, a handler; WAITING, one must end first; None, nothing."""
    for i, on in enumerate(frame.sop.on):
        if on.event != kind or (on.if_ and not walk.judge(frame, on.if_, dict(happening.data))[0].holds):
            continue
        if on.then:
            return on.then
        base = f"{frame.base}@{kind}"
        handlers = [
            v for v in walk.record.rows.values() if v.kind == "event" and v.name == kind and v.path.startswith(base)
        ]
        if sum(handler.open for handler in handlers) >= AT_ONCE:
            return WAITING
        n = len(handlers) + 1
        walk.record.add(
            frame.path,
            Visit(
                path=base if n == 1 else f"{base}#{n}",
                name=kind,
                visit=n,
                kind="event",
                state=State.OPEN,
                opened_at=walk.record.now,
                why={"event": happening.seq},
                marks={"on": i, "seq": happening.seq},
            ),
        )
        return OPENED
    return None


def at_work(walk: Running, frame: Frame) -> bool:
    """Is a handler still open?"""
    if "event" not in walk.record.kinds:
        return False
    return any(v.kind == "event" and v.open and walk.frame_path(v) == frame.path for v in walk.record.rows.values())


def handlers(walk: Running, frame: Frame) -> str:
    """Walk what runs beside the flow because of events. `end`: one of them ended the run."""
    if "event" not in walk.record.kinds:
        return CONTINUE
    for visit in list(walk.record.rows.values()):
        if visit.kind != "event" or not visit.open or walk.frame_path(visit) != frame.path:
            continue
        walk.record.seen.add(visit.path)
        on = int(visit.marks["on"])
        steps = (frame.sop.on[on].do or ()) if on < len(frame.sop.on) else ()
        way = walk.steps(frame, steps, f"{visit.path}/", visit.opened_at)
        if way == END:
            return END
        if way != WAITING:
            walk.record.end(visit, State.DONE, "completed")
    return CONTINUE

"""What a document says about events that may come at any time (its own `on`): steps beside the flow, or an interruption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.values import State, Visit
from core.procedure.ways import END, WAITING

if TYPE_CHECKING:
    from core.procedure.frames import Frame
    from core.procedure.running import Running
    from core.procedure.values import Happening

AT_ONCE = 3  # handlers of one event


def interrupted(walk: Running, frame: Frame) -> bool:
    """Look at the events nobody has taken. True: the flow was sent somewhere else. Those with `do` open a handler beside it."""
    record, root = walk.record, walk.record.rows[frame.root]
    seen: dict[str, int] = dict(root.marks.get("seen", {}))
    waits = {v.marks["event"] for v in record.rows.values() if v.kind == "wait" and "event" in v.marks}
    for kind in dict.fromkeys(on.event for on in frame.sop.on):
        for happening in walk.world.happened(kind, root.opened_at):
            if happening.seq <= seen.get(kind, 0):
                continue
            if happening.seq in waits:  # an open wait takes an event first
                seen[kind] = happening.seq
                continue
            target = _handle(walk, frame, kind, happening)
            if target == WAITING:
                break  # three are at work: the next one comes when one of them is done
            seen[kind] = happening.seq
            if target:
                record.mark(root, seen=seen)
                walk.redirect(frame, target, {"event": happening.seq}, "event")
                return True
    if seen:
        record.mark(root, seen=seen)
    return False


def _handle(walk: Running, frame: Frame, kind: str, happening: Happening) -> str | None:
    """What the document says to one event: a target, None when a handler was opened or nothing is said, WAITING when it must wait."""
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
        return None
    return None


def handlers(walk: Running, frame: Frame) -> str | None:
    """Walk what runs beside the flow because of events. `end`: one of them ended the run; "": some are at work; None: none is."""
    answer: str | None = None
    for visit in list(walk.record.rows.values()):
        if visit.kind != "event" or not visit.open or walk.frame_path(visit) != frame.path:
            continue
        walk.record.seen.add(visit.path)
        on = int(visit.marks["on"])
        steps = (frame.sop.on[on].do or ()) if on < len(frame.sop.on) else ()
        way = walk.steps(frame, steps, f"{visit.path}/", visit.opened_at)
        if way == END:
            return END
        if way == WAITING:
            answer = WAITING
        else:
            walk.record.end(visit, State.DONE, "completed")
    return answer

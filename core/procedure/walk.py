"""What is next on a ticket? A pure function over the document, the step ledger and the world at one moment.

The walk begins at the document's first step every time. What the ledger has closed is passed over, what is new is opened, and it stops where
something is open. So continuing after a crash, after an upgrade, or in another process is the same thing: walk again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure import events, subruns
from core.procedure.frames import Frame, steps_by_name
from core.procedure.kinds import BEHAVIOURS
from core.procedure.running import Here, Running
from core.procedure.status import settle
from core.procedure.timers import clocks, expired, tend
from core.procedure.values import ROOT, Ended, Move, State, Visit
from core.procedure.ways import CONTINUE, END, EXIT, WAITING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.procedure.values import World
    from core.sop.document import Sop


def walk(sop: Sop, ledger: Mapping[str, Visit], world: World, now: int) -> Move:
    """What is new since the last walk. The ledger is read, never changed; apply `Move.visits` to it (by path) and walk again at `alarm_at`.

    The ledger's order is the order in which its visits were opened. Walking an unchanged ledger again changes nothing.
    """
    return trace(sop, ledger, world, now)[0]


def trace(sop: Sop, ledger: Mapping[str, Visit], world: World, now: int) -> tuple[Move, frozenset[str]]:
    """The same, and the paths of all visits the flow came by: an open one that is not among them is not reached any more."""
    root = ledger.get(ROOT)
    if root is not None and not root.open:
        return Move(ended=Ended(root.outcome or "completed", root.result)), frozenset(ledger)
    running = Running(ledger, world, now, run_document)
    frame = running.frames[""] = Frame(sop, "", world.calendar(sop.calendar))
    ended = run_document(running, frame)
    settle(running)
    return running.record.move(ended), frozenset(running.record.seen)


def run_document(walk: Running, frame: Frame) -> Ended | None:
    """Walk one document, the main one or a sub-SOP: its flow, then what goes on beside it. Answers how it ended, if it did."""
    _open_root(walk, frame)
    way = _flow(walk, frame)
    if way != END:
        under_way = subruns.beside(walk, frame) or events.at_work(walk, frame)
        way = CONTINUE if way == EXIT else way
    if way == END or (way == CONTINUE and not under_way):
        return _end(walk, frame)
    tend(walk, frame, frame.sop, walk.record.rows[frame.root], ("assignee",))
    _tend_leftovers(walk, frame)
    return None


def _open_root(walk: Running, frame: Frame) -> None:
    """The run's own row: its clocks, the events it has seen, its end."""
    walk.record.seen.add(frame.root)
    if frame.root in walk.record.rows:
        return
    due, clock = clocks(walk, frame, frame.sop)
    walk.record.add(
        frame.path,
        Visit(
            path=frame.root,
            name=frame.sop.name,
            visit=0,
            kind="sop",
            state=State.OPEN,
            opened_at=walk.record.now,
            due_at=due,
            marks=clock | {"hash": frame.sop.hash},
        ),
    )


def _flow(walk: Running, frame: Frame) -> str:
    """The document's list of steps, and the handlers of events beside it. An event or the document's timeout may send the flow elsewhere,
    and an event may open a handler: then it is walked again."""
    while True:
        root = walk.record.rows[frame.root]
        frame.ending = None
        way = walk.steps(frame, frame.sop.do, frame.base, root.opened_at, root.marks.get("start"))
        if way == END or events.handlers(walk, frame) == END:
            return END
        if not (_timed_out(walk, frame) or events.come(walk, frame)):
            if way not in (CONTINUE, EXIT, WAITING):  # a jump to a step that this version does not have there
                walk.need("target", frame.root, way)
            return way


def _timed_out(walk: Running, frame: Frame) -> bool:
    """The document's own timeout interrupts everything, once."""
    root, timeout = walk.record.rows[frame.root], frame.sop.timeout
    if timeout is None or not expired(walk, root):
        return False
    walk.record.mark(root, clock={**root.marks["clock"], "timeout": None})
    walk.redirect(frame, timeout.then, {"timeout": frame.root}, "clock")
    return True


def _tend_leftovers(walk: Running, frame: Frame) -> None:
    """Escalation steps that had begun when their step ended stay in people's lists: their time goes on, nothing follows them."""
    steps = steps_by_name(frame.sop)
    for visit in list(walk.record.rows.values()):
        if (
            visit.open
            and visit.path not in walk.record.seen
            and walk.frame_path(visit) == frame.path
            and visit.name in steps
        ):
            step = steps[visit.name]
            walk.stay(Here(frame, step, visit.path, visit.opened_at, visit.visit), BEHAVIOURS[step.kind], visit)


def _end(walk: Running, frame: Frame) -> Ended:
    """The run is over: whatever is still open is withdrawn."""
    ended = frame.ending or Ended("completed")
    root = walk.record.rows[frame.root]
    walk.record.end(root, State.DONE, ended.outcome, result=ended.result)
    walk.record.withdraw(frame.base, {"ended": frame.root})
    return ended

"""Time on a step: `due`, `remind`, `escalate`, `timeout` are computed when the visit opens, stored with it, and looked at by every walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.record import BESIDE
from core.procedure.seeing import moment_in
from core.procedure.values import JSON, State
from core.sop.expressions import evaluate

if TYPE_CHECKING:
    from core.procedure.frames import Frame
    from core.procedure.running import Running
    from core.procedure.values import Visit
    from core.sop.document import Due, Reminder, Sop, Step, Who


def moment_after(walk: Running, frame: Frame, due: Due) -> int:
    """When a `due`, `after` … falls due, counted from now or from the moment its `from` names."""
    start = walk.record.now
    if due.start:
        named = moment_in(evaluate(due.start, walk.scope(frame)), frame.calendar.tz())
        start = start if named is None else named
    return frame.calendar.after(start, due.after)


def clocks(walk: Running, frame: Frame, timed: Step | Sop) -> tuple[int | None, dict[str, JSON]]:
    """The due moment of a visit that opens now, and the marks that remember its other moments."""
    if not (timed.due or timed.timeout or timed.escalate or timed.remind):
        return None, {}
    due = moment_after(walk, frame, timed.due) if timed.due else None
    clock: dict[str, JSON] = {}
    if timed.timeout:
        clock["timeout"] = moment_after(walk, frame, timed.timeout.after)
    if timed.escalate:
        clock["escalate"] = [moment_after(walk, frame, escalation.after) for escalation in timed.escalate]
    if timed.remind:
        limit = due if due is not None else clock.get("timeout")
        clock["remind"] = [_first(walk, frame, reminder, limit) for reminder in timed.remind]
    return due, {"clock": clock} if clock else {}


def _first(walk: Running, frame: Frame, reminder: Reminder, limit: int | None) -> int | None:
    """When a reminder is sent for the first time; None: never (the moment lies before the opening)."""
    if reminder.after:
        return moment_after(walk, frame, reminder.after)
    if reminder.before is None or limit is None:
        return frame.calendar.after(walk.record.now, reminder.every) if reminder.every and not reminder.before else None
    at = frame.calendar.before(limit, reminder.before)
    if at >= walk.record.now:
        return at
    return frame.calendar.after(walk.record.now, reminder.every) if reminder.every else None


def expired(walk: Running, visit: Visit) -> bool:
    """Has the visit's `timeout` come? (Sets the alarm for it.)"""
    at = visit.marks.get("clock", {}).get("timeout")
    return at is not None and walk.record.due(at, visit.path)


def expire(walk: Running, timed: Step, visit: Visit) -> None:
    """BPMN's interrupting timer: the visit ends `timeout`, and what is open in it is withdrawn; escalations that have begun go on."""
    walk.record.withdraw(visit.path + "/", {"timeout": visit.path}, by="clock", keep=escalations_of(timed, visit))
    walk.record.end(visit, State.EXPIRED, "timeout", by="clock")


def escalations_of(timed: Step, visit: Visit) -> tuple[str, ...]:
    """How the paths of a visit's escalation steps begin."""
    return tuple(f"{beside(visit)}{step.name}" for escalation in timed.escalate for step in escalation.do)


def beside(visit: Visit) -> str:
    """What the paths of a visit's escalation steps begin with."""
    return visit.path + (BESIDE if visit.kind == "run" else "/")


def tend(walk: Running, frame: Frame, timed: Step | Sop, visit: Visit, told: Who) -> None:
    """Let everything but the timeout happen whose moment has come: the due mark, escalations beside, reminders."""
    record = walk.record
    if visit.due_at is not None and not visit.marks.get("overdue") and record.due(visit.due_at, visit.path):
        visit = record.mark(visit, overdue=True)
    clock = visit.marks.get("clock")
    if not clock:
        return
    limit = clock.get("timeout")
    for at, escalation in zip(clock.get("escalate", ()), timed.escalate, strict=False):
        if (limit is None or at <= limit or limit > record.now) and record.due(at, visit.path):
            walk.steps(frame, escalation.do, beside(visit), visit.opened_at)
    if "remind" in clock and not (limit is not None and limit <= record.now):
        _remind(walk, frame, timed, record.rows[visit.path], told)


def _remind(walk: Running, frame: Frame, timed: Step | Sop, visit: Visit, told: Who) -> None:
    """Send the reminders whose moment has come, once each, however late this walk is."""
    record, clock = walk.record, visit.marks["clock"]
    moments, sent = list(clock["remind"]), list(visit.marks.get("sent", [0] * len(clock["remind"])))
    for i, (at, reminder) in enumerate(zip(moments, timed.remind, strict=False)):
        if at is None or not record.due(at, visit.path):
            continue
        sent[i] += 1
        record.want(visit, "remind", f"remind.{i + 1}", {"to": list(told), "n": sent[i]}, sent[i])
        following = frame.calendar.after(at, reminder.every) if reminder.every else None
        while following is not None and reminder.every and following <= record.now:
            following = frame.calendar.after(following, reminder.every)
        moments[i] = following
        if following is not None:
            record.alarm(following, visit.path)
    if moments != clock["remind"]:
        record.mark(visit, clock={**clock, "remind": moments}, sent=sent)

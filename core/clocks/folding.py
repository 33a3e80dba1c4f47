"""The clocks of one ticket, worked out from its timeline: a pure function of events, policies and calendars.

The command's own transaction folds the events it has just written; `estafet clocks audit` folds the whole timeline and must come to the same.
Opening time passes between events, so a warning or breach happens at its moment, whichever event is folded next.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from core.clocks.policy import BREACH, FIRST, LIMIT, NEXT, RESOLUTION, WARNING
from core.sop.expressions import ExpressionError, Scope, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.calendars import Calendar
    from core.clocks.policy import Goal, Metric, On, Policy

RUNNING, PAUSED, MET, BREACHED, CANCELLED = "running", "paused", "met", "breached", "cancelled"
WARNED_EVENT, BREACHED_EVENT, POLICY_EVENT, NOTED_EVENT = (
    "clock.warned",
    "clock.breached",
    "clock.policy",
    "clock.noted",
)
_CALLED = frozenset({WARNED_EVENT, BREACHED_EVENT})
_ENDS = frozenset({"ticket.closed", "ticket.merged"})
STANDS = (
    "status",
    "priority",
    "department",
    "channel",
    "opened_at",
    "answered",
)  # what an event may say that the ticket is now


class Book(Protocol):
    """Where the fold looks policies and calendars up; each version of either never changes."""

    def policy(self, applied: str) -> Policy: ...

    def calendar(self, applied: str) -> Calendar: ...


@dataclass(frozen=True, slots=True)
class Told:
    """One event, as the clocks see it."""

    seq: int
    at: int
    kind: str
    actor: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pause:
    """From the event `by` to the event `until_by`; open while `until` is None."""

    since: int
    by: int
    until: int | None = None
    until_by: int | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One metric running on one ticket for the `visit`-th time. `fired` counts its marks (warnings, breach, limit) that have passed.

    `due_at` and `limit_at` are moments while it runs, None while it is paused; `next_at` is its next mark. `used` ms of opening time had
    passed at the moment `since`. `broken_at` is when the goal passed.
    """

    metric: str
    visit: int
    policy: str
    started_at: int
    started_by: int
    state: str = RUNNING
    pauses: tuple[Pause, ...] = ()
    ended_at: int | None = None
    ended_by: int | None = None
    used: int = 0
    since: int = 0
    fired: int = 0
    tiers: int = 0
    due_at: int | None = None
    limit_at: int | None = None
    next_at: int | None = None
    broken_at: int | None = None
    id: int = field(default=0, compare=False)

    @property
    def open(self) -> bool:
        """Nothing has ended it yet; a breached one goes on until it is stopped."""
        return self.ended_at is None

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].until is None

    def running(self, until: int) -> Iterator[tuple[int, int]]:
        """The stretches in which it ran, up to `until`."""
        start, end = self.started_at, until if self.ended_at is None else self.ended_at
        for pause in self.pauses:
            yield start, min(pause.since, end)
            if pause.until is None:
                return
            start = pause.until
        yield start, end


@dataclass(frozen=True, slots=True)
class Mark:
    """Something happened on a clock at its moment: a warning, the breach (tier 1), the limit (tier 2)."""

    clock: Clock
    what: str
    number: int
    at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What the clocks remember of a ticket between two events."""

    applied: str | None = None
    status: str = "open"
    priority: str = "medium"
    department: int = 0
    channel: str = ""
    opened_at: int = 0
    answered: bool = False


@dataclass(slots=True)
class Folding:
    """Folds event after event; `fired` collects the marks that have passed."""

    book: Book
    standing: Standing = field(default_factory=Standing)
    clocks: list[Clock] = field(default_factory=list)
    fired: list[Mark] = field(default_factory=list)

    def fold(self, told: Told) -> None:
        """Let one event move the clocks. What no clock listens to changes nothing."""
        if not matters(self.book, self.standing.applied, told):
            return
        at = max([told.at, *(clock.since for clock in self.clocks if clock.open)])
        self.let_pass(at if told.kind in _CALLED else at - 1)
        before, self.standing = self.standing, _stand(self.standing, told, at)
        if (before.applied, before.priority) != (self.standing.applied, self.standing.priority):
            self._apply(before, at, told.seq)
        if told.kind in _ENDS and "from" not in told.data:  # `from`: another ticket was merged into this one
            self.clocks = [self._end(c, CANCELLED, at, told.seq) if c.open else c for c in self.clocks]
            return
        if self.standing.applied is not None:
            self._move(self.book.policy(self.standing.applied), told, at)
        if told.kind == "message.sent" and told.actor == "person":
            self.standing = replace(self.standing, answered=True)

    def let_pass(self, until: int) -> None:
        """Time has come to `until`: marks up to and at this moment pass."""
        for i, clock in enumerate(self.clocks):
            while clock.open and clock.next_at is not None and clock.next_at <= until:
                clock = self._fire(clock)
            self.clocks[i] = clock

    def _fire(self, clock: Clock) -> Clock:
        metric, goal = self._promise(clock)
        assert goal is not None
        assert clock.next_at is not None
        what, _after = metric.marks(goal)[clock.fired]
        moment = clock.next_at
        tiers = {WARNING: clock.tiers, BREACH: max(1, clock.tiers), LIMIT: 2}[what]
        state = clock.state if what == WARNING else BREACHED
        broken_at = moment if tiers and clock.broken_at is None else clock.broken_at
        clock = self._timed(replace(clock, fired=clock.fired + 1, tiers=tiers, state=state, broken_at=broken_at))
        self.fired.append(Mark(clock, what, clock.fired, moment))
        return clock

    def _promise(self, clock: Clock) -> tuple[Metric, Goal | None]:
        metric = self.book.policy(clock.policy).metric(clock.metric)
        assert metric is not None
        return metric, metric.goal_for(self.standing.priority)

    def _timed(self, clock: Clock) -> Clock:
        """The clock with its moments to come, from what it has used by now."""
        if clock.paused:
            return replace(clock, due_at=None, limit_at=None, next_at=None)
        metric, goal = self._promise(clock)
        if goal is None:
            return replace(clock, due_at=None, limit_at=None, next_at=None)
        calendar = self.book.calendar(clock.policy)
        marks = metric.marks(goal)

        def moment(after: int) -> int:
            if after >= clock.used:
                return calendar.add_ms(clock.since, after - clock.used)
            return _passed(clock, after, calendar)

        return replace(
            clock,
            due_at=moment(goal.goal),
            limit_at=None if goal.limit is None else moment(goal.limit),
            next_at=moment(marks[clock.fired][1]) if clock.fired < len(marks) else None,
        )

    # ---- what an event does ------------------------------------------------------------------------------------------------

    def _apply(self, before: Standing, at: int, seq: int) -> None:
        """Another promise holds from now on (policy, version, calendar, priority): open clocks are reckoned anew from their start."""
        if self.standing.applied is None:
            return
        policy = self.book.policy(self.standing.applied)
        for i, clock in enumerate(self.clocks):
            if clock.open:
                metric = policy.metric(clock.metric)
                if metric is None or metric.goal_for(self.standing.priority) is None:
                    self.clocks[i] = self._end(clock, CANCELLED, at, seq)
                else:
                    self.clocks[i] = self._again(replace(clock, policy=self.standing.applied), at)
        for metric in policy.metrics:
            known = before.applied is not None and self.book.policy(before.applied).metric(metric.name)
            if not known or known.goal_for(before.priority) is None:
                self._begin_late(metric)

    def _again(self, clock: Clock, at: int) -> Clock:
        """The clock by another promise: the opening time since its start, pauses left out; what has passed already is not repeated."""
        calendar = self.book.calendar(clock.policy)
        used = sum(calendar.between_ms(a, b) for a, b in clock.running(at))
        metric, goal = self._promise(clock)
        assert goal is not None
        state, tiers, broken_at, fired = clock.state, clock.tiers, clock.broken_at, 0
        if used < goal.goal:  # it is not late by the new promise
            state, tiers, broken_at = (PAUSED if clock.paused else RUNNING), 0, None
        for what, after in metric.marks(goal):
            if after > used or (what == BREACH and tiers < 1) or (what == LIMIT and tiers < 2):
                break  # a breach that has not been called yet is called, late or not
            fired += 1
        return self._timed(
            replace(clock, used=used, since=at, state=state, tiers=tiers, fired=fired, broken_at=broken_at)
        )

    def _begin_late(self, metric: Metric) -> None:
        """A metric that the policy before did not have: what counts from the opening begins there, all else at its next start."""
        if self.standing.opened_at == 0 or any(c.metric == metric.name for c in self.clocks):
            return
        wanted = (metric.name == FIRST and not self.standing.answered) or metric.name == RESOLUTION
        if wanted and self.standing.status not in {"resolved", "closed"}:
            self._begin(metric, self.standing.opened_at, 1)  # a timeline begins with the opening

    def _move(self, policy: Policy, told: Told, at: int) -> None:
        scope = _scope(self.standing, told)
        for metric in policy.metrics:
            i = self._open(metric)
            if i is not None and _any(metric.stop, told, scope):
                clock = self.clocks[i]
                self.clocks[i] = self._end(clock, BREACHED if clock.tiers else MET, at, told.seq)
                continue
            if i is None and _any(metric.start, told, scope):
                self._start(metric, at, told.seq)
                i = self._open(metric)
            if i is not None:
                self.clocks[i] = self._pausing(self.clocks[i], metric, told, scope, at)

    def _open(self, metric: Metric) -> int | None:
        return next((i for i, c in enumerate(self.clocks) if c.metric == metric.name and c.open), None)

    def _start(self, metric: Metric, at: int, seq: int) -> None:
        # An answer that nobody has had yet is one promise, not two: the first response covers what is added before it.
        if metric.name == NEXT and any(c.metric == FIRST and c.open for c in self.clocks):
            return
        self._begin(metric, at, seq)

    def _begin(self, metric: Metric, at: int, seq: int) -> None:
        assert self.standing.applied is not None
        if metric.goal_for(self.standing.priority) is None:
            return
        visit = 1 + max((c.visit for c in self.clocks if c.metric == metric.name), default=0)
        self.clocks.append(self._timed(Clock(metric.name, visit, self.standing.applied, at, seq, since=at)))

    def _pausing(self, clock: Clock, metric: Metric, told: Told, scope: Scope, at: int) -> Clock:
        if metric.pause_while:
            want = _holds(metric.pause_while, scope)
        elif clock.paused:
            want = not _any(metric.resume, told, scope)
        else:
            want = _any(metric.pause, told, scope)
        if want and not clock.paused:
            used = clock.used + self.book.calendar(clock.policy).between_ms(clock.since, at)
            state = PAUSED if clock.state == RUNNING else clock.state
            pauses = (*clock.pauses, Pause(at, told.seq))
            return self._timed(replace(clock, used=used, since=at, state=state, pauses=pauses))
        if clock.paused and not want:
            pauses = (*clock.pauses[:-1], replace(clock.pauses[-1], until=at, until_by=told.seq))
            state = RUNNING if clock.state == PAUSED else clock.state
            return self._timed(replace(clock, since=at, state=state, pauses=pauses))
        return clock

    def _end(self, clock: Clock, state: str, at: int, seq: int) -> Clock:
        used = clock.used
        if not clock.paused:
            used += self.book.calendar(clock.policy).between_ms(clock.since, at)
        return replace(clock, state=state, ended_at=at, ended_by=seq, used=used, since=at, next_at=None)


def _passed(clock: Clock, after: int, calendar: Calendar) -> int:
    """The moment, gone by already, at which the clock had used so much: found in the stretches in which it ran."""
    used = 0
    for start, end in clock.running(clock.since):
        here = calendar.between_ms(start, end)
        if used + here >= after:
            return calendar.add_ms(start, after - used)
        used += here
    return clock.since


def matters(book: Book, applied: str | None, told: Told) -> bool:
    """May this event move a clock? The others are not folded at all, neither now nor in an audit."""
    if "stands" in told.data or "policy" in told.data or told.kind in _CALLED or told.kind in _ENDS:
        return True
    return applied is not None and told.kind in book.policy(applied).heard


def _scope(standing: Standing, told: Told) -> Scope:
    ticket = {"status": standing.status, "priority": standing.priority, "channel": standing.channel}
    return Scope(ticket=ticket, result={**told.data, "actor": told.actor})


def _stand(before: Standing, told: Told, at: int) -> Standing:
    stands = told.data.get("stands") or {}
    known = {name: stands[name] for name in STANDS if name in stands}
    if "policy" in told.data:
        known["applied"] = told.data["policy"]
    if told.kind == "ticket.opened":
        known.setdefault("opened_at", at)
    return replace(before, **known)


def _any(conditions: tuple[On, ...], told: Told, scope: Scope) -> bool:
    return any(on.event == told.kind and (not on.if_ or _holds(on.if_, scope)) for on in conditions)


def _holds(condition: str, scope: Scope) -> bool:
    try:
        return judge(condition, scope).holds
    except ExpressionError:
        return False  # checked when the policy was saved; one that reads a value of another type does not hold

"""What does a policy promise? Its metrics with goals, warnings, escalations, and the events that start, pause and stop them, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

MINUTE = 60_000
FIRST, NEXT, RESOLUTION = "first_response", "next_response", "resolution"
PRIORITIES = ("urgent", "high", "medium", "low")
WARNING, BREACH, LIMIT = "warning", "breach", "limit"
MOMENTS = (WARNING, BREACH, LIMIT)  # when an escalation happens
ACTIONS = ("raise_priority", "add_watcher", "tell", "reassign", "start_step")


@dataclass(frozen=True, slots=True)
class On:
    """An event that moves a clock; `if_` is a condition of the SOP language over ticket and result (what the event tells)."""

    event: str
    if_: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """Opening time in milliseconds: the goal itself, and (second tier) the limit behind it."""

    goal: int
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Warn:
    """Warn when so many percent of the goal have passed, or so long (ms of opening time) before its end."""

    percent: int | None = None
    before: int | None = None

    def after(self, goal: int) -> int:
        """The opening time (ms) after which it warns."""
        if self.percent is not None:
            return goal * self.percent // 100
        return max(0, goal - (self.before or 0))


@dataclass(frozen=True, slots=True)
class Escalation:
    """What is done at a warning, a breach or the limit.

    `to` is a priority (raise_priority), a step (start_step), or whom: lead, manager, holder, watchers, team:NAME, agent:NICK.
    """

    at: str
    do: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One promise. `goals` by priority; a priority without one has no clock. Times of the built-in metrics need no `start` and `stop`."""

    name: str
    goals: tuple[tuple[str, Goal], ...]
    start: tuple[On, ...]
    stop: tuple[On, ...]
    pause_while: str = ""
    pause: tuple[On, ...] = ()
    resume: tuple[On, ...] = ()
    warnings: tuple[Warn, ...] = ()
    escalations: tuple[Escalation, ...] = ()

    def goal_for(self, priority: str) -> Goal | None:
        """What is promised at this priority."""
        return dict(self.goals).get(priority)

    def marks(self, goal: Goal) -> tuple[tuple[str, int], ...]:
        """What happens after how much opening time (ms): warnings, the breach, the limit, in order."""
        found = [(WARNING, one.after(goal.goal)) for one in self.warnings]
        found.append((BREACH, goal.goal))
        if goal.limit is not None:
            found.append((LIMIT, goal.limit))
        return tuple(sorted(found, key=lambda mark: mark[1]))


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy. It applies where its lists hold (an empty one always holds); `calendar` None is the department's."""

    name: str
    metrics: tuple[Metric, ...]
    priorities: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    calendar: str | None = None
    heard: frozenset[str] = field(default=frozenset(), compare=False)

    def applies(self, priority: str, klass: str, channel: str) -> bool:
        """Does it hold for such a ticket?"""
        return (
            (not self.priorities or priority in self.priorities)
            and (not self.classes or klass in self.classes)
            and (not self.channels or channel in self.channels)
        )

    def metric(self, name: str) -> Metric | None:
        """One of its metrics."""
        return next((metric for metric in self.metrics if metric.name == name), None)


ANSWERED = (On("message.sent", "result.actor == 'person'"), On("ticket.resolved"))
STARTS: dict[str, tuple[On, ...]] = {
    FIRST: (On("ticket.opened"),),
    NEXT: (On("customer.replied"),),
    RESOLUTION: (On("ticket.opened"), On("ticket.reopened")),
}
STOPS: dict[str, tuple[On, ...]] = {FIRST: ANSWERED, NEXT: ANSWERED, RESOLUTION: (On("ticket.resolved"),)}
PAUSES = {RESOLUTION: "ticket.status in ['pending_customer', 'pending_third_party']"}


def heard_by(metrics: tuple[Metric, ...]) -> frozenset[str]:
    """The kinds of events that may move one of these clocks."""
    return frozenset(on.event for m in metrics for on in (*m.start, *m.stop, *m.pause, *m.resume))


@lru_cache(maxsize=512)
def standard(promise_minutes: int) -> Policy:
    """The policy that holds where a firm has written none: a first and every next answer within the department's promise."""
    goals = tuple((priority, Goal(promise_minutes * MINUTE)) for priority in PRIORITIES)
    metrics = tuple(
        Metric(name, goals, STARTS[name], STOPS[name], warnings=(Warn(percent=75),)) for name in (FIRST, NEXT)
    )
    return Policy("standard", metrics, heard=heard_by(metrics))

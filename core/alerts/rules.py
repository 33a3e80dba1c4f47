"""Does an alert rule hold for a ticket, since when, and if not, what is missing? Pure: rules and facts in, judgement out.

A rule is a few conditions one behind the other. All of them true: it is called out, once for each cause. Else the first that is false says why
not, and `next_at` is the moment from which time alone may have made it true.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calendars import Calendar

VIP, SOON, IDLE, OVERDUE = "vip", "time_sensitive", "idle", "overdue"
REOPENED, RATING, BACKLOG = "reopened", "bad_rating", "backlog"
KINDS = (VIP, SOON, IDLE, OVERDUE, REOPENED, RATING, BACKLOG)
WATCHED = "watched"  # not a rule's: the news of a ticket that somebody watches
CALLED = "called"  # nor this: a word in a customer's message has called somebody in
PAGE, MAIL, DIGEST = "page", "mail", "digest"
HOWS = (PAGE, MAIL, DIGEST)
DURATIONS = frozenset({SOON, IDLE, OVERDUE})  # kinds whose threshold is a length of time
RATED_EVENT, REOPENED_EVENT = "customer.rated", "ticket.reopened"
_OVER = frozenset({"resolved", "closed"})
_WAITING = frozenset({"pending_customer", "pending_third_party"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule. `threshold` is ms (time_sensitive, idle, overdue), a number (reopened, backlog) or percent (bad_rating).

    It holds for a team, else for a department, else for the whole firm. `waiting`: an idle ticket counts also while somebody else is
    waited for. `to` are whom it tells, `how` by page alone, by mail at once, or in the digest.
    """

    id: int
    version: int
    title: str
    kind: str
    threshold: int
    to: tuple[str, ...]
    how: str
    department_id: int | None = None
    team_id: int | None = None
    priorities: tuple[str, ...] = ()
    waiting: bool = False
    active: bool = True

    def concerns(self, department_id: int, team_id: int) -> bool:
        """Is it a rule for what stands there?"""
        if self.team_id is not None:
            return self.team_id == team_id
        return self.department_id in {None, department_id}


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that is due: a clock (its metric and visit) or the open step (its id)."""

    what: str
    number: int
    due_at: int


@dataclass(frozen=True, slots=True)
class Rated:
    """What a customer gave, by which event."""

    seq: int
    score: int
    most: int

    @property
    def percent(self) -> int:
        """The score in percent of the best one."""
        return round(100 * self.score / self.most) if self.most else 0


@dataclass(frozen=True, slots=True)
class Facts:
    """How a ticket stands at the moment `now`. `reopening` is the event that has just reopened it, `rated` what it has just been given."""

    now: int
    status: str
    priority: str
    vip: bool
    deed_at: int
    calendar: Calendar
    deadlines: tuple[Deadline, ...] = ()
    reopened: int = 0
    reopening: int | None = None
    rated: Rated | None = None

    @property
    def unresolved(self) -> bool:
        return self.status not in _OVER


@dataclass(frozen=True, slots=True)
class Part:
    """One condition: what was asked, whether it is true, and the values it saw."""

    what: str
    holds: bool
    seen: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a rule is called out: the key makes it happen once."""

    key: str
    seen: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """`causes` is empty while a part is false."""

    parts: tuple[Part, ...]
    causes: tuple[Cause, ...] = ()
    next_at: int | None = None

    @property
    def missing(self) -> Part | None:
        """The first condition that is false."""
        return next((part for part in self.parts if not part.holds), None)


def judge(rule: Rule, facts: Facts) -> Judged:
    """The rule over these facts. Time alone cannot mend a resolved ticket or another priority: then there is no next moment."""
    common = [Part("priority", not rule.priorities or facts.priority in rule.priorities, {"priority": facts.priority})]
    if rule.kind not in {RATING, REOPENED}:
        common.insert(0, Part("open", facts.unresolved, {"status": facts.status}))
    judged = _JUDGES[rule.kind](rule, facts)
    parts = (*common, *judged.parts)
    if any(not part.holds for part in common):
        return Judged(parts)
    return Judged(parts, judged.causes if all(part.holds for part in judged.parts) else (), judged.next_at)


def _vip(_rule: Rule, facts: Facts) -> Judged:
    return Judged((Part("vip", facts.vip),), (Cause("vip", {"status": facts.status}),))


def _soon(rule: Rule, facts: Facts) -> Judged:
    coming = sorted((one for one in facts.deadlines if one.due_at > facts.now), key=lambda one: one.due_at)
    near = [one for one in coming if one.due_at - facts.now <= rule.threshold]
    parts = [Part("due", bool(coming))]
    if coming:
        left = {"what": coming[0].what, "due_at": coming[0].due_at, "left": coming[0].due_at - facts.now}
        parts.append(Part("soon", bool(near), left))
    causes = tuple(
        Cause(f"{one.what}.{one.number}", {"what": one.what, "due_at": one.due_at, "left": one.due_at - facts.now})
        for one in near
    )
    later = [one.due_at - rule.threshold for one in coming if one not in near]
    return Judged(tuple(parts), causes, min(later, default=None))


def _overdue(rule: Rule, facts: Facts) -> Judged:
    late = [one for one in facts.deadlines if one.due_at + rule.threshold <= facts.now]
    first = min(facts.deadlines, key=lambda one: one.due_at, default=None)
    parts = [Part("due", first is not None)]
    if first:
        seen = {"what": first.what, "due_at": first.due_at, "late": max(0, facts.now - first.due_at)}
        parts.append(Part("late", bool(late), seen))
    causes = tuple(
        Cause(f"{one.what}.{one.number}", {"what": one.what, "due_at": one.due_at, "late": facts.now - one.due_at})
        for one in late
    )
    later = [one.due_at + rule.threshold for one in facts.deadlines if one not in late]
    return Judged(tuple(parts), causes, min(later, default=None))


def _idle(rule: Rule, facts: Facts) -> Judged:
    counted = rule.waiting or facts.status not in _WAITING
    parts = [Part("counted", counted, {"status": facts.status})]
    if not counted:
        return Judged(tuple(parts))
    at = facts.calendar.add_ms(facts.deed_at, rule.threshold)
    quiet = facts.calendar.between_ms(facts.deed_at, facts.now) if facts.now > facts.deed_at else 0
    seen = {"since": facts.deed_at, "idle": quiet}
    if at > facts.now:
        return Judged((*parts, Part("idle", False, seen)), next_at=at)
    return Judged((*parts, Part("idle", True, seen)), (Cause(f"idle.{facts.deed_at}", seen),))


def _reopened(rule: Rule, facts: Facts) -> Judged:
    seen = {"times": facts.reopened}
    parts = (Part("reopened", facts.reopening is not None), Part("often", facts.reopened >= rule.threshold, seen))
    return Judged(parts, (Cause(f"event.{facts.reopening}", seen),))


def _rating(rule: Rule, facts: Facts) -> Judged:
    rated = facts.rated
    if rated is None:
        return Judged((Part("rated", False),))
    seen = {"score": rated.score, "max": rated.most, "percent": rated.percent}
    parts = (Part("rated", True), Part("low", rated.percent <= rule.threshold, seen))
    return Judged(parts, (Cause(f"event.{rated.seq}", seen),))


def _backlog(_rule: Rule, _facts: Facts) -> Judged:
    """A backlog is no ticket's: see `above`."""
    return Judged((Part("ticket", False),))


_JUDGES: dict[str, Callable[[Rule, Facts], Judged]] = {
    VIP: _vip,
    SOON: _soon,
    IDLE: _idle,
    OVERDUE: _overdue,
    REOPENED: _reopened,
    RATING: _rating,
    BACKLOG: _backlog,
}


def above(rule: Rule, n: int, *, before: bool) -> bool:
    """Is a backlog of `n` tickets above what the rule allows? Once above, it is so until a fifth of that is worked off: one ticket that
    comes and goes at the border is one alert, not many."""
    return n > rule.threshold * 4 // 5 if before else n > rule.threshold

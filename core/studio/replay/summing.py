"""What does the replay come to, all tickets together? Each figure knows its tickets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.studio.replay.judging import DIFFERENT, SAME, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from core.studio.replay.judging import Verdict
    from core.studio.replay.stages import Stage


@dataclass(frozen=True, slots=True)
class Replay:
    """One ticket of the past beside the draft: both paths, and (where the draft's is known to its end) the work saved or added.

    `work` is the number of steps of colleagues that the draft adds (negative: saves); `time_ms` the opening time that they usually take, as far
    as it is known; `untimed` are steps that nobody has done yet on these tickets.
    """

    ticket_id: int
    subject: str
    language: str
    status: str
    really: str
    number: int | None
    verdict: Verdict
    before: tuple[Stage, ...]
    after: tuple[Stage, ...]
    whole_before: tuple[Stage, ...]
    whole_after: tuple[Stage, ...]
    comparable: bool
    work: int | None = None
    time_ms: int | None = None
    untimed: tuple[str, ...] = ()

    @property
    def due_before(self) -> tuple[Stage, ...]:
        """The due moments that there really were."""
        return tuple(one for one in (*self.before, *self.whole_before) if one.due_at is not None)

    @property
    def due_after(self) -> tuple[Stage, ...]:
        """The due moments of the draft."""
        return tuple(one for one in (*self.after, *self.whole_after) if one.due_at is not None)


def met(stages: Iterable[Stage]) -> int:
    """How many due moments were met."""
    return sum(one.late_ms == 0 for one in stages)


def missed(stages: Iterable[Stage]) -> int:
    """How many were missed."""
    return sum(bool(one.late_ms) for one in stages)


def not_known(stages: Iterable[Stage]) -> int:
    """Of how many nobody can know."""
    return sum(one.late_ms is None for one in stages)


def work_of(one: Replay, usual: Mapping[str, int]) -> Replay:
    """The ticket with the work that the draft saves or adds."""
    if not one.comparable:
        return one
    old, new = Counter(_by_people(one.before)), Counter(_by_people(one.after))
    more, less = new - old, old - new
    changed = set(more) | set(less)
    time = sum(n * usual[name] for name, n in more.items() if name in usual)
    time -= sum(n * usual[name] for name, n in less.items() if name in usual)
    untimed = tuple(sorted(name for name in changed if name not in usual))
    known = time if len(untimed) < len(changed) or not changed else None
    return replace(one, work=more.total() - less.total(), time_ms=known, untimed=untimed)


def _by_people(stages: Sequence[Stage]) -> Iterable[str]:
    return (one.name for one in stages if one.person and one.state == "done")


CAUSE = "cause-"
FIGURES: dict[str, Callable[[Replay], bool]] = {
    SAME: lambda one: one.verdict.code == SAME,
    DIFFERENT: lambda one: one.verdict.code == DIFFERENT,
    UNKNOWN: lambda one: one.verdict.code == UNKNOWN,
    "met-before": lambda one: met(one.due_before) > 0,
    "missed-before": lambda one: missed(one.due_before) > 0,
    "met": lambda one: met(one.due_after) > 0,
    "missed": lambda one: missed(one.due_after) > 0,
    "unsure": lambda one: not_known(one.due_after) > 0,
    "more": lambda one: (one.work or 0) > 0,
    "less": lambda one: (one.work or 0) < 0,
    "equal": lambda one: one.work == 0,
}


def shown(tickets: Iterable[Replay], figure: str) -> list[Replay]:
    """The tickets behind a figure; `cause-…` are those of which it cannot be known for that cause. Nothing asked for: all."""
    if figure.startswith(CAUSE):
        return [one for one in tickets if _unknown(one) == figure.removeprefix(CAUSE)]
    test = FIGURES.get(figure)
    return [one for one in tickets if test is None or test(one)]


def _unknown(one: Replay) -> str:
    return one.verdict.unknown.cause if one.verdict.code == UNKNOWN and one.verdict.unknown else ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of tickets (`verdicts`, `causes`, `more`, `less`, `equal`) and of due moments (`met_before` …); `work` and `time_ms` are sums."""

    tickets: int
    verdicts: Mapping[str, int]
    causes: Mapping[str, int]
    cut: int  # tickets that part, and cannot be followed to the end either
    met_before: int
    missed_before: int
    met_after: int
    missed_after: int
    unsure_after: int
    more: int
    less: int
    equal: int
    work: int
    time_ms: int
    untimed: Mapping[str, int] = field(default_factory=dict)

    def percent(self, n: int) -> int:
        """The share of all tickets."""
        return round(100 * n / self.tickets) if self.tickets else 0


def summary(tickets: Sequence[Replay]) -> Summary:
    """All tickets together."""
    return Summary(
        tickets=len(tickets),
        verdicts=Counter(one.verdict.code for one in tickets),
        causes=dict(Counter(cause for one in tickets if (cause := _unknown(one))).most_common()),
        cut=sum(one.verdict.code == DIFFERENT and one.verdict.unknown is not None for one in tickets),
        met_before=sum(met(one.due_before) for one in tickets),
        missed_before=sum(missed(one.due_before) for one in tickets),
        met_after=sum(met(one.due_after) for one in tickets),
        missed_after=sum(missed(one.due_after) for one in tickets),
        unsure_after=sum(not_known(one.due_after) for one in tickets),
        more=len(shown(tickets, "more")),
        less=len(shown(tickets, "less")),
        equal=len(shown(tickets, "equal")),
        work=sum(one.work or 0 for one in tickets),
        time_ms=sum(one.time_ms or 0 for one in tickets),
        untimed=dict(Counter(name for one in tickets for name in one.untimed).most_common(20)),
    )

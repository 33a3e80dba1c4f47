"""What is usual on such a day, and is this one unusual? The median of the same weekdays before it, and how far they lie from it.

A day is unusual when it lies farther from the median than three times the scaled median distance (MAD), and by at least so much that
somebody would care. Both are robust: one bad week does not change what is usual.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WEEKS = 8  # the same weekdays of so many weeks
ENOUGH = 4  # with fewer of them nothing is called usual
FAR = 3 * 1.4826  # three standard deviations, were the distances normal
CAME, SOLVED, FIRST, BROKEN = "came", "solved", "first", "broken"
MEASURES = (CAME, SOLVED, FIRST, BROKEN)
LEAST = {CAME: 5.0, SOLVED: 5.0, FIRST: 900_000.0, BROKEN: 3.0}  # tickets; for the first answer ms
ABOVE, BELOW = "above", "below"
_SIDES = {  # a quick answer, few broken promises and much that was solved need nobody's eye
    CAME: frozenset({ABOVE, BELOW}),
    SOLVED: frozenset({BELOW}),
    FIRST: frozenset({ABOVE}),
    BROKEN: frozenset({ABOVE}),
}
_ANSWERED = 5  # a median of fewer answers says little


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a department, team or person. `opened`: the calendar has opening time on it; `over`: it is not today."""

    day: int
    came: int = 0
    solved: int = 0
    first_n: int = 0
    first_p50: int | None = None
    first_p90: int | None = None
    kept: int = 0
    broken: int = 0
    present: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    opened: bool = True
    over: bool = True

    @property
    def share_kept(self) -> float | None:
        """Of the promises whose moment came, how many were kept: 0 to 1."""
        ended = self.kept + self.broken
        return self.kept / ended if ended else None

    def measure(self, what: str) -> float | None:
        """The value of one measure; None where there is too little to say one."""
        if what == FIRST:
            return self.first_p50 if self.first_n >= _ANSWERED else None
        return float(getattr(self, what))


@dataclass(frozen=True, slots=True)
class Usual:
    """The median of `n` days, and between which values a day is nothing special."""

    median: float
    low: float
    high: float
    n: int


def usual(values: Sequence[float], least: float) -> Usual | None:
    """None: there are too few days to compare with."""
    if len(values) < ENOUGH:
        return None
    middle = median(values)
    distance = max(FAR * median(abs(value - middle) for value in values), least)
    return Usual(middle, max(0.0, middle - distance), middle + distance, len(values))


@dataclass(frozen=True, slots=True)
class Judged:
    """A day beside what is usual for it. `sides`: which measures are unusual, and on which side."""

    day: Day
    same: tuple[Day, ...]
    usual: dict[str, Usual | None]
    sides: dict[str, str]


def judge(day: Day, days: Mapping[int, Day]) -> Judged:
    """The day among the others; those on which the department was closed all day are no measure for an open one."""
    same = tuple(
        known
        for week in range(1, WEEKS + 1)
        if (known := days.get(day.day - 7 * week)) is not None and known.opened == day.opened
    )
    common = {
        what: usual([v for one in same if (v := one.measure(what)) is not None], LEAST[what]) for what in MEASURES
    }
    sides = {what: side for what in MEASURES if (side := _side(day, what, common[what])) is not None}
    return Judged(day, same, common, sides)


def _side(day: Day, what: str, common: Usual | None) -> str | None:
    value = day.measure(what)
    if value is None or common is None:
        return None
    side = ABOVE if value > common.high else BELOW if day.over and value < common.low else None
    return side if side in _SIDES[what] else None

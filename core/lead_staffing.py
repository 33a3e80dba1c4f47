"""Can those who are here keep up with what comes in? What an hour brings and what an hour solves, worked out from counts alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.calendars import Calendar

QUARTER_MS, HOUR_MS = 900_000, 3_600_000  # every time zone lies whole quarters of an hour from UTC
ENOUGH = 20  # tickets that must have come in before the numbers are said to mean something


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """One hour of the local day: how many tickets came in and were solved in it, and how long it was open in all those days."""

    hour: int
    came: int
    solved: int
    open_ms: int

    @property
    def rates(self) -> tuple[float, float] | None:
        """Tickets that came in and that were solved in an hour of opening time; None while the department is closed."""
        if self.open_ms < HOUR_MS:
            return None
        return self.came * HOUR_MS / self.open_ms, self.solved * HOUR_MS / self.open_ms


@dataclass(frozen=True, slots=True)
class Staffing:
    """A department: what came in and was solved `since`, in so much opening time, and what those who are present solved of it."""

    since: int
    open_ms: int
    came: int
    solved: int
    present: tuple[str, ...]
    solved_by_present: int
    hours: tuple[HourOfDay, ...]

    @property
    def enough(self) -> bool:
        """Is there enough to say something of an hour?"""
        return self.came >= ENOUGH and self.open_ms >= 8 * HOUR_MS

    def an_hour(self, n: int) -> float:
        """So many tickets, as tickets in an hour of opening time."""
        return n * HOUR_MS / self.open_ms if self.open_ms else 0.0

    @property
    def busiest(self) -> HourOfDay | None:
        """The hour of opening time in which most comes in."""
        known = [one for one in self.hours if one.rates is not None]
        return max(known, key=lambda one: (one.rates or (0.0, 0.0))[0], default=None)


def staffing(
    calendar: Calendar,
    came: Mapping[int, int],
    solved: Mapping[int, int],
    present: Iterable[str],
    solved_by_present: int,
    window: tuple[int, int],
) -> Staffing:
    """`came` and `solved` count the tickets of the window by the local hour of the day."""
    zone, open_ms = ZoneInfo(calendar.zone), [0] * 24
    for one in calendar.explain(*window):
        for quarter in range(one.start - one.start % QUARTER_MS, one.end, QUARTER_MS):
            open_ms[_hour(quarter, zone)] += min(one.end, quarter + QUARTER_MS) - max(one.start, quarter)
    return Staffing(
        window[0],
        sum(open_ms),
        sum(came.values()),
        sum(solved.values()),
        tuple(present),
        solved_by_present,
        tuple(HourOfDay(hour, came.get(hour, 0), solved.get(hour, 0), open_ms[hour]) for hour in range(24)),
    )


def _hour(moment: int, zone: ZoneInfo) -> int:
    return datetime.fromtimestamp(moment / 1000, zone).hour

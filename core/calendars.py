"""How much working time lies between two moments, and when is so much of it over?

Moments are milliseconds since 1970 UTC, amounts are seconds. Opening hours are wall clock times in the calendar's zone; between them real,
elapsed time counts, so a Sunday of 25 hours has 25. A span that runs over midnight belongs to the day it begins on.
"""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.sop.document import Duration

Spans: TypeAlias = tuple[tuple[int, int], ...]

DAY = 86_400
_WEEK = 7
_FURTHEST = 200 * 366  # days from the start: further away nothing is computed


class CalendarError(ValueError):
    """A calendar that cannot be, or a moment it cannot reach; the text is for people."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of opening time, from `start` up to `end` (ms)."""

    start: int
    end: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start) / 1000


@dataclass(frozen=True, slots=True)
class _Known:
    """What a calendar has worked out before: the spans of a day, the sum of a week, the sum of a week without exceptions (ms)."""

    days: dict[int, Spans] = field(default_factory=dict)
    weeks: dict[int, int] = field(default_factory=dict)
    regular: dict[str, int] = field(default_factory=dict)
    exceptions: set[int] = field(default_factory=set)


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise CalendarError(
            _("Time zone “%(zone)s” does not exist. Write a name such as Asia/Jakarta.", zone=name)
        ) from error


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours. `hours` has seven entries, Monday first, each of spans in seconds from midnight (an end beyond 86,400 is the next day).

    `special` replaces the hours of single dates (ordinals), `holidays` empties them; in `pauses` (ms) no time counts; a pause without an
    end goes on for ever.
    """

    zone: str
    hours: tuple[Spans, ...]
    holidays: frozenset[int] = frozenset()
    special: tuple[tuple[int, Spans], ...] = ()
    pauses: tuple[tuple[int, int | None], ...] = ()
    _known: _Known = field(default_factory=_Known, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not any(self.hours) and not any(spans for _day, spans in self.special):
            raise CalendarError(_("This calendar has no working time. Give at least one weekday opening hours."))
        zone = _zone(self.zone)
        exceptions = self._known.exceptions
        exceptions.update(self.holidays)
        exceptions.update(day for day, _spans in self.special)
        for start, end in self.pauses:
            first = _ordinal(start, zone)
            last = first if end is None else _ordinal(end, zone)
            exceptions.update(range(first - 1, last + 1))

    # ---- reading the hours -------------------------------------------------------------------------------------------

    def tz(self) -> ZoneInfo:
        """The zone as the standard library's object."""
        return _zone(self.zone)

    def day(self, ordinal: int) -> Spans:
        """The opening times (ms) that begin on this date, pauses taken out, nothing counted twice."""
        known = self._known.days.get(ordinal)
        if known is None:
            spans = self._spans(ordinal)
            taken = max((end for _start, end in self._spans(ordinal - 1)), default=0) if spans else 0
            spans = tuple((max(start, taken), end) for start, end in spans if end > taken)
            known = self._without_pauses(spans) if self.pauses else spans
            self._known.days[ordinal] = known
        return known

    def _wall(self, ordinal: int) -> Spans:
        """The hours that hold on this date, in seconds from its midnight."""
        for day, spans in self.special:
            if day == ordinal:
                return spans
        return () if ordinal in self.holidays else self.hours[(ordinal - 1) % _WEEK]

    def _spans(self, ordinal: int) -> Spans:
        zone = _zone(self.zone)
        found: list[tuple[int, int]] = []
        for start, end in self._wall(ordinal):
            a, b = _instant(ordinal, start, zone), _instant(ordinal, end, zone)
            if found and a <= found[-1][1]:
                found[-1] = (found[-1][0], max(b, found[-1][1]))
            elif b > a:
                found.append((a, b))
        return tuple(found)

    def _without_pauses(self, spans: Spans) -> Spans:
        for pause, until in self.pauses:
            end = until if until is not None else max((b for _a, b in spans), default=0)
            left: list[tuple[int, int]] = []
            for a, b in spans:
                left += (
                    [(x, y) for x, y in ((a, min(b, pause)), (max(a, end), b)) if x < y]
                    if pause < b and end > a
                    else [(a, b)]
                )
            spans = tuple(left)
        return spans

    def _week(self, monday: int) -> int:
        """The opening time (ms) of the spans that begin in this week."""
        total = self._known.weeks.get(monday)
        if total is None:
            if self._is_regular(monday):
                regular = self._known.regular
                if "sum" not in regular:
                    regular["sum"] = self._sum(monday)
                total = regular["sum"]
            else:
                total = self._sum(monday)
            self._known.weeks[monday] = total
        return total

    def _sum(self, monday: int) -> int:
        return sum(end - start for day in range(monday, monday + _WEEK) for start, end in self.day(day))

    def _is_regular(self, monday: int) -> bool:
        """No exception touches this week, no clock is changed in it, and no pause goes on for ever before it."""
        if any(until is None and _ordinal(pause, _zone(self.zone)) <= monday + _WEEK for pause, until in self.pauses):
            return False
        if not self._known.exceptions.isdisjoint(range(monday - 1, monday + _WEEK)):
            return False
        zone = _zone(self.zone)
        offsets = {_midnight(day, zone).utcoffset() for day in range(monday, monday + _WEEK + 2)}
        return len(offsets) == 1

    # ---- questions ---------------------------------------------------------------------------------------------------

    def is_open(self, moment: int) -> bool:
        """Is this moment inside the opening hours? The closing moment itself is not."""
        today = _ordinal(moment, _zone(self.zone))
        return any(start <= moment < end for day in (today, today - 1) for start, end in self.day(day))

    def between(self, start: int, end: int) -> float:
        """The seconds of opening time from `start` to `end`; negative when `end` lies before `start`."""
        return self.between_ms(start, end) / 1000

    def between_ms(self, start: int, end: int) -> int:
        """The same in milliseconds, exactly."""
        if end < start:
            return -self.between_ms(end, start)
        zone = _zone(self.zone)
        day, last = _ordinal(start, zone) - 1, _ordinal(end, zone)
        safe = day + 2  # spans that begin from here on lie behind `start`
        total = 0
        while day <= last:
            if day % _WEEK == 1 and day >= safe and day + _WEEK < last:
                total += self._week(day)
                day += _WEEK
                continue
            for a, b in self.day(day):
                if a < end and b > start:
                    total += (b if b < end else end) - (a if a > start else start)
            day += 1
        return total

    def add(self, start: int, seconds: int) -> int:
        """The moment when `seconds` of opening time have passed since `start`; negative ones count backwards."""
        return self.add_ms(start, seconds * 1000)

    def add_ms(self, start: int, ms: int) -> int:
        """The same for milliseconds of opening time."""
        if ms < 0:
            return self._subtract(start, -ms)
        left = ms
        if left == 0:
            return start
        day = _ordinal(start, _zone(self.zone)) - 1
        safe, last = day + 2, day + _FURTHEST
        end_of_exceptions = self._edge(max)
        while True:
            if day % _WEEK == 1 and day >= safe and (week := self._week(day)) < left:
                left -= week
                day += _WEEK
                if week == 0 and day > end_of_exceptions:
                    raise self._unreachable()
            else:
                for a, b in self.day(day):
                    a = max(a, start)
                    if b - a >= left:
                        return a + left
                    left -= max(0, b - a)
                day += 1
            if day > last:
                raise self._unreachable()

    def _subtract(self, start: int, left: int) -> int:
        day = today = _ordinal(start, _zone(self.zone))
        first_exception = self._edge(min)
        while True:
            if (
                day % _WEEK == 0
                and day < _ordinal(start, _zone(self.zone)) - 1
                and (week := self._week(day - 6)) < left
            ):
                left -= week
                day -= _WEEK
                if week == 0 and day < first_exception:
                    raise self._unreachable()
            else:
                for a, b in reversed(self.day(day)):
                    b = min(b, start)
                    if b - a >= left:
                        return b - left
                    left -= max(0, b - a)
                day -= 1
            if day < today - _FURTHEST:
                raise self._unreachable()

    def _edge(self, which: object) -> int:
        assert callable(which)
        return int(which(self._known.exceptions, default=0)) + _WEEK * (1 if which is max else -1)

    def _unreachable(self) -> CalendarError:
        return CalendarError(_("This calendar has not enough working time to reach that moment."))

    def explain(self, start: int, end: int) -> tuple[Interval, ...]:
        """The stretches of opening time from `start` to `end`, in order: what `between` adds up."""
        return tuple(self._explained(start, end))

    def _explained(self, start: int, end: int) -> Iterator[Interval]:
        zone = _zone(self.zone)
        for day in range(_ordinal(start, zone) - 1, _ordinal(end, zone) + 1):
            for a, b in self.day(day):
                if a < end and b > start:
                    yield Interval(max(a, start), min(b, end))

    # ---- durations of the SOP language -------------------------------------------------------------------------------

    def after(self, start: int, duration: Duration) -> int:
        """The moment a duration of the SOP language after `start`: dates in the zone, elapsed time, or opening time."""
        return self._shift(start, duration, 1)

    def before(self, end: int, duration: Duration) -> int:
        """The moment a duration before `end`."""
        return self._shift(end, duration, -1)

    def _shift(self, moment: int, duration: Duration, sign: int) -> int:
        if duration.business:
            if duration.days:
                moment = self._working_days(moment, sign * duration.days)
            return self.add(moment, sign * duration.seconds)
        if duration.months or duration.weeks or duration.days:
            moment = self._on_the_calendar(
                moment, sign * duration.months, sign * (duration.weeks * _WEEK + duration.days)
            )
        return moment + sign * duration.seconds * 1000

    def _working_days(self, moment: int, days: int) -> int:
        """The same clock time so many working days later; closed at that moment: that day's close."""
        zone = _zone(self.zone)
        local = datetime.fromtimestamp(moment / 1000, zone)
        day, step, edge = local.toordinal(), (1 if days > 0 else -1), (self._edge(max), self._edge(min))
        for _working_day in range(abs(days)):
            day += step
            while not self._spans(day):
                day += step
                if not any(self.hours) and not edge[1] <= day <= edge[0]:
                    raise self._unreachable()
        clock = local.hour * 3600 + local.minute * 60 + local.second
        there = _instant(day, clock, zone) + moment % 1000
        spans = self._spans(day)
        return there if not spans or self._open_unpaused(there, day) else spans[-1][1]

    def _open_unpaused(self, moment: int, day: int) -> bool:
        return any(start <= moment < end for near in (day, day - 1) for start, end in self._spans(near))

    def _on_the_calendar(self, moment: int, by_months: int, by_days: int) -> int:
        zone = _zone(self.zone)
        local = datetime.fromtimestamp(moment / 1000, zone)
        count = local.year * 12 + local.month - 1 + by_months
        year, month = count // 12, count % 12 + 1
        try:
            last = months.monthrange(year, month)[1]
            there = date(year, month, min(local.day, last)) + timedelta(days=by_days)
        except (ValueError, OverflowError) as error:
            raise self._unreachable() from error
        clock = local.hour * 3600 + local.minute * 60 + local.second
        fold = local.fold if (by_months, by_days) == (0, 0) else 0
        return _instant(there.toordinal(), clock, zone, fold) + moment % 1000


def _ordinal(moment: int, zone: ZoneInfo) -> int:
    """The local date of a moment."""
    return datetime.fromtimestamp(moment / 1000, zone).toordinal()


def _midnight(ordinal: int, zone: ZoneInfo) -> datetime:
    return datetime.fromordinal(ordinal).replace(tzinfo=zone)


def _instant(ordinal: int, clock: int, zone: ZoneInfo, fold: int = 0) -> int:
    """The moment (ms) at which the wall clock shows `clock` seconds after midnight of the date."""
    days, rest = divmod(clock, DAY)
    wall = datetime.fromordinal(ordinal + days) + timedelta(seconds=rest)
    return round(wall.replace(tzinfo=zone, fold=fold).timestamp()) * 1000

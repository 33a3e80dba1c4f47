"""A calendar as a test case gives it: by its built-in name, or with its own hours and the holidays near the case."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from core.calendar_reading import WEEKDAYS, built_in, in_zone

if TYPE_CHECKING:
    from core.calendars import Calendar, Spans

_NEAR = 400  # days around the start: no case runs longer over its working time


def written(calendar: Calendar, start: int) -> Any:
    """What `core.calendar_reading.read_calendar` reads back as the same opening hours around this moment."""
    for name in ("id-jakarta", "always"):
        if calendar == built_in(name):
            return name
    today = date.fromisoformat(in_zone(start, calendar.tz())[:10]).toordinal()
    found: dict[str, Any] = {
        "tz": calendar.zone,
        "hours": {day: _spans(hours) for day, hours in zip(WEEKDAYS, calendar.hours, strict=True) if hours},
    }
    if near := sorted(day for day in calendar.holidays if abs(day - today) < _NEAR):
        found["holidays"] = [date.fromordinal(day).isoformat() for day in near]
    if special := [(day, hours) for day, hours in calendar.special if abs(day - today) < _NEAR]:
        found["special"] = {date.fromordinal(day).isoformat(): _spans(hours) for day, hours in special}
    if calendar.pauses:
        zone = calendar.tz()
        found["pauses"] = [[in_zone(a, zone), None if b is None else in_zone(b, zone)] for a, b in calendar.pauses]
    return found


def _spans(hours: Spans) -> list[list[str]]:
    """Pairs of times of day; an end on the next day is written as the earlier time it is there."""
    return [[_clock(start), _clock(end if end <= 86_400 else end - 86_400)] for start, end in hours]


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}" + (f":{seconds % 60:02}" if seconds % 60 else "")

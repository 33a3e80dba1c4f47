"""Local days as numbers: 0 is 1 January 1970; which day is a moment in, and when does a day begin?"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.errors import NotFound
from core.texts import _

DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=4096)
def begin_of(day: int, zone: str) -> int:
    """The moment (ms) at which the day begins there; the day before ends with it."""
    found = date_of(day)
    return round(datetime(found.year, found.month, found.day, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def day_of(moment: int, zone: str) -> int:
    """The local day in which the moment lies."""
    return datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).date().toordinal() - _EPOCH


def hour_of(moment: int, zone: str) -> int:
    """The local hour in which the moment lies."""
    return datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).hour


def date_of(day: int) -> date:
    """The day as a date."""
    return date.fromordinal(day + _EPOCH)


def ordinal_of(day: int) -> int:
    """The day as calendars number it."""
    return day + _EPOCH


def read_day(text: str) -> int:
    """`2026-11-24` as a number. NotFound: that is no date."""
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError as error:
        raise NotFound(_("“%(text)s” is no date. Write it as 2026-11-24.", text=text)) from error

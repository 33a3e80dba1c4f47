"""ISO 8601 durations as SOPs write them: `PT2H`, `P3D`, `P1M` (no fractions), and spans of time inside expressions."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.sop.document import Duration

if TYPE_CHECKING:
    from datetime import tzinfo

_ISO = re.compile(
    r"P(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?"
)
_FRACTION = re.compile(r"P[\dYMWDTHS]*\d+[.,]\d+[\dYMWDTHS.,]*", re.IGNORECASE)
_TEN_YEARS = 3660


class DurationError(ValueError):
    """A text that is no duration; `code` names the message of the catalogue."""

    def __init__(self, code: str, source: str, suggests: str | None = None) -> None:
        super().__init__(f"{source!r}: {code}")
        self.code = code
        self.source = source
        self.suggests = suggests


def _suggestion(source: str) -> str | None:
    """What was probably meant by `2h`, `3 days`, `P2H`, `PT3D`."""
    text = source.strip().lower()
    if found := re.fullmatch(r"p?t?(\d{1,6})\s*([a-z]+)", text):
        number, unit = found.groups()
        for names, shape in (
            (("h", "hr", "hrs", "hour", "hours", "jam"), "PT{}H"),
            (("min", "mins", "minute", "minutes", "menit"), "PT{}M"),
            (("s", "sec", "secs", "second", "seconds", "detik"), "PT{}S"),
            (("d", "day", "days", "hari"), "P{}D"),
            (("w", "week", "weeks", "minggu"), "P{}W"),
            (("m", "month", "months", "bulan"), "P{}M"),
        ):
            if unit in names:
                return shape.format(number)
    return None


def parse_duration(source: str, *, business: bool = False) -> Duration:
    """The duration written in `source`; business time counts hours or days only."""
    found = _ISO.fullmatch(source)
    if found is None or not any(found.groups()):
        if _FRACTION.fullmatch(source):
            raise DurationError("duration-fraction", source)
        raise DurationError("duration", source, _suggestion(source))
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    months += years * 12
    if business and (months or weeks):
        raise DurationError("business-weeks", source)
    elapsed = hours * 3600 + minutes * 60 + seconds
    if months * 30 + weeks * 7 + days + elapsed // 86400 > _TEN_YEARS:
        raise DurationError("duration-too-long", source)
    return Duration(months, weeks, days, elapsed, business, source)


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time inside expressions. Days and months are calendar days when added to a moment; compared, they have 24 hours and 30 days."""

    days: int = 0
    seconds: int = 0
    months: int = 0

    @property
    def total(self) -> int:
        """The length in seconds."""
        return (self.months * 30 + self.days) * 86400 + self.seconds

    def __add__(self, other: Span) -> Span:
        return Span(self.days + other.days, self.seconds + other.seconds, self.months + other.months)

    def __sub__(self, other: Span) -> Span:
        return self + -other

    def __neg__(self) -> Span:
        return Span(-self.days, -self.seconds, -self.months)

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        """The moment so much later: the same clock time months and days on in `zone` (or the month's last day), then the elapsed rest."""
        local = moment.astimezone(zone)
        month = local.year * 12 + local.month - 1 + self.months
        year, month = month // 12, month % 12 + 1
        if not MINYEAR < year < MAXYEAR:
            raise OverflowError
        day = min(local.day, monthrange(year, month)[1])
        naive = local.replace(tzinfo=None, year=year, month=month, day=day) + timedelta(days=self.days)
        shifted = naive.replace(tzinfo=zone, fold=local.fold)
        return (shifted.astimezone(UTC) + timedelta(seconds=self.seconds)).astimezone(zone)

    @property
    def timedelta(self) -> timedelta:
        """The same length as the standard library writes it."""
        return timedelta(seconds=self.total)

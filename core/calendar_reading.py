"""Opening hours as people write them (`{"mon": [["09:00", "17:00"]]}`), read into a calendar; and the two calendars that always exist."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from core.calendars import DAY, Calendar, CalendarError, Spans
from core.texts import _

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def clock(text: object) -> int:
    """`08:30` as seconds from midnight; `24:00` is the end of the day."""
    found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if found:
        hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
        if minutes < 60 and seconds < 60 and (total := hours * 3600 + minutes * 60 + seconds) <= DAY:
            return total
    raise CalendarError(
        _("“%(text)s” is not a time of day. Write it as 08:30; 24:00 is the end of the day.", text=text)
    )


def spans(written: object) -> Spans:
    """`[["09:00", "12:00"], ["13:00", "17:00"]]`; an end at or before its start lies on the next day."""
    if not isinstance(written, Sequence) or isinstance(written, str):
        raise CalendarError(
            _('Opening hours are a list of pairs such as [["09:00", "17:00"]], not “%(text)s”.', text=written)
        )
    found: list[tuple[int, int]] = []
    for pair in written:
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            raise CalendarError(
                _('“%(text)s” is not a span of hours. Write a pair such as ["09:00", "17:00"].', text=pair)
            )
        start, end = clock(pair[0]), clock(pair[1])
        if start == DAY:
            raise CalendarError(_("A span of hours cannot begin at 24:00. Write it as 00:00 of the next day."))
        found.append((start, end if end > start else end + DAY))
    return tuple(sorted(found))


def day_of(written: object) -> int:
    """A date (`2026-12-25`) as its ordinal."""
    if isinstance(written, date):
        return written.toordinal()
    try:
        return date.fromisoformat(str(written)).toordinal()
    except ValueError as error:
        raise CalendarError(_("“%(text)s” is not a date. Write it as 2026-12-25.", text=written)) from error


def moment_of(written: object) -> int:
    """An RFC 3339 time with its offset, in milliseconds."""
    try:
        moment = written if isinstance(written, datetime) else datetime.fromisoformat(str(written))
    except ValueError as error:
        raise CalendarError(
            _("“%(text)s” is not a time. Write it as 2026-11-23T09:00:00+07:00.", text=written)
        ) from error
    if not 1800 <= moment.year <= 2400:
        raise CalendarError(_("“%(text)s” is too far away to compute with.", text=written))
    if moment.tzinfo is None:
        raise CalendarError(_("“%(text)s” has no offset. Write it as 2026-11-23T09:00:00+07:00.", text=written))
    return round(moment.timestamp() * 1000)


def read_calendar(written: object) -> Calendar:
    """The calendar of `{tz, hours, holidays, special, pauses}`; `extends` starts from one of the built-in calendars."""
    if isinstance(written, str):
        return built_in(written)
    if not isinstance(written, Mapping):
        raise CalendarError(_("A calendar is an object with “tz” and “hours”, not “%(text)s”.", text=written))
    known = {"tz", "zone", "hours", "holidays", "special", "pauses", "extends", "name"}
    known |= {"country", "joint_holidays", "public"}  # see `core.holidays_by_country`
    if unknown := sorted(str(key) for key in written if key not in known):
        raise CalendarError(
            _("Unknown key “%(key)s” in a calendar. Known: tz, hours, holidays, special, pauses.", key=unknown[0])
        )
    base = built_in(str(written["extends"])) if written.get("extends") else None
    zone = written.get("tz") or written.get("zone") or (base.zone if base else None)
    if not isinstance(zone, str):
        raise CalendarError(_("A calendar needs its time zone: “tz”, such as Asia/Jakarta."))
    if "hours" not in written and base is None:
        raise CalendarError(_("A calendar needs “hours”: the opening hours of its weekdays."))
    return Calendar(
        zone=zone,
        hours=_hours(written["hours"]) if "hours" in written or base is None else base.hours,
        holidays=(base.holidays if base else frozenset())
        | frozenset(day_of(day) for day in _listed(written.get("holidays"), "holidays"))
        | frozenset(day_of(day) for day in written.get("public") or ()),
        special=_special(written.get("special") or {}) + (base.special if base else ()),
        pauses=_pauses(_listed(written.get("pauses"), "pauses")),
    )


def _listed(written: Any, key: str) -> Sequence[Any]:
    if written is None or (isinstance(written, Sequence) and not isinstance(written, str)):
        return written or ()
    raise CalendarError(_("“%(key)s” must be a list, not “%(text)s”.", key=key, text=written))


def _hours(written: Any) -> tuple[Spans, ...]:
    if not isinstance(written, Mapping):
        raise CalendarError(_("“hours” is an object with mon, tue, wed, thu, fri, sat, sun."))
    if unknown := [str(day) for day in written if day not in WEEKDAYS]:
        raise CalendarError(_("“%(day)s” is no weekday. Write mon, tue, wed, thu, fri, sat or sun.", day=unknown[0]))
    return tuple(spans(written.get(day) or []) for day in WEEKDAYS)


def _special(written: Any) -> tuple[tuple[int, Spans], ...]:
    if not isinstance(written, Mapping):
        raise CalendarError(_("“special” is an object of dates and their opening hours."))
    return tuple((day_of(day), spans(hours or [])) for day, hours in written.items())


def _pauses(written: Any) -> tuple[tuple[int, int | None], ...]:
    found: list[tuple[int, int | None]] = []
    for pause in written:
        if not isinstance(pause, Sequence) or isinstance(pause, str) or len(pause) != 2:
            raise CalendarError(_("“%(text)s” is not a pause. Write a pair of times.", text=pause))
        start, end = moment_of(pause[0]), None if pause[1] is None else moment_of(pause[1])
        if end is None or end > start:
            found.append((start, end))
    return tuple(sorted(found))


@lru_cache
def built_in(name: str) -> Calendar:
    """`always` never closes; `id-jakarta` is Monday to Friday, 08:00 to 17:00, Asia/Jakarta."""
    if name == "always":
        return Calendar("UTC", (((0, DAY),),) * 7)
    if name == "id-jakarta":
        return Calendar("Asia/Jakarta", (((8 * 3600, 17 * 3600),),) * 5 + ((),) * 2)
    raise CalendarError(
        _("There is no calendar “%(name)s”. Without an organisation there are always and id-jakarta.", name=name)
    )


def in_zone(moment: int, zone: ZoneInfo) -> str:
    """The moment in RFC 3339 with the zone's offset; seconds only, unless there are milliseconds."""
    return datetime.fromtimestamp(moment / 1000, zone).isoformat(
        timespec="milliseconds" if moment % 1000 else "seconds"
    )

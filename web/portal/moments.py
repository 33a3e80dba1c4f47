"""How do customers read a moment? "today 10.22", else the day and the time; the exact time with its zone on hover and focus."""

from __future__ import annotations

from babel.dates import format_datetime
from markupsafe import Markup

from core.moments import now_ms, to_datetime
from core.texts import _, language
from web.times import clock_time, day, zone, zone_now


def in_words(ms: int) -> str:
    """`today 10.22`, `Fri 27 Nov, 10.22`."""
    here = zone(zone_now())
    if to_datetime(ms).astimezone(here).date() == to_datetime(now_ms()).astimezone(here).date():
        return _("today %(time)s", time=clock_time(ms))
    return f"{day(ms)}, {clock_time(ms)}"


def moment(ms: int) -> Markup:
    """The same as `<time>`."""
    there = to_datetime(ms).astimezone(zone(zone_now()))
    exact = format_datetime(there, "EEEE d MMMM y, HH:mm zzz", locale=language())
    iso = to_datetime(ms).isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time class="num" datetime="{}" title="{}">{}</time>').format(iso, exact, in_words(ms))

"""How does a moment read? "12 min ago" under a day, else the date; the exact time with its zone on hover and focus."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from flask import g
from markupsafe import Markup, escape

from core.moments import now_ms, to_datetime
from core.spoken import span
from core.texts import _, language

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SOON_MS = 60 * MINUTE
_KEPT = 8192  # formatted moments kept: a page shows the same ones again


def zone_now() -> str:
    """The zone of the person who reads this page."""
    return str(g.get("zone", "UTC"))


@lru_cache(256)
def zone(name: str) -> ZoneInfo:
    """The zone, or UTC when the name is unknown to this machine."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@lru_cache(_KEPT)
def _pattern(minute: int, pattern: str, code: str, zone_name: str) -> str:
    moment = to_datetime(minute * MINUTE).astimezone(zone(zone_name))
    return str(format_datetime(moment, pattern, locale=code))


@lru_cache(_KEPT)
def _time(minute: int, code: str, zone_name: str) -> str:
    return str(format_time(to_datetime(minute * MINUTE).astimezone(zone(zone_name)), "short", locale=_locale(code)))


def _locale(code: str) -> str:
    return "en_GB" if code == "en" else code  # 24 hours, day before month


def day(ms: int) -> str:
    """`Tue 24 Nov`, with the year when it is not this one."""
    this_year = datetime.now(zone(zone_now())).year
    same = to_datetime(ms).astimezone(zone(zone_now())).year == this_year
    return _pattern(ms // MINUTE, "EEE d MMM" if same else "d MMM y", language(), zone_now())


def date_words(found: date) -> str:
    """`Tue 24 Nov`: a date that is one wherever it is read."""
    return str(format_date(found, "EEE d MMM", locale=language()))


def clock_time(ms: int) -> str:
    """`10:58`; in Indonesian `10.58`."""
    return _time(ms // MINUTE, language(), zone_now())


def length(ms: int) -> str:
    """A length of time, to the second: `2 h 05 min`, `1 h 40 min 12 s`."""
    seconds = max(0, ms) // 1000 % 60
    if not seconds:
        return span(ms)
    minutes = span(ms) if ms >= MINUTE else ""
    return f"{minutes} {_('%(s)s s', s=seconds)}".strip()


def hours(start: int, end: int) -> str:
    """`Fri 16:40–17:00`, in the reader's zone; one moment is said once."""
    day_and_time = f"{_pattern(start // MINUTE, 'EEE d MMM', language(), zone_now())} {clock_time(start)}"
    return day_and_time if start == end else f"{day_and_time}–{clock_time(end)}"


def ago_words(ms: int) -> str:
    """How long ago: relative under a day, else the date."""
    past = now_ms() - ms
    if past < MINUTE:
        return _("just now")
    if past < HOUR:
        return _("%(n)s min ago", n=past // MINUTE)
    if past < DAY:
        return _("%(n)s h ago", n=past // HOUR)
    return day(ms)


def talk_words(ms: int) -> str:
    """The moment of a message: the time today, else date and time."""
    same = _pattern(ms // MINUTE, "yyyyMMdd", "en", zone_now()) == _pattern(
        now_ms() // MINUTE, "yyyyMMdd", "en", zone_now()
    )
    return clock_time(ms) if same else f"{day(ms)}, {clock_time(ms)}"


def _tag(ms: int, words: str, klass: str = "num", *, live: bool = False) -> Markup:
    """`<time>`. A page holds a hundred of them, so they are put together by hand; only the words are anybody's."""
    iso, full = _exact(ms // MINUTE, language(), zone_now())
    mark = ' data-ago=""' if live else ""
    return Markup(f'<time class="{klass}" datetime="{iso}" title="{full}"{mark}>{escape(words)}</time>')  # noqa: S704


@lru_cache(_KEPT)
def _exact(minute: int, code: str, zone_name: str) -> tuple[str, Markup]:
    """(the moment for programs, the same in full for people)."""
    moment = to_datetime(minute * MINUTE)
    full = _pattern(minute, "EEEE d MMMM y, HH:mm zzz", code, zone_name)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z"), escape(full)


def ago(ms: int | None, klass: str = "num") -> Markup:
    """`<time>` with the words of `ago_words`, which the browser keeps current."""
    return Markup("") if ms is None else _tag(ms, ago_words(ms), klass, live=True)


def said_at(ms: int | None, klass: str = "num") -> Markup:
    """`<time>` of a message or an event in the conversation."""
    return Markup("") if ms is None else _tag(ms, talk_words(ms), klass)


def due_state(ms: int) -> str:
    """`over`, `soon` or `run`: how the due moment stands now."""
    left = ms - now_ms()
    return "over" if left < 0 else "soon" if left < SOON_MS else "run"


def due_words(ms: int, *, short: bool = False) -> str:
    """`32 min`, or `41 min late`; `short`: how late in one unit is enough."""
    left = ms - now_ms()
    return _("%(span)s late", span=_coarse(-left) if short else span(-left)) if left < 0 else span(left)


def _coarse(ms: int) -> str:
    """A length of time in its largest part: `2 d`, `19 h`, `32 min`."""
    unit = DAY if ms >= DAY else HOUR if ms >= HOUR else MINUTE
    return span(ms // unit * unit)


def due(ms: int | None, *, short: bool = False) -> Markup:
    """The clock of a due moment: icon, words, and the moment from which the browser counts down. `short` is for lists."""
    if ms is None:
        return Markup("")
    state = due_state(ms)
    icon = {"over": "alert", "soon": "clock-soon", "run": "clock"}[state]
    use = f'<svg class="i" aria-hidden="true"><use href="#{icon}"/></svg>'
    mark = ' data-short=""' if short else ""
    words = _tag(ms, due_words(ms, short=short))
    return Markup(f'<span class="clock clock--{state}" data-due="{ms}"{mark}>{use}{words}</span>')  # noqa: S704


def number(value: float) -> str:
    """A number with the separators of the language."""
    return str(format_decimal(value, locale=_locale(language())))


def size(n: int) -> str:
    """`86 kB`, `8.1 MB`; in Indonesian `8,1 MB`."""
    if n < 1000:
        return f"{n} B"
    if n < 1_000_000:
        return f"{round(n / 1000)} kB"
    return f"{format_decimal(round(n / 1_000_000, 1), locale=_locale(language()))} MB"

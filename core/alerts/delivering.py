"""When does an alert's mail leave? At once, in the person's next digest, or when their quiet time is over. Nothing is dropped meanwhile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from core.alerts.rules import DIGEST
from core.directory import directory
from core.errors import FieldError, Invalid
from core.moments import to_datetime, to_ms
from core.schema import Person
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.calendars import Calendar
    from core.directory import Directory
    from core.directory import Person as Colleague

NEVER, HOURS, TIMES = "never", "hours", "times"
QUIETS = (NEVER, HOURS, TIMES)
_p = Person.__table__.c
_SETTINGS = select(_p.id, _p.settings).where(_p.id.in_(bindparam("people", expanding=True)))
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person wants mails of alerts. Clock times are minutes of their day.

    `quiet`: never, outside their working hours, or at set times (from `begins` to `ends`, over midnight too).
    """

    digest: int = 8 * 60
    quiet: str = NEVER
    begins: int = 20 * 60
    ends: int = 7 * 60


def wishes_of(settings: Mapping[str, Any]) -> Wishes:
    """What a person has chosen, as it is kept under `alerts` of their settings."""
    kept = settings.get("alerts") or {}
    return Wishes(**{name: kept[name] for name in Wishes.__slots__ if name in kept})


def read_wishes(given: Mapping[str, Any], before: Wishes) -> Wishes:
    """The wishes as somebody wrote them (clock times such as 08:30); what is left out stays. Invalid says what is wrong."""
    errors: list[FieldError] = []
    minutes = {}
    for name in ("digest", "begins", "ends"):
        minutes[name] = _minutes(given[name], name, errors) if name in given else getattr(before, name)
    quiet = str(given.get("quiet", before.quiet))
    if quiet not in QUIETS:
        known = ", ".join(QUIETS)
        text = _("“%(value)s” is not possible here. Write one of: %(known)s.", value=quiet, known=known)
        errors.append(FieldError("/quiet", text))
    if quiet == TIMES and minutes["begins"] == minutes["ends"] and not errors:
        errors.append(FieldError("/ends", _("A quiet time that ends when it begins has no end. Choose another time.")))
    if errors:
        raise Invalid(*errors)
    return Wishes(minutes["digest"], quiet, minutes["begins"], minutes["ends"])


def _minutes(given: Any, name: str, errors: list[FieldError]) -> int:
    found = _CLOCK.fullmatch(str(given).strip())
    if found is None:
        errors.append(FieldError(f"/{name}", _("“%(text)s” is no time of day. Write for example 08:30.", text=given)))
        return 0
    return int(found[1]) * 60 + int(found[2])


def clock(minutes: int) -> str:
    """`08:30`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def mail_due(tx: Connection, hows: Mapping[int, str], now: int) -> dict[int, int | None]:
    """When each person's mail leaves; None: at once."""
    if not hows:
        return {}
    firm = directory(tx)
    kept = {row.id: row.settings for row in tx.execute(_SETTINGS, {"people": list(hows)})}
    found = {}
    for person_id, how in hows.items():
        if person_id in kept and person_id in firm.people:
            person = firm.people[person_id]
            found[person_id] = due(wishes_of(kept[person_id]), how, person.tz, hours_of(firm, person), now)
    return found


def hours_of(firm: Directory, person: Colleague) -> Calendar:
    """Their shifts, else the working hours of their department."""
    own = firm.calendars.get(person.way.hours or "")
    if own is not None:
        return own
    department = firm.departments.get(person.department_id or 0)
    return firm.calendar_of(department.id) if department else firm.calendars["id-jakarta"]


def due(wishes: Wishes, how: str, tz: str, hours: Calendar, now: int) -> int | None:
    """The moment (ms) of the mail; None: at once. A digest that would come in the quiet time comes when that is over."""
    wanted = _next(wishes.digest, tz, now) if how == DIGEST else now
    over = quiet_until(wishes, tz, hours, wanted)
    if over is not None:
        return over
    return wanted if how == DIGEST else None


def quiet_until(wishes: Wishes, tz: str, hours: Calendar, moment: int) -> int | None:
    """When the quiet time around this moment ends; None: it is not quiet."""
    if wishes.quiet == HOURS:
        return None if hours.is_open(moment) else hours.add_ms(moment, 1) - 1
    if wishes.quiet == TIMES:
        here = to_datetime(moment).astimezone(ZoneInfo(tz))
        at = here.hour * 60 + here.minute
        begins, ends = wishes.begins, wishes.ends
        quiet = begins <= at < ends if begins < ends else at >= begins or at < ends
        return _next(ends, tz, moment) if quiet else None
    return None


def _next(minutes: int, tz: str, now: int) -> int:
    """The next moment behind `now` at which it is this time of day there."""
    zone = ZoneInfo(tz)
    day = to_datetime(now).astimezone(zone).date()
    while True:
        found = to_ms(datetime.combine(day, time(minutes // 60, minutes % 60), zone))
        if found > now:
            return found
        day += timedelta(days=1)

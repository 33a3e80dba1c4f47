"""To what does this mail invite? The few lines of a calendar part that a person wants to see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from core.mail.addresses import Address, address_of
from core.mail.headers import printable

_LONGEST = 200_000
_LINE = re.compile(
    r"(SUMMARY|DTSTART|DTEND|ORGANIZER|LOCATION|METHOD|UID)((?:;[^:\r\n\"]{0,200}|\"[^\"\r\n]{0,200}\")*):(.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Invite:
    """A meeting: what, when (ISO 8601, as precisely as it was said), who asks, and what for (REQUEST, CANCEL, REPLY …)."""

    summary: str
    when: str
    until: str
    organizer: Address | None
    location: str
    method: str


def read_invite(calendar: str) -> Invite | None:
    """The first event of an iCalendar text; None when there is none."""
    text = re.sub(r"\r?\n[ \t]", "", calendar[:_LONGEST])
    head, begin, rest = text.partition("BEGIN:VEVENT")
    if not begin:
        return None
    event = rest.partition("END:VEVENT")[0]
    found: dict[str, tuple[str, str]] = {}
    for line in (head + "\n" + event).splitlines():
        match = _LINE.match(line[:2_000])
        if match:
            found.setdefault(match[1].upper(), (match[2], match[3].strip()))
    return Invite(
        summary=_text(found.get("SUMMARY")),
        when=_moment(found.get("DTSTART")),
        until=_moment(found.get("DTEND")),
        organizer=_organizer(found.get("ORGANIZER")),
        location=_text(found.get("LOCATION")),
        method=_text(found.get("METHOD")).upper() or "REQUEST",
    )


def _text(value: tuple[str, str] | None) -> str:
    return printable(re.sub(r"\\([\\;,nN])", lambda m: " " if m[1] in "nN" else m[1], value[1]))[:500] if value else ""


def _organizer(value: tuple[str, str] | None) -> Address | None:
    if value is None:
        return None
    name = re.search(r";CN=(\"[^\"]{0,200}\"|[^;:]{0,200})", value[0], re.IGNORECASE)
    return address_of(name[1].strip('"') if name else "", re.sub(r"^mailto:", "", value[1], flags=re.IGNORECASE))


def _moment(value: tuple[str, str] | None) -> str:
    """`20260301T090000` with its zone as ISO 8601; a zone nobody knows (Outlook has its own) is left out."""
    if value is None:
        return ""
    raw = value[1].strip()[:20]
    try:
        if len(raw) == 8:
            return datetime.strptime(raw, "%Y%m%d").date().isoformat()  # noqa: DTZ007 a day has no zone
        moment = datetime.strptime(raw.rstrip("Zz"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 the zone comes below
        if raw[-1:] in "zZ":
            return moment.isoformat(timespec="minutes") + "+00:00"
        zone = re.search(r";TZID=\"?([A-Za-z0-9_+/-]{1,60})", value[0])
        return (
            moment.replace(tzinfo=ZoneInfo(zone[1])).isoformat(timespec="minutes")
            if zone
            else moment.isoformat(timespec="minutes")
        )
    except (KeyError, OSError):
        return moment.isoformat(timespec="minutes")
    except ValueError:
        return ""

"""What may stand in the file of a firm: sections, their entries by name, and the kind of every value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# How a value is read: one line, several lines, a whole number, yes or no, a list of texts, texts by name, numbers by name, anything.
LINE, TEXT, NUMBER, TRUTH, LIST, NUMBERS, ANY = "line", "text", "number", "truth", "list", "numbers", "any"
PRIORITIES = ("urgent", "high", "medium", "low")

# In the order in which they are applied: what is named must be there first.
SECTIONS: dict[str, dict[str, str]] = {
    "calendars": {"hours": ANY},
    "skills": {"title": LINE},
    "classes": {"title": LINE, "active": TRUTH},
    "departments": {
        "title": LINE,
        "language": LINE,
        "address": LINE,
        "mailboxes": LIST,
        "calendar": LINE,
        "manager": LINE,
        "default_team": LINE,
        "promise_minutes": NUMBER,
        "quiet_hours": NUMBER,
        "queue_order": LINE,
        "signature": TEXT,
        "gone_minutes": NUMBER,
        "upset": ANY,
        "active": TRUTH,
    },
    "teams": {
        "title": LINE,
        "department": LINE,
        "lead": LINE,
        "tier": NUMBER,
        "by": LINE,
        "queue_order": LINE,
        "last_agent": TRUTH,
        "whole_department": TRUTH,
        "include_offline": TRUTH,
        "drain": TRUTH,
        "when_offline": LINE,
        "active": TRUTH,
    },
    "people": {
        "email": LINE,
        "name": LINE,
        "role": LINE,
        "department": LINE,
        "teams": LIST,
        "language": LINE,
        "tz": LINE,
        "skills": NUMBERS,
        "max_open": NUMBER,
        "limits": NUMBERS,
        "hours": LINE,
        "active": TRUTH,
    },
    "policies": {"department": LINE, "active": TRUTH, "policy": ANY},
    "words": {
        "department": LINE,
        "team": LINE,
        "words": LIST,
        "channels": LIST,
        "language": LINE,
        "stems": TRUTH,
        "priority": LINE,
        "call": ANY,
        "active": TRUTH,
    },
    "organisations": {"class": LINE, "domains": LIST, "active": TRUTH},
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "calendars": ("hours",),
    "departments": ("title",),
    "teams": ("title", "department"),
    "people": ("email", "name", "role"),
    "policies": ("policy",),
    "words": ("words",),
}

Entry = dict[str, Any]


@dataclass(slots=True)
class FirmFile:
    """Entries by section and name, as they were written; `places` says where each stands, by JSON pointer."""

    sections: dict[str, dict[str, Entry]] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in the file; line and column begin with 1."""

    line: int
    column: int
    message: str

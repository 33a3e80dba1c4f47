"""What really happened on a ticket, as plain values: its events, what was said, who belongs where; and the acts that are made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.calendars import Calendar
    from core.procedure.values import Visit

NOTICE, REPLY, QUESTION, HANDED, GIVEN, WAITED, CALLED = (
    "notice",
    "reply",
    "question",
    "handed",
    "given",
    "waited",
    "called",
)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the ticket's timeline."""

    seq: int
    at: int
    kind: str
    actor_kind: str
    actor_id: int | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What was written with an event. `text` has nothing personal in it; `asks` are the teams and departments whom it mentions."""

    direction: str
    template: str | None
    text: str
    asks: tuple[str, ...] = ()  # "team:warehouse", "department:billing"


@dataclass(frozen=True, slots=True)
class Called:
    """An action of a plugin that was run. `step` is the step that ran it, None: somebody ran it by hand."""

    seq: int
    action: str
    step: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """A solved ticket as it went. Times are ms since 1970 UTC; `teams` gives each colleague's team by their id."""

    ticket_id: int
    department: str
    team: str
    subject: str
    topic: str | None
    events: tuple[Happened, ...]
    said: Mapping[int, Said]
    calls: tuple[Called, ...]
    teams: Mapping[int, str]
    departments: Mapping[str, str]  # of each team
    team_names: Mapping[int, str]
    visits: Mapping[str, Visit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that people (or the desk for them) did. `seq` and `event` say which event it came from.

    `who` is whoever did it when it was not the ticket's own team; `seconds` is the opening time that it took; `name` a template or an action.
    """

    kind: str
    seq: int
    event: str
    at: int
    until: int
    seconds: int = 0
    who: str = ""
    name: str = ""
    text: str = ""


def opening_seconds(hours: Calendar, start: int, end: int) -> int:
    """Opening time between two moments."""
    return max(0, round(hours.between(start, end)))

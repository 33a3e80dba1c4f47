"""How does a team give its tickets to people, and how many may one person hold? What is kept as JSON, read into values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

STRATEGIES = ("least_busy", "round_robin", "skill")
ABSENT_CHOICES = ("keep", "reroute")
PRIORITIES = {"urgent": 1, "high": 2, "medium": 3, "low": 4}
WAITING = "waiting"  # a weight beside those of the priorities: for tickets that wait for somebody else
MOST_OPEN, MOST_WEIGHT = 10_000, 100.0


@dataclass(frozen=True, slots=True)
class TeamWay:
    """`by` None: as the procedure's step says. `people` take turns alone; `whole_department` takes everybody of the department.

    `when_offline` is what becomes of the open tickets of a member who goes offline: keep, or reroute.
    """

    by: str | None = None
    people: tuple[int, ...] = ()
    whole_department: bool = False
    last_agent: bool = False
    include_offline: bool = False
    drain: bool = True
    when_offline: str = "keep"
    weights: Mapping[str, float] = field(default_factory=dict)
    tier: int | None = None  # its line: a step that asks for a tier and names no team finds its department's team of it

    @property
    def weighted(self) -> bool:
        return any(weight != 1 for weight in self.weights.values())

    def weight(self, priority: int, *, waiting: bool) -> float:
        """How much one open ticket weighs."""
        return _by_number(self.weights, priority) * (self.weights.get(WAITING, 1.0) if waiting else 1.0)


def _by_number(weights: Mapping[str, float], priority: int) -> float:
    return next((weights.get(name, 1.0) for name, number in PRIORITIES.items() if number == priority), 1.0)


@dataclass(frozen=True, slots=True)
class PersonWay:
    """Limits over all teams (None: no limit), the calendar of their shifts, and an absence (ms) with a stand-in."""

    max_open: int | None = None
    by_priority: Mapping[int, int] = field(default_factory=dict)
    hours: str | None = None
    absent_from: int | None = None
    absent_until: int | None = None
    stand_in: int | None = None

    def absent(self, now: int) -> bool:
        """Are they away at this moment? Without an end they are until it is taken back."""
        return self.absent_from is not None and self.absent_from <= now < (self.absent_until or 2**62)


def team_way(data: Mapping[str, Any]) -> TeamWay:
    """What is kept of a team."""
    return TeamWay(
        by=data.get("by"),
        people=tuple(data.get("people", ())),
        whole_department=bool(data.get("whole_department", False)),
        last_agent=bool(data.get("last_agent", False)),
        include_offline=bool(data.get("include_offline", False)),
        drain=bool(data.get("drain", True)),
        when_offline=data.get("when_offline", "keep"),
        weights={name: float(weight) for name, weight in data.get("weights", {}).items()},
        tier=data.get("tier"),
    )


def person_way(data: Mapping[str, Any]) -> PersonWay:
    """What is kept of a person."""
    return PersonWay(
        max_open=data.get("max_open"),
        by_priority={PRIORITIES[name]: int(n) for name, n in data.get("by_priority", {}).items() if name in PRIORITIES},
        hours=data.get("hours"),
        absent_from=data.get("absent_from"),
        absent_until=data.get("absent_until"),
        stand_in=data.get("stand_in"),
    )


def kept_team(way: TeamWay) -> dict[str, Any]:
    """A team's way as it is written: what is as always is left out."""
    kept = {
        "by": way.by,
        "people": list(way.people),
        "whole_department": way.whole_department,
        "last_agent": way.last_agent,
        "include_offline": way.include_offline,
        "when_offline": None if way.when_offline == "keep" else way.when_offline,
        "weights": dict(way.weights),
        "tier": way.tier,
    }
    found = {name: value for name, value in kept.items() if value not in (None, {}, [], False)}
    return found if way.drain else {**found, "drain": False}


def kept_person(way: PersonWay) -> dict[str, Any]:
    """A person's way as it is written: what is as always is left out."""
    names = {number: name for name, number in PRIORITIES.items()}
    kept = {
        "max_open": way.max_open,
        "by_priority": {names[number]: n for number, n in way.by_priority.items()},
        "hours": way.hours,
        "absent_from": way.absent_from,
        "absent_until": way.absent_until,
        "stand_in": way.stand_in,
    }
    return {name: value for name, value in kept.items() if value not in (None, {})}


@lru_cache(1)
def nobody_special() -> PersonWay:
    """Somebody without limits, shifts or absence."""
    return PersonWay()

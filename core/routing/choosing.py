"""Whom of these colleagues? One decision over what is known of them, with the reason why each of the others was passed over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.routing.ways import PersonWay, nobody_special

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_SHOWN = 10  # passed over, and as many who were free: a decision is kept in less than 1 kB


@dataclass(
    slots=True
)  # not frozen: a team of hundreds makes hundreds for each ticket, and a frozen one takes three times as long
class Candidate:
    """One member as they are now. `team_limit` is for this team; `held` counts by priority; `load` is weighted."""

    person: int
    availability: str
    open_n: int
    team_limit: int | None = None
    last_pick: int = 0
    since: int | None = None
    held: Mapping[int, int] = field(default_factory=dict)
    load: float = 0
    levels: Mapping[str, int] = field(default_factory=dict)
    way: PersonWay = field(default_factory=nobody_special)
    on_shift: bool = True

    @property
    def limit(self) -> int | None:
        """How many they may hold, whichever bound is reached first."""
        return _least(self.team_limit, self.way.max_open)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of whoever gets the ticket. `first` are looked at before all others, in this order (named by a rule, or served before)."""

    by: str = "least_busy"
    priority: int = 3
    first: tuple[int, ...] = ()
    only: tuple[int, ...] = ()
    skill: str | None = None
    level: int = 1
    cap: int | None = None
    include_offline: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Who (None: nobody now), how they were found, and why not the others. `asks`: the plugin's strategy that decides instead."""

    person: int | None
    by: str
    why: dict[str, Any]
    asks: str | None = None


def choose(candidates: Sequence[Candidate], wish: Wish, now: int) -> Choice:
    """The best of those who are there, may and have room."""
    free: list[Candidate] = []
    passed: dict[str, dict[str, Any]] = {}
    asked = [one for one in candidates if not wish.only or one.person in (*wish.only, *wish.first)]
    for one in asked:
        reason = against(one, wish, now)
        if reason is None:
            free.append(one)
        else:
            passed[str(one.person)] = reason
    if not free:
        return Choice(None, wish.by, _shortened({"by": wish.by}, {}, passed, wish))
    best = next((one for person in wish.first for one in free if one.person == person), None)
    by = "first" if best else wish.by
    best = best or min(free, key=lambda one: _rank(one, wish))
    others = {str(one.person): _seen(one, wish) for one in free[: MOST_SHOWN // 2 + 1] if one is not best}
    left = max(0, len(free) - 1 - MOST_SHOWN // 2)
    return Choice(best.person, by, _shortened({"by": by, **_seen(best, wish)}, others, passed, wish, left))


def against(one: Candidate, wish: Wish, now: int) -> dict[str, Any] | None:
    """What speaks against this colleague; None: they can take it."""
    if one.way.absent_from is not None and one.way.absent(now):
        return {"absent": one.way.absent_until or 0}
    if not wish.include_offline and one.availability != "online":
        return {"availability": one.availability} | ({"since": one.since} if one.since else {})
    if not wish.include_offline and not one.on_shift:
        return {"shift": False}
    if wish.skill is not None and one.levels.get(wish.skill, 0) < wish.level:
        return {"level": one.levels.get(wish.skill, 0), "wanted": wish.level}
    limit = _least(one.limit, wish.cap)
    if limit is not None and one.open_n >= limit:
        return {"open": one.open_n, "limit": limit}
    most = one.way.by_priority.get(wish.priority) if one.way.by_priority else None
    if most is not None and one.held.get(wish.priority, 0) >= most:
        return {"open": one.held.get(wish.priority, 0), "limit": most, "priority": wish.priority}
    return None


def _least(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None or one < other else other


def _rank(one: Candidate, wish: Wish) -> tuple[float, ...]:
    """Smaller is better. Ties go to whoever was chosen longest ago."""
    load = one.load or one.open_n
    if wish.by == "round_robin":
        return (one.last_pick, one.person)
    if wish.by == "skill" and wish.skill is not None:
        return (one.levels.get(wish.skill, 0), load, one.last_pick, one.person)  # experts are kept free
    return (load, one.last_pick, one.person)


def _seen(one: Candidate, wish: Wish) -> dict[str, Any]:
    seen: dict[str, Any] = {"open": one.open_n}
    if one.load and one.load != one.open_n:
        seen["load"] = round(one.load, 1)
    if wish.skill is not None:
        seen["level"] = one.levels.get(wish.skill, 0)
    return seen


def _shortened(
    why: dict[str, Any], others: dict[str, dict[str, Any]], passed: dict[str, dict[str, Any]], wish: Wish, left: int = 0
) -> dict[str, Any]:
    """No longer than a few lines: those who mattered most (named first, then the order they were looked at), and how many more there were."""
    mattered = sorted(passed, key=lambda person: int(person) not in wish.first)
    left += max(0, len(passed) - MOST_SHOWN)
    return {
        **why,
        **({"skill": wish.skill, "wanted": wish.level} if wish.skill is not None else {}),
        "others": {person: others[person] for person in list(others)[: MOST_SHOWN // 2]},
        "passed_over": {person: passed[person] for person in mattered[:MOST_SHOWN]},
        **({"more": left} if left else {}),
    }

"""Whom does this ticket get now? What the procedure's step, the matching rule and the team wish, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.routing.candidates import candidates, last_agent
from core.routing.choosing import Choice, Wish, choose
from core.routing.deciding import wished
from core.routing.ways import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.directory import Directory, Team
    from core.routing.ways import TeamWay
    from core.sop.document import Assign
    from core.tickets.rows import TicketRow


def assign_now(
    tx: Connection,
    firm: Directory,
    row: TicketRow,
    team: Team,
    spec: Assign,
    now: int,
    *,
    gives: Mapping[str, Any] | None = None,
) -> Choice:
    """The colleague of this team who gets the ticket, or nobody; their loads are locked from here on, so no limit is passed."""
    given = wished(tx, row) if gives is None else gives
    if given.get("team", row.team_id) != team.id:
        given = {}  # the rule spoke of another team than the step does
    wish = wish_of(tx, firm, row, team.way, spec, given, now)
    besides = [*named(firm, given, now), *wish.only]
    choice = choose(candidates(tx, firm, team, team.way, now, besides=besides), wish, now)
    choice.why["team"] = team.id
    return choice


def named(firm: Directory, given: Mapping[str, Any], now: int) -> list[int]:
    """The colleague whom a rule names, then the one who stands in for them while they are absent."""
    person = firm.people.get(given.get("agent") or 0)
    if person is None:
        return []
    return [person.id, person.way.stand_in] if person.way.stand_in and person.way.absent(now) else [person.id]


def wish_of(
    tx: Connection, firm: Directory, row: TicketRow, way: TeamWay, spec: Assign, given: Mapping[str, Any], now: int
) -> Wish:
    """The step's own words first, then the rule's, then the team's."""
    first = named(firm, given, now)
    if given.get("last_agent") or way.last_agent:
        before = last_agent(tx, row.customer_id, row.id)
        first += [before] if before is not None else []
    by = spec.by if spec.by in STRATEGIES and spec.by != "least_busy" else given.get("by") or way.by or "least_busy"
    skill = str(spec.skill).removeprefix("skill:") if spec.skill else given.get("skill")
    if skill is not None and "by" not in given and by == "least_busy":
        by = "skill"
    return Wish(
        by=by,
        priority=row.priority,
        first=tuple(first),
        only=tuple(given.get("people", ())) or way.people,
        skill=skill,
        level=_level(spec.tier) or given.get("level", 1),
        cap=int(spec.cap) if spec.cap else None,
        include_offline=way.include_offline or spec.availability != "online",
    )


def _level(tier: Any) -> int | None:
    """A tier is a level when it is a number."""
    return int(tier) if str(tier or "").isdecimal() else None

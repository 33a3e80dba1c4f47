"""Whom does this ticket get now? What the procedure's step, the matching rule and the team wish, put together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.routing.asking import Answered, against_asking, is_of_plugin
from core.routing.candidates import candidates, last_agent
from core.routing.choosing import Candidate, Choice, Wish, against, choose
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
    answered: Answered | None = None,
) -> Choice:
    """The colleague of this team who gets the ticket, or nobody; their loads are locked from here on, so no limit is passed.

    A plugin's way of choosing is never asked here: the choice then `asks` for it, and is made again with what was `answered`.
    """
    wish, besides = _wanted(tx, firm, row, team, spec, now, gives)
    among = candidates(tx, firm, team, team.way, now, besides=besides)
    asks = answered is not None or is_of_plugin(wish.by)
    choice = _by_plugin(tx, among, wish, now, answered) if asks else choose(among, wish, now)
    choice.why["team"] = team.id
    return choice


def who_could(
    tx: Connection,
    firm: Directory,
    row: TicketRow,
    team: Team,
    spec: Assign,
    now: int,
    *,
    gives: Mapping[str, Any] | None = None,
) -> list[Candidate]:
    """Everybody who can take the ticket now, without a lock: those among whom a plugin chooses."""
    wish, besides = _wanted(tx, firm, row, team, spec, now, gives)
    among = candidates(tx, firm, team, team.way, now, besides=besides, locked=False)
    asked = [one for one in among if not wish.only or one.person in (*wish.only, *wish.first)]
    return [one for one in asked if against(one, wish, now) is None]


def _wanted(
    tx: Connection,
    firm: Directory,
    row: TicketRow,
    team: Team,
    spec: Assign,
    now: int,
    gives: Mapping[str, Any] | None,
) -> tuple[Wish, list[int]]:
    """The wish, and whom it names beside the members."""
    given = wished(tx, row) if gives is None else gives
    if given.get("team", row.team_id) != team.id:
        given = {}  # the rule spoke of another team than the step does
    wish = wish_of(tx, firm, row, team.way, spec, given, now)
    return wish, [*named(firm, given, now), *wish.only]


def _by_plugin(tx: Connection, among: list[Candidate], wish: Wish, now: int, answered: Answered | None) -> Choice:
    """By a plugin's way: it is asked when there is somebody to choose among; its answer counts while that colleague has room."""
    built_in = replace(wish, by="least_busy" if wish.skill is None else "skill")
    if answered is None:
        choice = choose(among, built_in, now)
        if choice.person is None or choice.by == "first":
            return choice
        problem = against_asking(tx, wish.by)
        if problem is None:
            return Choice(None, wish.by, {"by": wish.by}, asks=wish.by)
        return _instead(choice, wish.by, problem)
    if answered.how == "nobody":
        choice = choose([], built_in, now)
        return replace(choice, why={**_told(answered.by, "nobody"), **choice.why, "by": "plugin"})
    if answered.person is None:
        return _instead(choose(among, built_in, now), answered.by, answered.how)
    choice = choose(among, replace(built_in, first=(answered.person,)), now)
    if choice.person != answered.person:
        return _instead(choice, answered.by, "taken")
    return replace(choice, by="plugin", why={**_told(answered.by, "chosen"), **choice.why, "by": "plugin"})


def _instead(choice: Choice, by: str, how: str) -> Choice:
    """The built-in way has decided, because the plugin could not."""
    return replace(choice, why={**_told(by, how), **choice.why})


def _told(by: str, how: str) -> dict[str, Any]:
    """What *why* says of the plugin's part: codes only."""
    name, _dot, strategy = by.partition(".")
    return {"plugin": {"name": name, "strategy": strategy, "how": how}}


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
    own = spec.by != "least_busy" and (spec.by in STRATEGIES or is_of_plugin(spec.by))
    by = spec.by if own else given.get("by") or way.by or "least_busy"
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

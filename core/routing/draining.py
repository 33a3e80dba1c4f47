"""Somebody has room: which tickets of the backlog do they get? At that very moment, in the order of the queue; nothing is polled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, or_, select

from core.database import afterwards, is_sqlite
from core.directory import directory
from core.prepared import Prepared
from core.routing.candidates import candidates
from core.routing.choosing import Wish, against
from core.schema import StepVisit, Ticket, Unplaced
from core.tickets.rows import flush, lock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from core.directory import Directory, Team
    from core.settings import Settings

MOST_AT_ONCE = 100  # tickets looked at for one team in one transaction
_t, _s, _u = Ticket.__table__.c, StepVisit.__table__.c, Unplaced.__table__.c
_WAITING = (
    select(_t.id)
    .where(
        _t.department_id == bindparam("department"),
        _t.team_id == bindparam("team"),
        _t.holder_id.is_(None),
        _t.queue_key.is_not(None),
        or_(
            exists().where(_s.ticket_id == _t.id, _s.state == "open", _s.kind == "assign"),
            exists().where(_u.ticket_id == _t.id),
        ),
    )
    .order_by(_t.queue_key, _t.id)
    .limit(MOST_AT_ONCE)
)
_READ = Prepared(_WAITING)
# Whoever holds one of these rows in this moment is about to decide over it: waiting for them could wait in a circle.
_LOCK = Prepared(_WAITING.with_for_update(of=Ticket.__table__, skip_locked=True))


@dataclass(slots=True)
class _Room:
    """Teams in which somebody has room since a change of this transaction."""

    settings: Settings | None = None
    now: int = 0
    teams: set[int] = field(default_factory=set)


def has_room(tx: Connection, settings: Settings, person_id: int, now: int) -> None:
    """This person may have room from now on: before the transaction ends, the backlogs of their teams are looked at."""
    firm = directory(tx)
    teams_have_room(tx, settings, teams_of(firm, person_id), now)


def teams_of(firm: Directory, person_id: int) -> list[int]:
    """The teams that give tickets to this person."""
    person = firm.people.get(person_id)
    if person is None or not person.active:
        return []
    return [team.id for team in firm.teams.values() if _gives_to(team, person_id, person.department_id)]


def _gives_to(team: Team, person_id: int, department_id: int | None) -> bool:
    if person_id in team.members or person_id in team.way.people:
        return True
    return team.way.whole_department and department_id == team.department_id


def teams_have_room(tx: Connection, settings: Settings, teams: Iterable[int], now: int) -> None:
    """The same for everybody of these teams: a limit was raised, a way was changed."""
    wanted = set(teams)
    if wanted:
        room: _Room = afterwards(tx, "room", _drain, _Room)
        room.settings, room.now = settings, max(room.now, now)
        room.teams |= wanted


def _drain(tx: Connection, room: Any) -> None:
    assert room.settings is not None
    flush(tx)
    for team_id in sorted(room.teams):
        drain_team(tx, room.settings, team_id, room.now)


def drain_team(tx: Connection, settings: Settings, team_id: int, now: int, *, behind: int | None = None) -> int:
    """Give what waits to whoever has room, the first of the queue first (`behind` this ticket). Returns how many tickets found somebody.

    Where a plugin chooses, it is asked for one ticket at a time: its answer goes on with the next one.
    """
    from core.routing.giving import try_to_place  # giving walks on, and whoever walks on may have room afterwards

    firm = directory(tx)
    team = firm.teams.get(team_id)
    if team is None or not team.way.drain:
        return 0
    waiting = (_READ if is_sqlite(tx) else _LOCK).all(tx, {"department": team.department_id, "team": team_id})
    if not waiting or not _anybody_free(tx, firm, team, now):
        return 0
    given = 0
    places = [found.id for found in waiting]
    for ticket_id in places[places.index(behind) + 1 :] if behind in places else places:
        row = lock(tx, ticket_id)
        if row.holder_id is not None or row.team_id != team_id or not row.unresolved:
            continue
        placed = try_to_place(tx, settings, row, now)
        if placed == "asked":
            break
        if placed == "given":
            given += 1
        elif not _anybody_free(tx, firm, team, now):
            break
    return given


def _anybody_free(tx: Connection, firm: Directory, team: Team, now: int) -> bool:
    """Could anybody take any ticket at all?"""
    wish = Wish(priority=0, include_offline=team.way.include_offline)
    return any(against(one, wish, now) is None for one in candidates(tx, firm, team, team.way, now))

"""The firm changes: somebody gets another role or leaves, a team another name, a calendar other hours. Every change tells all processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from core import configuration
from core.calendars import CalendarError
from core.clocks.reckoning import reckon_later
from core.closing import what_keeps_team
from core.database import is_sqlite
from core.directory import directory
from core.errors import FieldError, Invalid, NotFound, Refused
from core.field_checks import must_be, text_of
from core.holidays_by_country import prepared
from core.mailboxes import checked_address
from core.moments import now_ms, to_datetime
from core.organisation import ROLES, keep_calendar_version
from core.permissions import MANAGER, require, require_colleague, require_department
from core.routing.draining import has_room, teams_have_room
from core.routing.reading import checked_person_way, checked_team_way
from core.schema import Calendar, Membership, Person, Team, Token
from core.skills import checked_levels, put_levels
from core.texts import LANGUAGES, _
from core.tickets.holding import AVAILABILITIES, give_tickets_back, set_availability
from core.tickets.leaving import hand_on
from core.tickets.reordering import QUEUE_ORDERS, reorder
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Directory
    from core.directory import Person as Colleague
    from core.settings import Settings

_t, _p, _c = Team.__table__.c, Person.__table__.c, Calendar.__table__.c
_m = Membership.__table__.c


# ---- people ---------------------------------------------------------------------------------------------------------------


def change_person(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    person_id: int,
    changes: Mapping[str, Any],
    *,
    now: int | None = None,
) -> None:
    """Change a colleague: name, email, role, department_id, language, tz, availability, active, teams (ids), max_open, skills, routing.

    Leads change agents of their own department, in its teams. Who leaves is never the last manager.
    Who leaves (`active: false`) gives the tickets they hold back to routing, what waited for them is asked of others, and all their
    sessions end. A higher limit, a new skill or team lets them take what waits, at once.
    """
    require(actor, "change_people")
    now = now or now_ms()
    firm = directory(tx)
    person = firm.people.get(person_id)
    if person is None:
        raise NotFound(_("There is no such person."))
    _require_change(firm, actor, person, changes)
    values, errors = _person_values(tx, person_id, changes)
    levels = checked_levels(tx, changes["skills"], errors) if "skills" in changes else None
    if person_id == actor.id and (values.get("active") is False or values.get("role", person.role) != person.role):
        raise Refused(_("You cannot change your own role or leave by yourself. Another manager can."))
    if person.role == MANAGER and (values.get("active") is False or values.get("role", MANAGER) != MANAGER):
        _keep_a_manager(tx, person_id, errors)
    if errors:
        raise Invalid(*errors)
    _write_person(tx, person_id, values, levels, changes)
    append_to(
        tx,
        "person",
        person_id,
        "person.changed",
        actor,
        {"properties": sorted(changes)},
        at=now,
        department_id=values.get("department_id", person.department_id),
    )
    configuration.bump(tx)
    if values.get("active") is False:
        hand_on(tx, settings, actor, person_id, now)
    elif "availability" in changes:
        set_availability(tx, settings, actor, person_id, changes["availability"], now=now)
    if values.get("active") is not False:
        _take_up(tx, settings, actor, person_id, changes, now)


def _write_person(
    tx: Connection,
    person_id: int,
    values: dict[str, Any],
    levels: dict[int, int] | None,
    changes: Mapping[str, Any],
) -> None:
    if values.get("active") is False:
        values["session_epoch"] = _p.session_epoch + 1
        values["availability"] = "offline"
        tx.execute(update(Token.__table__).where(Token.__table__.c.person_id == person_id).values(revoked=True))
    if values:
        tx.execute(update(Person.__table__).where(_p.id == person_id).values(values))
    if "teams" in changes:
        _join(tx, person_id, changes["teams"], changes.get("max_open"))
    elif "max_open" in changes:
        tx.execute(update(Membership.__table__).where(_m.person_id == person_id).values(max_open=changes["max_open"]))
    if levels is not None:
        put_levels(tx, person_id, levels)


def _require_change(firm: Directory, actor: Actor, person: Colleague, changes: Mapping[str, Any]) -> None:
    """A lead changes their agents, and of themselves what gives them no other place or role."""
    places = changes.keys() & {"role", "department_id", "active"}
    if not (actor.id == person.id and all(getattr(person, name) == changes[name] for name in places)):
        require_colleague(actor, person.department_id, person.role)
        require_colleague(actor, changes.get("department_id", person.department_id), changes.get("role", person.role))
    if "teams" in changes:
        before = {team.id for team in firm.teams.values() if person.id in team.members}
        moved = before ^ set(changes["teams"])
        require_department(
            actor, "change_people", *(firm.teams[one].department_id for one in moved if one in firm.teams)
        )


def _keep_a_manager(tx: Connection, person_id: int, errors: list[FieldError]) -> None:
    """Somebody must be able to change everything. Two managers who send each other away at once wait for one another here."""
    managers = select(_p.id).where(_p.role == MANAGER, _p.active).order_by(_p.id)
    found = tx.execute(managers if is_sqlite(tx) else managers.with_for_update()).scalars().all()
    if not set(found) - {person_id}:
        errors.append(FieldError("/role", _("This is the last manager. Make somebody else a manager first.")))


def _take_up(
    tx: Connection, settings: Settings, actor: Actor, person_id: int, changes: Mapping[str, Any], now: int
) -> None:
    """What a new limit, skill, team or absence means for tickets."""
    if changes.keys() & {"routing", "skills", "teams", "max_open", "active"}:
        has_room(tx, settings, person_id, now)
    firm = directory(tx)
    way = firm.people[person_id].way
    if "routing" in changes and way.absent(now):
        teams = [team.id for team in firm.teams.values() if team.way.when_offline == "reroute"]
        give_tickets_back(tx, settings, actor, person_id, "absent", now, teams=teams, stand_in=way.stand_in)


def _person_values(
    tx: Connection, person_id: int, changes: Mapping[str, Any]
) -> tuple[dict[str, Any], list[FieldError]]:
    errors: list[FieldError] = []
    values: dict[str, Any] = {
        name: changes[name] for name in ("role", "department_id", "language", "tz", "active") if name in changes
    }
    if "name" in changes:
        values["name"] = text_of(changes["name"], "/name", errors)
    if "email" in changes:
        values["email"] = checked_address(tx, changes["email"], "/email", errors, person_id=person_id)
    if "routing" in changes:
        values["routing"] = checked_person_way(directory(tx), changes["routing"], errors)
    if "role" in changes:
        must_be(changes["role"], ROLES, "/role", errors)
    if "language" in changes:
        must_be(changes["language"], LANGUAGES, "/language", errors)
    if "availability" in changes:
        must_be(changes["availability"], AVAILABILITIES, "/availability", errors)
    return values, errors


def _join(tx: Connection, person_id: int, teams: Sequence[int], max_open: int | None) -> None:
    """Be in exactly these teams."""
    known = set(tx.execute(select(_m.team_id).where(_m.person_id == person_id)).scalars())
    gone, new = known - set(teams), [team for team in teams if team not in known]
    if gone:
        tx.execute(delete(Membership.__table__).where(_m.person_id == person_id, _m.team_id.in_(gone)))
    for team in new:
        values = {"team_id": team, "person_id": person_id, "max_open": max_open, "last_pick": 0}
        tx.execute(insert(Membership.__table__).values(values))


# ---- teams, calendars ------------- ------------------------------------------------------------------------------------------


def change_team(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    team_id: int,
    changes: Mapping[str, Any],
    *,
    now: int | None = None,
) -> None:
    """Change a team: title, lead_id, members (ids of people), queue_order (None: its department's), routing, active. Leads change their department's.

    A new order of the queue holds at once; whoever may take more takes what waits.
    """
    firm = directory(tx)
    team = firm.teams.get(team_id)
    if team is None:
        raise NotFound(_("There is no such team."))
    require_department(actor, "change_department", team.department_id)
    errors: list[FieldError] = []
    values: dict[str, Any] = {name: changes[name] for name in ("lead_id", "active") if name in changes}
    if "title" in changes:
        values["title"] = text_of(changes["title"], "/title", errors)
    if changes.get("active") is False and team.active:
        errors += what_keeps_team(tx, firm, team)
    if "queue_order" in changes:
        values["queue_order"] = changes["queue_order"] or None
        if values["queue_order"]:
            must_be(values["queue_order"], QUEUE_ORDERS, "/queue_order", errors)
    if "routing" in changes:
        values["routing"] = checked_team_way(tx, firm, changes["routing"], errors)
    if errors:
        raise Invalid(*errors)
    if values:
        tx.execute(update(Team.__table__).where(_t.id == team_id).values(values))
    if "members" in changes:
        _be_members(tx, team_id, team.members, changes["members"])
    data = {"team": team_id, "properties": sorted(changes)}
    append_to(
        tx,
        "organisation",
        team.department_id,
        "team.changed",
        actor,
        data,
        at=now or now_ms(),
        department_id=team.department_id,
    )
    configuration.bump(tx)
    if "queue_order" in values:
        reorder(tx, [team_id], directory(tx).queue_order(team_id, team.department_id))
    if changes.keys() & {"members", "routing"}:
        teams_have_room(tx, settings, [team_id], now or now_ms())


def _be_members(tx: Connection, team_id: int, known: Sequence[int], wanted: Sequence[int]) -> None:
    gone = set(known) - set(wanted)
    if gone:
        tx.execute(delete(Membership.__table__).where(_m.team_id == team_id, _m.person_id.in_(gone)))
    for person_id in dict.fromkeys(wanted):
        if person_id not in known:
            values = {"team_id": team_id, "person_id": person_id, "max_open": None, "last_pick": 0}
            tx.execute(insert(Membership.__table__).values(values))


def check_hours(data: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """The hours as they are kept. Invalid, with the calendar's own sentence, when they cannot be."""
    try:
        return prepared(data, to_datetime(now_ms()).date())
    except (CalendarError, ValueError, TypeError, AttributeError) as error:
        raise Invalid(FieldError(pointer, str(error) or _("These hours cannot be read."))) from error


def change_calendar(tx: Connection, actor: Actor, calendar_id: int, data: Mapping[str, Any]) -> None:
    """Give a calendar new hours, as its next version. Open clocks are reckoned anew by them in the background; steps stay due when they were."""
    require(actor, "change_organisation")
    data = check_hours(data, "/hours")
    number = tx.execute(
        update(Calendar.__table__)
        .where(_c.id == calendar_id)
        .values(data=data, version=_c.version + 1)
        .returning(_c.version)
    ).scalar_one_or_none()
    if number is None:
        raise NotFound(_("There is no such calendar."))
    now = now_ms()
    keep_calendar_version(tx, calendar_id, number, data, actor.id, now)
    configuration.bump(tx)
    reckon_later(tx, actor, "calendar", calendar_id, None, now)

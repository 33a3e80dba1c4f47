"""People and teams. Everybody reads; managers change all, leads what is of their own department."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core import organisation, organisation_changes
from core.directory import directory
from core.farewell import farewell
from core.firm_list import PersonRow, one_person, people_page
from core.moments import rfc3339
from core.organisation import NewPerson
from core.people import check_password, hash_password
from core.permissions import require, require_colleague
from core.routing.ways import kept_person
from web.api import references
from web.api import shapes_firm as shapes
from web.api.answers import Answer, answer, command, cursor, items, read_cursor
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.wiring import database, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Directory

part = Part("people", __name__, "People and teams.")


# ---- people ---------------------------------------------------------------------------------------------------------------


@part.reading("/people")
@part.arguments(shapes.PeopleFilters, location="query")
@part.response(200, listed(shapes.Person))
def list_people(wanted: dict[str, Any]) -> Response:
    """Who works here"""
    require(caller(), "read_people")
    after = read_cursor(wanted["next"], int)
    with database().read() as tx:
        firm = directory(tx)
        found = people_page(
            tx,
            department_id=references.department(firm, wanted["department"], "/department").id
            if wanted["department"]
            else None,
            team_id=references.team(firm, wanted["team"], "/team").id if wanted["team"] else None,
            role=wanted["role"],
            words=(wanted["q"] or "").strip()[:200],
            after=after[0] if after else 0,
            limit=wanted["limit"] + 1,
        )
    shown = found[: wanted["limit"]]
    return items([_person(firm, one) for one in shown], cursor(shown[-1].id) if len(found) > len(shown) else None)


def _person(firm: Directory, one: PersonRow) -> dict[str, Any]:
    return {
        "id": one.id,
        "email": one.email,
        "name": one.name,
        "nick": one.nick,
        "role": one.role,
        "department": firm.departments[one.department_id].name if one.department_id in firm.departments else None,
        "teams": [team.name for team in firm.teams.values() if one.id in team.members],
        "language": one.language,
        "tz": one.tz,
        "availability": one.availability,
        "availability_by": one.availability_by or "hand",
        "availability_at": rfc3339(one.availability_at),
        "active": one.active,
        "open_tickets": one.open_n,
        "skills": firm.people[one.id].levels if one.id in firm.people else {},
        "routing": kept_person(firm.people[one.id].way) if one.id in firm.people else {},
    }


@part.reading("/people/<name>")
@part.response(200, shapes.Person)
def read_person(name: str) -> Response:
    """One colleague, by id, address, short name, or `me`"""
    require(caller(), "read_people")
    with database().read() as tx:
        firm = directory(tx)
        one = one_person(tx, references.person(firm, name, "/person").id)
    return answer(_person(firm, one))


@part.command("/people")
@part.arguments(shapes.NewPerson)
@part.response(201, shapes.Person)
def create_person(given: dict[str, Any]) -> Response:
    """Somebody begins to work here (managers; leads: agents of their own department)"""
    require(caller(), "change_people")
    if given["password"] is not None:
        check_password(given["password"])
    hashed = hash_password(given["password"]) if given["password"] else None

    def work(tx: Connection) -> Answer:
        firm = directory(tx)
        new = NewPerson(
            email=given["email"],
            name=given["name"],
            role=given["role"],
            department_id=_department_id(firm, given["department"]),
            teams=_team_ids(firm, given["teams"]),
            nick=given["nick"],
            language=given["language"],
            tz=given["tz"],
            password_hash=hashed,
            max_open=given["max_open"],
            skills=given["skills"],
            routing=given["routing"],
        )
        person_id = organisation.add_person(tx, caller(), new)
        return Answer(
            _person(directory(tx), one_person(tx, person_id)), 201, {"Location": f"/api/v1/people/{person_id}"}
        )

    return command(work)


@part.changing("/people/<int:person_id>")
@part.arguments(shapes.PersonChanges)
@part.response(200, shapes.Person)
def patch_person(changes: dict[str, Any], person_id: int) -> Response:
    """Change a colleague (managers; leads: their agents); who leaves gives their tickets back to routing"""

    def work(tx: Connection) -> Answer:
        firm = directory(tx)
        values = dict(changes)
        if "department" in values:
            values["department_id"] = _department_id(firm, values.pop("department"))
        if "teams" in values:
            values["teams"] = _team_ids(firm, values["teams"])
        organisation_changes.change_person(tx, settings(), caller(), person_id, values)
        return Answer(_person(directory(tx), one_person(tx, person_id)))

    return command(work)


@part.reading("/people/<int:person_id>/leaving")
@part.response(200, shapes.Leaving)
def read_leaving(person_id: int) -> Response:
    """What somebody would leave behind: tickets, steps that wait for them, and what names them (managers; leads: their agents)"""
    with database().read() as tx:
        firm = directory(tx)
        person = references.person(firm, person_id, "/person")
        require_colleague(caller(), person.department_id, person.role)
        found = farewell(tx, caller(), person)
    return answer(
        {
            "tickets": found.tickets,
            "held": {firm.teams[team].name: n for team, n in found.held.items()},
            "steps": dict(found.duties),
            "offered": found.offered,
            "tokens": found.tokens,
            "rules": [{"id": rule, "title": title} for rule, title in found.rules],
            "sops": list(found.sops),
            "policies": list(found.policies),
            "leads": list(found.leads),
            "manages": list(found.manages),
            "stands_in_for": list(found.stands_in_for),
        }
    )


def _department_id(firm: Directory, given: int | str | None) -> int | None:
    return None if given is None else references.department(firm, given, "/department").id


def _team_ids(firm: Directory, given: list[int | str]) -> list[int]:
    return [references.team(firm, one, f"/teams/{i}").id for i, one in enumerate(given)]


def somebody(firm: Directory, person_id: int | None) -> dict[str, Any] | None:
    """A colleague as others show them, or None."""
    person = firm.people.get(person_id or 0)
    return {"kind": "person", "id": person.id, "name": person.name} if person else None


# ---- teams ----------------------------------------------------------------------------------------------------------------


@part.reading("/teams")
@part.response(200, listed(shapes.Team))
def list_teams() -> Response:
    """All teams"""
    with database().read() as tx:
        firm = directory(tx)
    return items([_team(firm, team_id) for team_id in firm.teams])


def _team(firm: Directory, team_id: int) -> dict[str, Any]:
    team = firm.teams[team_id]
    return {
        "id": team.id,
        "name": team.name,
        "title": team.title,
        "department": firm.departments[team.department_id].name,
        "active": team.active,
        "tier": team.way.tier,
        "queue_order": team.queue_order,
        "lead": somebody(firm, team.lead_id),
        "members": [somebody(firm, member) for member in team.members],
    }


@part.command("/teams")
@part.arguments(shapes.NewTeam)
@part.response(201, shapes.Team)
def create_team(given: dict[str, Any]) -> Response:
    """A new team of a department (its leads)"""

    def work(tx: Connection) -> Answer:
        firm = directory(tx)
        department = references.department(firm, given["department"], "/department")
        title = given["title"] or given["name"].replace("-", " ").capitalize()
        changes = _team_values(firm, {name: given[name] for name in ("lead", "members") if given[name]})
        team_id = organisation.create_team(tx, caller(), department.id, given["name"], title, default=given["default"])
        if changes:
            organisation_changes.change_team(tx, settings(), caller(), team_id, changes)
        return Answer(_team(directory(tx), team_id), 201)

    return command(work)


@part.changing("/teams/<int:team_id>")
@part.arguments(shapes.TeamChanges)
@part.response(200, shapes.Team)
def patch_team(changes: dict[str, Any], team_id: int) -> Response:
    """Change a team (its department's leads)"""

    def work(tx: Connection) -> Answer:
        organisation_changes.change_team(tx, settings(), caller(), team_id, _team_values(directory(tx), changes))
        return Answer(_team(directory(tx), team_id))

    return command(work)


def _team_values(firm: Directory, given: dict[str, Any]) -> dict[str, Any]:
    values = dict(given)
    if "lead" in values:
        lead = values.pop("lead")
        values["lead_id"] = None if lead is None else references.person(firm, lead, "/lead").id
    if "members" in values:
        values["members"] = [
            references.person(firm, one, f"/members/{i}").id for i, one in enumerate(values["members"])
        ]
    return values

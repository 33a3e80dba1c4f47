"""Departments, what they promise, and their hours. Everybody reads; managers change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core import department_changes, organisation, organisation_changes
from core.directory import directory
from core.firm_list import calendars
from core.noticing.watching import kept_watch
from core.permissions import require
from web.api import references
from web.api import shapes_firm as shapes
from web.api.answers import Answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.firm import somebody
from web.api.shapes import listed
from web.wiring import database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Directory

part = Part("departments", __name__, "Departments, what they promise, and their hours.")


@part.reading("/departments")
@part.response(200, listed(shapes.Department))
def list_departments() -> Response:
    """All departments"""
    with database().read() as tx:
        firm = directory(tx)
    return items([_department(firm, department_id) for department_id in firm.departments])


def _department(firm: Directory, department_id: int) -> dict[str, Any]:
    one = firm.departments[department_id]
    team = firm.first_team(one.id)
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title,
        "address": one.address,
        "language": one.language,
        "calendar": one.calendar,
        "manager": somebody(firm, one.manager_id),
        "default_team": team.name if team else None,
        "promise_minutes": one.promise_minutes,
        "quiet_hours": one.quiet_hours,
        "queue_order": one.queue_order,
        "signature": one.signature,
        "mailboxes": list(one.mailboxes),
        "active": one.active,
        "gone_minutes": one.gone_minutes,
        "upset": kept_watch(one.upset),
    }


@part.command("/departments")
@part.arguments(shapes.NewDepartment)
@part.response(201, shapes.Department)
def create_department(given: dict[str, Any]) -> Response:
    """A new department (managers); it takes tickets once it has a team"""

    def work(tx: Connection) -> Answer:
        values = dict(given)
        name, title, calendar = values.pop("name"), values.pop("title"), values.pop("calendar")
        values["calendar_id"] = references.calendar(tx, calendar, "/calendar") if calendar else None
        department_id = organisation.create_department(tx, caller(), name, title, **values)
        return Answer(_department(directory(tx), department_id), 201)

    return command(work)


@part.changing("/departments/<int:department_id>")
@part.arguments(shapes.DepartmentChanges)
@part.response(200, shapes.Department)
def patch_department(changes: dict[str, Any], department_id: int) -> Response:
    """Change a department (managers; leads: their own, but for its addresses)"""

    def work(tx: Connection) -> Answer:
        firm, values = directory(tx), dict(changes)
        if "calendar" in values:
            values["calendar_id"] = references.calendar(tx, values.pop("calendar"), "/calendar")
        if "manager" in values:
            manager = values.pop("manager")
            values["manager_id"] = None if manager is None else references.person(firm, manager, "/manager").id
        if "default_team" in values:
            team = values.pop("default_team")
            values["default_team_id"] = None if team is None else references.team(firm, team, "/default_team").id
        department_changes.change_department(tx, caller(), department_id, values)
        return Answer(_department(directory(tx), department_id))

    return command(work)


# ---- calendars --------------------------------------------------------------------------------------------------------------


@part.reading("/calendars")
@part.response(200, listed(shapes.Calendar))
def list_calendars() -> Response:
    """All working hours; two calendars are built in"""
    with database().read() as tx:
        return items([_calendar(*row) for row in calendars(tx)])


def _calendar(calendar_id: int | None, name: str, version: int, hours: dict[str, Any]) -> dict[str, Any]:
    return {"id": calendar_id, "name": name, "version": version, "hours": hours}


@part.command("/calendars")
@part.arguments(shapes.NewCalendar)
@part.response(201, shapes.Calendar)
def create_calendar(given: dict[str, Any]) -> Response:
    """New working hours (managers)"""

    def work(tx: Connection) -> Answer:
        require(caller(), "change_organisation")
        hours = organisation_changes.check_hours(given["hours"], "/hours")
        references.new_calendar_name(tx, given["name"], "/name")
        calendar_id = organisation.create_calendar(tx, caller(), given["name"], hours)
        return Answer(_calendar(calendar_id, given["name"], 1, hours), 201)

    return command(work)


@part.changing("/calendars/<int:calendar_id>")
@part.arguments(shapes.CalendarChanges)
@part.response(200, shapes.Calendar)
def patch_calendar(changes: dict[str, Any], calendar_id: int) -> Response:
    """Change working hours (managers): their next version. Open clocks follow in the background, steps stay due when they were"""

    def work(tx: Connection) -> Answer:
        organisation_changes.change_calendar(tx, caller(), calendar_id, changes["hours"])
        return Answer(next(_calendar(*row) for row in calendars(tx) if row[0] == calendar_id))

    return command(work)

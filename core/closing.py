"""A department or a team closes: nothing new comes there. It closes only when nothing would be left behind, and the answer says what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from core.errors import FieldError
from core.schema import Ticket
from core.texts import _, ngettext

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.sql.elements import ColumnElement

    from core.directory import Department, Directory, Team

_t = Ticket.__table__.c


def open_tickets(tx: Connection, where: ColumnElement[bool]) -> int:
    """How many tickets are not resolved there."""
    return int(tx.execute(select(func.count()).where(where, _t.queue_key.is_not(None))).scalar_one())


def what_keeps_team(tx: Connection, firm: Directory, team: Team) -> list[FieldError]:
    """Why this team cannot close now."""
    found = []
    n = open_tickets(tx, _t.team_id == team.id)
    if n:
        found.append(
            FieldError(
                "/active",
                ngettext(
                    "%(n)s open ticket is in this team. Give it to another team first.",
                    "%(n)s open tickets are in this team. Give them to another team first.",
                    n,
                ),
            )
        )
    others = [one for one in firm.open_teams if one.department_id == team.department_id and one.id != team.id]
    if not others and firm.departments[team.department_id].active:
        found.append(
            FieldError(
                "/active", _("It is the only team of its department. Make another one, or close the department.")
            )
        )
    return found


def what_keeps_department(tx: Connection, firm: Directory, department: Department) -> list[FieldError]:
    """Why this department cannot close now: everything at once."""
    found = []
    n = open_tickets(tx, _t.department_id == department.id)
    if n:
        found.append(
            ngettext(
                "%(n)s open ticket is in this department. Move it to another one first.",
                "%(n)s open tickets are in this department. Move them to another one first.",
                n,
            )
        )
    people = sorted(p.name for p in firm.people.values() if p.active and p.department_id == department.id)
    if people:
        shown = ", ".join(people[:5]) + (" …" if len(people) > 5 else "")
        found.append(_("These people are in it: %(names)s. Give them another department first.", names=shown))
    if department.addresses:
        shown = ", ".join(department.addresses)
        found.append(
            _("Mail still comes to %(addresses)s. Give these addresses to another department first.", addresses=shown)
        )
    if len(firm.open_departments) == 1 and department.active:
        found.append(_("It is the only department. Make another one first."))
    return [FieldError("/active", one) for one in found]

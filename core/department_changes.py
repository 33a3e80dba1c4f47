"""A department changes: its name, its mailboxes, its hours and promise, its order; or it closes. Every change tells all processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from core import configuration
from core.clocks.reckoning import reckon_later
from core.closing import what_keeps_department
from core.directory import directory
from core.errors import FieldError, Invalid, NotFound
from core.field_checks import must_be, text_of, whole_number
from core.mailboxes import checked_address, checked_mailboxes, put_mailboxes
from core.moments import now_ms
from core.noticing.watching import checked_watch
from core.permissions import require, require_department
from core.schema import Department
from core.texts import LANGUAGES, _
from core.tickets.reordering import QUEUE_ORDERS, reorder
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Department as DepartmentValue
    from core.directory import Directory

LONGEST_SIGNATURE, LONGEST_PROMISE, LONGEST_GONE = 4000, 100_000, 24 * 60
LEADS_CHANGE = frozenset(
    {
        "title",
        "language",
        "default_team_id",
        "queue_order",
        "signature",
        "calendar_id",
        "promise_minutes",
        "quiet_hours",
        "upset",
        "gone_minutes",
    }
)
_NUMBERS = {
    "promise_minutes": (1, LONGEST_PROMISE),
    "quiet_hours": (0, LONGEST_PROMISE),
    "gone_minutes": (0, LONGEST_GONE),
}
_d = Department.__table__.c


def change_department(
    tx: Connection, actor: Actor, department_id: int, changes: Mapping[str, Any], *, now: int | None = None
) -> None:
    """Change a department: title, language, calendar_id, default_team_id, promise_minutes, quiet_hours, queue_order, signature (its leads, too),
    address, mailboxes, manager_id, active (managers).

    A new `queue_order` holds at once for all teams that have none of their own. What is as it was is no change.
    """
    require_department(actor, "change_department", department_id)
    firm = directory(tx)
    department = firm.departments.get(department_id)
    if department is None:
        raise NotFound(_("There is no such department."))
    changes = _what_differs(tx, department, changes)
    if changes.keys() - LEADS_CHANGE:
        require(actor, "change_organisation")
    errors: list[FieldError] = []
    values = _checked(tx, firm, department, changes, errors)
    if errors:
        raise Invalid(*errors)
    if not changes:
        return
    now = now or now_ms()
    if "mailboxes" in values:
        put_mailboxes(tx, department_id, values.pop("mailboxes"))
    if values:
        tx.execute(update(Department.__table__).where(_d.id == department_id).values(values))
    if {"promise_minutes", "calendar_id"} & changes.keys():
        reckon_later(tx, actor, "department", department_id, department_id, now)
    data = {"properties": sorted(changes)}
    append_to(tx, "organisation", department_id, "department.changed", actor, data, at=now, department_id=department_id)
    configuration.bump(tx)
    if "queue_order" in changes:
        teams = [t.id for t in firm.teams.values() if t.department_id == department_id and t.queue_order is None]
        reorder(tx, teams, changes["queue_order"])


def _what_differs(tx: Connection, department: DepartmentValue, changes: Mapping[str, Any]) -> dict[str, Any]:
    row = tx.execute(select(Department.__table__).where(_d.id == department.id)).mappings().one()
    known = {**row, "mailboxes": list(department.mailboxes), "address": row["address"] or None}
    given = dict(changes)
    if "address" in given:
        given["address"] = (given["address"] or "").strip() or None
    if "upset" in given:
        wrong: list[FieldError] = []
        kept = checked_watch(given["upset"], wrong)
        given["upset"] = given["upset"] if wrong else kept
    if "mailboxes" in given:
        given["mailboxes"] = [one.strip() for one in given["mailboxes"]]
        if sorted(given["mailboxes"]) == known["mailboxes"]:
            given.pop("mailboxes")
    return {name: value for name, value in given.items() if name == "mailboxes" or known[name] != value}


def _checked(
    tx: Connection,
    firm: Directory,
    department: DepartmentValue,
    changes: Mapping[str, Any],
    errors: list[FieldError],
) -> dict[str, Any]:
    values = dict(changes)
    if "title" in changes:
        values["title"] = text_of(changes["title"], "/title", errors)
    if changes.get("address"):
        values["address"] = checked_address(tx, changes["address"], "/address", errors, department_id=department.id)
    if "mailboxes" in changes or changes.get("address"):
        further = changes.get("mailboxes", department.mailboxes)
        own = values.get("address", department.address)
        kept = checked_mailboxes(tx, further, department.id, own, errors)
        values |= {"mailboxes": kept} if "mailboxes" in changes else {}
    _check_simple(changes, errors)
    if "upset" in changes:
        values["upset"] = checked_watch(changes["upset"], errors)
    if "signature" in changes and len(changes["signature"]) > LONGEST_SIGNATURE:
        errors.append(
            FieldError("/signature", _("This must be a text of at most %(most)s characters.", most=LONGEST_SIGNATURE))
        )
    team = firm.open_team(changes.get("default_team_id"))
    if changes.get("default_team_id") is not None and (team is None or team.department_id != department.id):
        errors.append(FieldError("/default_team", _("Choose a team of this department.")))
    manager = firm.people.get(changes.get("manager_id") or 0)
    if changes.get("manager_id") is not None and (manager is None or not manager.active):
        errors.append(FieldError("/manager", _("Choose somebody who works here.")))
    if changes.get("active") is False:
        errors += what_keeps_department(tx, firm, department)
    return values


def _check_simple(changes: Mapping[str, Any], errors: list[FieldError]) -> None:
    """One of some words, or a number between two bounds."""
    for name, words in (("language", LANGUAGES), ("queue_order", QUEUE_ORDERS)):
        if name in changes:
            must_be(changes[name], words, f"/{name}", errors)
    for name, (least, most) in _NUMBERS.items():
        if name in changes:
            whole_number(changes[name], least, most, f"/{name}", errors)


def check_queue_order(value: str) -> None:
    """Invalid when queues cannot be ordered so."""
    errors: list[FieldError] = []
    must_be(value, QUEUE_ORDERS, "/queue_order", errors)
    if errors:
        raise Invalid(*errors)

"""What is true of a ticket, changed by hand: subject, priority, status, topic, product, tags, department, language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.advance import walk_on
from core.directory import directory
from core.errors import Conflict, FieldError, Invalid, Refused
from core.moments import now_ms
from core.permissions import require
from core.texts import LANGUAGES, _
from core.tickets.barring import check_properties
from core.tickets.rerouting import route_again
from core.tickets.rows import CLOSED, PRIORITIES, PRIORITY_NAMES, RESOLVED, STATUSES, TicketRow, change, lock
from core.tickets.starting import RULES_READ, judge_again
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Directory
    from core.settings import Settings

CHANGEABLE = ("subject", "priority", "status", "topic", "product", "tags", "department", "language")
_BY_COMMAND = {RESOLVED, CLOSED}
_MOST_TAGS = 50
_COLUMN = {"department": "department_id"}
_CODES = ("topic", "product", "tags", "language")


def change_ticket(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    changes: dict[str, Any],
    *,
    if_version: int | None = None,
    now: int | None = None,
) -> None:
    """Change properties. With `if_version`, a ticket that has changed since is left alone (Conflict)."""
    require(actor, "change_ticket")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    if if_version is not None and row.version != if_version:
        raise Conflict(_("This ticket has been changed since you looked at it. Look at it again; nothing was changed."))
    columns = _columns(directory(tx), row, changes)
    columns = {name: value for name, value in columns.items() if getattr(row, name) != value}
    if not columns:
        return
    properties = sorted(name for name in changes if name in CHANGEABLE)
    beside = check_properties(tx, row, [name for name in properties if _COLUMN.get(name, name) in columns])
    event = append(tx, row.id, "ticket.changed", actor, {"properties": properties, **_codes(row, columns)}, at=now)
    if beside:
        append(tx, row.id, "sop.deviated", actor, {"what": "changed", "properties": beside}, at=now)
    row = change(tx, row, **columns)
    if "department_id" in columns:
        row = route_again(tx, row, now)
    run = judge_again(tx, row, now) if RULES_READ.intersection(properties) else None
    walk_on(tx, settings, lock(tx, row.id), now, cause=event.seq, run=run)


def _codes(row: TicketRow, columns: dict[str, Any]) -> dict[str, Any]:
    """Old and new values where they are codes, not texts: from them one can tell later what a ticket was when it arrived."""
    found: dict[str, Any] = {name: [getattr(row, name), columns[name]] for name in _CODES if name in columns}
    if "priority" in columns:
        found["priority"] = [PRIORITY_NAMES[row.priority], PRIORITY_NAMES[columns["priority"]]]
    if "status" in columns:
        found["status"] = [row.status, columns["status"]]
    if "department_id" in columns:
        found["department"] = [row.department_id, columns["department_id"]]
    return found


def _columns(firm: Directory, row: TicketRow, changes: dict[str, Any]) -> dict[str, Any]:
    errors: list[FieldError] = []
    columns: dict[str, Any] = {}
    for name, value in changes.items():
        wrong = _READERS[name](firm, row, value, columns) if name in _READERS else _unknown(name)
        if wrong:
            errors.append(FieldError(f"/{name}", wrong))
    if errors:
        raise Invalid(*errors)
    return columns


def _unknown(name: str) -> str:
    return _("“%(name)s” cannot be changed here. These can: %(known)s.", name=name, known=", ".join(CHANGEABLE))


def _subject(_firm: Directory, _row: TicketRow, value: Any, columns: dict[str, Any]) -> str | None:
    text = " ".join(str(value or "").split())
    if not text or len(text) > 998:
        return _("A subject has between 1 and 998 characters.")
    columns["subject"] = text
    return None


def _priority(_firm: Directory, _row: TicketRow, value: Any, columns: dict[str, Any]) -> str | None:
    if value not in PRIORITIES:
        return _(
            "“%(value)s” is no priority. Write one of: %(known)s.", value=value, known=", ".join(reversed(PRIORITIES))
        )
    columns["priority"] = PRIORITIES[value]
    return None


def _status(_firm: Directory, row: TicketRow, value: Any, columns: dict[str, Any]) -> str | None:
    if value not in STATUSES:
        return _("“%(value)s” is no status. Write one of: %(known)s.", value=value, known=", ".join(STATUSES))
    if value in _BY_COMMAND or not row.unresolved:
        raise Refused(_("A ticket is resolved, closed and reopened by its own actions, not by setting its status."))
    columns["status"] = value
    return None


def _code(name: str) -> Any:
    def read(_firm: Directory, _row: TicketRow, value: Any, columns: dict[str, Any]) -> str | None:
        if value is not None and (not isinstance(value, str) or len(value) > 64):
            return _("Write a word of at most 64 characters.")
        columns[name] = value or None
        return None

    return read


def _tags(_firm: Directory, _row: TicketRow, value: Any, columns: dict[str, Any]) -> str | None:
    if (
        not isinstance(value, list)
        or not all(isinstance(tag, str) and 0 < len(tag) <= 64 for tag in value)
        or len(value) > _MOST_TAGS
    ):
        return _("Tags are a list of at most %(most)s words of up to 64 characters.", most=_MOST_TAGS)
    columns["tags"] = sorted(set(value))
    return None


def _department(firm: Directory, row: TicketRow, value: Any, columns: dict[str, Any]) -> str | None:
    department = firm.department(str(value))
    team = firm.first_team(department.id) if department else None
    if department is None or team is None:
        known = ", ".join(sorted(firm.department_names))
        return _("There is no department “%(name)s” that takes tickets. There are: %(known)s.", name=value, known=known)
    if department.id != row.department_id:
        columns.update(department_id=department.id, team_id=team.id, holder_id=None)
    return None


def _language(_firm: Directory, _row: TicketRow, value: Any, columns: dict[str, Any]) -> str | None:
    if value not in LANGUAGES:
        return _("“%(value)s” is no language we speak. Write one of: %(known)s.", value=value, known="en, id")
    columns["language"] = value
    return None


_READERS: dict[str, Any] = {
    "subject": _subject,
    "priority": _priority,
    "status": _status,
    "topic": _code("topic"),
    "product": _code("product"),
    "tags": _tags,
    "department": _department,
    "language": _language,
}

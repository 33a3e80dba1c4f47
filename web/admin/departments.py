"""Departments as pages: managers make them, give them mailboxes and close them; leads look after their own one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request
from sqlalchemy import select

from core.clocks.policies import policies
from core.department_changes import change_department
from core.directory import directory
from core.errors import FieldError, Invalid, NotFound
from core.organisation import create_department
from core.permissions import require
from core.procedures import published
from core.schema import Calendar
from core.texts import _
from core.tickets.reordering import QUEUE_ORDERS
from web.admin import admin
from web.admin.firm_form import errors_of, is_manager, lines, whole
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.directory import Department

_c = Calendar.__table__.c
_NEW = {"language": "id", "promise_minutes": "480", "quiet_hours": "72", "queue_order": "vip_lane"}


@admin.get("/departments")
def departments_list() -> ResponseReturnValue:
    """All departments with their teams, addresses and hours."""
    require(actor(), "change_department")
    with database().read() as tx:
        firm = directory(tx)
    return render_template("admin/departments.html", here="admin", firm=firm, manager=is_manager())


@admin.get("/departments/new")
def new_department() -> ResponseReturnValue:
    """An empty form."""
    require(actor(), "change_organisation")
    return _page(None, _NEW, {})


@admin.get("/departments/<int:department_id>")
def one_department(department_id: int) -> ResponseReturnValue:
    """A department to be changed, and what belongs to it."""
    require(actor(), "change_department")
    with database().read() as tx:
        one = _known(tx, department_id)
    return _page(one, _shown(one), {})


def _known(tx: Connection, department_id: int) -> Department:
    found = directory(tx).departments.get(department_id)
    if found is None:
        raise NotFound(_("There is no such department."))
    return found


def _shown(one: Department) -> dict[str, Any]:
    return {
        "title": one.title,
        "language": one.language,
        "address": one.address or "",
        "mailboxes": "\n".join(one.mailboxes),
        "calendar": one.calendar,
        "manager": str(one.manager_id or ""),
        "default_team": str(one.default_team_id or ""),
        "promise_minutes": str(one.promise_minutes),
        "quiet_hours": str(one.quiet_hours),
        "gone_minutes": str(one.gone_minutes),
        "upset_threshold": str(one.upset.threshold),
        "upset_priority": one.upset.priority or "",
        "upset_mails": str(one.upset.mails),
        "upset_words": "\n".join(one.upset.words),
        "queue_order": one.queue_order,
        "signature": one.signature,
    }


def _page(one: Department | None, typed: Mapping[str, Any], errors: dict[str, str]) -> ResponseReturnValue:
    with database().read() as tx:
        firm = directory(tx)
        procedures = [p for p in published(tx) if one and p.department_id in (None, one.id)]
        promises = [row for row in policies(tx) if one and row.department_id in (None, one.id)]
    page = render_template(
        "admin/department.html",
        here="admin",
        one=one,
        typed=typed,
        errors=errors,
        firm=firm,
        orders=QUEUE_ORDERS,
        manager=is_manager(),
        mine=is_manager() or (one is not None and one.id == actor().department_id),
        procedures=procedures,
        promises=promises,
    )
    return page, 422 if errors else 200


@admin.post("/departments/new")
def add_department() -> ResponseReturnValue:
    """Keep a new department."""
    require(actor(), "change_organisation")
    form = request.form
    try:
        with database().write() as tx:
            values = _typed(tx)
            manager = values.pop("manager_id")
            values.pop("default_team_id")
            name, title = form.get("name", "").strip(), values.pop("title")
            new = create_department(tx, actor(), name, title, **values)
            change_department(tx, actor(), new, {"manager_id": manager})
    except Invalid as wrong:
        return _page(None, form, errors_of(wrong))
    flash(_("Saved. It takes tickets once it has a team."))
    return redirect(f"/admin/departments/{new}", 303)


@admin.post("/departments/<int:department_id>")
def save_department(department_id: int) -> ResponseReturnValue:
    """Keep what was changed; a lead sends no addresses."""
    try:
        with database().write() as tx:
            _known(tx, department_id)
            change_department(tx, actor(), department_id, _typed(tx))
    except Invalid as wrong:
        with database().read() as tx:
            one = _known(tx, department_id)
        return _page(one, {**_shown(one), **request.form}, errors_of(wrong))
    flash(_("Saved."))
    return redirect(f"/admin/departments/{department_id}", 303)


@admin.post("/departments/<int:department_id>/close")
def close_department(department_id: int) -> ResponseReturnValue:
    """Close it, or open it again; what keeps it from closing is said all at once."""
    opened = request.form.get("active") == "yes"
    try:
        with database().write() as tx:
            change_department(tx, actor(), department_id, {"active": opened})
    except Invalid as wrong:
        with database().read() as tx:
            one = _known(tx, department_id)
        return _page(one, _shown(one), errors_of(wrong))
    flash(_("The department is open again.") if opened else _("The department is closed: nothing new comes there."))
    return redirect("/admin/departments", 303)


def _typed(tx: Connection) -> dict[str, Any]:
    form = request.form
    values: dict[str, Any] = {
        "title": form.get("title", ""),
        "language": form.get("language", ""),
        "calendar_id": _calendar_id(tx, form.get("calendar", "")),
        "default_team_id": whole(form.get("default_team")),
        "promise_minutes": whole(form.get("promise_minutes")),
        "quiet_hours": whole(form.get("quiet_hours")),
        "queue_order": form.get("queue_order", ""),
        "signature": form.get("signature", "").replace("\r\n", "\n"),
    }
    if "upset_threshold" in form:
        values["gone_minutes"] = whole(form.get("gone_minutes"))
        values["upset"] = {
            "threshold": whole(form.get("upset_threshold")),
            "priority": form.get("upset_priority", ""),
            "mails": whole(form.get("upset_mails")),
            "words": form.get("upset_words", "").splitlines(),
        }
    if is_manager():
        values["address"] = form.get("address", "").strip() or None
        values["mailboxes"] = lines(form.get("mailboxes", ""))
        values["manager_id"] = whole(form.get("manager"))
    return values


def _calendar_id(tx: Connection, name: str) -> int | None:
    if name in {"", "id-jakarta"}:
        return None
    found = tx.execute(select(_c.id).where(_c.name == name)).scalar_one_or_none()
    if found is None:
        raise Invalid(FieldError("/calendar", _("There is no such calendar.")))
    return int(found)

"""What is promised to whom, and by which hours: the pages of policies and calendars, with how far a change has been reckoned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request

from core import organisation
from core.calendar_reading import WEEKDAYS
from core.clocks import policies
from core.clocks.policy import PRIORITIES
from core.clocks.reading import BUILT_IN_METRICS
from core.clocks.reckoning import recent
from core.directory import directory
from core.errors import FieldError, Invalid, NotFound
from core.firm_list import calendars as known_calendars
from core.holidays_by_country import countries
from core.organisation_changes import change_calendar, check_hours
from core.permissions import require
from core.texts import _
from core.tickets.opening import CHANNELS
from web.admin import admin
from web.admin.promise_form import calendar_of, field_of, policy_of, shown_calendar, shown_policy
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.clocks.policies import PolicyRow

_EXAMPLE: dict[str, Any] = {"metrics": {"first_response": {"goal": "PT4H", "warnings": [75]}}}


@admin.get("/policies")
def policies_list() -> ResponseReturnValue:
    """The policies in the order in which they are tried, and what is being reckoned anew."""
    require(actor(), "change_policies")
    with database().read() as tx:
        firm, rows = directory(tx), policies.visible(tx, actor())
        circles, reckonings = policies.circles(tx), recent(tx, 8)
    return render_template(
        "admin/policies.html", here="admin", rows=rows, firm=firm, circles=circles, reckonings=reckonings
    )


@admin.get("/policies/new")
def new_policy() -> ResponseReturnValue:
    """A form for a policy."""
    return _policy_page(None, shown_policy(_EXAMPLE), _EXAMPLE, {})


@admin.get("/policies/<int:policy_id>")
def one_policy(policy_id: int) -> ResponseReturnValue:
    """A policy to be changed, with its earlier versions."""
    require(actor(), "change_policies")
    with database().read() as tx:
        row = _visible(tx, policy_id)
    return _policy_page(row, shown_policy(row.data), row.data, {})


def _visible(tx: Connection, policy_id: int) -> PolicyRow:
    row = next((one for one in policies.visible(tx, actor()) if one.id == policy_id), None)
    if row is None:
        raise NotFound(_("There is no such policy."))
    return row


def _policy_page(
    row: PolicyRow | None, typed: Mapping[str, Any], data: Mapping[str, Any], errors: dict[str, str]
) -> ResponseReturnValue:
    require(actor(), "change_policies")
    with database().read() as tx:
        firm = directory(tx)
        history = policies.versions(tx, row.id) if row else []
    page = render_template(
        "admin/policy.html",
        here="admin",
        row=row,
        typed=typed,
        data=data,
        errors=errors,
        firm=firm,
        history=history,
        metrics=BUILT_IN_METRICS,
        priorities=PRIORITIES,
        channels=CHANNELS,
        mine=[d for d in firm.departments.values() if policies.may_change(actor(), d.id)],
        everywhere=policies.may_change(actor(), None),
        changeable=row is None or policies.may_change(actor(), row.department_id),
    )
    return page, 422 if errors else 200


@admin.post("/policies/new")
def create_policy() -> ResponseReturnValue:
    """Promise something new."""
    department = request.form.get("department", "")
    try:
        data = policy_of(request.form, request.form.getlist, {})
        with database().write() as tx:
            policies.create_policy(tx, actor(), int(department) if department.isdecimal() else None, data)
    except Invalid as wrong:
        return _policy_page(None, request.form, _typed_lists(), _fields(wrong))
    flash(_("Saved. Open clocks are reckoned anew in the background."))
    return redirect("/admin/policies", 303)


@admin.post("/policies/<int:policy_id>")
def save_policy(policy_id: int) -> ResponseReturnValue:
    """Keep the next version, its place, and whether it holds at all."""
    require(actor(), "change_policies")
    with database().read() as tx:
        row = _visible(tx, policy_id)
    place = request.form.get("place", "")
    try:
        data = policy_of(request.form, request.form.getlist, row.data)
        with database().write() as tx:
            policies.change_policy(
                tx,
                actor(),
                policy_id,
                data,
                place=int(place) if place.isdecimal() else None,
                active=bool(request.form.get("active")),
            )
    except Invalid as wrong:
        return _policy_page(row, request.form, _typed_lists(), _fields(wrong))
    flash(_("Saved. Open clocks are reckoned anew in the background."))
    return redirect("/admin/policies", 303)


def _typed_lists() -> dict[str, Any]:
    return {name: request.form.getlist(name) for name in ("priorities", "channels")}


def _fields(wrong: Invalid) -> dict[str, str]:
    found: dict[str, str] = {}
    for error in wrong.errors:
        found.setdefault(field_of(error.pointer), error.message)
    return found


# ---- calendars --------------------------------------------------------------------------------------------------------------


@admin.get("/calendars")
def calendars_list() -> ResponseReturnValue:
    """All working hours, and which departments go by them."""
    require(actor(), "change_policies")
    with database().read() as tx:
        rows, firm = known_calendars(tx), directory(tx)
    return render_template("admin/calendars.html", here="admin", rows=rows, firm=firm, weekdays=WEEKDAYS)


@admin.get("/calendars/new")
def new_calendar() -> ResponseReturnValue:
    """A form for working hours."""
    hours = {day: [["08:00", "17:00"]] for day in WEEKDAYS[:5]}
    return _calendar_page(None, shown_calendar("", {"hours": hours, "country": "ID"}), {}, {})


@admin.get("/calendars/<int:calendar_id>")
def one_calendar(calendar_id: int) -> ResponseReturnValue:
    """Working hours to be changed."""
    require(actor(), "change_policies")
    name, _version, data = _calendar(calendar_id)
    return _calendar_page(calendar_id, shown_calendar(name, data), data, {})


def _calendar(calendar_id: int) -> tuple[str, int, dict[str, Any]]:
    with database().read() as tx:
        found = next((row for row in known_calendars(tx) if row[0] == calendar_id), None)
    if found is None:
        raise NotFound(_("There is no such calendar."))
    return found[1], found[2], found[3]


def _calendar_page(
    calendar_id: int | None, typed: Mapping[str, Any], data: Mapping[str, Any], errors: dict[str, str]
) -> ResponseReturnValue:
    require(actor(), "change_policies")
    page = render_template(
        "admin/calendar.html",
        here="admin",
        id=calendar_id,
        typed=typed,
        public=data.get("public") or {},
        errors=errors,
        weekdays=WEEKDAYS,
        countries=countries(),
    )
    return page, 422 if errors else 200


@admin.post("/calendars/new")
def create_calendar() -> ResponseReturnValue:
    """Keep new working hours."""
    require(actor(), "change_organisation")
    name = request.form.get("name", "").strip()
    try:
        hours = check_hours(calendar_of(request.form), "/hours")
        with database().write() as tx:
            _check_name(tx, name)
            organisation.create_calendar(tx, actor(), name, hours)
    except Invalid as wrong:
        return _calendar_page(None, request.form, {}, {e.pointer.strip("/"): e.message for e in wrong.errors})
    flash(_("Saved."))
    return redirect("/admin/calendars", 303)


def _check_name(tx: Connection, name: str) -> None:
    if name in directory(tx).calendars or not name.replace("-", "").replace("_", "").isalnum():
        raise Invalid(FieldError("/name", _("Give a name of its own, with letters, digits, - and _.")))


@admin.post("/calendars/<int:calendar_id>")
def save_calendar(calendar_id: int) -> ResponseReturnValue:
    """Keep the next version of these hours."""
    require(actor(), "change_organisation")
    try:
        with database().write() as tx:
            change_calendar(tx, actor(), calendar_id, calendar_of(request.form))
    except Invalid as wrong:
        name, _version, data = _calendar(calendar_id)
        typed = {**request.form, "name": name}
        return _calendar_page(calendar_id, typed, data, {e.pointer.strip("/"): e.message for e in wrong.errors})
    flash(_("Saved. Open clocks are reckoned anew in the background."))
    return redirect("/admin/calendars", 303)

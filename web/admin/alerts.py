"""The page of the alert rules: leads say when somebody is told of what, how, and whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request

from core.alerts import store
from core.alerts.changing import change_rule, create_rule, may_change
from core.alerts.reading import PRIORITIES, rule_of
from core.alerts.rules import BACKLOG, DURATIONS, KINDS, RATING, REOPENED, VIP
from core.alerts.words import kind_name, threshold
from core.directory import directory
from core.errors import FieldError, Invalid
from core.permissions import require
from core.texts import _
from web.admin import admin
from web.admin.promise_form import iso, spoken
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from core.directory import Directory

ROLES = ("holder", "lead", "manager", "watchers", "team")
_NUMBERS = frozenset({BACKLOG, RATING, REOPENED})


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as the list shows it."""

    row: store.RuleRow
    kind: str
    place: str
    when: str
    to: str


@admin.get("/alerts")
def alerts_list() -> ResponseReturnValue:
    """The rules that concern the reader."""
    with database().read() as tx:
        firm = directory(tx)
        lines = [
            Line(
                row,
                kind_name(row.kind),
                store.team_title(tx, row),
                threshold(rule_of(row)),
                ", ".join(_said(firm, to) for to in row.data["to"]),
            )
            for row in store.visible(tx, actor())
        ]
    return render_template("admin/alerts.html", here="admin", lines=lines)


def role_words() -> dict[str, str]:
    """What whom is called."""
    return {
        "holder": _("the holder, or the lead while there is none"),
        "lead": _("the team's lead"),
        "manager": _("the department's manager"),
        "watchers": _("who watches the ticket"),
        "team": _("the whole team"),
    }


def _said(firm: Directory, to: str) -> str:
    kind, _colon, name = to.partition(":")
    if kind == "agent" and name in firm.nicks:
        return firm.people[firm.nicks[name]].name
    team = firm.team(name) if kind == "team" and name else None
    return team.title if team else role_words().get(to, to)


@admin.get("/alerts/new")
def new_alert() -> ResponseReturnValue:
    """A form for a new rule."""
    return _form(None, {"kind": "idle", "threshold": "4 h", "to": ["lead"], "how": "page"}, {})


@admin.get("/alerts/<int:rule_id>")
def alert_rule(rule_id: int) -> ResponseReturnValue:
    """A rule to be changed, with its earlier versions."""
    require(actor(), "change_alerts")
    with database().read() as tx:
        row = store.visible_rule(tx, actor(), rule_id)
    return _form(row, shown(row), {})


def shown(row: store.RuleRow) -> dict[str, Any]:
    """A kept rule as the form shows it."""
    given = row.data.get("threshold")
    data = {**row.data, "threshold": spoken(given) if row.kind in DURATIONS else given}
    return {**data, "title": row.title, "kind": row.kind}


def _form(row: store.RuleRow | None, typed: Mapping[str, Any], errors: dict[str, str]) -> ResponseReturnValue:
    require(actor(), "change_alerts")
    with database().read() as tx:
        firm = directory(tx)
        history = store.versions(tx, row.id) if row else []
        place = store.team_title(tx, row) if row else ""
    mine = [d for d in firm.departments.values() if may_change(actor(), d.id)]
    to = list(typed.get("to") or ())
    page = render_template(
        "admin/alert.html",
        here="admin",
        row=row,
        typed=typed,
        names=typed.get("names") or ", ".join(one for one in to if one not in ROLES),
        place=place,
        errors=errors,
        kinds=[(code, kind_name(code)) for code in KINDS],
        roles=role_words(),
        firm=firm,
        mine=mine,
        everywhere=may_change(actor(), None),
        changeable=row is None or may_change(actor(), row.department_id),
        priorities=PRIORITIES,
        history=history,
    )
    return page, 422 if errors else 200


def typed_data(kind: str) -> dict[str, Any]:
    """What was typed in, as the rule's data; wrong values stay as they are, to be told."""
    form = request.form
    named = [one.strip() for one in form.get("names", "").split(",") if one.strip()]
    data: dict[str, Any] = {
        "to": [one for one in form.getlist("to") if one in ROLES] + named,
        "how": form.get("how", "page"),
        "priorities": form.getlist("priorities"),
        "waiting": "waiting" in form,
    }
    text = form.get("threshold", "").strip()
    if text and kind != VIP:
        number = kind in _NUMBERS and text.isdecimal()
        data["threshold"] = int(text[:9]) if number else iso(text)
    return data


@admin.post("/alerts/new")
def create_alert() -> ResponseReturnValue:
    """Keep a new rule."""
    require(actor(), "change_alerts")
    kind, title = request.form.get("kind", ""), request.form.get("title", "")
    try:
        department, team = _owner()
        with database().write() as tx:
            create_rule(tx, actor(), title, kind, typed_data(kind), department_id=department, team_id=team)
    except Invalid as wrong:
        return _form(None, _typed(kind), _fields(wrong))
    flash(_("Saved. Open tickets are looked at in the background."))
    return redirect("/admin/alerts", 303)


@admin.post("/alerts/<int:rule_id>")
def save_alert(rule_id: int) -> ResponseReturnValue:
    """Keep the next version of a rule, and whether it holds."""
    require(actor(), "change_alerts")
    with database().read() as tx:
        row = store.visible_rule(tx, actor(), rule_id)
    version = request.form.get("version", "")
    try:
        with database().write() as tx:
            change_rule(
                tx,
                actor(),
                rule_id,
                title=request.form.get("title", ""),
                data=typed_data(row.kind),
                active="active" in request.form,
                version=int(version) if version.isdecimal() else None,
            )
    except Invalid as wrong:
        return _form(row, _typed(row.kind), _fields(wrong))
    flash(_("Saved. Open tickets are looked at in the background."))
    return redirect("/admin/alerts", 303)


def _owner() -> tuple[int | None, int | None]:
    """(department, team) of a new rule: `d3`, `t7`, or nothing for the whole firm."""
    text = request.form.get("place", "")
    if not text:
        return None, None
    if not text[1:].isdecimal() or text[0] not in "dt":
        raise Invalid(FieldError("/place", _("Choose a team or a department.")))
    number = int(text[1:16])
    return (number, None) if text[0] == "d" else (None, number)


def _typed(kind: str) -> dict[str, Any]:
    lists = {name: request.form.getlist(name) for name in ("to", "priorities")}
    return {**request.form, **lists, "kind": kind, "waiting": "waiting" in request.form}


def _fields(wrong: Invalid) -> dict[str, str]:
    found: dict[str, str] = {}
    for error in wrong.errors:
        name = error.pointer.rsplit("/", 1)[-1]
        found.setdefault("place" if name in {"team", "department"} else name, error.message)
    return found

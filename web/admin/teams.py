"""Teams as pages: members, line, way of choosing and order of the queue, by the lead of their department."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request
from sqlalchemy import func, select

from core.directory import directory
from core.errors import Invalid, NotFound
from core.organisation import create_team
from core.organisation_changes import change_team
from core.permissions import require
from core.routing.asking import known_strategies
from core.routing.ways import STRATEGIES, kept_team
from core.schema import Ticket
from core.texts import _
from core.tickets.reordering import QUEUE_ORDERS
from web.admin import admin
from web.admin.firm_form import errors_of, ids, is_manager, my_departments, whole
from web.admin.routing import BY
from web.signin import actor
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.directory import Team

_t = Ticket.__table__.c
_BACKLOG = (
    select(_t.team_id, func.count()).where(_t.holder_id.is_(None), _t.queue_key.is_not(None)).group_by(_t.team_id)
)
_TICKS = ("whole_department", "last_agent", "include_offline")


@admin.get("/teams")
def teams_list() -> ResponseReturnValue:
    """All teams with their lead, members and backlog."""
    require(actor(), "change_department")
    with database().read() as tx:
        firm = directory(tx)
        backlog = {team: n for team, n in tx.execute(_BACKLOG)}  # noqa: C416 -- a row is no pair of known types
    return render_template(
        "admin/teams.html", here="admin", firm=firm, backlog=backlog, ways=BY, mine=my_departments(firm)
    )


@admin.get("/teams/new")
def new_team() -> ResponseReturnValue:
    """An empty form."""
    require(actor(), "change_department")
    typed = {"department": request.args.get("department", ""), "drain": "yes"}
    return _page(None, typed, [], {})


@admin.get("/teams/<int:team_id>")
def one_team(team_id: int) -> ResponseReturnValue:
    """A team to be changed."""
    require(actor(), "change_department")
    with database().read() as tx:
        team = _known(tx, team_id)
    return _page(team, _shown(team), list(team.members), {})


def _known(tx: Connection, team_id: int) -> Team:
    found = directory(tx).teams.get(team_id)
    if found is None:
        raise NotFound(_("There is no such team."))
    return found


def _shown(team: Team) -> dict[str, Any]:
    way = team.way
    shown = {
        "title": team.title,
        "lead": str(team.lead_id or ""),
        "queue_order": team.queue_order or "",
        "tier": str(way.tier or ""),
        "by": way.by or "",
        "when_offline": way.when_offline,
        "drain": "yes" if way.drain else "",
    }
    return shown | {name: "yes" for name in _TICKS if getattr(way, name)}


def _page(
    team: Team | None, typed: Mapping[str, Any], members: list[int], errors: dict[str, str]
) -> ResponseReturnValue:
    with database().read() as tx:
        firm, plugged = directory(tx), sorted(known_strategies(tx))
    mine = my_departments(firm)
    page = render_template(
        "admin/team.html",
        here="admin",
        team=team,
        typed=typed,
        members=set(members),
        errors=errors,
        firm=firm,
        departments=mine,
        mine=team is None or is_manager() or team.department_id == actor().department_id,
        people=sorted((p for p in firm.people.values() if p.active), key=lambda p: (p.department_id or 0, p.name)),
        orders=QUEUE_ORDERS,
        strategies=[*((code, _(BY[code])) for code in STRATEGIES), *((one, one) for one in plugged)],
    )
    return page, 422 if errors else 200


@admin.post("/teams/new")
def add_team() -> ResponseReturnValue:
    """Keep a new team."""
    form = request.form
    department = form.get("department", 0, type=int)
    try:
        with database().write() as tx:
            team_id = create_team(tx, actor(), department, form.get("name", "").strip(), form.get("title", ""))
            change_team(tx, settings(), actor(), team_id, _typed(None))
    except Invalid as wrong:
        return _page(None, form, ids(form.getlist("members")), errors_of(wrong))
    flash(_("Saved."))
    return redirect(f"/admin/teams/{team_id}", 303)


@admin.post("/teams/<int:team_id>")
def save_team(team_id: int) -> ResponseReturnValue:
    """Keep what was changed; whoever may take more takes what waits."""
    try:
        with database().write() as tx:
            change_team(tx, settings(), actor(), team_id, _typed(_known(tx, team_id)))
    except Invalid as wrong:
        with database().read() as tx:
            team = _known(tx, team_id)
        return _page(team, request.form, ids(request.form.getlist("members")), errors_of(wrong))
    flash(_("Saved."))
    return redirect(f"/admin/teams/{team_id}", 303)


@admin.post("/teams/<int:team_id>/close")
def close_team(team_id: int) -> ResponseReturnValue:
    """Close it, or open it again."""
    opened = request.form.get("active") == "yes"
    try:
        with database().write() as tx:
            change_team(tx, settings(), actor(), team_id, {"active": opened})
    except Invalid as wrong:
        with database().read() as tx:
            team = _known(tx, team_id)
        return _page(team, _shown(team), list(team.members), errors_of(wrong))
    flash(_("The team is open again.") if opened else _("The team is closed: nothing new comes there."))
    return redirect("/admin/teams", 303)


def _typed(team: Team | None) -> dict[str, Any]:
    form = request.form
    way = kept_team(team.way) if team else {}  # what the form does not show stays
    way |= {name: name in form for name in _TICKS}
    way |= {"by": form.get("by", ""), "drain": "drain" in form, "when_offline": form.get("when_offline") or "keep"}
    way["tier"] = whole(form.get("tier"))
    return {
        "title": form.get("title", ""),
        "lead_id": whole(form.get("lead")),
        "members": ids(form.getlist("members")),
        "queue_order": form.get("queue_order") or None,
        "routing": way,
    }

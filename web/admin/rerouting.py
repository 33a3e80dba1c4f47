"""Open tickets meet the routing rules again: which ones, what would change, how far it is, and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for

from core.directory import directory
from core.errors import Conflict, Refused
from core.permissions import MANAGER, require
from core.plugins.registry import channel_titles
from core.texts import _
from core.tickets import bulk_rerouting as bulk
from core.tickets.bulk_preview import CANNOT, CHANGES, PAGE, SAME, preview
from core.tickets.bulk_verdicts import Chosen
from core.tickets.opening import CHANNELS
from core.tickets.rows import PRIORITIES
from web.admin import admin
from web.signin import actor
from web.wiring import database
from web.words import channel, priority

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue

    from core.directory import Directory
    from core.tickets.bulk_rerouting import Job

SORTS = (CHANGES, SAME, CANNOT)


@admin.get("/routing/again")
def reroute() -> ResponseReturnValue:
    """Choose open tickets, and see what would change."""
    chosen = _chosen(request.args)
    return _look(chosen) if "look" in request.args else _page(chosen)


def _look(chosen: Chosen) -> ResponseReturnValue:
    sort = request.args.get("show", CHANGES)
    sort = sort if sort in SORTS else CHANGES
    offset = max(0, request.args.get("from", 0, type=int))
    with database().read() as tx:
        firm = directory(tx)
        found = preview(tx, actor(), chosen, sort=sort, offset=offset)
    lines = [
        {
            "ticket": one.row,
            "moves": moves_in_words(firm, one.moves),
            "rule": found.by_rule.get(one.rule_id or 0),
            "kept": names_in_words(one.kept),
        }
        for one in found.page
    ]
    names = [(words, found.names[name]) for name, words in _names().items() if name in found.names]
    return _page(chosen, found=found, lines=lines, names=names, sort=sort, offset=offset)


def _page(chosen: Chosen, *, refused: str = "", status: int = 200, **more: Any) -> ResponseReturnValue:
    require(actor(), "change_routing")
    with database().read() as tx:
        firm, running, jobs = directory(tx), bulk.open_job(tx), bulk.recent(tx, actor(), 8)
        channels = [*((code, channel(code)) for code in CHANNELS), *sorted(channel_titles(tx).items())]
    everything = actor().role == MANAGER
    mine = [one for one in firm.departments.values() if everything or one.id == actor().department_id]
    page = render_template(
        "admin/rerouting.html",
        here="admin",
        firm=firm,
        chosen=chosen,
        departments=[(one.id, one.title) for one in mine if one.active],
        teams=[
            (one.id, one.title) for one in firm.open_teams if everything or one.department_id == actor().department_id
        ],
        channels=channels,
        running=running,
        jobs=jobs,
        jobs_words={one.id: chosen_in_words(firm, one.chosen) for one in jobs},
        states={one.id: state_in_words(one) for one in jobs},
        refused=refused,
        size=PAGE,
        query=_query(chosen),
        **more,
    )
    return page, status


def _chosen(given: Mapping[str, str]) -> Chosen:
    def number(name: str) -> int | None:
        value = given.get(name, "")
        return int(value) if value.isdecimal() and len(value) < 19 else None

    return Chosen(
        number("department"),
        number("team"),
        given.get("channel", ""),
        given.get("tag", "").strip(),
        given.get("which", "unassigned") != "all",
    )


def _query(chosen: Chosen) -> dict[str, Any]:
    """The choice as the fields of its form."""
    which = "unassigned" if chosen.unassigned else "all"
    values = {"department": chosen.department_id, "team": chosen.team_id, "channel": chosen.channel, "tag": chosen.tag}
    return {name: value for name, value in {**values, "which": which}.items() if value}


@admin.post("/routing/again")
def begin_rerouting() -> ResponseReturnValue:
    """What was seen is done in the background."""
    chosen = _chosen(request.form)
    try:
        with database().write() as tx:
            job = bulk.begin(tx, actor(), chosen, rules=request.form.get("rules", type=int))
    except (Conflict, Refused) as error:
        return _page(chosen, refused=str(error), status=409)
    return redirect(url_for("admin.rerouting", job_id=job.id), 303)


@admin.get("/routing/again/<int:job_id>")
def rerouting(job_id: int) -> ResponseReturnValue:
    """How far it is, and what was done to which ticket."""
    require(actor(), "change_routing")
    after = request.args.get("after", 0, type=int)
    with database().read() as tx:
        job, firm = bulk.job(tx, actor(), job_id), directory(tx)
        rows = bulk.done_page(tx, job_id, after=after, limit=PAGE + 1)
        rules = bulk.rules_of(tx, job)
    lines = [
        {
            "ticket": row.ticket_id,
            "moves": moves_in_words(firm, row.moved),
            "rule": rules.get(row.rule_id or 0),
            "kept": names_in_words((row.refused or "").split(",")) if row.refused else "",
        }
        for row in rows[:PAGE]
    ]
    return render_template(
        "admin/rerouted.html",
        here="admin",
        job=job,
        state=state_in_words(job),
        by=firm.people[job.actor_id].name if job.actor_id in firm.people else "",
        ender=firm.people[job.ended_by].name if job.ended_by in firm.people else "",
        chosen=chosen_in_words(firm, job.chosen),
        lines=lines,
        next=rows[PAGE - 1].ticket_id if len(rows) > PAGE else None,
    )


@admin.post("/routing/again/<int:job_id>/cancel")
def cancel_rerouting(job_id: int) -> ResponseReturnValue:
    """It ends where it stands."""
    with database().write() as tx:
        bulk.cancel(tx, actor(), job_id)
    return redirect(url_for("admin.rerouting", job_id=job_id), 303)


# ---- words -----------------------------------------------------------------------------------------------------------------


def _names() -> dict[str, str]:
    return {
        "department": _("Department"),
        "team": _("Team"),
        "priority": _("Priority"),
        "topic": _("Topic"),
        "tags": _("Tags"),
        "holder": _("Holder"),
    }


def names_in_words(names: Sequence[str]) -> str:
    """What a strict procedure keeps, in one line."""
    known = _names()
    return ", ".join(known.get(name, name) for name in names)


def moves_in_words(firm: Directory, moves: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """(what, before, after) of each change, in the order of the names."""
    return [
        (title, _said(firm, name, moves[name][0], before=True), _said(firm, name, moves[name][1]))
        for name, title in _names().items()
        if name in moves
    ]


def _said(firm: Directory, name: str, value: Any, *, before: bool = False) -> str:
    if name == "holder":
        if value in firm.people:
            return firm.people[value].name
        return _("chosen anew") if value == 0 and not before else _("nobody")
    if name == "department" and value in firm.departments:
        return firm.departments[value].title
    if name == "team" and value in firm.teams:
        return firm.teams[value].title
    if name == "priority":
        return priority(PRIORITIES.get(str(value), 3))
    if name == "tags":
        return "" if before else ", ".join(f"+ {tag}" for tag in value or ())
    return str(value) if value else _("none")


def chosen_in_words(firm: Directory, chosen: Chosen) -> str:
    """Which tickets, in one line."""
    said = [_("tickets that nobody holds") if chosen.unassigned else _("all open tickets")]
    if chosen.department_id in firm.departments:
        said.append(firm.departments[chosen.department_id].title)
    if chosen.team_id in firm.teams:
        said.append(firm.teams[chosen.team_id].title)
    if chosen.channel:
        said.append(channel(chosen.channel))
    if chosen.tag:
        said.append(_("tag %(name)s", name=chosen.tag))
    return ", ".join(said)


def state_in_words(job: Job) -> str:
    """How it stands."""
    return {
        bulk.RUNNING: _("running"),
        bulk.DONE: _("done"),
        bulk.CANCELLED: _("cancelled"),
        bulk.OVERTAKEN: _("ended, because the rules were changed meanwhile"),
    }[job.state]

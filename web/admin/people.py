"""People as pages: who works here, in which teams, how good at what, with which limits; and what becomes of their work when they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request

from core import person_mail
from core.directory import directory
from core.errors import Invalid, NotFound, Refused
from core.farewell import farewell, held_tickets, where_now
from core.firm_list import people_page
from core.moments import now_ms
from core.organisation import ROLES, NewPerson, add_person
from core.organisation_changes import change_person
from core.permissions import require, require_colleague
from core.routing.ways import kept_person
from core.texts import LANGUAGES, _, ngettext
from web.admin import admin
from web.admin.firm_form import LEVELS, PAGE, PRIORITIES, errors_of, ids, is_manager, my_departments, whole
from web.signin import actor
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.directory import Directory, Person

_ACTIVE = {"": True, "left": False, "all": None}


@admin.get("/people")
def people_list() -> ResponseReturnValue:
    """Who works here: found by a part of a name or address, by team, by department."""
    require(actor(), "change_people")
    asked = request.args
    wanted: dict[str, Any] = {name: asked.get(name, type=int) for name in ("department", "team")}
    words, shown = asked.get("q", "").strip()[:200], asked.get("show", "")
    with database().read() as tx:
        firm = directory(tx)
        found = people_page(
            tx,
            department_id=wanted["department"],
            team_id=wanted["team"],
            words=words,
            active=_ACTIVE.get(shown, True),
            after=asked.get("after", 0, type=int),
            limit=PAGE + 1,
        )
    return render_template(
        "admin/people.html",
        here="admin",
        firm=firm,
        people=found[:PAGE],
        next=found[PAGE - 1].id if len(found) > PAGE else None,
        q=words,
        show=shown,
        wanted=wanted,
        filtered=bool(words or shown or wanted["department"] or wanted["team"]),
    )


@admin.get("/people/new")
def new_person() -> ResponseReturnValue:
    """An empty form: a lead's own department and language are there already."""
    require(actor(), "change_people")
    typed = {"role": "agent", "language": "id", "tz": "Asia/Jakarta", "department": str(actor().department_id or "")}
    return _page(None, typed, [], {})


@admin.get("/people/<int:person_id>")
def one_person(person_id: int) -> ResponseReturnValue:
    """Somebody to be changed."""
    require(actor(), "change_people")
    with database().read() as tx:
        person = _known(tx, person_id)
        teams = [team.id for team in directory(tx).teams.values() if person.id in team.members]
    return _page(person, _shown(person), teams, {})


def _known(tx: Connection, person_id: int) -> Person:
    found = directory(tx).people.get(person_id)
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def _shown(person: Person) -> dict[str, Any]:
    way = kept_person(person.way)
    limits = {name: str(n) for name, n in way.get("by_priority", {}).items()}
    return {
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "language": person.language,
        "tz": person.tz,
        "department": str(person.department_id or ""),
        "max_open": str(way.get("max_open", "")),
        "hours": way.get("hours", ""),
        **limits,
        **{f"skill-{name}": str(level) for name, level in person.levels.items()},
    }


def _page(
    person: Person | None, typed: Mapping[str, Any], teams: list[int], errors: dict[str, str]
) -> ResponseReturnValue:
    with database().read() as tx:
        firm = directory(tx)
    mine = my_departments(firm)
    page = render_template(
        "admin/person.html",
        here="admin",
        person=person,
        typed=typed,
        errors=errors,
        firm=firm,
        roles=ROLES if is_manager() else ("agent", "light"),
        languages=LANGUAGES,
        departments=mine,
        teams=[team for team in firm.open_teams if team.department_id in {one.id for one in mine}],
        ticked=set(teams),
        others=[firm.teams[one] for one in teams if firm.teams[one].department_id not in {d.id for d in mine}],
        levels=LEVELS,
        priorities=PRIORITIES,
        manager=is_manager(),
        mine=person is None or _may_change(person),
    )
    return page, 422 if errors else 200


def _may_change(person: Person) -> bool:
    if is_manager() or person.id == actor().id:
        return True
    return person.department_id == actor().department_id and person.role in {"agent", "light"}


@admin.post("/people/new")
def add_somebody() -> ResponseReturnValue:
    """Somebody begins to work here; a mail lets them choose their password."""
    form = request.form
    require(actor(), "change_people")
    try:
        with database().write() as tx:
            values = _typed(directory(tx), None)
            teams = values.pop("teams")
            new = NewPerson(**values, teams=teams)
            person_id = add_person(tx, actor(), new)
            person_mail.plan_password_mail(tx, new.email.strip().lower(), now_ms())
    except Invalid as wrong:
        return _page(None, form, ids(form.getlist("teams")), errors_of(wrong))
    flash(_("Saved. A mail with a link to choose a password is on its way to %(email)s.", email=new.email.strip()))
    return redirect(f"/admin/people/{person_id}", 303)


@admin.post("/people/<int:person_id>")
def save_person(person_id: int) -> ResponseReturnValue:
    """Keep what was changed."""
    try:
        with database().write() as tx:
            person = _known(tx, person_id)
            change_person(tx, settings(), actor(), person_id, _typed(directory(tx), person))
    except Invalid as wrong:
        return _page(person, request.form, ids(request.form.getlist("teams")), errors_of(wrong))
    except Refused as refused:
        return _page(person, request.form, ids(request.form.getlist("teams")), {"role": str(refused)})
    flash(_("Saved."))
    return redirect(f"/admin/people/{person_id}", 303)


def _typed(firm: Directory, person: Person | None) -> dict[str, Any]:
    """The form's values; teams of other departments than the reader's stay as they are, and so does an absence."""
    form = request.form
    mine = {one.id for one in my_departments(firm)}
    kept = [t.id for t in firm.teams.values() if person and person.id in t.members and t.department_id not in mine]
    closed = [t.id for t in firm.teams.values() if person and person.id in t.members and not t.active]
    way = kept_person(person.way) if person else {}
    limits = {name: whole(form.get(name)) for name in PRIORITIES}
    way |= {"max_open": whole(form.get("max_open")), "by_priority": limits, "hours": form.get("hours") or None}
    return {
        "name": form.get("name", ""),
        "email": form.get("email", ""),
        "role": form.get("role", ""),
        "language": form.get("language", ""),
        "tz": form.get("tz", "").strip() or "Asia/Jakarta",
        "department_id": whole(form.get("department")) if form.get("department") != "0" else None,
        "teams": sorted({*ids(form.getlist("teams")), *kept, *closed} & set(firm.teams)),
        "skills": {name: whole(form.get(f"skill-{name}")) for name in firm.skills},
        "routing": way,
    }


# ---- leaving, and coming back ------------------------------------------------------------------------------------------


@admin.get("/people/<int:person_id>/leave")
def leave_page(person_id: int) -> ResponseReturnValue:
    """What they hold, what waits for them and who names them: to be read before they leave."""
    with database().read() as tx:
        person = _known(tx, person_id)
        require_colleague(actor(), person.department_id, person.role)
        left = farewell(tx, actor(), person)
        firm = directory(tx)
    return render_template(
        "admin/leave.html", here="admin", person=person, left=left, firm=firm, own=actor().id == person.id, wrong=""
    )


@admin.post("/people/<int:person_id>/leave")
def let_leave(person_id: int) -> ResponseReturnValue:
    """They leave, in one moment: tickets, steps, sessions and tokens; the next page says what went where."""
    try:
        with database().write() as tx:
            person = _known(tx, person_id)
            tickets = held_tickets(tx, person_id)
            change_person(tx, settings(), actor(), person_id, {"active": False})
            went, firm = where_now(tx, tickets), directory(tx)
    except (Invalid, Refused) as wrong:
        with database().read() as tx:
            left, firm = farewell(tx, actor(), person), directory(tx)
        page = render_template(
            "admin/leave.html", here="admin", person=person, left=left, firm=firm, own=False, wrong=str(wrong)
        )
        return page, 422
    flash(_went_where(firm, person, went))
    return redirect(f"/admin/people/{person_id}", 303)


def _went_where(firm: Directory, person: Person, went: Counter[tuple[str, int]]) -> str:
    said = _("%(name)s does not work here any more; sessions and tokens have ended.", name=person.name)
    if not went:
        return f"{said} {_('They held no open ticket.')}"
    n = sum(went.values())
    places = [
        f"{firm.people[key].name if kind == 'person' else _('backlog of %(team)s', team=firm.teams[key].title)} ({count})"
        for (kind, key), count in went.most_common()
    ]
    gone = ngettext("%(n)s ticket went to: %(where)s.", "%(n)s tickets went to: %(where)s.", n, where=", ".join(places))
    return f"{said} {gone}"


@admin.post("/people/<int:person_id>/return")
def let_return(person_id: int) -> ResponseReturnValue:
    """They work here again; sessions and tokens stay ended."""
    with database().write() as tx:
        name = _known(tx, person_id).name
        change_person(tx, settings(), actor(), person_id, {"active": True})
    flash(_("%(name)s works here again and can sign in.", name=name))
    return redirect(f"/admin/people/{person_id}", 303)

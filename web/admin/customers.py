"""What customers are sorted by: skills that their tickets need, service classes, and the organisations they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request

from core import customer_classes, organisations, skills
from core.directory import directory
from core.errors import Invalid
from core.permissions import require
from core.texts import _
from web.admin import admin
from web.admin.firm_form import PAGE, errors_of, is_manager, lines
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from core.organisations import OrganisationRow


# ---- skills and classes: short lists, each line with its own small form ------------------------------------------------------


@admin.get("/skills")
def skills_list() -> ResponseReturnValue:
    """All skills, and who has them."""
    require(actor(), "change_department")
    return _skills({}, {})


def _skills(typed: Mapping[str, Any], errors: dict[str, str]) -> ResponseReturnValue:
    with database().read() as tx:
        firm = directory(tx)
    having = {
        name: sorted(((p.levels[name], p) for p in firm.people.values() if p.active and name in p.levels), key=_best)
        for name in firm.skills
    }
    page = render_template(
        "admin/skills.html",
        here="admin",
        skills=firm.skills.values(),
        having=having,
        typed=typed,
        errors=errors,
        manager=is_manager(),
    )
    return page, 422 if errors else 200


def _best(one: tuple[int, Any]) -> tuple[int, str]:
    return -one[0], one[1].name


@admin.post("/skills")
def add_skill() -> ResponseReturnValue:
    """A new skill."""
    try:
        with database().write() as tx:
            skills.add_skill(tx, actor(), request.form.get("name", "").strip(), request.form.get("title", ""))
    except Invalid as wrong:
        return _skills(request.form, errors_of(wrong))
    flash(_("Saved."))
    return redirect("/admin/skills", 303)


@admin.post("/skills/<name>")
def save_skill(name: str) -> ResponseReturnValue:
    """Another title, or nobody has it any more."""
    gone = "remove" in request.form
    try:
        with database().write() as tx:
            if gone:
                skills.remove_skill(tx, actor(), name)
            else:
                skills.rename_skill(tx, actor(), name, request.form.get("title", ""))
    except Invalid as wrong:
        title = {f"title-{name}": request.form.get("title", "")}
        return _skills(title, {f"title-{name}": error for error in errors_of(wrong).values()})
    flash(_("The skill was taken away.") if gone else _("Saved."))
    return redirect("/admin/skills", 303)


@admin.get("/classes")
def classes_list() -> ResponseReturnValue:
    """All service classes, and how many customers have them."""
    require(actor(), "change_department")
    return _classes({}, {})


def _classes(typed: Mapping[str, Any], errors: dict[str, str]) -> ResponseReturnValue:
    with database().read() as tx:
        firm, having = directory(tx), customer_classes.how_many(tx)
    page = render_template(
        "admin/classes.html",
        here="admin",
        classes=firm.classes.values(),
        having=having,
        typed=typed,
        errors=errors,
        built_in=customer_classes.BUILT_IN,
        manager=is_manager(),
    )
    return page, 422 if errors else 200


@admin.post("/classes")
def add_class() -> ResponseReturnValue:
    """A new class."""
    try:
        with database().write() as tx:
            name, title = request.form.get("name", "").strip(), request.form.get("title", "")
            customer_classes.add_class(tx, actor(), name, title)
    except Invalid as wrong:
        return _classes(request.form, errors_of(wrong))
    flash(_("Saved."))
    return redirect("/admin/classes", 303)


@admin.post("/classes/<name>")
def save_class(name: str) -> ResponseReturnValue:
    """Another title, closed, or open again."""
    title, active = request.form.get("title", ""), request.form.get("active")
    try:
        with database().write() as tx:
            changed = None if active is None else active == "yes"
            customer_classes.change_class_text(tx, actor(), name, title=title, active=changed)
    except Invalid as wrong:
        return _classes({f"title-{name}": title}, {f"title-{name}": " ".join(errors_of(wrong).values())})
    flash(_("Saved."))
    return redirect("/admin/classes", 303)


# ---- organisations -----------------------------------------------------------------------------------------------------


@admin.get("/organisations")
def organisations_list() -> ResponseReturnValue:
    """Customers' firms, found by a part of a name or domain."""
    require(actor(), "change_department")
    words = request.args.get("q", "").strip()[:200]
    with database().read() as tx:
        firm = directory(tx)
        after = request.args.get("after", 0, type=int)
        found = organisations.organisations_page(tx, actor(), words=words, after=after, limit=PAGE + 1)
    return render_template(
        "admin/organisations.html",
        here="admin",
        firm=firm,
        rows=found[:PAGE],
        next=found[PAGE - 1].id if len(found) > PAGE else None,
        q=words,
    )


@admin.get("/organisations/new")
def new_organisation() -> ResponseReturnValue:
    """An empty form."""
    require(actor(), "change_department")
    return _organisation(None, {"class": "standard"}, {})


@admin.get("/organisations/<int:organisation_id>")
def one_organisation(organisation_id: int) -> ResponseReturnValue:
    """An organisation to be changed."""
    require(actor(), "change_department")
    row = _known(organisation_id)
    return _organisation(row, {"name": row.name, "class": row.klass, "domains": "\n".join(row.domains)}, {})


def _known(organisation_id: int) -> OrganisationRow:
    with database().read() as tx:
        return organisations.one_organisation(tx, actor(), organisation_id)


def _organisation(row: OrganisationRow | None, typed: Mapping[str, Any], errors: dict[str, str]) -> ResponseReturnValue:
    with database().read() as tx:
        firm = directory(tx)
    known = [one for one in firm.classes.values() if one.active or (row and one.name == row.klass)]
    page = render_template("admin/organisation.html", here="admin", row=row, typed=typed, errors=errors, classes=known)
    return page, 422 if errors else 200


@admin.post("/organisations/new")
def add_organisation() -> ResponseReturnValue:
    """Keep a new organisation."""
    require(actor(), "change_department")
    form = request.form
    try:
        with database().write() as tx:
            domains = lines(form.get("domains", ""))
            organisations.save_organisation(tx, actor(), form.get("name", ""), form.get("class", ""), domains=domains)
    except Invalid as wrong:
        return _organisation(None, form, errors_of(wrong))
    flash(_("Saved."))
    return redirect("/admin/organisations", 303)


@admin.post("/organisations/<int:organisation_id>")
def save_organisation(organisation_id: int) -> ResponseReturnValue:
    """Keep what was changed."""
    require(actor(), "change_department")
    row, form = _known(organisation_id), request.form
    try:
        with database().write() as tx:
            organisations.save_organisation(
                tx,
                actor(),
                form.get("name", ""),
                form.get("class", ""),
                organisation_id=row.id,
                domains=lines(form.get("domains", "")),
                active="active" in form,
            )
    except Invalid as wrong:
        return _organisation(row, form, errors_of(wrong))
    flash(_("Saved."))
    return redirect("/admin/organisations", 303)

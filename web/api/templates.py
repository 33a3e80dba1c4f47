"""E-mail templates: read them, save new words, restore earlier ones, and see how they read on a real ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core.directory import directory
from core.moments import now_ms, rfc3339
from core.templates import changes, pages
from core.templates.changes import Edit, NewTemplate
from core.templates.wordings import EVERYWHERE
from web.api import references
from web.api import shapes_templates as shapes
from web.api.answers import Answer, answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.wiring import database, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

part = Part("templates", __name__, "E-mail templates.")


def _where(tx: Connection, given: int | str | None) -> int:
    """The department that is meant; 0 for all of them."""
    if given is None:
        return caller().department_id or EVERYWHERE
    return EVERYWHERE if str(given) == "0" else references.department(directory(tx), given, "/department").id


@part.reading("/templates")
@part.response(200, listed(shapes.TemplateLine))
def list_templates() -> Response:
    """Every template, with the procedures that send it"""
    with database().read() as tx:
        return items([_line(one) for one in pages.template_list(tx, caller())])


def _line(one: pages.Line) -> dict[str, Any]:
    t = one.template
    return {
        "name": t.name,
        "title": t.said(),
        "audience": t.audience,
        "origin": t.origin,
        "version": t.number,
        "used_by": list(one.used),
    }


@part.reading("/templates/<template>")
@part.arguments(shapes.TemplateWhere, location="query")
@part.response(200, shapes.Template)
def read_template(wanted: dict[str, Any], template: str) -> Response:
    """One template as a department has it"""
    with database().read() as tx:
        return answer(_template(tx, template, _where(tx, wanted["department"])))


def _template(tx: Connection, name: str, where: int) -> dict[str, Any]:
    page = pages.template_page(tx, caller(), name, where)
    return {
        "name": page.template.name,
        "title": page.template.said(),
        "audience": page.template.audience,
        "department": directory(tx).departments[where].name if where else None,
        "version": page.seen,
        "texts": {
            code: {"subject": one.subject, "text": one.text, "html": one.html} for code, one in page.texts.items()
        },
        "placeholders": [{"name": one.name, "label": one.label} for one in page.entries],
        "versions": [
            {"number": one.template.number, "author": one.author, "at": rfc3339(one.at)} for one in page.versions
        ],
    }


@part.command("/templates")
@part.arguments(shapes.NewTemplate)
@part.response(201, shapes.Template)
def add_template(given: dict[str, Any]) -> Response:
    """A template of your own (leads: of their department; managers: of any)"""

    def work(tx: Connection) -> Answer:
        where = _where(tx, given["department"])
        changes.add_template(tx, caller(), NewTemplate(given["name"], given["title"], given["audience"]), where)
        return Answer(_template(tx, given["name"], where), 201)

    return command(work)


@part.command("/templates/<template>")
@part.arguments(shapes.TemplateChange)
@part.response(200, shapes.Template)
def save_template(given: dict[str, Any], template: str) -> Response:
    """Save new words, or use an earlier version's again; mails written from now on have them"""

    def work(tx: Connection) -> Answer:
        where = _where(tx, given["department"])
        if given["restore"] is not None:
            changes.restore_template(tx, caller(), template, where, given["restore"], seen=given["version"])
        else:
            changes.save_template(tx, caller(), template, where, Edit(given["texts"], given["version"]))
        return Answer(_template(tx, template, where))

    return command(work)


@part.command("/templates/<template>/preview")
@part.arguments(shapes.TemplateTrial)
@part.response(200, listed(shapes.TemplatePreview))
def preview_template(given: dict[str, Any], template: str) -> Response:
    """How these words read on a ticket, in each language; nothing is saved or sent"""
    with database().read() as tx:
        where = _where(tx, given["department"])
        chosen = changes.editable(tx, caller(), template, where)
        shown = pages.previews(tx, settings(), caller(), chosen, given["texts"], given["ticket"], now_ms())
    return items(
        [
            {"language": one.language, "subject": one.words.subject, "text": one.words.text, "html": one.page}
            for one in shown
        ]
    )

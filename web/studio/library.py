"""The library: every SOP by department with its use and health, one SOP with its versions, and a version as text and drawing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from flask import Response, render_template, request

from core import sop_pages
from core.errors import NotFound
from core.permissions import may
from core.sop.reading import SopError, load
from core.sop.reading import draft as read_text
from core.studio import comparing, drafts
from core.studio.health import Health, health
from core.studio.publishing import second_person_needed
from core.texts import _
from web.flow import drawing
from web.signin import actor
from web.studio import studio
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.sop.document import Sop
    from core.sop_pages import SopLine

NO_RUNS = Health()


@dataclass(frozen=True, slots=True)
class Line:
    """One SOP in the library."""

    line: SopLine
    sop: Sop | None
    health: Health


@studio.get("/")
def library() -> ResponseReturnValue:
    """Every SOP, by department; those for all departments first."""
    with database().read() as tx:
        found = sop_pages.sop_list(tx, actor())
        used = health(tx)
        second = second_person_needed(tx)
    lines = [Line(line, _read(line.text), used.get(line.id, NO_RUNS)) for line in found]
    lines.sort(key=lambda one: (one.line.department or "", one.line.name))
    groups = [(name, list(group)) for name, group in groupby(lines, key=lambda one: one.line.department)]
    return render_template("studio/library.html", here="studio", groups=groups, second=second)


def _read(text: str | None) -> Sop | None:
    try:
        return load(text) if text else None
    except SopError:
        return None


@studio.get("/<int:sop_id>")
def sop(sop_id: int) -> ResponseReturnValue:
    """One SOP: its drawing, its use, its versions."""
    with database().read() as tx:
        line, versions = sop_pages.sop_versions(tx, actor(), sop_id)
        used = health(tx).get(sop_id, NO_RUNS)
        draft = drafts.find_draft(tx, sop_id)
        writes = may(actor(), "write_sops") and drafts.may_write(actor(), sop_pages.department_of(tx, sop_id))
    document = _read(line.text) or (read_text(draft.text).sop if draft else None)
    return render_template(
        "studio/sop.html",
        here="studio",
        line=line,
        sop=document,
        versions=versions,
        health=used,
        draft=draft,
        writes=writes,
        flow=drawing(document) if document else None,
    )


@studio.get("/<int:sop_id>/versions/<int:number>")
def version(sop_id: int, number: int) -> ResponseReturnValue:
    """One version: its text, and the drawing of it, each box leading to its line."""
    with database().read() as tx:
        state, text = sop_pages.version_text(tx, actor(), sop_id, number)
    document = load(text)
    return render_template(
        "studio/version.html",
        here="studio",
        sop=document,
        sop_id=sop_id,
        number=number,
        state=state,
        lines=text.splitlines(),
        flow=drawing(document, href="#L{line}"),
    )


@studio.get("/<int:sop_id>/compare")
def compare(sop_id: int) -> ResponseReturnValue:
    """What is different between two versions, or between one and the draft."""
    old_name, new_name = request.args.get("from", ""), request.args.get("to", "draft")
    with database().read() as tx:
        line, _versions = sop_pages.sop_versions(tx, actor(), sop_id)
        old, new = _text_of(tx, sop_id, old_name), _text_of(tx, sop_id, new_name)
    before, after = read_text(old).sop, read_text(new).sop
    found = comparing.differences(before, after) if before and after else None
    marks = dict.fromkeys(comparing.changed_steps(before, after), "new") if before and after else {}
    return render_template(
        "studio/compare.html",
        here="studio",
        line=line,
        old=old_name,
        new=new_name,
        found=found,
        lines=comparing.text_lines(old, new),
        flow=drawing(after, marks) if after else None,
    )


def _text_of(tx: Connection, sop_id: int, name: str) -> str:
    if name == "draft":
        return drafts.read_draft(tx, actor(), sop_id).text
    if not name.isdecimal():
        raise NotFound(_("Say which two versions: ?from=1&to=2"))
    return sop_pages.version_text(tx, actor(), sop_id, int(name))[1]


@studio.get("/<int:sop_id>/download")
def download(sop_id: int) -> ResponseReturnValue:
    """The text as a file: a version's, or the draft's."""
    name = request.args.get("version", "draft")
    with database().read() as tx:
        line, _versions = sop_pages.sop_versions(tx, actor(), sop_id)
        text = _text_of(tx, sop_id, name)
    response = Response(text, mimetype="application/yaml")
    response.headers["Content-Disposition"] = f'attachment; filename="{line.name}.yaml"'
    return response

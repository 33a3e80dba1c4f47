"""The editor: one draft with two faces, an outline for everybody and the text for whoever likes it, and the drawing beside both."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flask import flash, jsonify, redirect, render_template, request, url_for

from core.errors import CommandError, Conflict
from core.moments import now_ms
from core.permissions import require
from core.sop.editing import EditError, Editor
from core.sop.reading import draft as read_text
from core.sop.structure import spots_of
from core.sop_pages import version_of
from core.studio import completing, conditions, drafts, publishing, start_rules
from core.studio.comparing import changed_steps
from core.studio.document_inputs import document_inputs, field_inputs, types
from core.studio.inputs import WrongAnswer, unit_words
from core.studio.known_names import check_here, known_names
from core.studio.new_steps import KINDS
from core.studio.outline import edit as edit_outline
from core.studio.outline_view import ListOfItems, Outline, outline_of
from core.studio.text_inputs import other_language
from core.studio.trying import summary
from core.texts import _
from web.failures import status_of
from web.flow import Drawing, drawing
from web.signin import actor
from web.studio import studio
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.sop.document import Sop
    from core.sop.problems import Problem
    from core.studio.drafts import Draft
    from core.studio.publishing import Readiness

_DELETING = frozenset({"remove", "remove_branch", "remove_field"})
_LAST = frozenset({"resolve", "document", "survey", "end"})  # what new steps are put before


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything the editor shows of a draft."""

    draft: Draft
    face: str
    sop: Sop | None
    ready: Readiness
    flow: Drawing | None
    outline: Outline | None
    broken: str
    overlaps: list[start_rules.Overlap]
    may_publish: str
    base_number: int | None


@studio.post("/<int:sop_id>/draft")
def begin_draft(sop_id: int) -> ResponseReturnValue:
    """Open the draft, or begin one from the newest version."""
    with database().write() as tx:
        drafts.open_draft(tx, actor(), sop_id, now=now_ms())
    return redirect(url_for("studio.edit", sop_id=sop_id), 303)


@studio.get("/<int:sop_id>/edit")
def edit(sop_id: int) -> ResponseReturnValue:
    """The editor."""
    face = "text" if request.args.get("face") == "text" else "outline"
    with database().read() as tx:
        drafts.require_author(tx, actor(), sop_id)
        bench = _bench(tx, drafts.read_draft(tx, actor(), sop_id), face)
    return render_template("studio/edit.html", here="studio", b=bench, **_furniture())


def _furniture() -> dict[str, object]:
    return {
        "kinds": {code: _(text) for code, text in KINDS.items()},
        "types": types(),
        "field_inputs": field_inputs,
        "document_inputs": document_inputs,
        "place_of": place_of,
        "unit_words": unit_words,
        "other_language": other_language,
        "summary": summary,
        "conditions": conditions,
        "focus": "",
        "said": "",
    }


def _bench(tx: Connection, draft: Draft, face: str) -> Bench:
    ready = publishing.readiness(tx, draft)
    sop = read_text(draft.text).sop
    names = known_names(tx)
    outline, broken = None, ""
    if sop is not None and face == "outline":
        try:
            in_text = Editor(draft.text).names()
            outline = outline_of(sop, names, (*ready.checked.errors, *ready.checked.warnings), in_text)
        except EditError as error:
            broken = str(error)
    elif sop is None:
        broken = next((problem.message for problem in ready.checked.errors), "")
    base = version_of(tx, draft.base_id) if draft.base_id else None
    return Bench(
        draft=draft,
        face=face,
        sop=sop,
        ready=ready,
        flow=flow_of(sop, ready.checked.errors, face, base[1] if base else None),
        outline=outline,
        broken=broken,
        overlaps=start_rules.overlaps(tx, sop, draft.sop_id, draft.department_id) if sop else [],
        may_publish=publishing.why_not_publish(tx, actor(), draft),
        base_number=base[0] if base else None,
    )


def flow_of(sop: Sop | None, errors: tuple[Problem, ...], face: str, base: Sop | None = None) -> Drawing | None:
    """The drawing of a draft: steps with errors, and steps that are not as in the version before."""
    if sop is None:
        return None
    marks = dict.fromkeys(changed_steps(base, sop), "new") if base else {}
    lines = sorted((spot.step.line, name) for name, spot in spots_of(sop).items())
    for problem in errors:
        marks |= {
            name: "bad"
            for line, name in lines[::-1]
            if line <= problem.line and (line, name) == _at(problem.line, lines)
        }
    return drawing(sop, marks, href="#L{line}" if face == "text" else "#o-{name}")


def _at(line: int, lines: list[tuple[int, str]]) -> tuple[int, str]:
    return max((one for one in lines if one[0] <= line), default=(0, ""))


def place_of(group: ListOfItems) -> str:
    """Where a new step goes in a list, unless its author says otherwise: before what closes the procedure."""
    kept = list(group.items)
    while kept and kept[-1].kind in _LAST:
        kept.pop()
    return f"after:{kept[-1].name}" if kept else f"first:{group.id}"


# ---- outline -----------------------------------------------------------------------------------------------------------


@studio.post("/<int:sop_id>/outline")
def change_outline(sop_id: int) -> ResponseReturnValue:
    """One edit of the outline; the answer is outline, drawing and problems as they are now."""
    answers = {name: request.form.getlist(name) for name in request.form}
    try:
        with database().write(quietly=True) as tx:
            drafts.require_author(tx, actor(), sop_id)
            draft = drafts.read_draft(tx, actor(), sop_id)
            _same_revision(draft)
            before = draft.text
            done = edit_outline(before, answers, known_names(tx), _published_steps(tx, draft))
            draft = drafts.save_draft(tx, actor(), sop_id, draft.revision, text=done.text, now=now_ms())
            bench = _bench(tx, draft, "outline")
    except (EditError, WrongAnswer) as error:
        return _refused(sop_id, str(error), 422)
    except CommandError as error:
        return _refused(sop_id, str(error), status_of(error))
    if not _by_script():
        return redirect(url_for("studio.edit", sop_id=sop_id, _anchor=f"o-{done.focus}" if done.focus else None), 303)
    deleted = request.form.get("act") in _DELETING
    furniture = _furniture() | {"focus": done.focus, "said": done.said, "before": before if deleted else ""}
    return render_template("studio/bench.html", b=bench, **furniture)


def _published_steps(tx: Connection, draft: Draft) -> frozenset[str]:
    base = version_of(tx, draft.base_id) if draft.base_id else None
    return frozenset(step.name for step in base[1].steps()) if base else frozenset()


def _by_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _same_revision(draft: Draft) -> None:
    if request.form.get("revision") != str(draft.revision):
        raise Conflict(
            _(
                "%(who)s changed this draft in the meantime. Your last change was not made; load the newest text and make it again.",
                who=draft.changed_by or _("Somebody"),
            )
        )


def _refused(sop_id: int, message: str, status: int) -> ResponseReturnValue:
    if _by_script():
        return jsonify(message=message, reload=status == 409), status
    flash(message)
    return redirect(url_for("studio.edit", sop_id=sop_id), 303)


# ---- text --------------------------------------------------------------------------------------------------------------


@studio.post("/<int:sop_id>/text")
def save_text(sop_id: int) -> ResponseReturnValue:
    """Save the text (the editor does it by itself); the answer is what stands beside it."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        with database().write(quietly=True) as tx:
            drafts.require_author(tx, actor(), sop_id)
            _same_revision(drafts.read_draft(tx, actor(), sop_id))
            revision = int(request.form["revision"])
            draft = drafts.save_draft(tx, actor(), sop_id, revision, text=text, now=now_ms())
            bench = _bench(tx, draft, "text")
    except CommandError as error:
        return _refused(sop_id, str(error), status_of(error))
    if not _by_script():
        return redirect(url_for("studio.edit", sop_id=sop_id, face="text"), 303)
    return render_template("studio/bench.html", b=bench, **_furniture())


@studio.post("/check")
def check_text() -> ResponseReturnValue:
    """Everything that is wrong with a text, for the marks of the editor."""
    require(actor(), "read_sops")
    text = request.get_data(as_text=True)
    with database().read() as tx:
        checked = check_here(tx, text)
    return jsonify([asdict(problem) for problem in (*checked.errors, *checked.warnings)])


@studio.post("/words")
def words_for() -> ResponseReturnValue:
    """What may be written at a place of the text."""
    require(actor(), "read_sops")
    text = request.get_data(as_text=True)
    at = request.args.get("at", type=int, default=len(text))
    with database().read() as tx:
        found = completing.suggestions(text, min(at, len(text)), known_names(tx))
    return jsonify([asdict(word) for word in found])

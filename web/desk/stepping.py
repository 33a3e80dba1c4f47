"""Acting on the open steps of a ticket: complete, skip, vote, answer, accept, and keeping what was typed so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import redirect, request, url_for

from core import procedures
from core.errors import CommandError, Conflict, FieldError, Forbidden, Invalid, Refused
from core.ledger import find, load
from core.moments import now_ms
from core.permissions import require
from core.texts import _, language
from core.tickets import steps
from core.tickets.conversation import Draft, add_comment
from core.tickets.ledger_page import one_step
from core.tickets.ways import find_step
from core.tickets.writings import files_of
from web.desk import desk
from web.desk.acting import back_to, changing, field_errors, uploaded
from web.desk.stepform import file_fields, read_checklist, read_fields
from web.desk.ticket import Written, show_ticket
from web.failures import status_of
from web.signin import actor
from web.times import clock_time
from web.wiring import settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.sop.document import Sop, Step
    from core.tickets.relay import StepRow


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/complete")
def complete_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Complete a task or a `resolve` with what was typed."""
    typed: dict[str, Any] = {}
    try:
        _keep_files(ticket_id, step_id)
        with changing(ticket_id) as tx:
            typed = _typed(tx, ticket_id, step_id)
            fields = {name: value for name, value in typed.items() if name != "checklist"}
            result = {"checklist": typed["checklist"]} if "checklist" in typed else None
            steps.complete_step(
                tx,
                settings(),
                actor(),
                ticket_id,
                step_id,
                fields=fields,
                choice=request.form.get("choice") or None,
                result=result,
            )
    except (Invalid, Conflict, Refused, Forbidden) as error:
        return _again(ticket_id, step_id, error, typed)
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/skip")
def skip_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Skip an open step, with its reason."""
    try:
        with changing(ticket_id) as tx:
            steps.skip_step(tx, settings(), actor(), ticket_id, step_id, reason=request.form.get("reason", ""))
    except (Invalid, Conflict, Refused, Forbidden) as error:
        return _again(ticket_id, step_id, error, {})
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/vote")
def vote_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Approve or reject."""
    note = request.form.get("comment", "")
    try:
        with changing(ticket_id) as tx:
            steps.vote(tx, settings(), actor(), ticket_id, step_id, request.form.get("verdict", ""), comment=note)
    except (Invalid, Conflict, Refused, Forbidden) as error:
        return _again(ticket_id, step_id, error, {}, note)
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/answer")
def answer_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Answer a question of a `collaborate` step."""
    note = request.form.get("text", "")
    try:
        with changing(ticket_id) as tx:
            steps.answer_step(tx, settings(), actor(), ticket_id, step_id, note)
    except (Invalid, Conflict, Refused, Forbidden) as error:
        return _again(ticket_id, step_id, error, {}, note)
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/decide")
def decide_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Accept or decline what a `document` step offers; an accepted article opens at once."""
    try:
        with changing(ticket_id) as tx:
            accept = request.form.get("accept") == "yes"
            article = steps.decide_document(tx, settings(), actor(), ticket_id, step_id, accept)
    except (Invalid, Conflict, Refused, Forbidden) as error:
        return _again(ticket_id, step_id, error, {})
    if article is not None:
        return redirect(url_for("desk.article", article_id=article), 303)
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/error")
def decide_error(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Say what happens to a step that failed: once more, done by hand (with what came of it), skipped, or the procedure ends."""
    answer, note, reason = (request.form.get(name, "").strip() for name in ("answer", "result", "reason"))
    try:
        with changing(ticket_id) as tx:
            result = _things(note) if answer == "by_hand" and note else None
            steps.decide_error(tx, settings(), actor(), ticket_id, step_id, answer, result=result)
            if answer == "skip" and reason:
                add_comment(tx, actor(), ticket_id, Draft(_("A failed step was skipped: %(reason)s", reason=reason)))
    except (Invalid, Conflict, Refused, Forbidden) as error:
        return _again(ticket_id, step_id, error, {}, note or reason)
    return back_to(ticket_id, "sop")


def _things(note: str) -> dict[str, str]:
    """`number: 4711` on each line as a result whose values later steps can name; a line without a name is kept as `text`."""
    found: dict[str, str] = {}
    for line in note.splitlines():
        name, colon, value = line.partition(":")
        code = "_".join(name.lower().split())
        if colon and code.isidentifier() and not value.startswith("//"):
            found[code] = value.strip()
        elif line.strip():
            found["text"] = f"{found.get('text', '')}\n{line.strip()}".strip()
    return found


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/draft")
def save_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Keep what was typed into the form so far, for whoever opens it next."""
    require(actor(), "complete_own_step")
    with changing(ticket_id) as tx:
        steps.save_step_draft(tx, actor(), ticket_id, step_id, _typed(tx, ticket_id, step_id))
    return {"saved": _("saved %(time)s", time=clock_time(now_ms()))}


def _step_of(tx: Connection, ticket_id: int, step_id: int) -> tuple[StepRow, Sop, Step | None]:
    """The visit, the document that it belongs to (the ticket's or a sub-SOP's), and its step."""
    row, _version = one_step(tx, ticket_id, step_id)
    known = find(tx, step_id)
    assert known is not None
    run = procedures.read_run(tx, known.run_id)
    sop = procedures.document_of(tx, run, load(tx, run.id), row.path)[1] if "/" in row.path else run.sop
    return row, sop, find_step(sop, row.name)


def _typed(tx: Connection, ticket_id: int, step_id: int) -> dict[str, Any]:
    """What was typed into the form of this step, by field name; files that were sent before stay."""
    row, sop, step = _step_of(tx, ticket_id, step_id)
    if step is None:
        return {}
    typed = read_fields(sop, step, request.form)
    kept = (row.draft or {}).get("fields") or {}
    typed |= {field.name: kept[field.name] for field in file_fields(sop, step) if kept.get(field.name)}
    ticked = read_checklist(step, request.form)
    return typed if ticked is None else {**typed, "checklist": ticked}


def _keep_files(ticket_id: int, step_id: int) -> None:
    """Files sent with a step are kept at once, as an internal comment: whatever else is wrong with the form, nobody chooses them again."""
    if not any(file.filename for file in request.files.values()):
        return
    with changing(ticket_id) as tx:
        row, sop, step = _step_of(tx, ticket_id, step_id)
        if row.state != "open" or step is None:
            return
        kept = dict((row.draft or {}).get("fields") or {})
        for field in file_fields(sop, step):
            files = uploaded(f"field.{field.name}")
            if not files:
                continue
            label = field.label.say(language())
            try:
                sent = add_comment(tx, actor(), ticket_id, Draft(_("For the step: %(field)s", field=label), files[:1]))
            except Invalid as error:
                raise Invalid(FieldError(f"/{field.name}", str(error))) from error
            file = files_of(tx, ticket_id)[sent.message_id][0]
            kept[field.name] = {"file": file.id, "name": file.name, "size": file.size}
        steps.save_step_draft(tx, actor(), ticket_id, step_id, kept)


def _again(
    ticket_id: int, step_id: int, error: CommandError, typed: dict[str, Any], note: str = ""
) -> ResponseReturnValue:
    """The page again: wrong values at their fields; what was typed into a step that is not open, or not theirs, is kept as a comment draft."""
    if isinstance(error, Invalid):
        errors = field_errors(error, f"f{step_id}-")
        names = {f"f{step_id}-text": f"n{step_id}", f"f{step_id}-reason": f"r{step_id}"}
        errors = {names.get(name, name): text for name, text in errors.items()}
        written = Written(step_id=step_id, step_values=typed, step_note=note, errors=errors)
        return show_ticket(ticket_id, written, 422)
    if isinstance(error, Conflict | Forbidden):
        lines = [f"{name.replace('_', ' ')}: {value}" for name, value in typed.items() if value not in ("", [], False)]
        kept = "\n".join([*lines, note]).strip()
        lost = str(error) + (" " + _("It is kept below as a comment draft.") if kept else "")
        return show_ticket(ticket_id, Written(comment=kept, to_team=bool(kept), lost=lost), status_of(error))
    return show_ticket(ticket_id, Written(refused=str(error), step_id=step_id, step_values=typed, step_note=note), 409)

"""Acting on the open steps of a ticket: complete, skip, vote, answer, accept, and keeping what was typed so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import redirect, request, url_for

from core import procedures
from core.errors import CommandError, Conflict, Invalid, NotFound, Refused
from core.ledger import find
from core.moments import now_ms
from core.permissions import require
from core.texts import _
from core.tickets import steps
from core.tickets.ways import find_step
from web.desk import desk
from web.desk.acting import back_to, changing, field_errors
from web.desk.stepform import read_fields
from web.desk.ticket import Written, show_ticket
from web.signin import actor
from web.times import clock_time
from web.wiring import settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/complete")
def complete_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Complete a task or a `resolve` with what was typed."""
    typed: dict[str, Any] = {}
    try:
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
    except (Invalid, Conflict, Refused) as error:
        return _again(ticket_id, step_id, error, typed)
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/skip")
def skip_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Skip an open step, with its reason."""
    try:
        with changing(ticket_id) as tx:
            steps.skip_step(tx, settings(), actor(), ticket_id, step_id, reason=request.form.get("reason", ""))
    except (Invalid, Conflict, Refused) as error:
        return _again(ticket_id, step_id, error, {})
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/vote")
def vote_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Approve or reject."""
    note = request.form.get("comment", "")
    try:
        with changing(ticket_id) as tx:
            steps.vote(tx, settings(), actor(), ticket_id, step_id, request.form.get("verdict", ""), comment=note)
    except (Invalid, Conflict, Refused) as error:
        return _again(ticket_id, step_id, error, {}, note)
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/answer")
def answer_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Answer a question of a `collaborate` step."""
    note = request.form.get("text", "")
    try:
        with changing(ticket_id) as tx:
            steps.answer_step(tx, settings(), actor(), ticket_id, step_id, note)
    except (Invalid, Conflict, Refused) as error:
        return _again(ticket_id, step_id, error, {}, note)
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/decide")
def decide_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Accept or decline what a `document` step offers; an accepted article opens at once."""
    try:
        with changing(ticket_id) as tx:
            accept = request.form.get("accept") == "yes"
            article = steps.decide_document(tx, settings(), actor(), ticket_id, step_id, accept)
    except (Invalid, Conflict, Refused) as error:
        return _again(ticket_id, step_id, error, {})
    if article is not None:
        return redirect(url_for("desk.article", article_id=article), 303)
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/error")
def decide_error(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Say what happens to a step that failed."""
    try:
        with changing(ticket_id) as tx:
            steps.decide_error(tx, settings(), actor(), ticket_id, step_id, request.form.get("answer", ""))
    except (Invalid, Conflict, Refused) as error:
        return _again(ticket_id, step_id, error, {})
    return back_to(ticket_id, "sop")


@desk.post("/tickets/<int:ticket_id>/steps/<int:step_id>/draft")
def save_step(ticket_id: int, step_id: int) -> ResponseReturnValue:
    """Keep what was typed into the form so far, for whoever opens it next."""
    require(actor(), "complete_own_step")
    with changing(ticket_id) as tx:
        steps.save_step_draft(tx, actor(), ticket_id, step_id, _typed(tx, ticket_id, step_id))
    return {"saved": _("saved %(time)s", time=clock_time(now_ms()))}


def _typed(tx: Connection, ticket_id: int, step_id: int) -> dict[str, Any]:
    """What was typed into the form of this step, by field name."""
    row = find(tx, step_id)
    if row is None or row.ticket_id != ticket_id:
        raise NotFound(_("There is no such step on this ticket."))
    sop = procedures.read_run(tx, row.run_id).sop
    step = find_step(sop, row.name)
    typed = read_fields(sop, step, request.form) if step else {}
    if getattr(getattr(step, "what", None), "checklist", ()):
        typed["checklist"] = [int(n) for n in request.form.getlist("checklist") if n.isdecimal()]
    return typed


def _again(
    ticket_id: int, step_id: int, error: CommandError, typed: dict[str, Any], note: str = ""
) -> ResponseReturnValue:
    """The page again: wrong values at their fields; a lost race with what was typed kept as a comment draft."""
    if isinstance(error, Invalid):
        errors = field_errors(error, f"f{step_id}-")
        names = {f"f{step_id}-text": f"n{step_id}", f"f{step_id}-reason": f"r{step_id}"}
        errors = {names.get(name, name): text for name, text in errors.items()}
        written = Written(step_id=step_id, step_values=typed, step_note=note, errors=errors)
        return show_ticket(ticket_id, written, 422)
    if isinstance(error, Conflict):
        lines = [f"{name.replace('_', ' ')}: {value}" for name, value in typed.items() if value not in ("", [], False)]
        kept = "\n".join([*lines, note]).strip()
        lost = str(error) + (" " + _("It is kept below as a comment draft.") if kept else "")
        return show_ticket(ticket_id, Written(comment=kept, to_team=bool(kept), lost=lost), 409)
    return show_ticket(ticket_id, Written(refused=str(error), step_id=step_id, step_values=typed, step_note=note), 409)

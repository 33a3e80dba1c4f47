"""From draft to published and on to retired: reviews, publishing, taking out of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from core import configuration
from core.errors import CommandError, Conflict, Refused
from core.moments import now_ms
from core.permissions import require
from core.sop.reading import draft as read_text
from core.sop_pages import version_of
from core.studio import drafts, publishing, start_rules
from core.studio.comparing import differences
from core.studio.conditions import spoken
from core.studio.trying import ENOUGH, summary
from core.texts import _
from web.failures import status_of
from web.signin import actor
from web.studio import studio
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def _revision() -> int:
    return request.form.get("revision", type=int, default=0)


def _to_editor(sop_id: int) -> ResponseReturnValue:
    return redirect(url_for("studio.edit", sop_id=sop_id), 303)


@studio.post("/<int:sop_id>/review")
def ask_for_review(sop_id: int) -> ResponseReturnValue:
    """Ask a colleague to look at the draft."""
    with database().write() as tx:
        publishing.ask_for_review(tx, actor(), sop_id, _revision(), note=request.form.get("note", ""), now=now_ms())
    flash(_("The draft waits for a review."))
    return _to_editor(sop_id)


@studio.post("/<int:sop_id>/send-back")
def send_back(sop_id: int) -> ResponseReturnValue:
    """Give it back to its author."""
    with database().write() as tx:
        publishing.send_back(tx, actor(), sop_id, _revision(), now=now_ms())
    flash(_("The draft is with its author again."))
    return _to_editor(sop_id)


@studio.get("/<int:sop_id>/publish")
def publish_page(sop_id: int) -> ResponseReturnValue:
    """What will change, and the last questions before a version is published for good."""
    return _publish_page(sop_id, "", 200)


def _publish_page(sop_id: int, refused: str, status: int) -> ResponseReturnValue:
    with database().read() as tx:
        drafts.require_author(tx, actor(), sop_id, "publish_sops")
        draft = drafts.read_draft(tx, actor(), sop_id)
        ready = publishing.readiness(tx, draft)
        base = version_of(tx, draft.base_id) if draft.base_id else None
        why_not = publishing.why_not_publish(tx, actor(), draft)
        sop = read_text(draft.text).sop
        over = start_rules.overlaps(tx, sop, sop_id, draft.department_id) if sop else []
    return (
        render_template(
            "studio/publish.html",
            here="studio",
            draft=draft,
            sop=sop,
            ready=ready,
            base=base,
            found=differences(base[1], sop) if base and sop else [],
            overlaps=over,
            why_not=why_not,
            enough=ENOUGH,
            summary=summary,
            spoken=spoken,
            refused=refused,
            given=request.form,
        ),
        status,
    )


@studio.post("/<int:sop_id>/publish")
def publish(sop_id: int) -> ResponseReturnValue:
    """Publish it."""
    try:
        with database().write() as tx:
            number = publishing.publish_draft(
                tx,
                actor(),
                sop_id,
                _revision(),
                note=request.form.get("note", ""),
                reason=request.form.get("reason", ""),
                now=now_ms(),
            )
    except (Refused, Conflict) as error:
        return _publish_page(sop_id, str(error), status_of(error))
    flash(_("Version %(n)s is published. Tickets that start from now on follow it.", n=number))
    return redirect(url_for("studio.sop", sop_id=sop_id), 303)


@studio.post("/<int:sop_id>/discard")
def discard(sop_id: int) -> ResponseReturnValue:
    """Throw the draft away."""
    with database().write() as tx:
        gone = drafts.discard_draft(tx, actor(), sop_id, now=now_ms())
    flash(_("The draft is thrown away."))
    return redirect(url_for("studio.library") if gone else url_for("studio.sop", sop_id=sop_id), 303)


@studio.post("/<int:sop_id>/deprecate")
def deprecate(sop_id: int) -> ResponseReturnValue:
    """No ticket starts it from now on."""
    return _done(sop_id, _("No ticket starts this SOP from now on. Those that follow it go on."), "deprecate")


@studio.post("/<int:sop_id>/versions/<int:number>/retire")
def retire(sop_id: int, number: int) -> ResponseReturnValue:
    """Put an old version away."""
    return _done(sop_id, _("Version %(n)s is retired.", n=number), "retire", number)


def _done(sop_id: int, said: str, act: str, number: int = 0) -> ResponseReturnValue:
    try:
        with database().write() as tx:
            if act == "retire":
                publishing.retire(tx, actor(), sop_id, number, now=now_ms())
            else:
                publishing.deprecate(tx, actor(), sop_id, now=now_ms())
        flash(said)
    except CommandError as error:
        if status_of(error) == 403:
            raise
        flash(str(error))
    return redirect(url_for("studio.sop", sop_id=sop_id), 303)


@studio.post("/second-person")
def second_person() -> ResponseReturnValue:
    """Must somebody else than the author publish? A manager decides it for the whole firm."""
    require(actor(), "change_organisation")
    with database().write() as tx:
        configuration.put_setting(tx, publishing.SECOND_PERSON, "needed" in request.form)
    flash(_("Saved."))
    return redirect(url_for("studio.library"), 303)

"""The page on which running tickets are moved to the published version: what each would do, then one by one or all of a group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for

from core import sop_pages
from core.errors import CommandError
from core.sop.shapes import humanised
from core.studio import moving
from core.texts import _, ngettext
from web.signin import actor
from web.studio import studio
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

MOST_AT_ONCE = 50  # one request moves so many; the page offers the next ones


def _choices() -> dict[str, str]:
    """What somebody chose for steps that the new version has not: `choice.OLD` = NEW."""
    given = request.values.items()
    return {name.removeprefix("choice."): value for name, value in given if name.startswith("choice.") and value}


@studio.get("/<int:sop_id>/move")
def move_page(sop_id: int) -> ResponseReturnValue:
    """What moving would do, in groups: safe, needs a choice, cannot."""
    number = request.args.get("from", type=int, default=0)
    choices = _choices()
    with database().read() as tx:
        line, _versions = sop_pages.sop_versions(tx, actor(), sop_id)
        found = moving.preview(tx, actor(), sop_id, number, choices)
    missing = sorted({name for one in found.candidates for name in one.missing} | choices.keys())
    groups = [(code, [one for one in found.candidates if one.group == code]) for code in ("safe", "choice", "cannot")]
    return render_template(
        "studio/move.html",
        here="studio",
        line=line,
        number=number,
        found=found,
        groups=groups,
        missing=missing,
        choices=choices,
        humanised=humanised,
        most=moving.MOST,
    )


@studio.post("/<int:sop_id>/move")
def move(sop_id: int) -> ResponseReturnValue:
    """Move the ticked tickets, each in a transaction of its own: one that is refused holds up no other."""
    number = request.form.get("from", type=int, default=0)
    wanted = [int(one) for one in request.form.getlist("ticket") if one.isdecimal()][:MOST_AT_ONCE]
    choices, anyway, done = _choices(), "anyway" in request.form, 0
    for ticket_id in wanted:
        try:
            with database().write() as tx:
                moving.move_ticket(tx, settings(), actor(), sop_id, ticket_id, choices=choices, anyway=anyway)
            done += 1
        except CommandError as error:
            flash(_("Ticket %(id)s was not moved: %(why)s", id=ticket_id, why=error))
    flash(ngettext("%(n)s ticket was moved.", "%(n)s tickets were moved.", done))
    kept: dict[str, Any] = {"from": number} | {f"choice.{name}": value for name, value in choices.items()}
    return redirect(url_for("studio.move_page", sop_id=sop_id, **kept), 303)

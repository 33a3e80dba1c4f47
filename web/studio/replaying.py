"""The replay of the past: what the draft would have done with the last tickets that it would have taken, all together and one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import render_template, request

from core.moments import now_ms
from core.sop.drawing_words import outcome
from core.sop.shapes import humanised
from core.sop.titles import bare_title
from core.studio import drafts, replaying
from core.studio.replay.causes import cause_in_words
from core.studio.replay.choosing import FOLLOWED, LOOKED_AT, TAKEN
from core.studio.replay.judging import side_by_side
from core.studio.replay.summing import CAUSE, FIGURES, met, missed, not_known, shown, summary
from core.studio.replay.telling import signed
from core.studio.replaying import MOST, USUAL, Wanted
from core.texts import _
from web.signin import actor
from web.studio import studio
from web.studio.trying import readable
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from core.studio.drafts import Draft

CHOICES = (20, USUAL, 100, 200, MOST)


def _figures() -> dict[str, str]:
    """What stands over the tickets behind a figure."""
    return {
        "same": _("The same way"),
        "different": _("Another way"),
        "unknown": _("Cannot be known"),
        "met-before": _("Due moments that were met"),
        "missed-before": _("Due moments that were missed"),
        "met": _("Due moments that the draft would have met"),
        "missed": _("Due moments that the draft would have missed"),
        "unsure": _("Due moments of which nobody can know"),
        "more": _("More steps of people"),
        "less": _("Fewer steps of people"),
        "equal": _("As many steps of people"),
    }


def _wanted(draft: Draft) -> Wanted:
    last = min(max(request.args.get("last", type=int, default=USUAL), 1), MOST)
    which = FOLLOWED if request.args.get("which") == FOLLOWED else TAKEN
    return Wanted(readable(draft), draft.sop_id, draft.department_id, last, which, "open" in request.args)


def _kept(wanted: Wanted) -> str:
    """The question as the rest of an address."""
    return urlencode({"last": wanted.last, "which": wanted.which} | ({"open": 1} if wanted.also_open else {}))


@studio.get("/<int:sop_id>/replay")
def replay_page(sop_id: int) -> ResponseReturnValue:
    """All tickets together, and those behind the figure that was asked for."""
    figure = request.args.get("show", "")
    with database().read() as tx:
        draft = drafts.read_draft(tx, actor(), sop_id)
        wanted = _wanted(draft)
        found = replaying.replay(tx, actor(), wanted, now_ms())
    cause = figure.removeprefix(CAUSE) if figure.startswith(CAUSE) else ""
    told = summary(found.tickets)
    known = figure if figure in FIGURES or cause in told.causes else ""
    return render_template(
        "studio/replay.html",
        here="studio",
        draft=draft,
        sop=wanted.draft,
        wanted=wanted,
        kept=_kept(wanted),
        choices=CHOICES,
        most_looked_at=LOOKED_AT,
        found=found,
        told=told,
        tickets=shown(found.tickets, known),
        figure=known,
        heading=(_("Cannot be known: %(cause)s", cause=cause_in_words(cause)) if cause else _figures()[known])
        if known
        else "",
        cause_in_words=cause_in_words,
        signed=signed,
        met=met,
        missed=missed,
        not_known=not_known,
        takes_any=bool(wanted.draft.start and wanted.draft.start.if_)
        or wanted.which == FOLLOWED
        or bool(found.tickets),
    )


@studio.get("/<int:sop_id>/replay/<int:ticket_id>")
def replay_ticket(sop_id: int, ticket_id: int) -> ResponseReturnValue:
    """One ticket: what really happened and what the draft would have done, side by side."""
    now = now_ms()
    with database().read() as tx:
        draft = drafts.read_draft(tx, actor(), sop_id)
        wanted = _wanted(draft)
        one = replaying.replay_one(tx, actor(), wanted, ticket_id, now)
    return render_template(
        "studio/replay_ticket.html",
        here="studio",
        draft=draft,
        sop=wanted.draft,
        kept=_kept(wanted),
        one=one,
        rows=list(side_by_side(one.before, one.after)),
        cause_in_words=cause_in_words,
        outcome=outcome,
        steps_title=_step_title(wanted, one.verdict.unknown.step if one.verdict.unknown else ""),
    )


def _step_title(wanted: Wanted, shown_as: str) -> str:
    name = shown_as.rpartition("/")[2].partition("@")[0]
    step = next((step for step in wanted.draft.steps() if step.name == name), None)
    return bare_title(step, wanted.draft) if step else humanised(name) if name else ""

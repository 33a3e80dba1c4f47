"""A solved ticket becomes a draft in the studio, with one click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, url_for

from core.errors import CommandError
from core.learning.drafting import draft_sop_from_ticket
from core.texts import _
from web.desk.acting import changing, shown_again
from web.learning import learning
from web.signin import actor

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from core.learning.drafting import Learnt


@learning.post("/tickets/<int:ticket_id>/learn")
def learn(ticket_id: int) -> ResponseReturnValue:
    """Draft a procedure from this ticket, and open it."""
    try:
        with changing(ticket_id) as tx:
            made = draft_sop_from_ticket(tx, actor(), ticket_id)
    except CommandError as error:
        return shown_again(ticket_id, error)
    return to_draft(made)


def to_draft(made: Learnt) -> ResponseReturnValue:
    """A new procedure opens in the outline; a change to one that exists shows first what would be different."""
    if made.base is None:
        flash(_("Drafted from the ticket. Each step says in the text from which entry of the timeline it came."))
        return redirect(url_for("studio.edit", sop_id=made.sop_id), 303)
    flash(_("This is what the ticket needed besides. Open the draft to go on."))
    page = url_for("studio.compare", sop_id=made.sop_id)
    return redirect(f"{page}?from={made.base}&to=draft", 303)  # `from` is no name for an argument

"""The whole procedure of a ticket as a drawing: where the ticket stands, which way it took, and why the other ways were not needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import redirect, render_template, url_for

from core.directory import directory
from core.moments import now_ms
from core.permissions import require
from core.texts import language
from core.tickets import page as pages
from core.tickets.documents import documents, sub_documents
from core.tickets.head import ticket_head
from core.tickets.relay import in_order, legs
from web.desk import desk
from web.desk.ticket import team_ids, teller_of
from web.desk.track import Beside, Shown, track
from web.flow import Drawing, drawing
from web.signin import actor, reader
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flask.typing import ResponseReturnValue

    from core.sop.document import Sop
    from core.tickets.relay import Leg
    from web.desk.track import Entry

_MARKS = {
    "done": "done",
    "now": "now",
    "wait": "now",
    "late": "late",
    "failed": "bad",
    "skip": "skip",
    "unneeded": "skip",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """One document as it is drawn: the ticket's own, or that of a sub-SOP which has begun."""

    title: str
    flow: Drawing


@desk.get("/tickets/<int:ticket_id>/procedure")
def procedure(ticket_id: int) -> ResponseReturnValue:
    """The drawing with the ticket's marks, and every decision with the values that were seen."""
    require(actor(), "read_tickets")
    with database().read() as tx:
        head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        steps = pages.step_rows(tx, head)
        firm = directory(tx)
        sop = documents(tx, [head.version_id]).get(head.version_id or 0)
        subs = sub_documents(tx, steps)
    if sop is None:
        return redirect(url_for("desk.ticket", ticket_id=ticket_id))
    teller = teller_of(head, firm, sop, reader().id, subs)
    relay = legs(sop, steps, now_ms(), subs)
    decided = [one for one in _every(track(relay, head, teller, Beside())) if one.why and one.leg.state != "next"]
    return render_template(
        "desk/procedure.html",
        here="queue",
        t=head,
        pictures=list(_pictures(relay, sop, ticket_id)),
        decided=decided,
    )


def _pictures(relay: Sequence[Leg], sop: Sop, ticket_id: int) -> Iterator[Picture]:
    everything = list(in_order(relay))
    frames = list(dict.fromkeys(leg.frame for leg in everything)) or [""]
    for number, frame in enumerate(frames):
        mine = [leg for leg in everything if leg.frame == frame]
        document = mine[0].sop if mine else sop
        marks = {leg.step.name: _MARKS[leg.state] for leg in mine if leg.state in _MARKS}
        href = f"/tickets/{ticket_id}#leg-{{name}}" if not frame else ""
        yield Picture(document.title.say(language()), drawing(document, marks, href=href, prefix=f"p{number}-"))


def _every(entries: Sequence[Entry]) -> Iterator[Shown]:
    for entry in entries:
        if isinstance(entry, Shown):
            yield entry
        yield from _every(entry.legs)

"""The ticket: what was said, what happened, and what is to be done now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import render_template, request

from core.directory import directory
from core.moments import now_ms
from core.permissions import may, require
from core.tickets import page as pages
from core.tickets.documents import documents
from core.tickets.head import ticket_head
from core.tickets.relay import Leg, Standing, find_step, in_order, legs, standing
from core.timeline import timeline_page
from web.desk import desk
from web.desk.stepform import StepForm, step_form
from web.desk.story import attention, tell
from web.desk.telling import Teller
from web.desk.thread import thread
from web.desk.why import explain
from web.signin import actor, reader
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.directory import Directory
    from core.people import Reader
    from core.sop.document import Sop
    from core.tickets.head import Head
    from core.tickets.page import TicketPage
    from core.tickets.relay import StepRow

_ASSIGNING = frozenset({"ticket.assigned"})


@dataclass(frozen=True, slots=True)
class Written:
    """What a form held when it could not be carried out: it is shown again, with what was wrong."""

    reply: str = ""
    comment: str = ""
    to_team: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)
    held_back: str = ""
    newest_id: int | None = None
    lost: str = ""
    refused: str = ""
    step_id: int | None = None
    step_values: Mapping[str, Any] = field(default_factory=dict)
    step_note: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One leg of the relay with the words and the form it needs."""

    leg: Leg
    title: str
    who: str
    form: StepForm | None
    why: tuple[str, ...]
    mine: bool
    legs: tuple[Shown, ...]


@desk.get("/tickets/<int:ticket_id>")
def ticket(ticket_id: int) -> ResponseReturnValue:
    """The ticket page."""
    require(actor(), "read_tickets")
    return show_ticket(ticket_id)


def show_ticket(ticket_id: int, written: Written | None = None, status: int = 200) -> ResponseReturnValue:
    """The ticket page, with what was written and could not be sent."""
    written = written or Written()
    me = reader()
    shown = 2000 if request.args.get("all") else pages.SHOWN
    with database().read() as tx:
        page = pages.ticket_page(tx, actor(), ticket_id, team_ids(me), shown=shown)
        firm = directory(tx)
        sop = _document(tx, page.head)
    teller = Teller(firm, page.head.customer, sop, me.id)
    now = now_ms()
    relay = legs(sop, page.steps, now) if sop else ()
    context = {
        "page": page,
        "t": page.head,
        "thread": thread(page, teller),
        "relay": tuple(_shown(leg, page, sop, teller, firm, written) for leg in relay) if sop else (),
        "sop": sop,
        "standing": _standing(sop, page),
        "open_legs": [leg for leg in in_order(relay) if leg.state in {"now", "late", "wait"}],
        "why_holder": _why_holder(page, teller),
        "attention": attention(page.head.attention),
        "teller": teller,
        "firm": firm,
        "written": written,
        "now": now,
        "came_from": request.args.get("view", ""),
        "seen": max((said.id for said in page.messages), default=0),
    }
    return render_template("desk/ticket.html", here="queue", **context), status


def team_ids(me: Reader) -> tuple[int, ...]:
    """The ids of the reader's teams."""
    return tuple(team.id for team in me.teams)


def _document(tx: Connection, head: Head) -> Sop | None:
    return documents(tx, [head.version_id]).get(head.version_id or 0)


def _standing(sop: Sop | None, page: TicketPage) -> Standing | None:
    """Where the relay stands: the furthest open leg, else the end."""
    if sop is None:
        return None
    opened = [step for step in page.steps if step.state == "open" and find_step(sop, step.name)]
    if opened:
        return max((standing(sop, step.name) for step in opened), key=lambda s: s.at)
    of = standing(sop, None).of
    return Standing(of if page.head.run_state not in {"running", "attention"} else 0, of)


def _why_holder(page: TicketPage, teller: Teller) -> tuple[str, ...]:
    """The reasons of the newest assignment."""
    newest = next((event for event in reversed(page.events) if event.kind in _ASSIGNING), None)
    return tell(teller, newest).why if newest else ()


def _shown(leg: Leg, page: TicketPage, sop: Sop, teller: Teller, firm: Directory, written: Written) -> Shown:
    visit, form, mine = leg.visit, None, False
    if visit is not None and visit.state == "open":
        mine = _is_mine(visit)
        if page.head.status != "closed" and (mine or may(actor(), "complete_any_step")):
            known = (page.head.run_fields or {}).get("", {})
            typed = written.step_values if written.step_id == visit.id else None
            form = step_form(sop, leg.step, visit, known, typed)
    return Shown(
        leg,
        teller.step(leg.step.name),
        _who(leg, teller),
        form,
        explain(teller, visit.why) if visit else (),
        mine,
        tuple(_shown(inner, page, sop, teller, firm, written) for inner in leg.legs),
    )


def _is_mine(visit: StepRow) -> bool:
    """Does the step wait for the reader or a team of theirs?"""
    me = reader()
    teams = set(map(str, team_ids(me)))
    pairs = [(p["kind"], str(p["id"])) if isinstance(p, dict) else (p[0], str(p[1])) for p in visit.assignees]
    return any((kind == "person" and who == str(me.id)) or (kind == "team" and who in teams) for kind, who in pairs)


def _who(leg: Leg, teller: Teller) -> str:
    visit = leg.visit
    if visit is None:
        return ""
    if visit.state == "open":
        return ", ".join(teller.party(party) for party in visit.assignees)
    return teller.ender(visit.ended_by) if visit.ended_by and str(visit.ended_by).isdecimal() else ""


@desk.get("/tickets/<int:ticket_id>/timeline")
def timeline(ticket_id: int) -> ResponseReturnValue:
    """Everything that happened on the ticket, who or what did it, and why."""
    require(actor(), "read_tickets")
    after = request.args.get("after", "0")
    with database().read() as tx:
        head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        events = timeline_page(tx, ticket_id, after=int(after) if after.isdecimal() else 0, limit=201)
        firm = directory(tx)
        sop = _document(tx, head)
        whys = pages.step_whys(tx, ticket_id)
    teller = Teller(firm, head.customer, sop, reader().id)
    lines = []
    for event in events[:200]:
        sentence = tell(teller, event)
        why = sentence.why
        if event.kind == "step.done":
            why = why or explain(teller, whys.get(str(event.data.get("path"))))
        lines.append((event, sentence, why))
    return render_template(
        "desk/timeline.html", here="queue", t=head, lines=lines, next=events[199].seq if len(events) > 200 else None
    )

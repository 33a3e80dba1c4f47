"""The ticket: what was said, what happened, and what is to be done now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flask import render_template, request

from core.alerts.page import beside as beside_ticket
from core.children import children_of
from core.clocks.page import clock_lines
from core.directory import directory
from core.moments import now_ms
from core.permissions import require
from core.tickets import page as pages
from core.tickets.documents import documents, sub_documents
from core.tickets.head import ticket_head
from core.tickets.offers import Offers, offers
from core.tickets.outcomes import step_path
from core.tickets.relay import in_order, legs
from core.tickets.rows import CLOSED, PRIORITY_NAMES, RESOLVED
from core.tickets.ways import Standing, standing
from core.timeline import timeline_page
from web.desk import desk
from web.desk.clocks import shown_clocks
from web.desk.story import attention, tell
from web.desk.story_of_customers import taken_back
from web.desk.telling import Teller
from web.desk.thread import thread
from web.desk.track import Beside, track
from web.desk.upset import calming, upset_shown
from web.desk.why import explain, failure
from web.desk.why_routed import lines_of, newest_decision
from web.signin import actor, reader
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.directory import Directory
    from core.people import Reader
    from core.sop.document import Sop
    from core.tickets.head import Head
    from core.tickets.page import TicketPage
    from core.tickets.relay import Leg
    from web.desk.telling import Sentence

_ASSIGNING = frozenset({"ticket.assigned"})
_CHANGING = _ASSIGNING | {"ticket.changed", "ticket.resolved", "ticket.closed", "ticket.reopened", "ticket.merged"}


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
    act: str = ""  # which form of the head it was: properties, resolve, handover …
    kept: Mapping[str, str] = field(default_factory=dict)
    first: bool = False  # somebody else was first
    step_id: int | None = None
    step_values: Mapping[str, Any] = field(default_factory=dict)
    step_note: str = ""


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
        watched = beside_ticket(tx, ticket_id)
        sop = _document(tx, page.head)
        subs = sub_documents(tx, page.steps)
        decided = newest_decision(tx, page.events)
        children = children_of(tx, ticket_id) if any(row.marks.get("child") for row in page.steps) else []
        clocks = clock_lines(tx, ticket_id, PRIORITY_NAMES[page.head.priority], now_ms())
        # only a strict procedure holds back what people may do otherwise
        offered = offers(tx, actor(), ticket_id) if sop and sop.mode == "strict" else Offers()
    if request.args.get("reply") == "calm" and page.head.upset and not written.reply:
        written = replace(written, reply=calming(page.head))
    teller = teller_of(page.head, firm, sop, me.id, subs)
    now = now_ms()
    relay = legs(sop, page.steps, now, subs) if sop else ()
    failures = {step_path(e.key): e.detail for e in page.effects if e.detail and e.state == "failed"}
    beside = Beside(written.step_id, written.step_values, failures, {child.path: child for child in children})
    context = {
        "page": page,
        "t": page.head,
        "thread": thread(page, teller),
        "relay": track(relay, page.head, teller, beside),
        "clocks": shown_clocks(clocks, page.events, teller),
        "offered": offered,
        "sop": sop,
        "standing": _standing(sop, page),
        "failed": _failed(relay, teller, failures),
        "others": [
            e
            for e in page.effects
            if e.kind != "send_mail" and e.state in {"failed", "unknown"} and not step_path(e.key)
        ],
        "open_legs": [leg for leg in in_order(relay) if leg.state in {"now", "late", "wait"}],
        "why_holder": (*_why_holder(page, teller), *(lines_of(teller, *decided) if decided else ())),
        "first": _newest_change(page, teller) if written.first else None,
        "attention": attention(page.head.attention),
        "taken_back": taken_back(page.events) if page.head.status not in {RESOLVED, CLOSED} else None,
        "upset": upset_shown(page.head, page.events),
        "teller": teller,
        "firm": firm,
        "watched": watched,
        "written": written,
        "now": now,
        "came_from": request.args.get("view", ""),
        "seen": max((said.id for said in page.messages), default=0),
    }
    return render_template("desk/ticket.html", here="queue", **context), status


def _failed(relay: Sequence[Leg], teller: Teller, failures: Mapping[str, str]) -> list[tuple[int, str, str]]:
    """(visit, title, what went wrong) of the steps that failed and wait for somebody to say how they go on."""
    return [
        (
            leg.visit.id,
            teller.step(leg.step.name),
            failures.get(leg.visit.path) or failure(leg.visit.marks.get("error")),
        )
        for leg in in_order(relay)
        if leg.state == "failed" and leg.visit is not None and leg.visit.state == "open"
    ]


def team_ids(me: Reader) -> tuple[int, ...]:
    """The ids of the reader's teams."""
    return tuple(team.id for team in me.teams)


def _document(tx: Connection, head: Head) -> Sop | None:
    return documents(tx, [head.version_id]).get(head.version_id or 0)


def teller_of(
    head: Head, firm: Directory, sop: Sop | None, me: int | None, subs: Mapping[str, Sop] | None = None
) -> Teller:
    """Who knows the names, steps and values of this ticket."""
    facts = {
        "id": head.id,
        "subject": head.subject,
        "topic": head.topic,
        "product": head.product,
        "resolution": head.resolution,
    }
    fields = (head.run_fields or {}).get("", {})
    return Teller(firm, head.customer, sop, me, fields, facts, tuple((subs or {}).values()))


def _standing(sop: Sop | None, page: TicketPage) -> Standing | None:
    """Where the relay stands: at its open step, else at the end."""
    if sop is None:
        return None
    steps = [step for step in page.steps if step.kind not in {"sop", "event"} and not step.path.startswith("@")]
    begun = {step.name for step in steps if step.visit}
    opened = next((step.path for step in reversed(steps) if step.state == "open"), None)
    over = page.head.run_state not in {"running", "attention"}
    return standing(sop, opened or (steps[-1].path if steps else None), begun, over=over)


def _newest_change(page: TicketPage, teller: Teller) -> Sentence | None:
    """What somebody else did last."""
    newest = next((event for event in reversed(page.events) if event.kind in _CHANGING), None)
    return tell(teller, newest) if newest else None


def _why_holder(page: TicketPage, teller: Teller) -> tuple[str, ...]:
    """The reasons of the newest assignment."""
    newest = next((event for event in reversed(page.events) if event.kind in _ASSIGNING), None)
    return tell(teller, newest).why if newest else ()


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
    teller = teller_of(head, firm, sop, reader().id)
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

"""Tickets: list, open, read, change, and what was said on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

from core.directory import directory
from core.errors import Conflict, FieldError, Invalid
from core.permissions import require, sees_all_departments
from core.texts import _
from core.tickets.access import know
from core.tickets.listing import KEYS, Wish, ticket_list
from core.tickets.opening import CHANNELS, CustomerRef, NewTicket, open_ticket
from core.tickets.properties import change_ticket
from core.tickets.rows import PRIORITIES, STATUSES
from core.tickets.search import catch_up, matching_tickets
from core.timeline import timeline_page
from web.api import references, shapes
from web.api.answers import Answer, answer, command, cursor, items, read_cursor
from web.api.blueprint import Part
from web.api.bodies import if_match
from web.api.caller import caller
from web.api.files import read_files
from web.api.problems import Stale
from web.api.ticket_json import etag, event_json, ticket_json, tickets_json
from web.wiring import database, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Directory

part = Part("tickets", __name__, "Tickets and their timelines.")


@part.reading("/tickets")
@part.arguments(shapes.TicketFilters, location="query")
@part.response(200, shapes.listed(shapes.Ticket))
def list_tickets(wanted: dict[str, Any]) -> Response:
    """List tickets

    The tickets of your department (managers: of all), the newest first unless `sort` says otherwise.
    """
    require(caller(), "read_tickets")
    if wanted["q"]:
        catch_up(database())
    with database().read() as tx:
        wish = _wish(tx, wanted)
        rows, following = ticket_list(tx, wish)
        found = tickets_json(tx, rows)
    return items(found, cursor(wanted["sort"], *following) if following else None)


def _wish(tx: Connection, wanted: dict[str, Any]) -> Wish:
    firm = directory(tx)
    sort, after = wanted["sort"].removeprefix("-"), None
    if sort not in KEYS:
        known = ", ".join([*KEYS, *(f"-{name}" for name in KEYS)])
        raise Invalid(
            FieldError("/sort", _("“%(value)s” is no order. Write one of: %(known)s.", value=sort[:60], known=known))
        )
    parts = read_cursor(wanted["next"], str, int, int)
    if parts is not None:
        if parts[0] != wanted["sort"]:
            raise Invalid(FieldError("/next", _("This cursor belongs to the order “%(sort)s”.", sort=parts[0][:20])))
        after = (parts[1], parts[2])
    holder = _holder(firm, wanted["holder"])
    words = (wanted["q"] or "").strip()[:200]
    return Wish(
        departments=_departments(firm, wanted["department"], mine=holder == caller().id),
        sort=sort,
        descending=wanted["sort"].startswith("-"),
        statuses=references.one_of(wanted["status"], STATUSES, "/status"),
        team_ids=tuple(references.team(firm, one, "/team").id for one in _words(wanted["team"])),
        holder_id=holder or None,
        unheld=holder == 0,
        customer_id=references.customer_id(tx, wanted["customer"]) if wanted["customer"] else None,
        sop=wanted["sop"].rsplit("/", 1)[-1] if wanted["sop"] else None,
        step=wanted["step"] or None,
        channels=references.one_of(wanted["channel"], CHANNELS, "/channel"),
        priorities=tuple(PRIORITIES[p] for p in references.one_of(wanted["priority"], tuple(PRIORITIES), "/priority")),
        among=matching_tickets(tx, words) if words else None,
        updated_after=references.moment(wanted["updated_after"], "/updated_after") if wanted["updated_after"] else None,
        after=after,
        limit=wanted["limit"],
    )


def _words(given: str | None) -> list[str]:
    return [word for word in (given or "").split(",") if word.strip()]


def _holder(firm: Directory, given: str | None) -> int | None:
    """The person's id; 0 for nobody (a backlog); None when it does not matter."""
    if not given:
        return None
    return 0 if given == "none" else references.person(firm, given, "/holder").id


def _departments(firm: Directory, given: str | None, *, mine: bool) -> tuple[int, ...]:
    """The departments whose tickets the caller may see, and of them the one asked for. What one holds oneself is seen wherever it is."""
    actor = caller()
    everything = sees_all_departments(actor) or mine
    seen = tuple(firm.departments) if everything else (actor.department_id or 0,)
    if not given:
        return seen
    asked = tuple(references.department(firm, one, "/department").id for one in _words(given))
    return tuple(one for one in asked if one in seen)


@part.command("/tickets")
@part.arguments(shapes.NewTicket)
@part.response(201, shapes.Ticket)
def create_ticket(given: dict[str, Any]) -> Response:
    """Open a ticket

    In one transaction it gets its first message, its procedure and its holder.
    """
    actor = caller()
    require(actor, "open_ticket")
    new = _new_ticket(given)

    def work(tx: Connection) -> Answer:
        opened = open_ticket(tx, settings(), actor, new)
        made = ticket_json(tx, opened.ticket_id)
        return Answer(made, 201, {"Location": f"/api/v1/tickets/{opened.ticket_id}", **etag(made)})

    return command(work)


def _new_ticket(given: dict[str, Any]) -> NewTicket:
    them = given["customer"]
    return NewTicket(
        subject=given["subject"],
        body=given["body"],
        customer=CustomerRef(them.get("email"), them["name"], them["phone"], them.get("id")),
        channel=given["channel"],
        department=given["department"],
        topic=given["topic"],
        product=given["product"],
        priority=given["priority"],
        fields=given["fields_"],
        language=given["language"],
        sop=given["sop"],
        tags=tuple(given["tags"]),
        attachments=read_files(given["attachments"]),
    )


@part.reading("/tickets/<int:ticket_id>")
@part.response(200, shapes.Ticket)
def read_ticket(ticket_id: int) -> Response:
    """Read a ticket"""
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        found = ticket_json(tx, ticket_id)
    headers = etag(found)
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(status=304, headers=headers)
    return answer(found, headers=headers)


@part.changing("/tickets/<int:ticket_id>")
@part.arguments(shapes.TicketChanges)
@part.response(200, shapes.Ticket)
@part.doc(
    parameters=[
        {"in": "header", "name": "If-Match", "schema": {"type": "string"}, "description": "The ETag you have seen."}
    ]
)
def patch_ticket(changes: dict[str, Any], ticket_id: int) -> Response:
    """Change properties of a ticket

    With `If-Match`, a ticket that was changed since is left alone (412).
    """
    seen = if_match()

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        try:
            change_ticket(tx, settings(), caller(), ticket_id, changes, if_version=seen)
        except Conflict as error:
            raise Stale(str(error)) from error
        changed = ticket_json(tx, ticket_id)
        return Answer(changed, headers=etag(changed))

    return command(work)


@part.reading("/tickets/<int:ticket_id>/timeline")
@part.arguments(shapes.TimelineRange, location="query")
@part.response(200, shapes.listed(shapes.Event))
def read_timeline(wanted: dict[str, Any], ticket_id: int) -> Response:
    """What happened on a ticket

    Its events behind `after`, numbered without gaps. `next` is the `after` of the next page.
    """
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        firm = directory(tx)
        events = timeline_page(tx, ticket_id, after=wanted["after"], limit=wanted["limit"] + 1)
    shown = events[: wanted["limit"]]
    more = len(events) > len(shown)
    return items([event_json(firm, event) for event in shown], str(shown[-1].seq) if more else None)

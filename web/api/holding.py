"""Who has the baton, and how a ticket ends: assign, hand over, resolve, reopen, close, merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core.directory import directory
from core.errors import Conflict, FieldError, Invalid
from core.moments import rfc3339
from core.plugins.unlinking import unlink
from core.texts import _
from core.tickets import handovers, holding, resolving
from core.tickets.access import know
from web.api import references, shapes, shapes_work
from web.api.answers import Answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.ticket_json import etag, party, ticket_json
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.tickets.handovers import HandoverRow

part = Part("holding", __name__, "The baton: who holds a ticket, and how it ends.")


def _on_ticket(ticket_id: int, act: Callable[[Connection], object]) -> Response:
    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        act(tx)
        changed = ticket_json(tx, ticket_id)
        return Answer(changed, headers=etag(changed))

    return command(work)


@part.command("/tickets/<int:ticket_id>/assign")
@part.arguments(shapes_work.Assignment)
@part.response(200, shapes.Ticket)
def assign(given: dict[str, Any], ticket_id: int) -> Response:
    """Give a ticket to a person, or to a team's backlog"""

    def act(tx: Connection) -> None:
        firm = directory(tx)
        person = references.person(firm, given["person"], "/person").id if given["person"] is not None else None
        team = references.team(firm, given["team"], "/team").id if given["team"] is not None else None
        holding.assign(tx, settings(), caller(), ticket_id, person, team, given["reason"])

    return _on_ticket(ticket_id, act)


@part.command("/tickets/<int:ticket_id>/resolve")
@part.arguments(shapes_work.Resolution)
@part.response(200, shapes.Ticket)
def resolve(given: dict[str, Any], ticket_id: int) -> Response:
    """Resolve a ticket, through its procedure's `resolve` step where one is open"""
    return _on_ticket(ticket_id, lambda tx: resolving.resolve(tx, settings(), caller(), ticket_id, given["resolution"]))


@part.command("/tickets/<int:ticket_id>/reopen")
@part.arguments(shapes_work.Reason)
@part.response(200, shapes.Ticket)
def reopen(given: dict[str, Any], ticket_id: int) -> Response:
    """Open a resolved or closed ticket again"""
    return _on_ticket(ticket_id, lambda tx: resolving.reopen(tx, settings(), caller(), ticket_id, given["reason"]))


@part.command("/tickets/<int:ticket_id>/close")
@part.arguments(shapes_work.Nothing)
@part.response(200, shapes.Ticket)
def close(_given: dict[str, Any], ticket_id: int) -> Response:
    """Close a ticket by hand"""
    return _on_ticket(ticket_id, lambda tx: resolving.close(tx, settings(), caller(), ticket_id))


@part.command("/tickets/<int:ticket_id>/merge")
@part.arguments(shapes_work.Merging)
@part.response(200, shapes.Ticket)
def merge(given: dict[str, Any], ticket_id: int) -> Response:
    """Make a ticket part of another one; answers with the one it became part of"""
    into = given["into"]

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        know(tx, caller(), into)
        resolving.merge(tx, settings(), caller(), ticket_id, into)
        changed = ticket_json(tx, into)
        return Answer(changed, headers=etag(changed))

    return command(work)


@part.command("/tickets/<int:ticket_id>/unlink")
@part.arguments(shapes_work.Unlinking)
@part.response(200, shapes.Ticket)
def unlink_thing(given: dict[str, Any], ticket_id: int) -> Response:
    """Take a thing outside (an issue, a card) off a ticket"""
    return _on_ticket(
        ticket_id, lambda tx: unlink(tx, caller(), ticket_id, given["plugin"], given["ref"], given["reason"])
    )


# ---- handing over -------------------------------------------------------------------------------------------------------


@part.reading("/tickets/<int:ticket_id>/handovers")
@part.response(200, shapes.listed(shapes_work.Handover))
def list_handovers(ticket_id: int) -> Response:
    """How the baton of a ticket was offered, the newest first"""
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        firm = directory(tx)
        return items([_handover(firm, row) for row in handovers.of_ticket(tx, ticket_id)])


@part.command("/tickets/<int:ticket_id>/handover")
@part.arguments(shapes_work.Passing)
@part.response(200, shapes_work.Handover)
def hand_over(given: dict[str, Any], ticket_id: int) -> Response:
    """Offer the baton, accept it, or return it

    `offer` (with `to` and `note`) leaves the ticket with its holder until the other one accepts. `accept` and `return` answer the offer that was
    made to you on this ticket.
    """

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        firm = directory(tx)
        row = handovers.one(tx, _pass_on(tx, firm, ticket_id, given))
        return Answer(_handover(firm, row))

    return command(work)


def _pass_on(tx: Connection, firm: Directory, ticket_id: int, given: dict[str, Any]) -> int:
    if given["action"] == "offer":
        if given["to"] is None:
            raise Invalid(FieldError("/to", _("To whom? Name a colleague.")))
        to = references.person(firm, given["to"], "/to").id
        return holding.offer_baton(tx, settings(), caller(), ticket_id, to, given["note"])
    offer = handovers.offered_to(tx, ticket_id, caller().id or 0)
    if offer is None:
        raise Conflict(_("Nobody offers you the baton of this ticket now."))
    if given["action"] == "accept":
        holding.accept_baton(tx, settings(), caller(), offer)
    else:
        holding.return_baton(tx, settings(), caller(), offer, given["note"])
    return offer


def _handover(firm: Directory, row: HandoverRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "ticket": row.ticket_id,
        "from": None if row.from_id is None else party(firm, "person", str(row.from_id)),
        "to": party(firm, "person", str(row.to_id)),
        "state": row.state,
        "note": row.note,
        "offered_at": rfc3339(row.offered_at),
        "ended_at": rfc3339(row.ended_at),
    }

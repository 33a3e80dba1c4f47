"""Who watches a ticket: the list, watching oneself, adding and removing colleagues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.alerts import watching
from core.directory import directory
from core.moments import rfc3339
from core.tickets.access import know
from web.api import references
from web.api import shapes_alerts as shapes
from web.api.answers import Answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.api.ticket_json import party
from web.wiring import database

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy import Connection

WATCHERS = listed(shapes.Watcher)
part = Part("watchers", __name__, "Who watches a ticket that somebody else holds, and of what they hear.")


@part.reading("/tickets/<int:ticket_id>/watchers")
@part.response(200, WATCHERS)
def list_watchers(ticket_id: int) -> Response:
    """Who watches a ticket, those who have longest first"""
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        return items(_watchers(tx, ticket_id))


def _watchers(tx: Connection, ticket_id: int) -> list[dict[str, Any]]:
    firm = directory(tx)
    return [
        {
            "person": party(firm, "person", str(one.person_id)),
            "by": one.by,
            "at": rfc3339(one.at),
            "hears": list(one.hears),
            "how": one.how,
        }
        for one in watching.watchers_of(tx, ticket_id)
    ]


@part.command("/tickets/<int:ticket_id>/watch")
@part.arguments(shapes.Watching)
@part.response(200, WATCHERS)
def watch(given: dict[str, Any], ticket_id: int) -> Response:
    """Watch a ticket, or (agents) let a colleague watch it; again: hear of other things"""

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        person = references.person(directory(tx), given["person"], "/person").id
        watching.watch(tx, caller(), ticket_id, person, hears=given["hears"], how=given["how"])
        return Answer({"items": _watchers(tx, ticket_id), "next": None})

    return command(work)


@part.command("/tickets/<int:ticket_id>/unwatch")
@part.arguments(shapes.Unwatching)
@part.response(200, WATCHERS)
def unwatch(given: dict[str, Any], ticket_id: int) -> Response:
    """Watch it no more, or (agents) take a colleague off the list"""

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        person = references.person(directory(tx), given["person"], "/person").id
        watching.unwatch(tx, caller(), ticket_id, person)
        return Answer({"items": _watchers(tx, ticket_id), "next": None})

    return command(work)

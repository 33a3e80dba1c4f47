"""A real ticket as what is given in a dry run: its properties, and no words of its customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.directory import directory
from core.moments import now_ms
from core.procedures import read_run
from core.tickets.access import know
from core.tickets.rows import read
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

_TICKET = ("topic", "channel", "priority", "product", "language", "department", "team", "tags")
_CUSTOMER = ("class", "language", "verified")


def given_by(
    tx: Connection, actor: Actor, ticket_id: int
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], int]:
    """(ticket, customer, fields, start) of a ticket that this person may know of. Fields marked personal stay out."""
    know(tx, actor, ticket_id)
    row = read(tx, ticket_id)
    if row.run_id is None:
        return {"channel": row.channel, "topic": row.topic}, {}, {}, row.created_at
    run = read_run(tx, row.run_id)
    world = DatabaseWorld(tx, directory(tx), row, run, now_ms())
    personal = {field.name for field in run.sop.fields.values() if field.personal}
    ticket = {name: world.ticket[name] for name in _TICKET if world.ticket.get(name)}
    customer = {name: world.customer[name] for name in _CUSTOMER if world.customer.get(name) is not None}
    fields = {name: value for name, value in run.fields.get("", {}).items() if name not in personal}
    return ticket, customer, fields, row.created_at

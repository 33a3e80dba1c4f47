"""What the forms of a ticket have in common: the right to see it, what was sent, and the page again when something was wrong."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import redirect, request, url_for

from core.errors import CommandError, Conflict, Invalid, Refused
from core.tickets.head import ticket_head
from core.tickets.messages import NewAttachment
from web.desk.ticket import Written, show_ticket, team_ids
from web.failures import status_of
from web.signin import actor, reader
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection


@contextmanager
def changing(ticket_id: int) -> Iterator[Connection]:
    """A transaction on a ticket that this person may know of."""
    with database().write() as tx:
        ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        yield tx


def back_to(ticket_id: int, anchor: str = "") -> ResponseReturnValue:
    """The ticket again, after a change."""
    return redirect(url_for("desk.ticket", ticket_id=ticket_id) + (f"#{anchor}" if anchor else ""), 303)


def shown_again(ticket_id: int, error: CommandError) -> ResponseReturnValue:
    """The ticket page with the reason why nothing was changed, who was first, and what was typed."""
    if not isinstance(error, Invalid | Conflict | Refused):
        raise error
    act = request.path.rsplit("/", 1)[-1]
    written = Written(refused=str(error), act=act, kept=request.form, first=isinstance(error, Conflict))
    return show_ticket(ticket_id, written, status_of(error))


def field_errors(error: Invalid, prefix: str = "") -> dict[str, str]:
    """Messages by the id of their input: the last word of each pointer, behind `prefix`."""
    return {prefix + wrong.pointer.rsplit("/", 1)[-1]: wrong.message for wrong in error.errors}


def uploaded(name: str) -> tuple[NewAttachment, ...]:
    """The files that were sent under this name."""
    return tuple(
        NewAttachment(file.filename.rsplit("/", 1)[-1], file.mimetype or "application/octet-stream", file.read())
        for file in request.files.getlist(name)
        if file.filename
    )


def number(text: str | None) -> int | None:
    """A typed number, or None."""
    return int(text) if text and text.strip().isdecimal() else None

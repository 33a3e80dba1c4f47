"""Messages of a ticket: read them, write to the customer, comment for colleagues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core.errors import FieldError, Invalid
from core.moments import rfc3339
from core.requesters import check_email
from core.surveys import SCALES
from core.tickets.access import know
from core.tickets.conversation import Draft, add_comment, send_reply
from core.tickets.correspondence import files_with, letters
from core.tickets.surveys import surveys_of
from web.api import shapes
from web.api.answers import Answer, command, cursor, items, read_cursor
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.files import file_json, read_files
from web.wiring import database, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.tickets.correspondence import Letter
    from core.tickets.surveys import Asked
    from core.tickets.writings import File

part = Part("messages", __name__, "What customers, colleagues and procedures wrote.")


@part.reading("/tickets/<int:ticket_id>/messages")
@part.arguments(shapes.Page, location="query")
@part.response(200, shapes.listed(shapes.Message))
def list_messages(wanted: dict[str, Any], ticket_id: int) -> Response:
    """Messages and internal comments of a ticket, the oldest first"""
    after = read_cursor(wanted["next"], int)
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        found = letters(tx, ticket_id, after=after[0] if after else 0, limit=wanted["limit"] + 1)
        shown = found[: wanted["limit"]]
        files = files_with(tx, shown)
    following = cursor(shown[-1].id) if len(found) > len(shown) else None
    return items([_message(letter, files.get(letter.id, [])) for letter in shown], following)


def _message(letter: Letter, files: list[File]) -> dict[str, Any]:
    return {
        "id": letter.id,
        "ticket": letter.ticket_id,
        "direction": letter.direction,
        "author": {
            "kind": letter.author_kind,
            "id": letter.author_id,
            "name": letter.author_name,
            "email": letter.author_email,
        },
        "to": letter.to,
        "cc": letter.cc,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "at": rfc3339(letter.at),
        "channel": letter.channel,
        "attachments": [file_json(file) for file in files],
        "delivery": None if letter.delivery is None else {"state": letter.delivery, "detail": letter.delivery_detail},
        "automatic": letter.automatic,
    }


@part.reading("/tickets/<int:ticket_id>/ratings")
@part.response(200, shapes.listed(shapes.Rating))
def list_ratings(ticket_id: int) -> Response:
    """Surveys that asked the customer of a ticket, and what they answered, the oldest first

    `score` is null while nothing was answered. `comment_id` is the message that holds the customer's words.
    """
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        return items([_rating(one) for one in surveys_of(tx, ticket_id)], None)


def _rating(one: Asked) -> dict[str, Any]:
    return {
        "step": one.step,
        "type": one.type,
        "score": one.score,
        "max": SCALES[one.type].most,
        "comment_id": one.message_id,
        "asked_at": rfc3339(one.asked_at),
        "rated_at": None if one.rated_at is None else rfc3339(one.rated_at),
    }


@part.command("/tickets/<int:ticket_id>/messages")
@part.arguments(shapes.NewMessage)
@part.response(201, shapes.Message)
def send_message(given: dict[str, Any], ticket_id: int) -> Response:
    """Write to the customer, or comment

    `visibility: customer` (the default) sends the message; `internal` keeps it among colleagues. With `seen_message`, nothing is sent when the
    customer has written since: 409 with `newest_message`.
    """
    draft = Draft(given["body"], read_files(given["attachments"]), given["seen_message"], _addresses(given["cc"]))

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        if given["visibility"] == "internal":
            sent = add_comment(tx, caller(), ticket_id, draft)
        else:
            sent = send_reply(tx, settings(), caller(), ticket_id, draft, then=given["then"])
        [letter] = letters(tx, ticket_id, after=sent.message_id - 1, limit=1)
        return Answer(_message(letter, files_with(tx, [letter]).get(letter.id, [])), 201)

    return command(work)


def _addresses(given: list[str]) -> tuple[str, ...]:
    errors: list[FieldError] = []
    found = []
    for i, text in enumerate(given):
        address, wrong = check_email(text, f"/cc/{i}")
        found.append(address)
        errors += [wrong] if wrong else []
    if errors:
        raise Invalid(*errors)
    return tuple(found)

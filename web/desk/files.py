"""Attachments and whole messages: what others sent, handed out so that it can do no harm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, abort, render_template

from core import blobs
from core.permissions import require
from core.tickets.head import ticket_head
from core.tickets.writings import find_file, message_body
from web.desk import desk
from web.desk.ticket import team_ids
from web.sanitise import clean_html, paragraphs
from web.signin import actor, reader
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_SANDBOX = "sandbox; default-src 'none'"
_PLAIN_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")


@desk.get("/files/<int:file_id>")
def file(file_id: int) -> ResponseReturnValue:
    """Download an attachment: always as a file, never shown by the browser itself."""
    require(actor(), "read_tickets")
    with database().read() as tx:
        found, name, ticket_id = find_file(tx, file_id)
        ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        content = blobs.read(tx, name)
    if content is None:
        abort(404)
    return download(content, found.name, found.content_type)


def download(content: bytes, name: str, content_type: str) -> Response:
    """The bytes as a download under this name."""
    kind = content_type.split(";", 1)[0].strip().lower()
    response = Response(content, mimetype=kind if _PLAIN_TYPE.fullmatch(kind) else "application/octet-stream")
    plain = re.sub(r'[^\w .()-]|["\\]', "_", name, flags=re.ASCII)[:120] or "file"
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:200])}"
    response.headers["Content-Security-Policy"] = _SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Encoding"] = "identity"  # other people's bytes are not packed again
    return response


@desk.get("/tickets/<int:ticket_id>/messages/<int:message_id>")
def message(ticket_id: int, message_id: int) -> ResponseReturnValue:
    """One message as it was written, quotations included; a mail's HTML without scripts, styles and pictures."""
    require(actor(), "read_tickets")
    with database().read() as tx:
        head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        written = message_body(tx, ticket_id, message_id)
    return render_template(
        "desk/message_page.html",
        here="queue",
        t=head,
        message_id=message_id,
        text=paragraphs(written.text),
        html=clean_html(written.html) if written.html else None,
        raw=written.raw is not None,
    )


@desk.get("/tickets/<int:ticket_id>/messages/<int:message_id>/raw")
def raw_message(ticket_id: int, message_id: int) -> ResponseReturnValue:
    """The mail as it came, byte for byte."""
    require(actor(), "read_tickets")
    with database().read() as tx:
        ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        written = message_body(tx, ticket_id, message_id)
        content = blobs.read(tx, written.raw) if written.raw else None
    if content is None:
        abort(404)
    return download(content, f"message-{message_id}.eml", "message/rfc822")

"""One message on a ticket: how it is written down with its body and attachments, whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from core import blobs
from core.prepared import Prepared
from core.schema import Attachment, Message, MessageBody
from core.tickets.rows import TicketRow, change

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

IN, OUT, INTERNAL = "in", "out", "internal"
_MESSAGE = Prepared(
    insert(Message.__table__).returning(Message.__table__.c.id),
    [
        "ticket_id",
        "seq",
        "direction",
        "author_kind",
        "author_id",
        "author_name",
        "author_email",
        "to",
        "cc",
        "subject",
        "at",
        "channel",
        "automatic",
        "template",
        "message_id",
        "raw",
        "delivery",
    ],
)
_BODY = Prepared(insert(MessageBody.__table__), ["message_id", "text", "html", "visible", "folded"])
_ATTACHMENTS = insert(Attachment.__table__)


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file to be kept with a message."""

    name: str
    content_type: str
    content: bytes
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What somebody wrote. `visible` is it without quotation and signature (`folded`); addresses are {name, email}."""

    direction: str
    author_kind: str
    author_id: int | None
    author_name: str
    text: str
    subject: str
    channel: str
    author_email: str | None = None
    html: str | None = None
    visible: str | None = None
    folded: str = ""
    to: tuple[dict[str, str], ...] = ()
    cc: tuple[dict[str, str], ...] = ()
    automatic: str | None = None
    template: str | None = None
    message_id: str | None = None
    raw: str | None = None
    delivery: str | None = None
    attachments: tuple[NewAttachment, ...] = ()


def from_customer(actor: Actor, row: TicketRow, text: str) -> NewMessage:
    """What a customer says on their request page beside a click, as a message of theirs."""
    return NewMessage(IN, "customer", actor.id, actor.name, text, row.subject, "portal")


def clean(text: str) -> str:
    """The text without what no database keeps: NUL and half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def write_message(
    tx: Connection, row: TicketRow, new: NewMessage, seq: int, at: int, **also: Any
) -> tuple[int, TicketRow]:
    """Write the message and note it on the ticket (with the columns of `also`); returns its id and the ticket as it is then."""
    message_id = _MESSAGE.scalar(
        tx,
        {
            "ticket_id": row.id,
            "seq": seq,
            "direction": new.direction,
            "author_kind": new.author_kind,
            "author_id": new.author_id,
            "author_name": clean(new.author_name),
            "author_email": new.author_email,
            "to": list(new.to),
            "cc": list(new.cc),
            "subject": clean(new.subject),
            "at": at,
            "channel": new.channel,
            "automatic": new.automatic,
            "template": new.template,
            "message_id": new.message_id,
            "raw": new.raw,
            "delivery": new.delivery,
        },
    )
    visible = new.text if new.visible is None else new.visible
    _BODY.run(
        tx, {"message_id": message_id, "text": new.text, "html": new.html, "visible": visible, "folded": new.folded}
    )
    if new.attachments:
        tx.execute(_ATTACHMENTS, [_attachment(tx, message_id, i, file) for i, file in enumerate(new.attachments)])
    return message_id, change(tx, row, last_at=max(at, row.last_at), last_message_id=message_id, **also)


def _attachment(tx: Connection, message_id: int, position: int, file: NewAttachment) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "position": position,
        "name": clean(file.name)[:255],
        "content_type": file.content_type[:127],
        "size": len(file.content),
        "sha256": blobs.keep(tx, file.content),
        "content_id": file.content_id,
        "inline": file.inline,
    }

"""What was written on a ticket, as it is read: messages and comments with their files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from core.errors import NotFound
from core.schema import Attachment, Message, MessageBody
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

_m, _b, _a = Message.__table__.c, MessageBody.__table__.c, Attachment.__table__.c


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as it is listed."""

    id: int
    message_id: int
    name: str
    content_type: str
    size: int
    inline: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One message or comment with what was written."""

    id: int
    seq: int
    direction: str
    author_kind: str
    author_id: int | None
    author_name: str
    author_email: str | None
    to: list[Any]
    cc: list[Any]
    subject: str
    at: int
    channel: str
    automatic: str | None
    template: str | None
    raw: str | None
    delivery: str | None
    delivery_detail: str | None
    effect_key: str | None
    visible: str
    folded: str
    has_html: bool


_SAID: Select[Any] = (
    select(
        *(_m[name] for name in Said.__slots__ if name not in {"visible", "folded", "has_html"}),
        func.coalesce(_b.visible, ""),
        func.coalesce(_b.folded, ""),
        _b.html.is_not(None),
    )
    .outerjoin(MessageBody.__table__, _b.message_id == _m.id)
    .where(_m.ticket_id == bindparam("ticket"))
    .order_by(_m.id.desc())
    .limit(bindparam("n"))
)
_FILES: Select[Any] = (
    select(_a.id, _a.message_id, _a.name, _a.content_type, _a.size, _a.inline)
    .join(Message.__table__, _m.id == _a.message_id)
    .where(_m.ticket_id == bindparam("ticket"))
    .order_by(_a.message_id, _a.position, _a.id)
)


def newest_messages(tx: Connection, ticket_id: int, n: int) -> list[Said]:
    """Up to `n` messages of a ticket, the newest first."""
    return [Said(*row) for row in tx.execute(_SAID, {"ticket": ticket_id, "n": n})]


def files_of(tx: Connection, ticket_id: int) -> dict[int, tuple[File, ...]]:
    """The attachments of a ticket, by message."""
    found: dict[int, tuple[File, ...]] = {}
    for row in tx.execute(_FILES, {"ticket": ticket_id}):
        file = File(*row)
        found[file.message_id] = (*found.get(file.message_id, ()), file)
    return found


_BODY: Select[Any] = (
    select(_b.text, _b.html, _m.raw)
    .join(Message.__table__, _m.id == _b.message_id)
    .where(_m.id == bindparam("message"), _m.ticket_id == bindparam("ticket"))
)
_FILE: Select[Any] = (
    select(_a.id, _a.message_id, _a.name, _a.content_type, _a.size, _a.inline, _a.sha256, _m.ticket_id)
    .join(Message.__table__, _m.id == _a.message_id)
    .where(_a.id == bindparam("file"))
)


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it was written, quotations included."""

    text: str
    html: str | None
    raw: str | None


def message_body(tx: Connection, ticket_id: int, message_id: int) -> Written:
    """What was written in one message of a ticket."""
    row = tx.execute(_BODY, {"message": message_id, "ticket": ticket_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such message on this ticket."))
    return Written(*row)


def find_file(tx: Connection, file_id: int) -> tuple[File, str, int]:
    """(the attachment, the hash of its bytes, its ticket)."""
    row = tx.execute(_FILE, {"file": file_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such file."))
    return File(*tuple(row)[:6]), row.sha256, row.ticket_id

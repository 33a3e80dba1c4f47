"""Messages as programs read them: in order, whole, with their files and how they were delivered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.schema import Attachment, Message, MessageBody
from core.tickets.writings import File

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

_m, _b, _a = Message.__table__.c, MessageBody.__table__.c, Attachment.__table__.c


@dataclass(frozen=True, slots=True)
class Letter:
    """One message or comment with what was written, quotations included."""

    id: int
    ticket_id: int
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
    delivery: str | None
    delivery_detail: str | None
    text: str
    html: str | None


_LETTERS: Select[Any] = (
    select(*(_m[name] for name in Letter.__slots__[:-2]), _b.text, _b.html)
    .join(MessageBody.__table__, _b.message_id == _m.id)
    .where(_m.ticket_id == bindparam("ticket"), _m.id > bindparam("after"))
    .order_by(_m.id)
    .limit(bindparam("n"))
)
_FILES: Select[Any] = (
    select(_a.id, _a.message_id, _a.name, _a.content_type, _a.size, _a.inline)
    .where(_a.message_id.in_(bindparam("messages", expanding=True)))
    .order_by(_a.message_id, _a.position, _a.id)
)


def letters(tx: Connection, ticket_id: int, *, after: int = 0, limit: int = 50) -> list[Letter]:
    """Messages of a ticket behind the message `after`, the oldest first."""
    return [Letter(*row) for row in tx.execute(_LETTERS, {"ticket": ticket_id, "after": after, "n": limit})]


def files_with(tx: Connection, found: list[Letter]) -> dict[int, list[File]]:
    """The files of these messages, in one statement."""
    files: dict[int, list[File]] = {}
    if found:
        for row in tx.execute(_FILES, {"messages": [letter.id for letter in found]}):
            files.setdefault(row.message_id, []).append(File(*row))
    return files

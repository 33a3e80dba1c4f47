"""What a customer may see of their request: their own words, what was written to them, the steps that are shown to them. Nothing else is read.

The address in a mail is the only key: it names the ticket and the customer. Internal comments, other people's messages that came in by merging,
and files of messages that are not shown never leave this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, literal, select

from core import blobs
from core.errors import NotFound
from core.schema import Attachment, Customer, Message, MessageBody, Run, StepVisit, Ticket
from core.texts import _
from core.tickets.relay import StepRow

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.links import LinkTarget

MOST_MESSAGES = 500
_t, _c, _m, _b, _a = (
    Ticket.__table__.c,
    Customer.__table__.c,
    Message.__table__.c,
    MessageBody.__table__.c,
    Attachment.__table__.c,
)
_s, _r = StepVisit.__table__.c, Run.__table__.c


@dataclass(frozen=True, slots=True)
class Request:
    """The ticket and its customer, as far as they concern the customer."""

    id: int
    subject: str
    language: str
    status: str
    channel: str
    department_id: int
    holder_id: int | None
    created_at: int
    last_at: int
    first_response_at: int | None
    promised_at: int | None
    resolved_at: int | None
    resolution: str | None
    due_at: int | None
    merged_into: int | None
    run_id: int | None
    customer_id: int
    customer: str
    customer_email: str | None
    customer_language: str
    link_epoch: int


_OWN = Request.__slots__[:16]
_REQUEST: Select[Any] = (
    select(*(_t[name] for name in _OWN), _c.id, _c.name, _c.email, _c.language, _c.link_epoch)
    .join(Customer.__table__, _c.id == _t.customer_id)
    .where(_t.id == bindparam("ticket"))
)
_FOREIGN = select(
    exists(select(literal(1)).where(_t.merged_into == bindparam("ticket"), _t.customer_id != bindparam("customer")))
)
_SAID: Select[Any] = (
    select(
        _m.id,
        _m.direction,
        _m.author_kind,
        _m.author_id,
        _m.author_name,
        _m.author_email,
        _m.to,
        _m.cc,
        _m.at,
        _m.automatic,
        _b.visible,
    )
    .join(MessageBody.__table__, _b.message_id == _m.id)
    .where(_m.ticket_id == bindparam("ticket"), _m.direction.in_(["in", "out"]))
    .order_by(_m.id)
    .limit(MOST_MESSAGES)
)
_FILES: Select[Any] = (
    select(_a.id, _a.message_id, _a.name, _a.content_type, _a.size, _a.sha256)
    .where(_a.message_id.in_(bindparam("messages", expanding=True)))
    .order_by(_a.message_id, _a.position, _a.id)
)
_STEPS: Select[Any] = (
    select(*(_s[name] for name in StepRow.__slots__), _r.version_id)
    .join(Run.__table__, _r.id == _s.run_id)
    .where(_s.run_id == bindparam("run"))
    .order_by(_s.place, _s.id)
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of the conversation. `mine`: the customer wrote it; `author` is who it was on our side, or on theirs."""

    id: int
    mine: bool
    ours: bool
    author: str
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a message that is shown."""

    id: int
    message_id: int
    name: str
    content_type: str
    size: int
    sha256: str


def find_request(tx: Connection, target: LinkTarget | None) -> Request:
    """The request that a link opens. NotFound when the link was forged or revoked, or its customer has no part in the ticket.

    A request that was merged opens as the one it became part of; when that is somebody else's, only the customer's own words of it are theirs.
    """
    row = tx.execute(_REQUEST, {"ticket": target.ticket_id}).one_or_none() if target else None
    found = Request(*row) if row is not None else None
    if target is None or found is None or found.customer_id != target.customer_id or found.link_epoch != target.epoch:
        raise NotFound(_("This link does not work any more."))
    if found.merged_into is not None:
        into = Request(*tx.execute(_REQUEST, {"ticket": found.merged_into}).one())
        if into.customer_id == found.customer_id:
            return into
    return found


def request_of(tx: Connection, ticket_id: int) -> Request:
    """The request itself, for a page whose own link was checked."""
    return Request(*tx.execute(_REQUEST, {"ticket": ticket_id}).one())


def conversation(tx: Connection, request: Request) -> tuple[list[Shown], dict[int, list[ShownFile]]]:
    """The messages that are this customer's to read, and their files."""
    ticket_id = request.merged_into or request.id
    foreign = request.merged_into is not None or bool(
        tx.execute(_FOREIGN, {"ticket": ticket_id, "customer": request.customer_id}).scalar_one()
    )
    rows = tx.execute(_SAID, {"ticket": ticket_id}).all()
    said = [_shown(row, request) for row in rows if not row.automatic and _theirs(row, request, foreign=foreign)]
    files: dict[int, list[ShownFile]] = {}
    if said:
        for row in tx.execute(_FILES, {"messages": [one.id for one in said]}):
            files.setdefault(row.message_id, []).append(ShownFile(*row))
    return said, files


def _theirs(row: Any, request: Request, *, foreign: bool) -> bool:
    """Is this message the customer's to read? With another customer's messages on the thread, only what is plainly from or to them."""
    if row.direction == "in" and row.author_id == request.customer_id:
        return True
    if not foreign:
        return True
    mine = (request.customer_email or "").lower()
    named = {str(one.get("email", "")).lower() for one in (*row.to, *row.cc)}
    return bool(mine) and mine in named and (row.direction == "out" or row.author_id == request.customer_id)


def _shown(row: Any, request: Request) -> Shown:
    mine = row.direction == "in" and row.author_id == request.customer_id
    person = row.author_kind == "person" or (row.direction == "in" and not mine)
    return Shown(row.id, mine, row.direction == "out", row.author_name if person else "", row.at, row.visible)


def read_file(tx: Connection, request: Request, file_id: int) -> tuple[ShownFile, bytes]:
    """A file of a message that is shown to this customer. NotFound for every other."""
    _said, files = conversation(tx, request)
    found = next((file for some in files.values() for file in some if file.id == file_id), None)
    content = blobs.read(tx, found.sha256) if found else None
    if found is None or content is None:
        raise NotFound(_("There is no such file."))
    return found, content


def steps_of(tx: Connection, request: Request) -> tuple[int | None, list[StepRow]]:
    """(the version, the visits) of the procedure that the request follows; nothing for a request that went on in somebody else's."""
    if request.run_id is None or request.merged_into is not None:
        return None, []
    rows = tx.execute(_STEPS, {"run": request.run_id}).all()
    return (rows[0].version_id if rows else None), [StepRow(*tuple(row)[:-1]) for row in rows]

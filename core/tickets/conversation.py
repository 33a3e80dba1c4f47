"""What is said on a ticket after its first message: replies to the customer, internal comments, the customer's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core import effects
from core.advance import walk_on, want
from core.directory import directory
from core.errors import FieldError, HeldBack, Invalid, Refused
from core.moments import now_ms
from core.noticing.calling_in import call_in
from core.noticing.message import notice
from core.noticing.sensing import sense
from core.notifying import SEND_MAIL
from core.permissions import require
from core.plugins.threads import SEND, way_back
from core.schema import Customer, Message
from core.texts import _
from core.tickets.barring import keeps_status
from core.tickets.messages import IN, INTERNAL, OUT, NewAttachment, NewMessage, write_message
from core.tickets.opening import LONGEST_BODY, check_files
from core.tickets.reopening import reopen_row
from core.tickets.rows import CLOSED, IN_PROGRESS, OPEN, PENDING_CUSTOMER, RESOLVED, TicketRow, change, lock
from core.tickets.waiting import wait_for_customer
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.settings import Settings

_m, _c = Message.__table__.c, Customer.__table__.c
_NEWEST_IN = (
    select(_m.id, _m.author_name)
    .where(_m.ticket_id == bindparam("ticket"), _m.direction == IN, _m.id > bindparam("seen"))
    .order_by(_m.id.desc())
    .limit(1)
)
_CUSTOMER = select(_c.id, _c.name, _c.email, _c.language).where(_c.id == bindparam("customer"))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a colleague sends. `seen_message_id` is the newest message on the page they wrote on; `cc` are addresses."""

    body: str
    attachments: tuple[NewAttachment, ...] = ()
    seen_message_id: int | None = None
    cc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """What a customer wrote on a ticket that exists."""

    subject: str
    text: str
    html: str | None = None
    visible: str | None = None
    folded: str = ""
    attachments: tuple[NewAttachment, ...] = ()
    channel: str = "portal"
    automatic: str | None = None
    message_id: str | None = None
    raw: str | None = None
    author_email: str | None = None
    author_name: str | None = None
    to: tuple[dict[str, str], ...] = ()
    cc: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    message_id: int
    seq: int


def send_reply(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    draft: Draft,
    *,
    then: str = "stay",
    now: int | None = None,
) -> Sent:
    """Answer the customer. `then`: `stay` in progress, `wait` for the customer, or `resolve` with this answer as the resolution.

    The mail is wanted, not sent: it leaves outside of the click. HeldBack: the customer has written since the page was loaded.
    """
    require(actor, "reply")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    _check(draft)
    _hold_back(tx, row, draft)
    if row.status == CLOSED:
        raise Refused(_("This ticket is closed. Reopen it to write to the customer."))
    them = tx.execute(_CUSTOMER, {"customer": row.customer_id}).one()
    firm, thread = directory(tx), way_back(tx, row.id)
    mailed, leaves = bool(them.email) and thread is None, bool(them.email) or thread is not None
    event = append(tx, row.id, "message.sent", actor, {"then": then}, at=now)
    message = NewMessage(
        direction=OUT,
        author_kind="person",
        author_id=actor.id,
        author_name=actor.name,
        author_email=firm.departments[row.department_id].answers_from(row.mailbox),
        text=draft.body,
        subject=row.subject,
        channel=thread.channel if thread else "email" if mailed else "portal",
        to=({"name": them.name, "email": them.email},) if mailed else (),
        cc=tuple({"name": "", "email": address} for address in draft.cc),
        delivery="queued" if leaves else None,
        attachments=draft.attachments,
    )
    message_id, row = write_message(tx, row, message, event.seq, now, **_first_response(tx, row, now))
    if leaves:
        kind, owner = (SEND, thread.plugin) if thread else (SEND_MAIL, None)
        key = f"{row.id}/message/{message_id}"
        effects.plan(tx, row.id, key, kind, "reply", {"message": message_id}, at=now, plugin=owner)
    row = _after_reply(tx, settings, actor, row, draft, then, now)
    row = walk_on(tx, settings, row, now, cause=event.seq)
    if leaves:
        want(tx, row.id)
    return Sent(message_id, event.seq)


def _check(draft: Draft) -> None:
    errors: list[FieldError] = []
    if not draft.body.strip():
        errors.append(FieldError("/body", _("The message is empty. Write what you want to say.")))
    elif len(draft.body) > LONGEST_BODY:
        errors.append(
            FieldError(
                "/body", _("The message is longer than %(most)s characters. Attach it as a file.", most=LONGEST_BODY)
            )
        )
    check_files(draft.attachments, errors)
    if errors:
        raise Invalid(*errors)


def _hold_back(tx: Connection, row: TicketRow, draft: Draft) -> None:
    if draft.seen_message_id is None:
        return
    newer = tx.execute(_NEWEST_IN, {"ticket": row.id, "seen": draft.seen_message_id}).one_or_none()
    if newer:
        raise HeldBack(
            _("%(name)s has written since you began. Your reply has not been sent.", name=newer.author_name), newer.id
        )


def _first_response(tx: Connection, row: TicketRow, now: int) -> dict[str, int]:
    if row.first_response_at is not None:
        return {}
    worked = directory(tx).calendar_of(row.department_id).between(row.created_at, now)
    return {"first_response_at": now, "first_response_ms": int(worked * 1000)}


def _after_reply(
    tx: Connection, settings: Settings, actor: Actor, row: TicketRow, draft: Draft, then: str, now: int
) -> TicketRow:
    if then == "resolve":
        from core.tickets.resolving import resolve_row  # resolving also answers: the two modules know one another

        return resolve_row(tx, settings, actor, row, draft.body.strip(), now)
    if then == "wait":
        return wait_for_customer(tx, actor, row, now)
    if row.status in {OPEN, PENDING_CUSTOMER} and not keeps_status(tx, row):
        return change(tx, row, status=IN_PROGRESS)
    return row


def add_comment(tx: Connection, actor: Actor, ticket_id: int, draft: Draft, *, now: int | None = None) -> Sent:
    """Write an internal comment: the customer never sees it."""
    require(actor, "comment")
    now = now or now_ms()
    _check(draft)
    row = lock(tx, ticket_id)
    event = append(tx, row.id, "comment.added", actor, {}, at=now)
    message = NewMessage(
        direction=INTERNAL,
        author_kind="person",
        author_id=actor.id,
        author_name=actor.name,
        text=draft.body,
        subject=row.subject,
        channel="desk",
        attachments=draft.attachments,
    )
    message_id, _row = write_message(tx, row, message, event.seq, now)
    return Sent(message_id, event.seq)


def receive_reply(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    incoming: IncomingMessage,
    *,
    now: int | None = None,
) -> Sent:
    """The customer (or somebody on the thread) writes again. A resolved ticket opens again; a machine's mail only joins."""
    now = now or now_ms()
    if not incoming.text.strip() and not incoming.attachments:
        raise Invalid(FieldError("/body", _("The message is empty. Write what you need.")))
    row = lock(tx, ticket_id)
    them = tx.execute(_CUSTOMER, {"customer": row.customer_id}).one()
    kind = "message.received" if incoming.automatic else "customer.replied"
    event = append(tx, row.id, kind, actor, {"channel": incoming.channel, "automatic": incoming.automatic}, at=now)
    message = NewMessage(
        direction=IN,
        author_kind="customer",
        author_id=actor.id if actor.kind == "customer" else row.customer_id,
        author_name=incoming.author_name or actor.name or them.name,
        author_email=incoming.author_email or them.email,
        text=incoming.text,
        html=incoming.html,
        visible=incoming.visible,
        folded=incoming.folded,
        subject=incoming.subject or row.subject,
        channel=incoming.channel,
        to=incoming.to,
        cc=incoming.cc,
        automatic=incoming.automatic,
        message_id=incoming.message_id,
        raw=incoming.raw,
        attachments=incoming.attachments,
    )
    also = {} if incoming.automatic else {"last_customer_at": now}
    message_id, row = write_message(tx, row, message, event.seq, now, **also)
    if not incoming.automatic:
        row = _wake(tx, settings, actor, row, now)
        row, noticed = notice(tx, row, message, now)
        row = sense(tx, row, message, now)
        row = walk_on(tx, settings, row, now, cause=event.seq)
        if noticed:
            call_in(tx, settings, row, noticed, now)
    return Sent(message_id, event.seq)


def _wake(tx: Connection, settings: Settings, actor: Actor, row: TicketRow, now: int) -> TicketRow:
    if row.status in {RESOLVED, CLOSED}:
        return reopen_row(tx, actor, row, now, reason="customer.replied")
    if row.status == PENDING_CUSTOMER and not keeps_status(tx, row):
        return change(tx, row, status=IN_PROGRESS)
    return row

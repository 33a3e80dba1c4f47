"""A mail arrives: which ticket does it continue, or does it open one? Every acknowledged mail is accounted for, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from core import blobs
from core.actors import SYSTEM, Actor
from core.actors import customer as as_customer
from core.directory import directory
from core.mail.automatic import Automatic
from core.mail.follow_up import follow_up, plain_subject
from core.mail.incoming import IncomingMail, read_mail
from core.mail.problems import problem_text
from core.mailboxes import department_of, from_ourselves, mailbox_of
from core.mailing import desk_of
from core.moments import now_ms
from core.prepared import Prepared
from core.requesters import CustomerRef, check_email, find_or_make
from core.schema import Customer, MailReceived, Message, Ticket
from core.texts import _, speaking
from core.tickets.conversation import IncomingMessage, receive_reply
from core.tickets.messages import INTERNAL, NewAttachment, NewMessage, write_message
from core.tickets.opening import NewTicket, open_ticket
from core.tickets.rows import change, lock
from core.timeline import append

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.directory import Directory, Person
    from core.mail.addresses import Address
    from core.settings import Settings

_r, _m, _t, _c = MailReceived.__table__.c, Message.__table__.c, Ticket.__table__.c, Customer.__table__.c
_SEEN = Prepared(
    update(MailReceived.__table__)
    .where(_r.fingerprint == bindparam("b_print"))
    .values(times=_r.times + 1)
    .returning(_r.fate, _r.ticket_id, _r.message_id)
)
_RECEIVED = Prepared(
    insert(MailReceived.__table__),
    ["fingerprint", "received_at", "sender", "recipient", "raw", "fate", "ticket_id", "message_id"],
)
_BY_MESSAGE_ID = Prepared(select(_m.ticket_id).where(_m.message_id == bindparam("id")).order_by(_m.id.desc()).limit(1))
_OURS = select(_m.id, _m.ticket_id).where(_m.message_id == bindparam("id"), _m.direction == "out").limit(1)
_ON_THREAD = select(_m.author_email, _m.to, _m.cc).where(_m.ticket_id == bindparam("ticket"))
_COUNTED = {Automatic.OWN, Automatic.LOOP}
_NEVER_OPENS = {Automatic.AUTO_REPLY, Automatic.BOUNCE, Automatic.READ_RECEIPT, Automatic.COMPLAINT_REPORT}
_LONGEST_CHAIN = 20  # tickets merged into one another


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mail: `opened`, `joined`, `commented`, `duplicate`, or the kind of machine mail that was only counted."""

    fate: str
    ticket_id: int | None = None
    message_id: int | None = None


def understand(settings: Settings, raw: bytes, envelope_sender: str | None) -> IncomingMail:
    """Read the mail, before the transaction is opened. Never raises."""
    return read_mail(raw, desk=desk_of(settings), envelope_sender=envelope_sender)


def receive_mail(
    tx: Connection,
    settings: Settings,
    raw: bytes,
    mail: IncomingMail,
    *,
    envelope_sender: str | None,
    recipients: Sequence[str],
    now: int | None = None,
) -> Fate:
    """Take a mail in. When this transaction has committed, the mail may be acknowledged."""
    now = now or now_ms()
    seen = _SEEN.first(tx, {"b_print": mail.fingerprint})
    if seen:
        return Fate("duplicate", seen.ticket_id, seen.message_id)
    kept = blobs.keep(tx, raw)
    fate = _decide(tx, settings, raw, kept, mail, recipients, now)
    _RECEIVED.run(
        tx,
        {
            "fingerprint": mail.fingerprint,
            "received_at": now,
            "sender": (mail.sender.email if mail.sender else envelope_sender or "")[:254] or None,
            "recipient": (recipients[0] if recipients else "")[:254] or None,
            "raw": kept,
            "fate": fate.fate,
            "ticket_id": fate.ticket_id,
            "message_id": fate.message_id,
        },
    )
    return fate


def _decide(
    tx: Connection, settings: Settings, raw: bytes, kept: str, mail: IncomingMail, recipients: Sequence[str], now: int
) -> Fate:
    firm = directory(tx)
    if mail.automatic is Automatic.PERSON and from_ourselves(firm, mail):
        mail = replace(mail, automatic=Automatic.GENERATED)
    if mail.automatic in _COUNTED:
        return Fate(mail.automatic.value)
    if mail.automatic is Automatic.BOUNCE and mail.delivery_report:
        bounced = _note_bounce(tx, mail, now)
        if bounced:
            return bounced
    ticket_id, stranger_at = _ticket_of(tx, settings, firm, mail)
    if ticket_id is not None:
        return _join(tx, settings, firm, kept, mail, ticket_id, mailbox_of(firm, mail, recipients), now)
    if mail.automatic in _NEVER_OPENS:
        return Fate(mail.automatic.value)
    return _open(tx, settings, firm, raw, kept, mail, recipients, stranger_at, now)


def _ticket_of(
    tx: Connection, settings: Settings, firm: Directory, mail: IncomingMail
) -> tuple[int | None, int | None]:
    """(the ticket it continues, the ticket a stranger pointed at)."""

    def known(message_id: str) -> int | None:
        found: int | None = _BY_MESSAGE_ID.scalar(tx, {"id": message_id})
        return found

    candidate = follow_up(mail, settings.key("message-id"), known)
    if candidate is None and _colleague(firm, mail.sender):
        candidate = follow_up(mail, settings.key("staff-mail"))  # a reminder, or a step that came to them
    if candidate is None:
        return None, None
    ticket_id = _last_of_merged(tx, candidate.ticket_id)
    if ticket_id is None:
        return None, None
    if candidate.needs_sender_check and not _belongs(tx, firm, ticket_id, mail.sender):
        return None, ticket_id
    return ticket_id, None


def _last_of_merged(tx: Connection, ticket_id: int) -> int | None:
    for _step in range(_LONGEST_CHAIN):
        row = tx.execute(select(_t.id, _t.merged_into).where(_t.id == ticket_id)).one_or_none()
        if row is None or row.merged_into is None:
            return row.id if row else None
        ticket_id = row.merged_into
    return ticket_id


def _belongs(tx: Connection, firm: Directory, ticket_id: int, sender: Address | None) -> bool:
    """Has this address written or been written to on the ticket, or does it belong to a colleague?"""
    if sender is None:
        return False
    address = sender.email.lower()
    if _colleague(firm, sender):
        return True
    owner = tx.execute(select(_c.email).join(Ticket, _t.customer_id == _c.id).where(_t.id == ticket_id)).scalar()
    if owner and owner.lower() == address:
        return True
    for row in tx.execute(_ON_THREAD, {"ticket": ticket_id}):
        if (row.author_email or "").lower() == address:
            return True
        if any((one.get("email") or "").lower() == address for one in (*row.to, *row.cc)):
            return True
    return False


def _colleague(firm: Directory, sender: Address | None) -> Person | None:
    if sender is None:
        return None
    address = sender.email.lower()
    return next((person for person in firm.people.values() if person.active and person.email.lower() == address), None)


def _note_bounce(tx: Connection, mail: IncomingMail, now: int) -> Fate | None:
    """Our mail came back: its message says so. A delay is not a failure; neither reopens the ticket."""
    report = mail.delivery_report
    assert report is not None
    ours = tx.execute(_OURS, {"id": report.original_message_id}).one_or_none() if report.original_message_id else None
    if ours is None:
        return None
    row = lock(tx, ours.ticket_id)
    detail = f"{report.status} {report.diagnostic}".strip()[:500] or None
    values: dict[str, Any] = {"delivery_detail": detail}
    if report.action == "failed":
        values["delivery"] = "undelivered"
    tx.execute(update(Message.__table__).where(_m.id == ours.id).values(values))
    kind = {"failed": "message.undelivered", "delayed": "message.delayed"}.get(report.action, "message.delivered")
    append(tx, row.id, kind, SYSTEM, {"message": ours.id, "status": report.status[:20]}, at=now)
    return Fate("bounce", row.id, ours.id)


def _join(
    tx: Connection,
    settings: Settings,
    firm: Directory,
    kept: str,
    mail: IncomingMail,
    ticket_id: int,
    mailbox: str | None,
    now: int,
) -> Fate:
    colleague = _colleague(firm, mail.sender)
    if colleague and mail.automatic is Automatic.PERSON:
        return _comment(tx, kept, mail, ticket_id, colleague, now)
    automatic = None if mail.automatic is Automatic.PERSON else mail.automatic.value
    sender = mail.sender
    ref = _asker(sender)
    author = find_or_make(tx, ref, mail.language or "id", now) if ref.email and not automatic else None
    incoming = IncomingMessage(
        subject=plain_subject(mail.subject),
        text=mail.text or _("(no text)"),
        html=mail.html,
        visible=mail.visible_text,
        folded=_folded(mail),
        attachments=_files(mail),
        channel="email",
        automatic=automatic,
        message_id=mail.message_id,
        raw=kept,
        author_email=sender.email[:254] if sender else None,
        author_name=(sender.name or sender.email) if sender else None,
        to=_people(mail.to),
        cc=_people(mail.cc),
    )
    actor = as_customer(author.id, author.name) if author else SYSTEM
    if mailbox and author:
        change(tx, lock(tx, ticket_id), mailbox=mailbox)  # the next answer leaves from there
    sent = receive_reply(tx, settings, actor, ticket_id, incoming, now=now)
    return Fate("joined", ticket_id, sent.message_id)


def _comment(tx: Connection, kept: str, mail: IncomingMail, ticket_id: int, colleague: Person, now: int) -> Fate:
    """A colleague's mail on a thread is an internal comment: what goes to the customer is sent from the desk."""
    actor = Actor("person", colleague.id, colleague.role, colleague.name, colleague.department_id)
    row = lock(tx, ticket_id)
    event = append(tx, row.id, "comment.added", actor, {"channel": "email"}, at=now)
    message = NewMessage(
        direction=INTERNAL,
        author_kind="person",
        author_id=colleague.id,
        author_name=colleague.name,
        author_email=colleague.email,
        text=mail.text or _("(no text)"),
        visible=mail.visible_text,
        folded=_folded(mail),
        subject=plain_subject(mail.subject) or row.subject,
        channel="email",
        message_id=mail.message_id,
        raw=kept,
        attachments=_files(mail),
    )
    message_id, _row = write_message(tx, row, message, event.seq, now)
    return Fate("commented", ticket_id, message_id)


def _open(
    tx: Connection,
    settings: Settings,
    firm: Directory,
    raw: bytes,
    kept: str,
    mail: IncomingMail,
    recipients: Sequence[str],
    stranger_at: int | None,
    now: int,
) -> Fate:
    department = department_of(firm, mail, recipients)
    forwarded = mail.forwarded if mail.forwarded and mail.forwarded.sender and _colleague(firm, mail.sender) else None
    sender = forwarded.sender if forwarded else (mail.reply_to[0] if mail.reply_to else mail.sender)
    language = mail.language or department.language
    with speaking(language):
        subject = plain_subject(forwarded.subject if forwarded else mail.subject) or _("(no subject)")
        text = mail.text.strip() or _("(no text)")
    new = NewTicket(
        subject=subject[:998],
        body=text[:1_000_000],
        customer=_asker(sender),
        channel="email",
        department=department.name,
        mailbox=mailbox_of(firm, mail, recipients),
        language=mail.language,
        html=mail.html,
        visible=(forwarded.text if forwarded and forwarded.text else mail.visible_text) or text,
        folded="" if forwarded else _folded(mail),
        attachments=_files(mail, original=raw if mail.problems and "unreadable" in mail.problems else None),
        tags=("stranger",) if stranger_at else (),
        raw=kept,
        message_id=mail.message_id,
        automatic=None if mail.automatic is Automatic.PERSON else mail.automatic.value,
        to=_people(mail.to),
        cc=_people(mail.cc),
    )
    opened = open_ticket(tx, settings, SYSTEM, new, now=now)
    _hints(tx, opened.ticket_id, mail, stranger_at, now)
    return Fate("opened", opened.ticket_id, opened.message_id)


def _asker(sender: Address | None) -> CustomerRef:
    """The sender as a customer; without a usable address they are known by name only and nobody can write back."""
    if sender is None:
        return CustomerRef(name=_("Unknown sender"))
    address, wrong = check_email(sender.email, "")
    return CustomerRef(name=(sender.name or sender.email)[:200]) if wrong else CustomerRef(address, sender.name)


def _hints(tx: Connection, ticket_id: int, mail: IncomingMail, stranger_at: int | None, now: int) -> None:
    """What the agent should know of this mail, as an internal comment of the system."""
    words = [problem_text(code) for code in mail.problems if code not in {"no_date", "charset"}]
    if mail.invite:
        words.append(_("A meeting is proposed: %(what)s, %(when)s.", what=mail.invite.summary, when=mail.invite.when))
    if stranger_at is not None:
        words.append(
            _(
                "This mail names the request of ticket %(ticket)s, but its sender has no part in it; so it became a ticket of its own. "
                "If they belong together, merge them.",
                ticket=stranger_at,
            )
        )
    if not words:
        return
    row = lock(tx, ticket_id)
    event = append(tx, ticket_id, "comment.added", SYSTEM, {"hints": list(mail.problems)[:10]}, at=now)
    message = NewMessage(INTERNAL, "system", None, "Estafet", "\n\n".join(words), row.subject, "desk")
    write_message(tx, row, message, event.seq, now)


def _files(mail: IncomingMail, *, original: bytes | None = None) -> tuple[NewAttachment, ...]:
    files = tuple(
        NewAttachment(file.name, file.content_type, file.content, file.content_id or None, file.inline)
        for file in mail.attachments[:200]
    )
    return (*files, NewAttachment("original.eml", "message/rfc822", original)) if original is not None else files


def _folded(mail: IncomingMail) -> str:
    return "\n\n".join(part for part in (mail.signature, mail.quoted_text) if part)


def _people(addresses: Sequence[Address]) -> tuple[dict[str, str], ...]:
    return tuple({"name": one.name, "email": one.email} for one in addresses[:100])

"""Which mail leaves for an effect? Composed when it is sent, from the rows it names; the same effect gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from core import blobs, ledger
from core.alerts.digesting import say_alert
from core.clocks.words import say_clock
from core.directory import directory
from core.links import step_url
from core.mail.addresses import Address
from core.mail.bodies import Attachment
from core.mail.follow_up import plain_subject, sign_message_id, subject_token
from core.mail.outgoing import OutgoingMail, compose
from core.procedures import read_run
from core.schema import Attachment as AttachmentTable
from core.schema import Customer, Message, MessageBody
from core.step_words import StepWords, say_step
from core.templates.facts import say_moment
from core.templates.wordings import templates
from core.tickets.messages import IN, OUT
from core.tickets.rows import read

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Department, Person
    from core.effects import EffectRow
    from core.settings import Settings
    from core.tickets.rows import TicketRow

_m, _b, _a, _c = Message.__table__.c, MessageBody.__table__.c, AttachmentTable.__table__.c, Customer.__table__.c
_MESSAGE = (
    select(
        _m.id,
        _m.ticket_id,
        _m.author_kind,
        _m.author_name,
        _m.author_email,
        _m.to,
        _m.cc,
        _m.subject,
        _m.at,
        _m.automatic,
        _m.template,
        _b.text,
        _b.html,
    )
    .join(MessageBody, _b.message_id == _m.id)
    .where(_m.id == bindparam("message"))
)
_THREAD = (
    select(_m.id, _m.direction, _m.message_id)
    .where(
        _m.ticket_id == bindparam("ticket"),
        _m.direction.in_([IN, OUT]),
        _m.id < bindparam("message"),
        _m.message_id.is_not(None),
    )
    .order_by(_m.id.desc())
    .limit(20)
)
_ASKING = {"approval", "question"}
_FILES = select(_a.name, _a.content_type, _a.sha256).where(_a.message_id == bindparam("message")).order_by(_a.position)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready for SMTP."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    raw: bytes
    ticket_id: int | None


class NoRecipient(Exception):
    """Nobody can be written to: the address is gone."""


class NotNeeded(Exception):
    """What the mail would ask for is over."""


def letter_of(tx: Connection, settings: Settings, effect: EffectRow) -> Letter:
    """The mail that this effect sends."""
    if "message" in effect.payload:
        return _from_message(tx, settings, effect)
    return _to_colleagues(tx, settings, effect)


def desk_of(settings: Settings) -> str:
    """By what our own mail is recognised when it comes back: the same for all processes of this installation."""
    return settings.key("desk").hex()[:16]


def message_id_of(settings: Settings, ticket_id: int, message_id: int) -> str:
    """The RFC 5322 Message-ID of one of our messages: fixed, signed, naming its ticket."""
    return sign_message_id(settings.key("message-id"), ticket_id, f"m{message_id}", settings.mail_domain)


def _from_message(tx: Connection, settings: Settings, effect: EffectRow) -> Letter:
    message = tx.execute(_MESSAGE, {"message": effect.payload["message"]}).one()
    row = read(tx, message.ticket_id)
    department = directory(tx).departments[row.department_id]
    to, cc = _addresses(message.to), _addresses(message.cc)
    if not to:
        raise NoRecipient
    thread = tx.execute(_THREAD, {"ticket": row.id, "message": message.id}).all()
    answered = next((one.message_id for one in thread if one.direction == IN), "")
    automatic = message.author_kind != "person"
    mail = OutgoingMail(
        key=effect.key,
        message_id=message_id_of(settings, row.id, message.id),
        date_ms=message.at,
        sender=_sender(settings, department, None if automatic else message.author_name, message.author_email),
        to=to,
        cc=cc,
        subject=message.subject if automatic else "Re: " + plain_subject(message.subject),
        text=message.text if automatic else _signed(message.text, message.author_name, department),
        html=message.html if automatic else None,
        token=subject_token(settings.key("message-id"), row.id),
        in_reply_to=answered,
        references=tuple(reversed([one.message_id for one in thread])),
        automatic="auto-replied" if automatic else "",
        desk=desk_of(settings),
        language=row.language,
        attachments=_files(tx, message.id),
    )
    return _sealed(mail, row.id)


def _sealed(mail: OutgoingMail, ticket_id: int | None) -> Letter:
    recipients = tuple(address.email for address in (*mail.to, *mail.cc))
    return Letter(mail.sender.email, recipients, mail.subject, mail.message_id, compose(mail), ticket_id)


def _signed(text: str, author: str, department: Department) -> str:
    ending = f"{author}\n{department.signature or department.title}"
    return text if author in text[-200:] else f"{text.rstrip()}\n\n{ending}\n"


def _addresses(rows: list[dict[str, str]]) -> tuple[Address, ...]:
    return tuple(Address(row.get("name") or "", row["email"]) for row in rows if row.get("email"))


def _sender(settings: Settings, department: Department, person: str | None, chosen: str | None = None) -> Address:
    """From which address a mail leaves: the one that its message names, while it is the department's, else the department's own."""
    name = f"{person} ({department.title})" if person else department.title
    address = chosen if chosen in department.mailboxes else department.address
    return Address(name, address or f"desk@{settings.mail_domain}")


def _files(tx: Connection, message_id: int) -> tuple[Attachment, ...]:
    found = []
    for file in tx.execute(_FILES, {"message": message_id}).all():
        content = blobs.read(tx, file.sha256)
        if content is not None:
            found.append(Attachment(file.name, file.content_type, content))
    return tuple(found)


def _to_colleagues(tx: Connection, settings: Settings, effect: EffectRow) -> Letter:
    """A reminder, an alert, or the news that a step waits for somebody."""
    firm = directory(tx)
    people = [firm.people[person] for person in effect.payload.get("people", []) if person in firm.people]
    to = tuple(Address(person.name, person.email) for person in people if person.active)
    to += tuple(Address("", address) for address in effect.payload.get("to", []))
    if not to:
        raise NoRecipient
    row = read(tx, effect.ticket_id)
    department = firm.departments[row.department_id]
    language = people[0].language if people else department.language
    values = _facts(tx, settings, effect, row, people, language)
    words, _number = templates(tx).render(effect.payload["notice"], language, row.department_id, values)
    mail = OutgoingMail(
        key=effect.key,
        message_id=sign_message_id(settings.key("staff-mail"), row.id, effect.key, settings.mail_domain),
        date_ms=effect.planned_at,
        sender=_sender(settings, department, None),
        to=to,
        subject=words.subject,
        text=words.text,
        html=words.html,
        automatic="auto-generated",
        desk=desk_of(settings),
        language=language,
    )
    return _sealed(mail, row.id)


def _facts(
    tx: Connection, settings: Settings, effect: EffectRow, row: TicketRow, people: list[Person], language: str
) -> dict[str, Any]:
    """What the notice may name. A step that has ended meanwhile makes the news of its opening pointless: NotNeeded."""
    words, due_at = _step(tx, effect, row, language)
    name = tx.execute(select(_c.name).where(_c.id == row.customer_id)).scalar_one()
    tz = people[0].tz if people else "Asia/Jakarta"
    voter = str(people[0].id) if people else f"mail:{next(iter(effect.payload.get('to', [])), '')}"
    return {
        "recipient": people[0].name if len(people) == 1 else "",
        "ticket": {"subject": row.subject},
        "customer": {"name": name},
        "step": words.title,
        "text": words.text or (words.title if effect.payload["notice"] in _ASKING else ""),
        "facts": "\n".join(f"{fact.label}: {fact.value}" for fact in words.facts),
        "due": say_moment(due_at, language, ZoneInfo(tz)) if due_at else "",
        "desk_link": f"{settings.public_url}/tickets/{row.id}" if people else "",
        "answer_link": step_url(settings, effect.step_id, voter) if effect.step_id else "",
    }


def _step(tx: Connection, effect: EffectRow, row: TicketRow, language: str) -> tuple[StepWords, int | None]:
    """The words of the effect's step, and when it is due."""
    if "alert" in effect.payload:
        return say_alert(tx, effect.payload["alert"], language), None
    if "metric" in effect.payload:
        return say_clock(effect.payload, language), effect.payload["due_at"]
    if effect.run_id is None:
        return StepWords(effect.title, ""), None
    run, visits = read_run(tx, effect.run_id), ledger.load(tx, effect.run_id)
    visit = visits.get(effect.payload.get("path", ""))
    if visit is None:
        return StepWords(effect.title, ""), None
    if effect.step_id is not None and (not visit.open or run.id != row.run_id):
        raise NotNeeded
    return say_step(tx, row, run, visits, visit, language, effect.planned_at), visit.due_at

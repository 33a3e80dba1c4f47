"""A ticket opens: from a mail, the form, a program, a phone call. In one transaction it has a message, a procedure and a holder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core import procedures
from core.actors import FLOW
from core.actors import customer as as_customer
from core.advance import walk_on, want
from core.directory import directory
from core.errors import FieldError, Invalid
from core.moments import now_ms
from core.noticing.calling_in import call_in
from core.noticing.message import notice
from core.noticing.sensing import sense
from core.permissions import require
from core.plugins.registry import channel_titles
from core.requesters import CustomerRef, Requester, check_email, find, find_or_make
from core.routing.deciding import ROUTED
from core.sop.expressions import Scope
from core.texts import LANGUAGES, _
from core.tickets.messages import IN, NewAttachment, NewMessage, clean, write_message
from core.tickets.routed import route
from core.tickets.rows import OPEN, PRIORITIES, PRIORITY_NAMES, TicketRow, change, insert_row
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Department, Directory
    from core.procedures import Published
    from core.settings import Settings
    from core.tickets.routed import Routed

__all__ = ["CHANNELS", "CustomerRef", "NewAttachment", "NewTicket", "Opened", "open_ticket"]

CHANNELS = ("email", "form", "portal", "chat", "phone", "api", "social")
LONGEST_SUBJECT, LONGEST_BODY = 998, 1_000_000
MOST_FILES, LARGEST_FILES = 50, 25 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What is asked, by whom, through which channel. Names (department, topic, sop) as people write them."""

    subject: str
    body: str
    customer: CustomerRef
    channel: str = "api"
    department: str | None = None
    topic: str | None = None
    product: str | None = None
    priority: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    language: str | None = None
    sop: str | None = None
    html: str | None = None
    visible: str | None = None
    folded: str = ""
    attachments: tuple[NewAttachment, ...] = ()
    tags: tuple[str, ...] = ()
    raw: str | None = None
    message_id: str | None = None
    automatic: str | None = None
    to: tuple[dict[str, str], ...] = ()
    cc: tuple[dict[str, str], ...] = ()
    mailbox: str | None = None  # the address it was written to


@dataclass(frozen=True, slots=True)
class Opened:
    ticket_id: int
    message_id: int
    seq: int
    customer_id: int


def open_ticket(tx: Connection, settings: Settings, actor: Actor, new: NewTicket, *, now: int | None = None) -> Opened:
    """Open a ticket. Invalid names every wrong value at once."""
    if actor.is_person:
        require(actor, "open_ticket")
    now = now or now_ms()
    firm = directory(tx)
    new = _checked(tx, firm, new)
    department = _department(firm, new)
    customer = find_or_make(tx, new.customer, new.language or department.language, now)
    language = new.language or customer.language
    routed = route(tx, firm, department, customer, new, language, now)
    new, department = routed.new, routed.department
    row = _insert(tx, firm, routed, customer, language, now)
    data = {
        "channel": new.channel,
        "customer": customer.id,
        "department": department.id,
        "team": row.team_id,
        "priority": row.priority,
    }
    append(tx, row.id, "ticket.opened", actor if actor.kind != "system" else as_customer(customer.id), data, at=now)
    if routed.data is not None:
        append(tx, row.id, ROUTED, FLOW, routed.data, at=now)
    message = _first_message(customer, new)
    message_id, row = write_message(tx, row, message, 1, now)
    row, noticed = notice(tx, row, message, now, first=True)
    row = sense(tx, row, message, now, first=True)
    chosen = _procedure(tx, row, department, customer, new)
    run = procedures.start_run(tx, row.id, chosen, dict(new.fields), now)
    row = change(tx, row, run_id=run.id)
    row = walk_on(tx, settings, row, now, run=run)
    row = call_in(tx, settings, row, noticed, now) if noticed else row
    want(tx, row.id)
    return Opened(row.id, message_id, row.last_seq, customer.id)


def _checked(tx: Connection, firm: Directory, new: NewTicket) -> NewTicket:
    errors: list[FieldError] = []
    subject = " ".join(clean(new.subject).split())
    if not subject:
        errors.append(FieldError("/subject", _("The subject is empty. Say in a few words what it is about.")))
    elif len(subject) > LONGEST_SUBJECT:
        errors.append(
            FieldError(
                "/subject",
                _("The subject has %(n)s characters; at most %(most)s fit.", n=len(subject), most=LONGEST_SUBJECT),
            )
        )
    if not new.body.strip() and not new.attachments:
        errors.append(FieldError("/body", _("The message is empty. Write what you need.")))
    elif len(new.body) > LONGEST_BODY:
        errors.append(
            FieldError(
                "/body", _("The message is longer than %(most)s characters. Attach it as a file.", most=LONGEST_BODY)
            )
        )
    customer = _checked_customer(tx, new.customer, errors)
    _check_names(tx, firm, new, errors)
    check_files(new.attachments, errors)
    if errors:
        raise Invalid(*errors)
    return replace(new, subject=subject, customer=customer)


def _checked_customer(tx: Connection, ref: CustomerRef, errors: list[FieldError]) -> CustomerRef:
    if ref.id is not None:
        if find(tx, ref) is None:
            errors.append(FieldError("/customer/id", _("There is no customer with the id %(id)s.", id=ref.id)))
        return ref
    if not ref.email:
        if not (ref.phone or ref.name):
            errors.append(FieldError("/customer/email", _("Who asks? Give an e-mail address.")))
        return ref
    email, wrong = check_email(ref.email, "/customer/email")
    if wrong:
        errors.append(wrong)
    return CustomerRef(email, " ".join(clean(ref.name).split())[:200], ref.phone, None)


def _check_names(tx: Connection, firm: Directory, new: NewTicket, errors: list[FieldError]) -> None:
    if new.department is not None and firm.department(new.department) is None:
        known = ", ".join(sorted(firm.department_names))
        errors.append(
            FieldError(
                "/department",
                _("There is no department “%(name)s”. There are: %(known)s.", name=new.department, known=known),
            )
        )
    if new.priority is not None and new.priority not in PRIORITIES:
        known = ", ".join(reversed(PRIORITIES))
        errors.append(
            FieldError(
                "/priority", _("“%(value)s” is no priority. Write one of: %(known)s.", value=new.priority, known=known)
            )
        )
    if new.channel not in CHANNELS and new.channel not in channel_titles(tx):
        errors.append(
            FieldError(
                "/channel",
                _("“%(value)s” is no channel. Write one of: %(known)s.", value=new.channel, known=", ".join(CHANNELS)),
            )
        )
    if new.language is not None and new.language not in LANGUAGES:
        errors.append(
            FieldError(
                "/language",
                _("“%(value)s” is no language we speak. Write one of: %(known)s.", value=new.language, known="en, id"),
            )
        )
    if new.sop is not None and procedures.find_published(tx, new.sop) is None:
        errors.append(FieldError("/sop", _("There is no published SOP “%(name)s”.", name=new.sop)))


def check_files(files: tuple[NewAttachment, ...], errors: list[FieldError]) -> None:
    """Too many or too large files are refused with the limit."""
    if len(files) > MOST_FILES:
        errors.append(
            FieldError(
                "/attachments",
                _("%(n)s files are attached; at most %(most)s are taken.", n=len(files), most=MOST_FILES),
            )
        )
    if sum(len(file.content) for file in files) > LARGEST_FILES:
        errors.append(
            FieldError(
                "/attachments", _("The files are larger than %(most)s MB together.", most=LARGEST_FILES // 1024 // 1024)
            )
        )


def _department(firm: Directory, new: NewTicket) -> Department:
    if new.department is not None:
        found = firm.department(new.department)
        assert found is not None
        return found
    if not firm.open_departments:
        raise Invalid(FieldError("/department", _("There is no department yet. Make one, or run: estafet demo.")))
    return firm.open_departments[0]


def _insert(
    tx: Connection,
    firm: Directory,
    routed: Routed,
    customer: Requester,
    language: str,
    now: int,
) -> TicketRow:
    new, department = routed.new, routed.department
    team = firm.teams.get(routed.team_id or 0) or firm.first_team(department.id)
    if team is None:
        raise Invalid(
            FieldError("/department", _("Department “%(name)s” has no team to hold tickets.", name=department.name))
        )
    return insert_row(
        tx,
        {
            "customer_id": customer.id,
            "department_id": department.id,
            "team_id": team.id,
            "holder_id": None,
            "status": OPEN,
            "priority": PRIORITIES[new.priority or "medium"],
            "vip": customer.vip,
            "channel": new.channel,
            "subject": new.subject,
            "topic": new.topic,
            "product": new.product,
            "language": language,
            "tags": sorted(set(new.tags)),
            "created_at": now,
            "entered_at": now,
            "last_at": now,
            "first_response_at": None,
            "first_response_ms": None,
            "last_customer_at": now,
            "resolved_at": None,
            "closed_at": None,
            "reopened": 0,
            "resolution": None,
            "promised_at": None,
            "queue_key": None,
            "due_at": None,
            "due_kind": None,
            "step_id": None,
            "run_id": None,
            "merged_into": None,
            "attention": None,
            "last_seq": 0,
            "want_seq": 0,
            "nudged_seq": 0,
            "alarm_at": None,
            "last_message_id": None,
            "policy": None,
            "version": 1,
            "mailbox": new.mailbox,
        },
        firm.queue_order(team.id, department.id),
    )


def _first_message(customer: Requester, new: NewTicket) -> NewMessage:
    return NewMessage(
        direction=IN,
        author_kind="customer",
        author_id=customer.id,
        author_name=customer.name,
        author_email=customer.email,
        text=new.body,
        html=new.html,
        visible=new.visible,
        folded=new.folded,
        subject=new.subject,
        channel=new.channel,
        to=new.to,
        cc=new.cc,
        automatic=new.automatic,
        message_id=new.message_id,
        raw=new.raw,
        attachments=new.attachments,
    )


def _procedure(
    tx: Connection, row: TicketRow, department: Department, customer: Requester, new: NewTicket
) -> Published:
    if new.sop is not None:
        found = procedures.find_published(tx, new.sop, department.id)
        assert found is not None
        return found
    scope = Scope(
        ticket={
            "id": row.id,
            "subject": row.subject,
            "topic": row.topic,
            "channel": row.channel,
            "priority": PRIORITY_NAMES[row.priority],
            "status": row.status,
            "tags": row.tags,
            "product": row.product,
            "language": row.language,
            "department": department.name,
        },
        customer={
            "id": customer.id,
            "name": customer.name,
            "email": customer.email,
            "class": customer.klass,
            "language": customer.language,
        },
        fields=new.fields,
    )
    return procedures.choose(tx, department.id, scope)

"""The addresses of a department: each is only once in the house, and mail to any of them arrives there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from core.errors import FieldError
from core.requesters import check_email
from core.schema import Department, Mailbox, Person
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.directory import Department as Home
    from core.directory import Directory
    from core.mail.incoming import IncomingMail

MOST_MAILBOXES = 50
_d, _b, _p = Department.__table__.c, Mailbox.__table__.c, Person.__table__.c


def checked_address(
    tx: Connection, given: str, pointer: str, errors: list[FieldError], *, department_id: int = 0, person_id: int = 0
) -> str:
    """The address in its canonical form. Wrong, or somebody else's here: the error names whose it is."""
    address, wrong = check_email(given, pointer)
    taken = None if wrong else _owner(tx, address, department_id, person_id)
    if wrong:
        errors.append(wrong)
    elif taken:
        errors.append(
            FieldError(
                pointer,
                _("The address %(email)s is in use already: it belongs to %(whom)s.", email=address, whom=taken),
            )
        )
    return address


def _owner(tx: Connection, address: str, department_id: int, person_id: int) -> str | None:
    """Who else has this address: a department (also as a further one) or a colleague."""
    own = select(_d.title).where(func.lower(_d.address) == address, _d.id != department_id)
    further = select(_d.title).join(Mailbox.__table__, _b.department_id == _d.id)
    for query in (own, further.where(_b.address == address, _d.id != department_id)):
        title = tx.execute(query.limit(1)).scalar_one_or_none()
        if title is not None:
            return _("the department “%(name)s”", name=title)
    return tx.execute(select(_p.name).where(_p.email == address, _p.id != person_id).limit(1)).scalar_one_or_none()


def checked_mailboxes(
    tx: Connection, given: Sequence[str], department_id: int, own: str | None, errors: list[FieldError]
) -> list[str]:
    """Further addresses of a department, beside its own one."""
    kept: list[str] = []
    for i, one in enumerate(given):
        pointer = f"/mailboxes/{i}"
        address = checked_address(tx, one, pointer, errors, department_id=department_id)
        if address in kept or address == (own or "").lower():
            errors.append(FieldError(pointer, _("The address %(email)s is here twice.", email=address)))
        kept.append(address)
    if len(kept) > MOST_MAILBOXES:
        errors.append(
            FieldError("/mailboxes", _("A department has at most %(most)s further addresses.", most=MOST_MAILBOXES))
        )
    return kept


def put_mailboxes(tx: Connection, department_id: int, addresses: Sequence[str]) -> None:
    """These are the department's further addresses from now on. The caller tells the processes."""
    tx.execute(delete(Mailbox.__table__).where(_b.department_id == department_id))
    rows = [{"address": address, "department_id": department_id} for address in sorted(set(addresses))]
    if rows:
        tx.execute(insert(Mailbox.__table__), rows)


# ---- mail that arrives ----------------------------------------------------------------------------------------------------


def department_of(firm: Directory, mail: IncomingMail, recipients: Sequence[str]) -> Home:
    """The department whose address the mail was sent to; the first one when it names none."""
    mailbox = mailbox_of(firm, mail, recipients)
    return firm.departments[firm.department_addresses[mailbox]] if mailbox else firm.open_departments[0]


def mailbox_of(firm: Directory, mail: IncomingMail, recipients: Sequence[str]) -> str | None:
    """The address of ours that the mail was sent to."""
    named = (address.lower() for address in (*recipients, *(one.email for one in (*mail.to, *mail.cc))))
    return next((address for address in named if address in firm.department_addresses), None)


def from_ourselves(firm: Directory, mail: IncomingMail) -> bool:
    """Does one of our own addresses write to us? It opens a ticket and is not answered: the answer would come back to us."""
    sender = mail.reply_to[0] if mail.reply_to else mail.sender
    return any(one is not None and one.email.lower() in firm.department_addresses for one in (sender, mail.sender))

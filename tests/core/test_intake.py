"""Mail comes in: it continues the right ticket, or opens one; machines are never answered; nothing arrives twice."""

from __future__ import annotations

import email
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from core.intake import Fate, receive_mail, understand
from core.tickets.holding import assign
from core.tickets.resolving import merge, resolve

if TYPE_CHECKING:
    from tests.core.conftest import Desk

MORNING = 1_795_485_600_000


def letter(
    subject: str = "Kulkas bocor", body: str = "Tolong dibantu, kulkas saya bocor.", **headers: str
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = headers.pop("sender", "Sari Wulandari <sari@example.com>")
    mail["To"] = headers.pop("to", "service@lentera.example")
    mail["Subject"] = subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    return mail


def arrive(desk: Desk, mail: EmailMessage | bytes, sender: str = "sari@example.com", now: int = MORNING) -> Fate:
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    read = understand(desk.settings, raw, sender)
    to = ["service@lentera.example"] if isinstance(mail, bytes) else [str(mail["To"])]
    with desk.database.write() as tx:
        return receive_mail(tx, desk.settings, raw, read, envelope_sender=sender, recipients=to, now=now)


def answered(desk: Desk, ticket: int) -> email.message.Message:
    desk.perform_all(ticket)
    return email.message_from_string(to_customer(desk)[-1].raw)


def to_customer(desk: Desk) -> list[Any]:
    """The mails that did not go to a colleague."""
    return [mail for mail in desk.caught() if not mail.recipients[0].endswith("@lentera.example")]


def test_mail_opens_ticket_once(desk: Desk) -> None:
    first = arrive(desk, letter(Message_ID="<1@example.com>"))
    again = arrive(desk, letter(Message_ID="<1@example.com>"))
    assert (first.fate, again.fate, again.ticket_id) == ("opened", "duplicate", first.ticket_id)


def test_same_mail_without_id_is_known(desk: Desk) -> None:
    assert arrive(desk, letter()).fate == "opened"
    assert arrive(desk, letter()).fate == "duplicate"


def test_second_mail_joins_ticket(desk: Desk) -> None:
    opened = arrive(desk, letter(Message_ID="<1@example.com>"))
    assert opened.ticket_id
    ours = answered(desk, opened.ticket_id)
    joined = arrive(
        desk, letter("Re: apa saja", "Ini fotonya.", Message_ID="<2@example.com>", In_Reply_To=ours["Message-ID"])
    )
    assert (joined.fate, joined.ticket_id) == ("joined", opened.ticket_id)
    assert "customer.replied" in desk.kinds(opened.ticket_id)


def test_token_needs_known_sender(desk: Desk) -> None:
    opened = arrive(desk, letter(Message_ID="<1@example.com>"))
    assert opened.ticket_id
    subject = "Re: " + " ".join(str(answered(desk, opened.ticket_id)["Subject"]).split())
    stranger = arrive(
        desk,
        letter(subject, "Saya mau ikut.", sender="orang@lain.example", Message_ID="<2@lain.example>"),
        "orang@lain.example",
    )
    assert (stranger.fate, stranger.ticket_id) == ("opened", opened.ticket_id + 1)
    hint = [message for message in desk.messages(opened.ticket_id + 1) if message.direction == "internal"]
    assert len(hint) == 1
    known = arrive(desk, letter(subject, "Ini saya.", Message_ID="<3@example.com>"))
    assert (known.fate, known.ticket_id) == ("joined", opened.ticket_id)


def test_department_follows_address(desk: Desk) -> None:
    fate = arrive(desk, letter(to="billing@lentera.example"))
    assert fate.ticket_id
    assert desk.row(fate.ticket_id).department_id == desk.departments["billing"]


@pytest.mark.parametrize(
    ("headers", "fate"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto-reply"),
        ({"subject": "Automatic reply: Kulkas bocor", "X_Autoreply": "yes"}, "auto-reply"),
        ({"List_Id": "<berita.example.com>", "Precedence": "list"}, "opened"),
        ({"Auto_Submitted": "auto-generated"}, "opened"),
        ({"Auto_Submitted": "no"}, "opened"),
    ],
)
def test_machines_are_never_answered(desk: Desk, headers: dict[str, str], fate: str) -> None:
    found = arrive(desk, letter(**headers))
    assert found.fate == fate
    person = headers.get("Auto_Submitted") == "no"
    if found.ticket_id:
        desk.perform_all(found.ticket_id)
    assert len(to_customer(desk)) == (1 if person else 0)


def test_own_mail_is_not_a_ticket(desk: Desk) -> None:
    opened = arrive(desk, letter(Message_ID="<1@example.com>"))
    assert opened.ticket_id
    desk.perform_all(opened.ticket_id)
    assert arrive(desk, desk.caught()[-1].raw.encode("latin-1")).fate == "own"


def test_bounce_marks_message_only(desk: Desk) -> None:
    opened = arrive(desk, letter(Message_ID="<1@example.com>"))
    assert opened.ticket_id
    ours = answered(desk, opened.ticket_id)
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], opened.ticket_id, "Selesai.", now=MORNING)
    report = (
        "From: MAILER-DAEMON@mail.example\r\nTo: service@lentera.example\r\nSubject: Undelivered\r\nMessage-ID: <b@mail.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n"
        "Final-Recipient: rfc822; sari@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {ours['Message-ID']}\r\nSubject: x\r\n\r\nx\r\n--b--\r\n"
    )
    assert arrive(desk, report.encode(), "").fate == "bounce"
    message = next(m for m in desk.messages(opened.ticket_id) if m.template == "received")
    assert message.delivery == "undelivered"
    assert "550 no such user" in message.delivery_detail
    assert desk.row(opened.ticket_id).status == "resolved"


def test_merged_tickets_lead_to_last(desk: Desk) -> None:
    first = arrive(desk, letter(Message_ID="<1@example.com>"))
    second = arrive(desk, letter("Kulkas lagi", Message_ID="<2@example.com>"))
    assert first.ticket_id
    assert second.ticket_id
    ours = answered(desk, second.ticket_id)
    with desk.database.write() as tx:
        merge(tx, desk.settings, desk.people["dewi"], second.ticket_id, first.ticket_id)
    joined = arrive(
        desk, letter("Re: Kulkas lagi", "Halo", Message_ID="<3@example.com>", In_Reply_To=ours["Message-ID"])
    )
    assert (joined.fate, joined.ticket_id) == ("joined", first.ticket_id)


def test_answer_to_duty_mail_becomes_comment(desk: Desk) -> None:
    opened = arrive(desk, letter(Message_ID="<1@example.com>"))
    assert opened.ticket_id
    bagus = desk.people["bagus"].id
    desk.sql("UPDATE person SET availability = 'away'")
    with desk.database.write() as tx:
        holder = desk.row(opened.ticket_id).holder_id
        to = desk.people["dewi"].id if holder == bagus else bagus
        assign(tx, desk.settings, desk.people["catherine"], opened.ticket_id, to, now=MORNING)
    desk.perform_all(opened.ticket_id)
    told = next(mail for mail in desk.caught() if mail.recipients[0].endswith("@lentera.example"))
    ours = email.message_from_string(told.raw)
    answer = letter(
        "Re: x", "Besok.", sender=told.recipients[0], Message_ID="<5@x.example>", In_Reply_To=ours["Message-ID"]
    )
    assert arrive(desk, answer, told.recipients[0]).fate == "commented"


def test_colleague_mail_becomes_comment(desk: Desk) -> None:
    opened = arrive(desk, letter(Message_ID="<1@example.com>"))
    assert opened.ticket_id
    ours = answered(desk, opened.ticket_id)
    mail = letter(
        "Re: x",
        "Stok ada.",
        sender="wati@lentera.example",
        Message_ID="<4@lentera.example>",
        In_Reply_To=ours["Message-ID"],
    )
    assert arrive(desk, mail, "wati@lentera.example").fate == "commented"
    assert desk.messages(opened.ticket_id)[-1].direction == "internal"


def test_forwarded_mail_keeps_customer(desk: Desk) -> None:
    body = "Tolong diurus.\n\n---------- Forwarded message ---------\nFrom: Budi <budi@example.com>\nSubject: TV mati\nTo: catherine\n\nTV saya mati."
    fate = arrive(desk, letter("Fwd: TV mati", body, sender="catherine@lentera.example"), "catherine@lentera.example")
    assert fate.ticket_id
    assert desk.messages(fate.ticket_id)[0].author_email == "budi@example.com"
    assert desk.row(fate.ticket_id).subject == "TV mati"


def test_unreadable_mail_is_visible(desk: Desk) -> None:
    fate = arrive(desk, b"\x00\xff\xfe garbage without any header", "x@example.com")
    assert fate.fate == "opened"
    names = [row.name for row in desk.sql("SELECT name FROM attachment")]
    assert names == ["original.eml"]

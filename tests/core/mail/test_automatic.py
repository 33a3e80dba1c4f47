"""Machines are told from persons, and bounces say what did not arrive."""

from __future__ import annotations

import pytest

from core.mail.automatic import Automatic, never_answer
from core.mail.incoming import read_mail


def kind(*headers: str, **options: str) -> Automatic:
    lines = (
        headers if any(h.lower().startswith("from:") for h in headers) else ("From: Budi <budi@example.com>", *headers)
    )
    return read_mail("\r\n".join([*lines, "", "text"]).encode(), **options).automatic


@pytest.mark.parametrize(
    ("expected", "headers"),
    [
        ("person", ["Subject: Pesanan belum sampai"]),
        ("person", ["Auto-Submitted: no"]),
        ("person", ["Subject: Karyawan sedang cuti, bagaimana cara ganti?"]),
        ("person", ["Subject: Out of office printers do not print"]),
        ("person", ["Subject: Re: delivery failed again, where is my parcel?"]),
        ("person", ["From: postmaster@example.com", "Subject: a question about our mail"]),
        ("person", ["X-Auto-Response-Suppress: DR, RN, NRN"]),
        ("person", ["X-Estafet-Desk: another-desk"]),
        ("person", ["Precedence: normal"]),
        ("person", ["Feedback-ID: 1.eu-west-1.x:AmazonSES"]),
        ("person", ["Return-Path: <budi@example.com>"]),
        ("auto-reply", ["Auto-Submitted: auto-replied"]),
        ("auto-reply", ["Auto-Submitted: auto-replied (vacation)"]),
        ("auto-generated", ["Auto-Submitted: Auto-Generated"]),
        ("auto-generated", ["Auto-Submitted: auto-notified; owner-email=x"]),
        ("auto-reply", ["Auto-Submitted: auto-replied", "List-Id: <x.example>"]),
        ("auto-reply", ["X-Autoreply: yes"]),
        ("auto-reply", ["X-Autorespond: 1"]),
        ("auto-generated", ["X-Loop: help@desk.example"]),
        ("auto-reply", ["Precedence: auto_reply"]),
        ("auto-reply", ["Precedence: junk"]),
        ("auto-generated", ["X-Auto-Response-Suppress: All"]),
        ("auto-generated", ["X-Auto-Response-Suppress: DR, OOF, AutoReply"]),
        ("auto-generated", ["Return-Path: <>"]),
        ("auto-reply", ["X-Estafet-Desk: another-desk", "Auto-Submitted: auto-replied"]),
        ("auto-reply", ["Subject: Automatic reply: Pesanan"]),
        ("auto-reply", ["Subject: Out of Office Re: order"]),
        ("auto-reply", ["Subject: Out of the office until Monday"]),
        ("auto-reply", ["Subject: Re: Balasan otomatis: Pesanan"]),
        ("auto-reply", ["Subject: Sedang cuti"]),
        ("auto-reply", ["Subject: Saya sedang cuti sampai 5 Mei"]),
        ("auto-reply", ["Subject: Tidak di kantor: Re: Pesanan"]),
        ("auto-reply", ["Subject: =?utf-8?q?Jawaban_otomatis=3A_x?="]),
        ("list", ["List-Id: News <news.example.com>"]),
        ("list", ["List-Unsubscribe: <mailto:out@example.com>"]),
        ("list", ["Precedence: bulk"]),
        ("list", ["Precedence: list"]),
        ("list", ["Auto-Submitted: auto-generated", "List-Id: <x.example>"]),
        ("bounce", ["From: MAILER-DAEMON@example.com", "Subject: Undelivered Mail Returned to Sender"]),
        ("bounce", ["From: Mail Delivery System <Mailer-Daemon@mx.example>"]),
        ("bounce", ["From: postmaster@example.com", "Subject: Undeliverable: Re: order"]),
        ("bounce", ["X-Failed-Recipients: siti@example.com"]),
        ("bounce", ["Return-Path: <>", "Subject: failure notice"]),
        ("bounce", ["Return-Path: <>", "Subject: Email tidak dapat dikirim: Pesanan"]),
        ("bounce", ["Content-Type: multipart/report; report-type=delivery-status; boundary=x"]),
        ("read-receipt", ["Content-Type: multipart/report; report-type=disposition-notification; boundary=x"]),
        ("complaint-report", ["Content-Type: multipart/report; report-type=feedback-report; boundary=x"]),
        ("loop", ["Received: by a"] * 51),
        ("loop", ["Delivered-To: help@desk.example"] * 3),
    ],
)
def test_kind_of_mail_is_known(expected: str, headers: list[str]) -> None:
    assert kind(*headers) == expected


def test_own_mail_comes_back() -> None:
    assert kind("X-Estafet-Desk: desk-1", "Auto-Submitted: auto-replied", desk="desk-1") is Automatic.OWN
    assert kind("X-Estafet-Desk: desk-1", "Auto-Submitted: auto-replied", desk="desk-2") is Automatic.AUTO_REPLY


def test_empty_envelope_sender_wants_no_answer() -> None:
    assert kind(envelope_sender="") is Automatic.GENERATED
    assert kind(envelope_sender="budi@example.com") is Automatic.PERSON
    assert kind("Subject: Returned mail: see transcript", envelope_sender="<>") is Automatic.BOUNCE


def test_only_persons_are_answered() -> None:
    assert [k for k in Automatic if not never_answer(k)] == [Automatic.PERSON]


DSN = """From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x

I could not deliver it.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ok@example.com
Action: delivered
Status: 2.0.0

Final-Recipient: rfc822; siti@example.com
Original-Recipient: rfc822;Siti@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <siti@example.com>:
  no such user

--x
Content-Type: {returned}

From: help@desk.example
Message-ID: <t.abc@desk.example>
Subject: Re: order

--x--
"""


@pytest.mark.parametrize(
    "returned", ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"]
)
@pytest.mark.parametrize(("action", "status"), [("failed", "5.1.1"), ("delayed", "4.4.1"), ("Failed", "5.0.0")])
def test_delivery_report_is_read(returned: str, action: str, status: str) -> None:
    report = read_mail(DSN.format(returned=returned, action=action, status=status).encode()).delivery_report
    assert report is not None
    assert report.original_message_id == "<t.abc@desk.example>"
    assert report.action == action.lower()
    assert report.status == status
    assert report.recipient == "Siti@example.com"
    assert report.diagnostic == "550 5.1.1 <siti@example.com>: no such user"


QMAIL = """From: MAILER-DAEMON@mx.example
Subject: failure notice

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<siti@example.com>:
550 5.1.1 Sorry, no mailbox here by that name.

--- Below this line is a copy of the message.

Return-Path: <help@desk.example>
Message-ID: <t.abc@desk.example>
Subject: Re: order
"""


def test_old_bounce_is_read() -> None:
    report = read_mail(QMAIL.encode()).delivery_report
    assert report is not None
    assert report.original_message_id == "<t.abc@desk.example>"
    assert (report.action, report.recipient, report.status) == ("failed", "siti@example.com", "5.1.1")
    assert report.diagnostic.startswith("550 5.1.1 Sorry")


def test_warning_is_a_delay() -> None:
    raw = b"From: mailer-daemon@mx.example\nSubject: Warning: message delayed 24 hours\nIn-Reply-To: <t.abc@desk.example>\n\nwait"
    report = read_mail(raw).delivery_report
    assert report is not None
    assert (report.action, report.original_message_id) == ("delayed", "<t.abc@desk.example>")


def test_person_has_no_delivery_report() -> None:
    assert read_mail(b"From: a@b.example\n\nhello").delivery_report is None

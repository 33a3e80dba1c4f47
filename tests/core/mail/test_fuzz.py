"""`read_mail` never raises, and never needs its last resort for what looks like a mail."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from core.mail import incoming
from core.mail.addresses import read_addresses
from core.mail.charsets import decode
from core.mail.headers import decoded, parameters
from core.mail.incoming import read_mail
from core.mail.markup import clean_html, html_to_text
from core.mail.quotation import split_reply

VALID = b"""From: =?utf-8?q?Budi_S=C3=A4?= <budi@example.com>
To: "Help, Desk" <help@desk.example>, (x) other@desk.example
Subject: =?gb2312?B?xOO6ww==?= order
Date: Mon, 2 Mar 2026 10:00:00 +0700
Message-ID: <one@example.com>
References: <a@b.example>
 <c@d.example>
Content-Type: multipart/mixed; boundary="outer"

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-1; format=flowed
Content-Transfer-Encoding: quoted-printable

caf=E9=20
On Mon, 2 Mar 2026, Desk <help@desk.example> wrote:
> old
--inner
Content-Type: text/html; charset=utf-8

<p>caf\xc3\xa9 <img src="cid:p@x"><blockquote>old</blockquote>
--inner--
--outer
Content-Type: text/calendar

BEGIN:VEVENT
DTSTART;TZID=Asia/Jakarta:20260302T090000
SUMMARY:meet
END:VEVENT
--outer
Content-Type: message/delivery-status

Final-Recipient: rfc822; x@y.example
Action: failed

--outer
Content-Type: message/rfc822
Content-Transfer-Encoding: base64

RnJvbTogYUBiLmMKCmhp
--outer
Content-Type: application/pdf; name*0*=utf-8''a%20; name*1=b.pdf
Content-Disposition: attachment
Content-Transfer-Encoding: base64

AAAA
--outer--
"""

WORDS = [
    b"\n", b"\r\n", b"\n\n", b"--outer", b"--inner--", b"From: ", b"Content-Type: ", b"multipart/related", b"message/rfc822", b"charset=utf-16",
    b"charset=hz", b"charset=utf-7", b"charset=idna", b"base64", b"x-uuencode", b"=?utf-8?b?", b"?=", b"<", b">", b'"', b";", b"\x00", b"\xff\xfe",
    b"text/html", b"report-type=delivery-status", b"name*9999999999=x", b"Return-Path: <>", b"TZID=../../etc:", b"99999999T999999",
]  # fmt: skip


@given(st.binary(max_size=2_000))
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_read(raw: bytes) -> None:
    assert incoming._read(raw, "", None).fingerprint


@given(st.integers(0, 2**32))
@settings(max_examples=600, deadline=None)
def test_damaged_mails_are_read(seed: int) -> None:
    chance = random.Random(seed)
    raw = bytearray(VALID)
    for _change in range(chance.randrange(1, 12)):
        at = chance.randrange(len(raw))
        match chance.randrange(5):
            case 0:
                raw[at] = chance.randrange(256)
            case 1:
                del raw[at : at + chance.randrange(60)]
            case 2:
                raw[at:at] = chance.choice(WORDS)
            case 3:
                piece = raw[at : at + chance.randrange(200)]
                other = chance.randrange(len(raw))
                raw[other:other] = piece
            case _:
                raw = raw[: max(200, at)]
    read = incoming._read(bytes(raw), "desk", None)
    assert (
        "unreadable" not in read.problems
        or not raw.strip()
        or b":" not in bytes(raw).split(b"\n")[0]
        or read.sender is None
    )
    assert "\n" not in read.subject
    assert all("/" not in a.name and a.name for a in read.attachments)


@given(st.text(max_size=400))
def test_any_header_text_is_read(text: str) -> None:
    for address in read_addresses(text):
        assert "\n" not in address.name + address.email
        assert "@" in address.email
    assert "\n" not in decoded(text)
    parameters(text)


@given(st.text(max_size=600))
def test_any_html_is_cleaned(html: str) -> None:
    html_to_text(clean_html(html)[0])


@given(
    st.lists(
        st.sampled_from(
            [
                "x",
                "> y",
                "",
                "-- ",
                "On 2 Mar 2026, A <a@b.c> wrote:",
                "From: a",
                "To: b",
                "Subject: c",
                "Sent from my iPhone",
            ]
        )
    )
)
def test_no_line_is_lost(lines: list[str]) -> None:
    pieces = split_reply("\n".join(lines))
    kept = sorted(
        line for part in (pieces.visible, pieces.quoted, pieces.signature) for line in part.split("\n") if line.strip()
    )
    wanted = sorted(line.rstrip() for line in lines if line.strip())
    assert kept == wanted or pieces.visible == "\n".join(lines).strip()


@given(
    st.binary(max_size=300),
    st.sampled_from(
        ["utf-8", "gb2312", "hz", "utf-7", "utf-16", "iso-2022-kr", "idna", "zlib", "", None, "\x00", "x" * 999]
    ),
)
def test_any_bytes_are_decoded(raw: bytes, charset: str | None) -> None:
    assert isinstance(decode(raw, charset)[0], str)


@given(st.binary(max_size=500))
def test_last_resort_works(raw: bytes) -> None:
    assert incoming._unreadable(raw).problems == ("unreadable",)
    assert read_mail(raw).fingerprint

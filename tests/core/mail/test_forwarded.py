"""The customer behind an agent's forwarded mail is found."""

from __future__ import annotations

import pytest

from core.mail.incoming import read_mail

TEXT = "Barang saya rusak."


def forward(body: str, subject: str = "Fwd: Barang rusak", *extra: str) -> bytes:
    lines = [
        "From: Agent <agent@desk.example>",
        f"Subject: {subject}",
        "Content-Type: text/plain; charset=utf-8",
        *extra,
        "",
        body,
    ]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    ("subject", "head"),
    [
        (
            "Fwd: Barang rusak",
            (
                "---------- Forwarded message ---------\nFrom: Siti Aminah <siti@example.com>\nDate: Mon, Mar 2, 2026 at 10:00 AM\n"
                "Subject: Barang rusak\nTo: <agent@desk.example>\n\n\n"
            ),
        ),
        (
            "Fwd: Barang rusak",
            (
                "---------- Forwarded message ---------\nDari: Siti Aminah <siti@example.com>\nDate: Sen, 2 Mar 2026 pukul 10.00\n"
                "Subject: Barang rusak\nTo: <agent@desk.example>\n\n"
            ),
        ),
        (
            "Trs: Barang rusak",
            (
                "---------- Pesan terusan ---------\nDari: *Siti Aminah* <siti@example.com>\nTanggal: Sen, 2 Mar 2026\n"
                "Subjek: Barang rusak\nKepada: agent@desk.example\n\n"
            ),
        ),
        (
            "Fwd: Barang rusak",
            (
                "Begin forwarded message:\n\n> From: Siti Aminah <siti@example.com>\n> Subject: Barang rusak\n"
                "> Date: March 2, 2026 at 10:00:00 GMT+7\n> To: agent@desk.example\n> \n> "
            ),
        ),
        (
            "Fwd: Barang rusak",
            (
                "Awal pesan terusan:\n\n> Dari: Siti Aminah <siti@example.com>\n> Perihal: Barang rusak\n"
                "> Tanggal: 2 Maret 2026 10.00.00 WIB\n> Kepada: agent@desk.example\n> \n> "
            ),
        ),
        (
            "FW: Barang rusak",
            "From: Siti Aminah <siti@example.com>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Agent\nSubject: Barang rusak\n\n",
        ),
        (
            "FW: Barang rusak",
            (
                "________________________________\nDari: Siti Aminah [mailto:siti@example.com]\nDikirim: Senin, 2 Maret 2026\n"
                "Kepada: Agent\nPerihal: Barang rusak\n\n"
            ),
        ),
        (
            "Fwd: Barang rusak",
            (
                "-------- Forwarded Message --------\nSubject: Barang rusak\nDate: Mon, 2 Mar 2026 10:00:00 +0700\n"
                "From: Siti Aminah <siti@example.com>\nTo: agent@desk.example\n\n"
            ),
        ),
        (
            "Fw: Barang rusak",
            (
                '----- Pesan yang Diteruskan -----\nDari: "Siti Aminah" <siti@example.com>\nKepada: agent@desk.example\n'
                "Dikirim: Senin, 2 Maret 2026\nJudul: x\n\n"
            ),
        ),
    ],
)
def test_original_sender_is_found(subject: str, head: str) -> None:
    read = read_mail(forward(f"Tolong dibantu ya.\n\n{head}{TEXT}\n", subject))
    assert read.forwarded is not None
    assert read.forwarded.sender is not None
    assert (read.forwarded.sender.name, read.forwarded.sender.email) == ("Siti Aminah", "siti@example.com")
    assert TEXT in read.forwarded.text
    assert "agent@desk.example" not in read.forwarded.text
    assert read.visible_text == "Tolong dibantu ya."
    if "Judul" not in head:
        assert read.forwarded.subject == "Barang rusak"


def test_attached_mail_is_forwarded() -> None:
    inner = f"From: Siti <siti@example.com>\r\nSubject: =?utf-8?q?Barang_rusak?=\r\n\r\n{TEXT}"
    body = f"--x\r\n\r\nsee below\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--x--"
    read = read_mail(
        f"From: agent@desk.example\r\nSubject: Fwd: x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n{body}".encode()
    )
    assert read.forwarded is not None
    assert read.forwarded.sender is not None
    assert read.forwarded.sender.email == "siti@example.com"
    assert (read.forwarded.subject, read.forwarded.text) == ("Barang rusak", TEXT)
    assert read.visible_text == "see below"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Barang rusak", TEXT),
        ("Fwd: Barang rusak", TEXT),
        ("Re: Barang", f"Ya.\n\nFrom: Desk <d@x.example>\nSent: Monday\nTo: Siti\nSubject: Barang\n\n{TEXT}"),
        ("Re: Barang", f"Ya.\n\nOn Mon, 2 Mar 2026, Desk <d@x.example> wrote:\n> {TEXT}"),
    ],
)
def test_ordinary_mail_is_not_forwarded(subject: str, body: str) -> None:
    assert read_mail(forward(body, subject)).forwarded is None


def test_machine_forwards_nobody() -> None:
    body = f"---------- Forwarded message ---------\nFrom: Siti <siti@example.com>\nSubject: x\n\n{TEXT}"
    assert read_mail(forward(body, "Fwd: x", "Auto-Submitted: auto-replied")).forwarded is None

"""Mails that nobody writes by accident: nested, swollen, broken, and full of traps. `hostile_mails()` gives two hundred of them."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = b"From: Budi <budi@example.com>\r\nTo: service@lentera.example\r\nMessage-ID: <h%d@example.com>\r\n"
TRAPS = (
    b"<",
    b"(",
    b'"',
    b"\\",
    b"@",
    b",",
    b"=?",
    b"=?utf-8?q?",
    b"=?utf-8?b?=?=",
    b"<a@b>",
    b"a*0=x;",
    b"\t",
    b"\xff",
    b"%",
    b"[",
)
FIELDS = (b"From", b"Subject", b"Content-Type", b"References", b"Content-Disposition", b"Date")
LINES = (
    b"> ",
    b">" * 300 + b"\r\n",
    b"On 1 a b c\r\n",
    b"a@b" * 160 + b" wrote:\r\n",
    b"-----",
    b"_" * 400 + b"\r\n",
    b"-- \r\n",
    b"*" * 3,
)
TAGS = (
    b"<div>",
    b"<table><tr><td>",
    b"<!--",
    b"<a '",
    b"<script>alert(1)</script>",
    b"&",
    b"<svg onload=x>",
    b"<img src=x onerror=y>",
)
CHARSETS = (b"gb2312", b"big5", b"shift_jis", b"utf-7", b"unknown-8bit", b"x" * 200, b"utf-16", b"idna", b"zlib", b"")
ENCODINGS = (b"base64", b"quoted-printable", b"uuencode", b"x-gzip", b"binary", b"7bit", b"%s", b"base64; x=y")


def hostile_mails() -> Iterator[bytes]:
    """Two hundred, each with a Message-ID of its own."""
    for n, rest in zip(range(200), _kinds(), strict=False):
        yield HEAD % n + rest


def _kinds() -> Iterator[bytes]:
    for trap in TRAPS:
        for field in FIELDS:
            yield field + b": " + trap * (20_000 // len(trap)) + b"\r\n\r\nhello\r\n"
    for line in LINES:
        yield b"Subject: quoted\r\n\r\n" + line * (60_000 // len(line)) + b"\r\n"
    for tag in TAGS:
        yield b"Subject: markup\r\nContent-Type: text/html\r\n\r\n" + tag * (100_000 // len(tag)) + b"\r\n"
    for charset in CHARSETS:
        yield (
            b"Subject: =?"
            + charset
            + b"?b?/////w==?=\r\nContent-Type: text/plain; charset="
            + charset
            + b"\r\n\r\n\xff\xfe\x81\r\n"
        )
    for encoding in ENCODINGS:
        yield b"Subject: encoded\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n====\xff=Z=\r\nbegin 644 a\r\n"
    yield from _nested()
    yield from _bombs()
    yield from _injections()
    n = 0
    while True:
        n += 1
        yield (
            b"Subject: "
            + b"a" * n
            + b"\r\nX-Filling: "
            + b"b" * (900 * n)
            + b"\r\n\r\n"
            + bytes(range(256)) * n
            + b"\r\n"
        )


def _nested() -> Iterator[bytes]:
    for depth in (100, 1_000):
        parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
        yield parts + b"\r\ninnermost\r\n"
        yield b"Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\n" * depth + b"\r\ninnermost\r\n"
    yield b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n" * 20_000
    yield b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\nContent-Type: image/png\r\n\r\nA\r\n" * 5_000
    yield b"X-A: b\r\n" * 100_000 + b"\r\nhello\r\n"


def _bombs() -> Iterator[bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("big", b"\0" * 20_000_000)
    for name, content in (("a.zip", archive.getvalue()), ("a.gz", gzip.compress(b"\0" * 20_000_000))):
        coded = base64.encodebytes(content).replace(b"\n", b"\r\n")
        kind = b"Content-Type: application/octet-stream; name=%s\r\n" % name.encode()
        yield kind + b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded
    yield b"Subject: one line\r\nContent-Type: text/html\r\n\r\n<p>" + b"x" * 500_000 + b"</p>\r\n"


def _injections() -> Iterator[bytes]:
    yield b"Subject: a\r\n b\r\nReply-To: x@y.example\\r\\nBcc: z@y.example\r\n\r\nhello\r\n"
    yield b"Subject: =?utf-8?q?a=0D=0ABcc:_z=40y.example?=\r\n\r\nhello\r\n"
    yield b"From: =?utf-8?q?x=0D=0ATo=3A?= <evil@example.com>\r\n\r\nhello\r\n"
    yield b"Subject: '; DROP TABLE ticket; --\r\n\r\n{{ 7*7 }} ${jndi:ldap://x} %s%s%n\r\n"

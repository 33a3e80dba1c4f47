"""No mail, however hostile, takes long or raises."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest

from core.mail import incoming, markup, parts, quotation
from core.mail.incoming import read_mail

SECONDS = 8  # a generous hang-up: each of these takes well under a second on an idle machine


@pytest.fixture(autouse=True)
def _hang_up() -> Iterator[None]:
    def ring(_signal: int, _frame: object) -> None:
        pytest.fail(f"not read within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


HEAD = b"From: Budi <budi@example.com>\nTo: help@desk.example\nMessage-ID: <x@example.com>\n"
TRAPS = [
    b"<", b">", b"(", b")", b'"', b"\\", b"@", b",", b";", b":", b"=?", b"?=", b"=?utf-8?q?", b"=?utf-8?b?=?=", b"=?a?q?x?= ",
    b"a@", b"<a@b>", b"<a", b" ", b"\t", b"\n ", b"\xff", b"\x00", b"%", b"'", b"a=b;", b"a*0=x;", b'a*9*="x";', b"a,", b"--", b"[", b"(\\",
]  # fmt: skip
HEADERS = [b"From", b"Subject", b"Content-Type", b"References", b"Content-Disposition", b"Date"]


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("trap", TRAPS)
def test_repeated_header_pieces(name: bytes, trap: bytes) -> None:
    raw = (
        HEAD
        + name
        + b": "
        + (b"text/plain; " if name.startswith(b"Content") else b"")
        + trap * (200_000 // len(trap))
        + b"\n\nhello"
    )
    read = incoming._read(raw, "", None)
    assert len(read.subject) <= 500
    assert len(read.references) <= incoming.MOST_REFERENCES


LINES = [
    b"> ", b">" * 400 + b"\n", b"On ", b"On 1 a b c\n", b"On 2020 " + b"a " * 200 + b"\n", b"On 1 " + b"a " * 240 + b"wrote:\n",
    b"a@b" * 160 + b" wrote:\n", b"Pada 1 ", b"From: x\n", b"Dari: x\nKepada: y\n", b"-----", b"-" * 30 + b" forwarded by " + b"a" * 400 + b"\n",
    b"_" * 400 + b"\n", b"_" * 30 + b"\n\n", b"sent from my ", b"-- \n", b"<a@b>", b"wrote:", b" \n", b"\t", b"\n", b"\r\n", b"\x00", b"\xe2\x80\x8b",
    b"550 5.", b"Message-ID: <", b"BEGIN:VEVENT\n", b"https://x/", b"=\n", b"*" * 3, b"5.1.1", b"begin 644 a\n", b"1 2020 ",
]  # fmt: skip


@pytest.mark.parametrize("subject", [b"hello", b"Fwd: hello", b"Undelivered mail"])
@pytest.mark.parametrize("line", LINES)
def test_repeated_text_pieces(line: bytes, subject: bytes) -> None:
    sender = b"Return-Path: <>\n" if b"Un" in subject else b""
    read = incoming._read(HEAD + sender + b"Subject: " + subject + b"\n\n" + line * (150_000 // len(line)), "", None)
    assert len(read.visible_text) + len(read.quoted_text) + len(read.signature) <= 400_000


PIECES = [
    b"<div>", b"<b>", b"<a href=x>", b"<table><tr><td>", b"<ul><li>", b"<blockquote>", b"<p>", b"<p><b><i><u><s><em>", b"<!--", b"<!", b"<", b"</",
    b"<a ", b"<a '", b"<a \"'", b"<script>", b"<style ", b"<title>", b"&", b"&amp;", b"&#", b"&#x41;", b"<svg><a>", b"<math><mi>", b"<font><p>",
    b"<img src=cid:a>", b"<img src='http://a/b'>", b"<form><form>", b"<select><option>", b"<td>", b"<dl><dt><dd>", b"<ruby><rt>", b"<pre>\n", b"<h1>",
    b"<![CDATA[", b"<template>", b"<frameset>", b"<a/b/c/d ", b"<span style=x>y</span>", b"<br>", b"<hr>", b"&nbsp;",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_repeated_html_pieces(piece: bytes) -> None:
    raw = HEAD + b"Content-Type: text/html\n\n" + piece * (400_000 // len(piece))
    read = incoming._read(raw, "", None)
    assert len(read.html or "") <= 8 * markup.LONGEST
    simple, _cut = markup.simplified((piece * 80_000).decode())
    assert simple.count("<") - simple.count("</") <= markup._MOST_TAGS


def multiparts(depth: int) -> bytes:
    return (
        HEAD
        + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
        + b"\ninnermost"
    )


def test_nesting_is_bounded() -> None:
    root, problems = parts.read_parts(multiparts(1_000))
    assert "too_deep" in problems
    assert len(root.walk()) <= parts.DEEPEST + 2
    assert "too_deep" in read_mail(multiparts(1_000)).problems


def test_number_of_parts_is_bounded() -> None:
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: image/png\n\nA\n" * 20_000
    read = read_mail(raw)
    assert len(read.attachments) == parts.MOST_PARTS
    assert "too_many_parts" in read.problems


def test_same_boundary_everywhere() -> None:
    read = incoming._read(HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 5_000, "", None)
    assert len(read.attachments) <= parts.MOST_PARTS


def test_number_of_headers_is_bounded() -> None:
    read = read_mail(HEAD + b"X-A: b\n" * 100_000 + b"\nhello")
    assert read.text == "hello"
    assert "too_many_headers" in read.problems


def rfc822(depth: int) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\n\nFrom: a@b.example\n" * depth + b"\ninnermost"


def test_nested_mails_are_one_attachment() -> None:
    assert len(read_mail(rfc822(1_000)).attachments) == 1


def base64_layers() -> bytes:
    import base64

    raw = b"innermost"
    for _layer in range(30):
        raw = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(raw)
    return HEAD + raw


def of_parts(part: bytes) -> bytes:
    return HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + (b"--x\n" + part + b"\nA\n") * 500


LARGE: dict[str, Callable[[], bytes]] = {
    "base64": lambda: (
        HEAD
        + b"Content-Type: application/zip\nContent-Transfer-Encoding: base64\n\n"
        + (b"QUFB" * 19 + b"\n") * 650_000
    ),
    "text": lambda: HEAD + b"\n" + b"hello there\n" * 4_200_000,
    "quoted-printable": lambda: (
        HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"hell=20here\n" * 4_200_000
    ),
    "one line": lambda: HEAD + b"\n" + b"x" * 50_000_000,
    "dashes": lambda: HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n" * 12_000_000,
    "other dashes": lambda: HEAD + b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--y\n" * 12_000_000,
    "one header": lambda: b"Subject: " + b"x" * 50_000_000,
    "nul": lambda: b"\x00" * 50_000_000,
    "html": lambda: HEAD + b"Content-Type: text/html\n\n" + b"<p>hello</p>\n" * 3_800_000,
    "line ends": lambda: b"\n" * 50_000_000,
    "carriage returns": lambda: HEAD + b"\n" + b"\r" * 50_000_000,
    "layers": base64_layers,
    "uuencoded": lambda: (
        HEAD + b"Content-Type: image/png\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" + b"!~\n" * 16_000_000
    ),
    "headers of parts": lambda: of_parts(b"X-A: b\n" * 14_000),
    "parameters of parts": lambda: of_parts(b"Content-Disposition: attachment" + b'; a*0="b' * 6_000 + b"\n"),
    "names of parts": lambda: of_parts(b'Content-Disposition: attachment; filename="' + b"=?utf-8?q?" * 3_000 + b'"\n'),
    "ids of parts": lambda: of_parts(b"Content-Type: image/png\nContent-ID: " + b"=?utf-8?q?" * 3_000 + b"\n"),
    "mails in a mail": lambda: of_parts(b"Content-Type: message/rfc822\n\n" + b"From: a@b\n" * 7_000),
    "flowed": lambda: HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 330_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_fifty_megabytes_are_read(name: str) -> None:
    raw = LARGE[name]()
    read = incoming._read(raw, "", None)
    assert read.fingerprint
    assert len(read.text) <= 1_000_100


def test_long_text_is_looked_at_in_part() -> None:
    looked_at, rest = quotation._cut("word " * 100_000)
    assert len(looked_at) <= quotation.LONGEST_LOOKED_AT
    assert len(looked_at) + len(rest) == 500_000

"""What a mail says is understood, however it is written."""

from __future__ import annotations

import base64

import pytest

from core.mail.addresses import Address, read_addresses
from core.mail.incoming import read_mail


def mail(*headers: str | bytes, body: str | bytes = "Halo, pesanan saya belum sampai.") -> bytes:
    lines = [h.encode() if isinstance(h, str) else h for h in headers]
    return b"\r\n".join([*lines, b"", body.encode() if isinstance(body, str) else body])


def test_plain_mail_is_read_whole() -> None:
    read = read_mail(
        mail(
            "Message-ID: <one@example.com>",
            "From: Budi Santoso <budi@Example.COM>",
            "To: Bantuan <help@desk.example>, second@desk.example",
            "Cc: siti@example.com",
            "Reply-To: budi.private@example.com",
            "Subject: Pesanan belum sampai",
            "Date: Mon, 2 Mar 2026 10:00:00 +0700",
        )
    )
    assert read.fingerprint == read.message_id == "<one@example.com>"
    assert read.sender == Address("Budi Santoso", "budi@example.com")
    assert [a.email for a in read.to] == ["help@desk.example", "second@desk.example"]
    assert [a.email for a in read.cc] == ["siti@example.com"]
    assert [a.email for a in read.reply_to] == ["budi.private@example.com"]
    assert read.subject == "Pesanan belum sampai"
    assert read.date_ms == 1772420400000
    assert read.text == read.visible_text == "Halo, pesanan saya belum sampai."
    assert read.language == "id"
    assert read.problems == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.example", [("", "a@b.example")]),
        ("A B <a@b.example>", [("A B", "a@b.example")]),
        ('"Santoso, Budi" <a@b.example>', [("Santoso, Budi", "a@b.example")]),
        (r'"Budi \"Bud\" S" <a@b.example>', [("Budi  Bud  S", "a@b.example")]),
        ("a@b.example (Budi Santoso)", [("Budi Santoso", "a@b.example")]),
        ("a@b.example>", [("", "a@b.example")]),
        ("<<a@b.example>>", [("", "a@b.example")]),
        ("Budi <a @ b.example>", [("Budi", "a@b.example")]),
        ("Budi a@b.example", [("Budi", "a@b.example")]),
        ("Team: a@b.example, C <c@d.example>;", [("", "a@b.example"), ("C", "c@d.example")]),
        ("undisclosed-recipients:;", []),
        ("a@b.example; c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ('"unclosed <a@b.example>, c@d.example', [("unclosed", "a@b.example"), ("", "c@d.example")]),
        ("boss@bank.example <thief@evil.example>", [("boss@bank.example", "thief@evil.example")]),
        ("=?utf-8?q?Budi_=3Ca=40b.example=3E?=", [("", "a@b.example")]),
        ("=?utf-8?b?QnVkaSwgU2FudG9zbw==?= <a@b.example>", [("Budi, Santoso", "a@b.example")]),
        ("'Budi' <a@b.example>", [("Budi", "a@b.example")]),
        ("a@[192.168.1.1]", [("", "a@[192.168.1.1]")]),
        ("Nobody", []),
        ("<>", []),
        ("", []),
        ("a@b.example, A@B.example", [("", "a@b.example"), ("", "A@b.example")]),
        ("<@relay.example:a@b.example>", [("", "a@b.example")]),
        ("Ünï <a@bücher.example>", [("Ünï", "a@bücher.example")]),
    ],
)
def test_addresses_are_read(value: str, expected: list[tuple[str, str]]) -> None:
    found = [(" ".join(a.name.split()), a.email) for a in read_addresses(value)]
    assert found == [(" ".join(name.split()), email) for name, email in expected]


def test_missing_sender_is_a_problem() -> None:
    read = read_mail(mail("Subject: x", "Return-Path: <bounce@example.com>"))
    assert read.sender == Address("", "bounce@example.com")
    assert "no_sender" in read.problems
    assert read_mail(mail("Subject: x")).sender is None


def test_first_of_two_senders_counts() -> None:
    read = read_mail(mail("From: a@b.example, c@d.example"))
    assert read.sender is not None
    assert read.sender.email == "a@b.example"
    assert "several_senders" in read.problems


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"=?utf-8?q?Pesanan_=C3=A9?=", "Pesanan é"),
        (b"=?UTF-8?B?UGVzYW5hbg==?=", "Pesanan"),
        (b"=?utf-8?b?UGVzYW5h?= =?utf-8?b?biBzYXlh?=", "Pesanan saya"),
        (b"=?utf-8?b?4pw=?=\r\n =?utf-8?b?kw==?=", "✓"),
        (b"=?utf-8?q?=E2=9C?= =?utf-8?q?=93_ok?=", "✓ ok"),
        (b"=?iso-8859-1?q?caf=E9?= now", "café now"),
        (b"=?utf-8*id?q?halo?=", "halo"),
        (b"=?nonsense?q?halo?=", "halo"),
        (b"=?utf-8?q?with space?=", "with space"),
        (b"=?utf-8?b?broken!base64?=", None),
        (b"=?utf-8?q?never closed", "=?utf-8?q?never closed"),
        ("Pesanan ✓".encode(), "Pesanan ✓"),
        (b"caf\xe9 au lait", "café au lait"),
        ("请问这个问题".encode("gb2312"), "请问这个问题"),
        ("請問這個問題".encode("big5"), "請問這個問題"),
        ("お問い合わせの件について".encode("shift_jis"), "お問い合わせの件について"),
        (b"=?gb2312?B?" + base64.b64encode("你好".encode("gb2312")) + b"?=", "你好"),
        (b"=?big5?B?" + base64.b64encode("你好".encode("big5")) + b"?=", "你好"),
        (b"=?Shift_JIS?B?" + base64.b64encode("注文".encode("shift_jis")) + b"?=", "注文"),
        (b"=?iso-2022-jp?B?" + base64.b64encode("注文".encode("iso2022_jp")) + b"?=", "注文"),
        (b"=?windows-1252?q?=80_100?=", "€ 100"),
        (b"folded\r\n subject\r\n\tline", "folded subject line"),
        (b"=?utf-8?q?a=0D=0ABcc:_evil=40example.com?=", "a Bcc: evil@example.com"),
        (b"=?utf-8?q?nul=00here?=", "nul here"),
        ("turned \u202eexe.jpg".encode(), "turned  exe.jpg"),
        (b"", ""),
    ],
)
def test_subjects_are_decoded(raw: bytes, expected: str | None) -> None:
    subject = read_mail(mail("From: a@b.example", b"Subject: " + raw)).subject
    assert "\n" not in subject
    assert "\r" not in subject
    if expected is not None:
        assert subject == expected


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", "Selamat pagi ✓"),
        ("iso-8859-1", "café"),
        ("windows-1252", "“quoted” €5"),
        ("gb2312", "你好，请问这个订单"),
        ("big5", "你好，請問這個訂單"),
        ("shift_jis", "注文について"),
        ("iso-2022-jp", "注文について"),
        ("euc-kr", "안녕하세요"),
        ("koi8-r", "Здравствуйте"),
        ("utf-16", "both bytes"),
        ("windows-874", "สวัสดี"),
    ],
)
def test_declared_charsets_are_decoded(charset: str, text: str) -> None:
    body = text.encode({"windows-874": "cp874"}.get(charset, charset))
    encoded = base64.encodebytes(body)
    head = ("From: a@b.example", f"Content-Type: text/plain; charset={charset}", "Content-Transfer-Encoding: base64")
    assert read_mail(mail(*head, body=encoded)).text == text


@pytest.mark.parametrize(
    ("declared", "actual", "text"),
    [
        ("us-ascii", "utf-8", "Selamat ✓"),
        ("utf-8", "cp1252", "café olé déjà vu"),
        ("x-unknown", "utf-8", "Selamat ✓"),
        ("zlib", "utf-8", "Selamat ✓"),
        ("unicode_escape", "utf-8", "Selamat ✓"),
        ("", "gb2312", "你好，这是我的问题，请您回复，谢谢"),
        ("", "big5", "你好，這是我的問題，請您回復，謝謝"),
        ("", "shift_jis", "お世話になっております。注文の件です。"),
        ("", "euc-kr", "안녕하세요 주문에 대한 문의가 있습니다 이것은"),
        ("utf-8", "shift_jis", "お世話になっております。注文の件です。"),
    ],
)
def test_wrong_charsets_are_guessed(declared: str, actual: str, text: str) -> None:
    head = f"Content-Type: text/plain; charset={declared}" if declared else "X-None: 1"
    read = read_mail(mail("From: a@b.example", head, body=text.encode(actual)))
    assert read.text == text
    if actual != "utf-8":
        assert "charset" in read.problems


def test_meta_tag_names_the_charset() -> None:
    html = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>你好</p>'.encode("gb2312")
    assert read_mail(mail("From: a@b.example", "Content-Type: text/html", body=html)).text == "你好"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Mon, 2 Mar 2026 10:00:00 +0700", 1772420400000),
        ("2 Mar 2026 03:00:00 GMT", 1772420400000),
        ("Mon, 2 Mar 2026 03:00:00 -0000", 1772420400000),
        ("yesterday", None),
        ("Mon, 99 Foo 2026 99:99:99 +9999", None),
        ("Mon, 2 Mar 9999 10:00:00 +0700", None),
        ("Mon, 2 Mar 1926 10:00:00 +0700", None),
        ("", None),
        ("0", None),
    ],
)
def test_dates_are_read_or_none(value: str, expected: int | None) -> None:
    assert read_mail(mail("From: a@b.example", f"Date: {value}")).date_ms == expected


def test_parent_comes_before_thread() -> None:
    read = read_mail(
        mail("From: a@b.example", "In-Reply-To: <three@x.example>", "References: <one@x.example>\r\n <two@x.example>")
    )
    assert read.references == ("<three@x.example>", "<one@x.example>", "<two@x.example>")


def test_newest_reference_stands_in_for_parent() -> None:
    assert read_mail(mail("From: a@b.example", "References: <1@x> <2@x>")).references == ("<2@x>", "<1@x>")


def test_broken_references_are_dropped() -> None:
    ids = "\r\n ".join(f"<{n}@x.example>" if n % 10 else f"<broken {n}>" for n in range(400))
    read = read_mail(mail("From: a@b.example", f"References: {ids} <fold\r\n ed@x.example>"))
    assert len(read.references) == 200
    assert read.references[0] == "<folded@x.example>"
    assert read.references[-1] == "<399@x.example>"
    assert not any("broken" in i for i in read.references)


def test_id_without_brackets_is_repaired() -> None:
    assert read_mail(mail("From: a@b.example", "In-Reply-To: one@x.example")).references == ("<one@x.example>",)


def test_second_delivery_has_same_fingerprint() -> None:
    rest = ("From: a@b.example", "Subject: no id")
    first = read_mail(mail("Received: by one", "Return-Path: <a@b.example>", *rest))
    second = read_mail(mail("Received: by two", "Delivered-To: x@y.example", "DKIM-Signature: abc", *rest))
    other = read_mail(mail(*rest, body="another text"))
    assert first.fingerprint == second.fingerprint
    assert first.fingerprint.startswith("sha256:")
    assert first.fingerprint != other.fingerprint
    assert first.message_id is None


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
def test_any_line_ends_are_read(ends: bytes) -> None:
    read = read_mail(mail("From: a@b.example", "Subject: x", body="one\r\ntwo").replace(b"\r\n", ends))
    assert (read.subject, read.text) == ("x", "one\ntwo")


def test_missing_empty_line_is_survived() -> None:
    read = read_mail(b"From: a@b.example\nSubject: x\nThis is the text already\nand more")
    assert read.subject == "x"
    assert read.text == "This is the text already\nand more"


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"no mail at all", b"\x00\x01\x02", b"PK\x03\x04 zip", b"\xff\xfe"])
def test_no_mail_becomes_visible(raw: bytes) -> None:
    read = read_mail(raw)
    assert set(read.problems) & {"unreadable", "empty"}
    assert read.fingerprint


def test_failing_reader_gives_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.mail.incoming.read_parts", lambda raw: 1 / 0)
    read = read_mail(b"From: a@b.example\n\nlost?")
    assert read.problems == ("unreadable",)
    assert "lost?" in read.text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Selamat pagi, saya mau tanya pesanan saya kenapa belum sampai ya?", "id"),
        ("Hello, could you please tell me where my order is?", "en"),
        ("12345", None),
        ("Bonjour, où est mon colis", None),
    ],
)
def test_language_is_guessed(text: str, language: str | None) -> None:
    assert read_mail(mail("From: a@b.example", body=text)).language == language

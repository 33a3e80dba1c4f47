"""A composed mail says what was meant, always in the same bytes, and nothing can be smuggled in."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.addresses import Address
from core.mail.automatic import Automatic
from core.mail.bodies import Attachment
from core.mail.incoming import read_mail
from core.mail.outgoing import OutgoingMail, Quotation, compose
from core.mail.rendering import text_to_html

MAIL = OutgoingMail(
    key="ticket-1/answer",
    message_id="<t.abc.def@desk.example>",
    date_ms=1772420400000,
    sender=Address("Bantuan Pelanggan", "help@desk.example"),
    to=(Address("Siti Aminah", "siti@example.com"),),
    subject="Re: Barang rusak",
    token="[#abcdefghijklmnop]",
    text="Halo Siti,\n\n**mohon** kirim foto.\n\n- satu\n- dua",
    language="id",
)


def test_answer_comes_back_as_written() -> None:
    read = read_mail(compose(MAIL))
    assert (read.message_id, read.date_ms) == (MAIL.message_id, MAIL.date_ms)
    assert (read.sender, read.to) == (MAIL.sender, MAIL.to)
    assert read.subject == "Re: Barang rusak [#abcdefghijklmnop]"
    assert read.text == MAIL.text
    assert read.html is not None
    assert "<strong>mohon</strong>" in read.html
    assert "<li>satu</li>" in read.html
    assert read.automatic is Automatic.PERSON
    assert read.problems == ()


def test_same_mail_same_bytes() -> None:
    assert compose(MAIL) == compose(replace(MAIL))
    assert compose(MAIL) != compose(replace(MAIL, key="another"))


def test_other_readers_understand_it() -> None:
    mail = replace(
        MAIL,
        sender=Address("Bantuan “Toko” ✓", "help@desk.example"),
        subject="Pesanan ✓ " * 12,
        attachments=(Attachment("tagihan ✓.pdf", "application/pdf", b"%PDF" * 100),),
    )
    parsed = message_from_bytes(compose(mail), policy=policy.default)
    assert parsed["subject"] == f"{mail.subject.strip()} {MAIL.token}"
    assert parsed["from"].addresses[0].display_name == mail.sender.name
    assert parsed["to"].addresses[0].addr_spec == "siti@example.com"
    (file,) = list(parsed.iter_attachments())
    assert (file.get_filename(), file.get_content()) == ("tagihan ✓.pdf", b"%PDF" * 100)
    body = parsed.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip().replace("\r\n", "\n") == MAIL.text
    assert parsed.defects == []


def test_lines_are_short_and_plain() -> None:
    raw = compose(replace(MAIL, text="ü" * 3_000 + "\n.\n..\nFrom here", subject="ü" * 400))
    assert raw.isascii()
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("kind", ["auto-replied", "auto-generated"])
def test_automatic_mail_says_so(kind: str) -> None:
    raw = compose(replace(MAIL, automatic=kind, desk="desk-1"))
    assert f"Auto-Submitted: {kind}".encode() in raw
    assert b"X-Auto-Response-Suppress: All" in raw
    assert read_mail(raw, desk="desk-1").automatic is Automatic.OWN
    read_there = {"auto-replied": Automatic.AUTO_REPLY, "auto-generated": Automatic.GENERATED}[kind]
    assert read_mail(raw, desk="desk-2").automatic is read_there


def test_thread_is_kept_within_bounds() -> None:
    ids = tuple(f"<{n}.{'x' * 40}@example.com>" for n in range(100))
    read = read_mail(compose(replace(MAIL, references=ids, in_reply_to=ids[-1])))
    assert read.references[0] == ids[-1]
    assert read.references[1] == ids[0]
    assert read.references[-1] == ids[-2]
    assert 10 < len(read.references) < 25


def test_long_ids_are_not_broken() -> None:
    long_id = f"<{'x' * 120}@example.com>"
    raw = compose(replace(MAIL, in_reply_to=long_id))
    assert b"In-Reply-To: " + long_id.encode() in raw


def test_quoted_mail_stands_below() -> None:
    quoted = Quotation(
        "Siti", "2 Maret 2026 10.00", "Barang rusak.\n> lama\n<b>bukan tebal</b> ![x](http://evil.example/a.png)"
    )
    read = read_mail(compose(replace(MAIL, quoted=quoted)))
    assert read.visible_text == MAIL.text
    assert "> Barang rusak.\n>> lama" in read.quoted_text
    assert read.html is not None
    assert "&lt;b&gt;bukan tebal" in read.html
    assert "<img" not in read.html


def test_receivers_and_reply_address() -> None:
    cc = (Address("Ünï, Côdé", "a@b.example"), Address("", "c@d.example"))
    read = read_mail(compose(replace(MAIL, cc=cc, reply_to=Address("", "reply@desk.example"))))
    assert read.cc == cc
    assert read.reply_to == (Address("", "reply@desk.example"),)


def test_foreign_domains_become_plain() -> None:
    raw = compose(replace(MAIL, to=(Address("Bücher", "siti@bücher.example"),)))
    assert b"siti@xn--bcher-kva.example" in raw


def test_picture_goes_with_its_text() -> None:
    picture = Attachment("a.png", "image/png", b"PNG", content_id="pic@desk", inline=True)
    read = read_mail(compose(replace(MAIL, html='<p>see <img src="cid:pic@desk"></p>', attachments=(picture,))))
    assert read.attachments == (picture,)
    assert read.html is not None
    assert 'src="cid:pic@desk"' in read.html


@pytest.mark.parametrize(
    "name", ["a.pdf", "my file.pdf", "ü✓" * 60 + ".pdf", 'q"uote.pdf', "100%.pdf", "a'b.pdf", "x" * 120 + ".txt"]
)
def test_file_names_come_back(name: str) -> None:
    (file,) = read_mail(
        compose(replace(MAIL, attachments=(Attachment(name, "application/pdf", bytes(range(256)) * 9),)))
    ).attachments
    assert file.name.replace("'", '"') == name.replace("'", '"')
    assert file.content == bytes(range(256)) * 9


@pytest.mark.parametrize("content_type", ["message/rfc822", "multipart/mixed", "text/html\r\nX: y", "nonsense", ""])
def test_odd_types_travel_as_files(content_type: str) -> None:
    (file,) = read_mail(
        compose(replace(MAIL, attachments=(Attachment("a.bin", content_type, b"From: x\n\ny"),)))
    ).attachments
    assert (file.content_type, file.content) == ("application/octet-stream", b"From: x\n\ny")


EVIL = "x\r\nBcc: evil@example.com\r\n\r\nbody"


@pytest.mark.parametrize(
    "change",
    [
        {"subject": EVIL},
        {"token": EVIL},
        {"sender": Address(EVIL, "help@desk.example")},
        {"to": (Address(EVIL, "a@b.example"),)},
        {"in_reply_to": f"<{EVIL}@x>"},
        {"references": (f"<{EVIL}@x>", "<a@b> \r\nBcc: y")},
        {"desk": EVIL},
        {"language": EVIL},
        {"quoted": Quotation(EVIL, EVIL, EVIL)},
        {"attachments": (Attachment(EVIL, "text/plain", b"x", content_id=EVIL, inline=True),)},
        {"key": EVIL},
    ],
)
def test_no_header_is_smuggled_in(change: dict[str, object]) -> None:
    raw = compose(replace(MAIL, **change))
    parsed = message_from_bytes(raw)
    assert parsed["bcc"] is None
    assert not any(part["bcc"] for part in parsed.walk())
    assert raw.split(b"\r\n\r\n")[0].count(b"\r\nSubject:") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "abc"},
        {"message_id": "<a@b>\r\nBcc: x"},
        {"to": (Address("", "a b@c.example"),)},
        {"to": (Address("", "a@b.example\r\nBcc: x"),)},
        {"to": (Address("", "nobody"),)},
        {"to": ()},
    ],
)
def test_impossible_mails_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected|needed"):
        compose(replace(MAIL, **change))


def test_markdown_is_harmless() -> None:
    html = text_to_html("<script>x</script>\n[a](javascript:alert(1)) ![p](http://evil.example/p.png)\nsecond line")
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "<br" in html


def test_given_html_is_cleaned() -> None:
    raw = compose(replace(MAIL, html='<p onclick="x()">hi</p><script>x</script><a href="https://x.example">l</a>'))
    assert b"onclick" not in raw
    assert b"<script" not in raw


def test_page_fits_dark_screens() -> None:
    text = compose(MAIL).replace(b"=\r\n", b"").decode()
    assert "color-scheme" in text
    assert "background" not in text
    assert ";color:" not in text.replace(" ", "")


@given(st.text(max_size=200), st.text(max_size=80), st.text(max_size=60))
def test_any_text_comes_back(text: str, subject: str, name: str) -> None:
    raw = compose(replace(MAIL, text=text, subject=subject, sender=Address(name, "help@desk.example"), token=""))
    parsed = message_from_bytes(raw, policy=policy.compat32)
    assert [key.lower() for key in parsed].count("from") == 1
    read = read_mail(raw)
    assert read.sender is not None
    assert read.sender.email == "help@desk.example"
    assert read.problems == ()


def test_bare_address_becomes_link() -> None:
    html = text_to_html("Lihat https://desk.example/r/abc.\n\nAtau [di sini](https://desk.example/x).")
    assert '<a href="https://desk.example/r/abc"' in html
    assert html.count("<a ") == 2

"""Text, HTML and files are found in whatever parts a mail is made of."""

from __future__ import annotations

import pytest

from core.mail.addresses import Address
from core.mail.incoming import read_mail


def mail(*headers: str | bytes, body: str | bytes = "Halo, pesanan saya belum sampai.") -> bytes:
    lines = [h.encode() if isinstance(h, str) else h for h in headers]
    return b"\r\n".join([*lines, b"", body.encode() if isinstance(body, str) else body])


def multipart(subtype: str, *parts: str | bytes, boundary: str = "cut", extra: tuple[str, ...] = ()) -> bytes:
    pieces = [p.encode() if isinstance(p, str) else p for p in parts]
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), p) for p in pieces) + b"--%s--\r\n" % boundary.encode()
    return mail(
        "From: Budi <budi@example.com>",
        "Subject: Parts",
        *extra,
        f'Content-Type: multipart/{subtype}; boundary="{boundary}"',
        body=body,
    )


PLAIN = "Content-Type: text/plain\r\n\r\nplain text"
HTML = "Content-Type: text/html\r\n\r\n<p>html <b>text</b></p>"


def test_alternative_gives_text_and_html() -> None:
    read = read_mail(multipart("alternative", PLAIN, HTML))
    assert (read.text, read.html) == ("plain text", "<p>html <b>text</b></p>")
    assert read.attachments == ()


def test_html_only_becomes_text() -> None:
    read = read_mail(mail("From: a@b.example", "Content-Type: text/html", body="<p>Halo</p><ul><li>satu<li>dua</ul>"))
    assert "Halo" in read.text
    assert "satu" in read.text
    assert "<" not in read.text


def test_stub_text_gives_way_to_html() -> None:
    stub = "Content-Type: text/plain\r\n\r\nYour program does not show HTML."
    assert read_mail(multipart("alternative", stub, HTML)).text == "html text"


def test_empty_plain_part_gives_way() -> None:
    assert read_mail(multipart("alternative", "Content-Type: text/plain\r\n\r\n ", HTML)).text == "html text"


def test_picture_in_text_stays_known() -> None:
    html = 'Content-Type: text/html\r\n\r\n<p>see <img src="cid:pic@x" alt="screen"></p>'
    picture = (
        "Content-Type: image/png; name=a.png\r\nContent-ID: <pic@x>\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA"
    )
    read = read_mail(multipart("related", html, picture))
    assert read.html is not None
    assert 'src="cid:pic@x"' in read.html
    (attachment,) = read.attachments
    assert (attachment.name, attachment.content_id, attachment.inline) == ("a.png", "pic@x", True)
    assert attachment.content == b"\x00\x00\x00"


def test_texts_around_a_file_are_joined() -> None:
    file = "Content-Type: application/pdf; name=bill.pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF"
    read = read_mail(multipart("mixed", PLAIN, file, "Content-Type: text/plain\r\n\r\nsecond text"))
    assert read.text == "plain text\n\nsecond text"
    assert [a.name for a in read.attachments] == ["bill.pdf"]


def test_nested_parts_are_found() -> None:
    inner = multipart("alternative", PLAIN, HTML, boundary="inner").split(b"\r\n", 2)[2]
    middle = multipart("related", inner, "Content-Type: image/gif\r\nContent-ID: <g>\r\n\r\nGIF", boundary="middle")
    read = read_mail(multipart("mixed", middle.split(b"\r\n", 2)[2], "Content-Type: text/csv; name=a.csv\r\n\r\n1,2"))
    assert read.text == "plain text"
    assert [(a.name, a.inline) for a in read.attachments] == [("attachment-1.gif", True), ("a.csv", False)]


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ("attachment; filename=bill.pdf", "bill.pdf"),
        ('attachment; filename="my bill.pdf"', "my bill.pdf"),
        ("attachment; filename*=utf-8''tagihan%20%E2%9C%93.pdf", "tagihan ✓.pdf"),
        ("attachment; filename*0*=utf-8''tag; filename*1*=ihan%20%E2; filename*2*=%9C%93.pdf", "tagihan ✓.pdf"),
        ("attachment; filename*0=long; filename*1=name.pdf", "longname.pdf"),
        ('attachment; filename="=?utf-8?b?w6kucGRm?="', "é.pdf"),
        ('attachment; filename="/etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\Users\\\\b\\\\bill.pdf"', "bill.pdf"),
        ('attachment; filename="..\\..\\evil.exe"', "evil.exe"),
        ('attachment; filename="a\x00b.pdf"', "a b.pdf"),
        ('attachment; filename="' + "x" * 300 + '.pdf"', "x" * 146 + ".pdf"),
        ("attachment", "attachment-1.pdf"),
        ('attachment; filename=""', "attachment-1.pdf"),
        ('attachment; filename="..."', "attachment-1.pdf"),
    ],
)
def test_file_names_are_safe(disposition: str, expected: str) -> None:
    part = f"Content-Type: application/pdf\r\nContent-Disposition: {disposition}\r\n\r\n%PDF"
    (attachment,) = read_mail(multipart("mixed", PLAIN, part)).attachments
    assert attachment.name == expected


def test_raw_file_name_is_guessed() -> None:
    part = b'Content-Type: application/pdf; name="' + "订单问题".encode("gb2312") + b'.pdf"\r\n\r\n%PDF'
    (attachment,) = read_mail(multipart("mixed", PLAIN, part)).attachments
    assert attachment.name == "订单问题.pdf"


@pytest.mark.parametrize(
    ("encoding", "body", "content"),
    [
        ("base64", b"aGFs\r\nbw==", b"halo"),
        ("base64", b"aGFsbw", b"halo"),
        ("base64", b"aG*Fs!bw==", b"halo"),
        ("BASE64", b"aGFsbw==", b"halo"),
        ("quoted-printable", b"ha=6Co=\r\n", b"halo"),
        ("quoted-printable", b"=ZZ", b"=ZZ"),
        ("x-uuencode", b"begin 644 a.txt\n$:&%L;P``\n`\nend\n", b"halo"),
        ("8bit", b"h\xe4lo", b"h\xe4lo"),
        ("nonsense", b"halo", b"halo"),
    ],
)
def test_transfer_encodings_are_undone(encoding: str, body: bytes, content: bytes) -> None:
    head = f"Content-Type: application/x-test; name=a.bin\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    (attachment,) = read_mail(multipart("mixed", PLAIN, head + body)).attachments
    assert attachment.content.rstrip(b"\0") == content


def test_attached_mail_keeps_its_bytes() -> None:
    inner = b"From: a@b.example\r\nSubject: Inner: subject\r\n\r\ntext"
    read = read_mail(multipart("mixed", PLAIN, b"Content-Type: message/rfc822\r\n\r\n" + inner))
    (attachment,) = read.attachments
    assert (attachment.name, attachment.content) == ("Inner subject.eml", inner)
    assert read.text == "plain text"


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\nx", "tnef"),
        ("Content-Type: application/octet-stream; name=winmail.dat\r\n\r\nx", "tnef"),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\r\nx", "encrypted"),
    ],
)
def test_closed_formats_are_reported(part: str, problem: str) -> None:
    read = read_mail(multipart("mixed", PLAIN, part))
    assert problem in read.problems
    assert len(read.attachments) == 1


def test_flowed_lines_are_joined() -> None:
    head = ("From: a@b.example", "Content-Type: text/plain; format=flowed")
    read = read_mail(mail(*head, body="one \r\ntwo\r\n> q1 \r\n> q2\r\n-- \r\nme"))
    assert read.text == "one two\n> q1 q2\n-- \nme"


def test_missing_closing_line_loses_nothing() -> None:
    raw = multipart("mixed", PLAIN, "Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-cut").replace(
        b"--cut--", b""
    )
    read = read_mail(raw)
    assert read.text == "plain text"
    assert read.attachments[0].content.startswith(b"%PDF-cut")


def test_undeclared_boundary_is_found() -> None:
    read = read_mail(multipart("mixed", PLAIN, HTML).replace(b'; boundary="cut"', b""))
    assert "plain text" in read.text


def test_boundary_that_never_comes() -> None:
    read = read_mail(mail("From: a@b.example", "Content-Type: multipart/mixed; boundary=x", body="just text"))
    assert read.text == "just text"
    assert "broken_structure" in read.problems


def test_invitation_is_read() -> None:
    calendar = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Rapat\\, mingguan\r\n  lanjutan\r\n"
        "DTSTART;TZID=Asia/Jakarta:20260302T090000\r\nDTEND:20260302T030000Z\r\n"
        'ORGANIZER;CN="Budi Santoso":mailto:budi@example.com\r\nLOCATION:Ruang 1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
    )
    read = read_mail(multipart("alternative", PLAIN, "Content-Type: text/calendar; method=REQUEST\r\n\r\n" + calendar))
    assert read.invite is not None
    assert read.invite.summary == "Rapat, mingguan lanjutan"
    assert read.invite.when == "2026-03-02T09:00+07:00"
    assert read.invite.until == "2026-03-02T03:00+00:00"
    assert read.invite.organizer == Address("Budi Santoso", "budi@example.com")
    assert [a.content_type for a in read.attachments] == ["text/calendar"]

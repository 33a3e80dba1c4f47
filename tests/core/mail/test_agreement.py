"""On well-formed mail we agree with the standard library, and with our own documentation."""

from __future__ import annotations

import re
from dataclasses import fields
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.mail import incoming
from core.mail.automatic import Automatic, never_answer
from core.mail.incoming import IncomingMail, read_mail
from core.mail.problems import PROBLEMS, problem_text

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"))
LINES = st.text(LETTERS, max_size=120)
NAMES = st.text(st.sampled_from("abc DEF äöü 你好 -_.,()'"), min_size=1, max_size=60)


def said(text: str) -> str:
    return " ".join(text.split())


@given(LINES, st.lists(LINES, max_size=5), st.sampled_from(["7bit", "quoted-printable", "base64", "8bit"]))
@settings(deadline=None)
def test_texts_agree(subject: str, lines: list[str], encoding: str) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Siti <siti@example.com>"
    mail["Subject"] = said(subject)
    text = "\n".join(lines)
    mail.set_content(text, cte=encoding if encoding != "7bit" or text.isascii() else "base64")
    read = read_mail(mail.as_bytes())
    assert said(read.text) == said(text)
    assert said(read.subject) == said(subject)[:500].strip()


@given(
    st.lists(
        st.tuples(NAMES, st.binary(max_size=300), st.sampled_from(["application/pdf", "image/png", "text/csv"])),
        max_size=4,
    )
)
@settings(deadline=None)
def test_files_agree(files: list[tuple[str, bytes, str]]) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Siti <siti@example.com>"
    mail.set_content("see the files")
    mail.add_alternative("<p>see the <b>files</b></p>", subtype="html")
    for name, content, kind in files:
        main, sub = kind.split("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=f"{name}.bin")
    read = read_mail(mail.as_bytes())
    assert read.text.strip() == "see the files"
    assert [(a.content, a.content_type) for a in read.attachments] == [
        (content, kind) for _name, content, kind in files
    ]
    for attachment, (name, _content, _kind) in zip(read.attachments, files, strict=True):
        assert said(attachment.name).strip(" .'") == said(f"{name}.bin").strip(" .'")


@given(NAMES, NAMES)
@settings(deadline=None)
def test_addresses_agree(name: str, other: str) -> None:
    from email.headerregistry import Address

    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(said(name), "siti", "example.com")
    mail["To"] = [Address(said(other), "help", "desk.example"), Address("", "second", "desk.example")]
    mail.set_content("hello")
    raw = mail.as_bytes()
    assume(
        len(message_from_bytes(raw, policy=SMTP)["To"].addresses) == 2
    )  # Python folds a few names with the comma encoded
    read = read_mail(raw)
    assert read.sender is not None
    assert read.sender.email == "siti@example.com"
    assert [a.email for a in read.to] == ["help@desk.example", "second@desk.example"]
    assert read.sender.name == said(name).strip("'\" ")


GMAIL = """<div dir="ltr">Masih belum sampai.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">
Pada Sen, 2 Mar 2026 pukul 10.00 Bantuan &lt;<a href="mailto:help@desk.example">help@desk.example</a>&gt; menulis:<br></div>
<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">Pesanan Anda <b>sudah</b> dikirim.</blockquote></div>"""
OUTLOOK = """<html><head><style>p.MsoNormal {margin:0cm}</style></head><body><div class=WordSection1>
<p class=MsoNormal>Masih belum sampai.<o:p></o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt'>
<p class=MsoNormal><b>Dari:</b> Bantuan &lt;help@desk.example&gt; <br><b>Dikirim:</b> Senin, 02 Maret 2026 10.00<br>
<b>Kepada:</b> Siti<br><b>Perihal:</b> Re: Pesanan</p></div><p class=MsoNormal>Pesanan Anda <b>sudah</b> dikirim.</p></div></body></html>"""
OUTLOOK_WEB = """<div>Masih belum sampai.</div><div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg">
<b>From:</b> Desk &lt;help@desk.example&gt;<br><b>Sent:</b> Monday, March 2, 2026 10:00 AM<br><b>To:</b> Siti<br><b>Subject:</b> Re: order</div>
<div>Pesanan Anda sudah dikirim.</div>"""
APPLE = """<html><body>Masih belum sampai.<br><br><div dir="ltr">Dikirim dari iPhone saya</div><div dir="ltr"><br><blockquote type="cite">
Pada 2 Mar 2026, pukul 10.00, Bantuan &lt;help@desk.example&gt; menulis:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">
Pesanan Anda sudah dikirim.</div></blockquote></body></html>"""
YAHOO = """<div class="yahoo-style-wrap">Masih belum sampai.</div><div class="yahoo_quoted"><div>
    On Monday, March 2, 2026 at 10:00:00 AM GMT+7, Desk &lt;help@desk.example&gt; wrote:
</div><div>Pesanan Anda sudah dikirim.</div></div>"""


def of_html(html: str) -> IncomingMail:
    return read_mail(b"From: Siti <siti@example.com>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode())


@pytest.mark.parametrize("html", [GMAIL, OUTLOOK, OUTLOOK_WEB, APPLE, YAHOO])
def test_html_replies_are_taken_apart(html: str) -> None:
    read = of_html(html)
    assert said(read.visible_text).replace("-", "").strip() == "Masih belum sampai."
    assert "dikirim." in read.quoted_text


def test_example_in_docs_is_true() -> None:
    docs = Path(__file__).parents[3] / "docs" / "mail.md"
    example = docs.read_text("utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, object] = {}
    exec(example, names)
    for line in example.splitlines():
        expression, comment, value = line.partition("  # ")
        if comment:
            assert eval(expression, names) == eval(value, names, {"Automatic": Automatic})


def test_every_kind_and_field_is_documented() -> None:
    docs = (Path(__file__).parents[3] / "docs" / "mail.md").read_text("utf-8")
    assert [kind for kind in Automatic if never_answer(kind) and f"`{kind}`" not in docs] == []
    assert [
        field.name
        for field in fields(IncomingMail)
        if field.name not in ("message_id", "desk") and f"`{field.name}`" not in docs
    ] == []


def test_every_problem_has_a_sentence() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(incoming.__file__).parent.glob("*.py"))
    codes = set(re.findall(r'problems\.append\("([a-z_]+)"\)', source)) | {"unreadable", "empty", "bad_date", "no_date"}
    assert codes == set(PROBLEMS)
    assert all(problem_text(code).endswith(".") for code in codes)
    assert problem_text("unheard_of") == "unheard_of"

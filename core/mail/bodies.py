"""What is text in this mail, what is HTML, and what is attached?"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass, field

from core.mail.charsets import decode
from core.mail.headers import parameters, printable, split_mail
from core.mail.markup import LONGEST as LONGEST_HTML
from core.mail.markup import clean_html, html_to_text
from core.mail.parts import Part

LONGEST_TEXT = 1_000_000
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s{0,5}=\s{0,5}[\"']?\s{0,5}([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_IGNORED = ("text/x-amp-html", "text/watch-html")
_TEXTS = ("text/plain", "text/html", "text/enriched", "text/richtext")
_ENCRYPTED = ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along; `inline` when the text shows it, `content_id` is how the text's HTML names it."""

    name: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the mail's text: as plain text, as cleaned HTML, or both."""

    text: str = ""
    html: str = ""


@dataclass(slots=True)
class Contents:
    """Everything found in the parts of one mail."""

    text: str = ""
    html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    text_left: int = LONGEST_TEXT
    html_left: int = LONGEST_HTML
    seen_text: bool = False


def read_contents(root: Part, hint: str | None = None) -> Contents:
    """Gather text, HTML and attachments from the tree of parts."""
    contents = Contents()
    pieces = _gather(root, contents, hint)
    contents.text = "\n\n".join(text for piece in pieces if (text := _text_of(piece).strip("\n")))
    if any(piece.html for piece in pieces):
        contents.html = "\n".join(piece.html or _as_html(piece.text) for piece in pieces)
    contents.problems = list(dict.fromkeys(contents.problems))
    return contents


def _text_of(piece: _Piece) -> str:
    """The plain text; the HTML's when there is none, or when it only says that one should look at the HTML."""
    if not piece.html:
        return piece.text
    stub = len(piece.text) < 300 and "html" in piece.text.lower()
    if piece.text.strip() and not stub:
        return piece.text
    text = html_to_text(piece.html)[:LONGEST_TEXT]
    return text if text.strip() else piece.text


def _as_html(text: str) -> str:
    return "<p>" + text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>\n") + "</p>"


def _gather(part: Part, contents: Contents, hint: str | None) -> list[_Piece]:
    if not part.children:
        return _leaf(part, contents, hint)
    if part.content_type == "multipart/alternative":
        return _alternative(part, contents, hint)
    if part.content_type == "multipart/related":
        return _related(part, contents, hint)
    if part.content_type == "multipart/encrypted":
        contents.problems.append("encrypted")
    return [piece for child in part.children for piece in _gather(child, contents, hint)]


def _alternative(part: Part, contents: Contents, hint: str | None) -> list[_Piece]:
    """The same text in several forms: the last plain and the last HTML form belong together."""
    text = html = ""
    for child in part.children:
        if child.content_type in _IGNORED:
            continue
        contents.seen_text = False
        pieces = _gather(child, contents, hint)
        if any(piece.html for piece in pieces):
            html = "\n".join(piece.html or _as_html(piece.text) for piece in pieces)
            text = text or "\n".join(piece.text for piece in pieces if piece.text)
        elif any(piece.text.strip() for piece in pieces):
            text = "\n".join(piece.text for piece in pieces)
    return [_Piece(text, html)] if text or html else []


def _related(part: Part, contents: Contents, hint: str | None) -> list[_Piece]:
    """The first part (or the one named as start) shows the others."""
    start = part.parameters.get("start", "").strip("<> ")
    named = (c for c in part.children if start and _content_id(c) == start)
    root = next(named, part.children[0])
    pieces = _gather(root, contents, hint)
    for child in part.children:
        if child is not root:
            for leaf in child.walk():
                if not leaf.children:
                    _attach(leaf, contents, hint, inline=True)
    return pieces


def _leaf(part: Part, contents: Contents, hint: str | None) -> list[_Piece]:
    disposition, values = parameters(part.headers.plain("content-disposition", hint), hint)
    named = bool(values.get("filename") or part.parameters.get("name"))
    is_text = part.content_type in _TEXTS and disposition != "attachment" and not (named and contents.seen_text)
    if not is_text:
        if part.content_type == "text/calendar":
            contents.calendars.append(_decoded(part, contents, hint)[:LONGEST_TEXT])
        _attach(part, contents, hint, inline=disposition == "inline" and bool(_content_id(part)))
        return []
    contents.seen_text = True
    text = _decoded(part, contents, hint)
    if part.content_type != "text/plain":
        return _html_piece(text, contents)
    text = _limited(text, contents)
    if part.parameters.get("format", "").lower() == "flowed":
        text = _unflowed(text, part.parameters.get("delsp", "").lower() == "yes")
    return [_Piece(text=text)]


def _html_piece(text: str, contents: Contents) -> list[_Piece]:
    html, cut = clean_html(text[: contents.html_left])
    if cut or len(text) > contents.html_left:
        contents.problems.append("text_cut")
    contents.html_left = max(0, contents.html_left - len(text))
    return [_Piece(html=html)]


def _limited(text: str, contents: Contents) -> str:
    if len(text) > contents.text_left:
        contents.problems.append("text_cut")
        text = text[: contents.text_left]
    contents.text_left -= len(text)
    return text


def _decoded(part: Part, contents: Contents, hint: str | None) -> str:
    raw = part.content()[: LONGEST_TEXT * 4]
    declared = part.charset
    if declared is None and part.content_type == "text/html" and (meta := _META_CHARSET.search(raw[:4096])):
        declared = meta[1].decode("ascii")
    text, guessed = decode(raw, declared or hint)
    if guessed and not raw.isascii():
        contents.problems.append("charset")
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _unflowed(text: str, delete_space: bool) -> str:
    """Paragraphs of `format=flowed` (RFC 3676) put together again: a line ending in a space goes on."""
    out: list[str] = []
    goes_on = False
    last_quote = ""
    for line in text.split("\n"):
        quote = line[: len(line) - len(line.lstrip(">"))]
        content = line[len(quote) :].removeprefix(" ")
        if goes_on and out and quote == last_quote:
            out[-1] += content
        else:
            out.append(f"{quote} {content}" if quote else content)
        goes_on = content.endswith(" ") and content != "-- " and len(out[-1]) < 20_000
        last_quote = quote
        if goes_on and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def _content_id(part: Part) -> str:
    return part.headers.word("content-id").strip("<> ")[:300]


def _attach(part: Part, contents: Contents, hint: str | None, inline: bool = False) -> None:
    content = part.content()
    name = file_name(part, hint) or _invented_name(part, content, len(contents.attachments) + 1)
    if part.content_type in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
        contents.problems.append("tnef")
    if part.content_type in _ENCRYPTED and part.parameters.get("smime-type", "enveloped-data") == "enveloped-data":
        contents.problems.append("encrypted")
    if part.content_type == "message/rfc822":
        contents.mails.append(content)
    contents.attachments.append(Attachment(name, part.content_type, content, _content_id(part), inline))


def file_name(part: Part, hint: str | None = None) -> str:
    """The declared name without folders and control characters, at most 150 characters; empty when there is none."""
    _disposition, values = parameters(part.headers.plain("content-disposition", hint), hint)
    name = values.get("filename") or part.parameters.get("name") or ""
    name = re.split(r"[/\\]", printable(name))[-1].strip(" .\"'<>|:*?")
    if len(name) > 150:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[: 149 - len(suffix)]}.{suffix}" if dot and len(suffix) < 20 else name[:150]
    return name


def _invented_name(part: Part, content: bytes, number: int) -> str:
    if part.content_type == "message/rfc822":
        subject = split_mail(content[:16_384], most=100)[0].text("subject")
        stem = re.sub(r"[^\w .-]", "", subject)[:80].strip(" .")
        return f"{stem or f'mail-{number}'}.eml"
    known = {"text/calendar": ".ics", "application/pgp-signature": ".asc", "message/delivery-status": ".txt"}
    extension = known.get(part.content_type) or mimetypes.guess_extension(part.content_type)
    extension = extension or (".txt" if part.content_type.startswith("text/") else ".bin")
    return f"attachment-{number}{extension}"

"""How does a mail of ours look? The same input always gives the same bytes, so a repeated attempt is the same mail."""

from __future__ import annotations

import binascii
import hashlib
import quopri
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal

from core.mail.addresses import Address
from core.mail.automatic import DESK_HEADER
from core.mail.bodies import Attachment
from core.mail.headers import printable
from core.mail.rendering import html_page
from core.texts import _, speaking

_WIDTH = 76
_MOST_REFERENCES_BYTES = 900
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,120}")
_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,600}>")
_SAFE_LOCAL = re.compile(r"[^\s<>@,;:\"()\[\]\\\x00-\x20\x7f]{1,200}")


@dataclass(frozen=True, slots=True)
class Quotation:
    """The mail that is answered, to be shown below the answer. `when` is a date as the reader writes it."""

    author: str
    when: str
    text: str


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """All that a mail is made of. `text` is plain text with a little Markdown; `html` replaces what is made from it.

    `key` fixes the boundaries between the parts: use the effect's key. `automatic` says that no person wrote this mail:
    `auto-replied` for an answer to a mail, `auto-generated` for everything else.
    """

    key: str
    message_id: str
    date_ms: int
    sender: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    cc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    token: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    html: str | None = None
    quoted: Quotation | None = None
    automatic: Literal["", "auto-replied", "auto-generated"] = ""
    desk: str = ""
    language: str = "en"
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


def compose(mail: OutgoingMail) -> bytes:
    """The mail as bytes ready for SMTP. Nothing in it can add a header line: line ends never leave their field."""
    if not mail.to and not mail.cc:
        raise ValueError(f"Mail {mail.key!r} has no receiver: at least one address in `to` or `cc` is needed.")
    head, body = _entity(mail)
    return b"\r\n".join([*_headers(mail), *head, b"", body])


def _headers(mail: OutgoingMail) -> list[bytes]:
    lines = [
        _folded("From", [_mailbox(mail.sender)], ","),
        _folded("To", [_mailbox(a) for a in mail.to] or ["undisclosed-recipients:;"], ","),
    ]
    if mail.cc:
        lines.append(_folded("Cc", [_mailbox(a) for a in mail.cc], ","))
    if mail.reply_to is not None:
        lines.append(_folded("Reply-To", [_mailbox(mail.reply_to)], ","))
    subject = printable(mail.subject)
    token = [printable(mail.token)] if mail.token and mail.token not in subject else []
    lines.append(_folded("Subject", [*_words(subject), *token]))
    moment = datetime.fromtimestamp(mail.date_ms / 1000, UTC)
    lines += [_folded("Date", [format_datetime(moment)]), _folded("Message-ID", [_known_id(mail.message_id)])]
    if _ID.fullmatch(mail.in_reply_to):
        lines.append(_folded("In-Reply-To", [mail.in_reply_to]))
    references = _trimmed([*mail.references, mail.in_reply_to])
    if references:
        lines.append(_folded("References", references))
    if mail.automatic:
        lines += [_folded("Auto-Submitted", [mail.automatic]), b"X-Auto-Response-Suppress: All"]
    if mail.desk:
        lines.append(_folded(DESK_HEADER, [re.sub(r"[^\x21-\x7e]", "", mail.desk)]))
    lines += [_folded("Content-Language", [re.sub(r"[^A-Za-z-]", "", mail.language) or "en"]), b"MIME-Version: 1.0"]
    return lines


def _known_id(message_id: str) -> str:
    if not _ID.fullmatch(message_id):
        raise ValueError(f"{message_id!r} is no Message-ID: expected <something@domain>.")
    return message_id


def _trimmed(ids: list[str]) -> list[str]:
    """The thread's first mail and as many of the newest as fit; some servers refuse longer header lines."""
    sane = list(dict.fromkeys(i for i in ids if _ID.fullmatch(i) and len(i) < 300))
    kept: list[str] = []
    size = len(sane[0]) if sane else 0
    for message_id in reversed(sane[1:]):
        size += len(message_id) + 1
        if size > _MOST_REFERENCES_BYTES:
            break
        kept.append(message_id)
    return sane[:1] + kept[::-1]


def _folded(name: str, pieces: Iterable[str], separator: str = "") -> bytes:
    """A header line broken between its pieces, never inside one."""
    lines, current = [], f"{name}:"
    listed = list(pieces)
    for number, piece in enumerate(listed):
        piece += separator if separator and number < len(listed) - 1 else ""
        if len(current) + 1 + len(piece) > _WIDTH and current.strip() and current != f"{name}:":
            lines.append(current)
            current = ""
        current += f" {piece}"
    return "\r\n".join([*lines, current]).encode("utf-8")


def _words(text: str) -> list[str]:
    """Text for a header: as it is when it is plain ASCII, else encoded words of at most 45 bytes each."""
    if text.isascii() and "=?" not in text:
        words = text.split(" ")
        if all(len(word) < 900 for word in words):
            return words
    chunks: list[bytes] = []
    current = b""
    for char in text:
        raw = char.encode("utf-8", "replace")
        if len(current) + len(raw) > 42:
            chunks.append(current)
            current = b""
        current += raw
    return [f"=?utf-8?b?{binascii.b2a_base64(w, newline=False).decode()}?=" for w in [*chunks, current] if w]


def _mailbox(address: Address) -> str:
    local, _at, domain = address.email.rpartition("@")
    domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    if not _SAFE_LOCAL.fullmatch(local) or not re.fullmatch(r"[A-Za-z0-9.:\[\]_-]{1,255}", domain):
        raise ValueError(f"{address.email!r} is no address a mail can be sent to: expected name@domain.")
    name = printable(address.name)
    if not name:
        return f"{local}@{domain}"
    if name.isascii() and "=?" not in name and len(name) < 500:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        shown = name if re.fullmatch(r"[A-Za-z0-9 '-]+", name) else f'"{escaped}"'
    else:
        shown = "\r\n ".join(_words(name[:500]))
    return f"{shown} <{local}@{domain}>"


def _entity(mail: OutgoingMail) -> tuple[list[bytes], bytes]:
    """The body: plain text and HTML side by side, pictures of the HTML with it, other files after it."""
    with speaking(mail.language):
        intro = _("On %(date)s, %(name)s wrote:", date=mail.quoted.when, name=mail.quoted.author) if mail.quoted else ""
    quoted = mail.quoted.text if mail.quoted else ""
    page = html_page(mail.text, mail.html, intro, quoted, mail.language)
    entity = _multipart(
        mail.key, "alternative", [_text("plain", _plain(mail.text, intro, quoted)), _text("html", page)]
    )
    pictures = [a for a in mail.attachments if a.inline and a.content_id and f"cid:{a.content_id}" in page]
    files = [a for a in mail.attachments if a not in pictures]
    if pictures:
        entity = _multipart(mail.key, "related", [entity, *(_file(a) for a in pictures)])
    if files:
        entity = _multipart(mail.key, "mixed", [entity, *(_file(a) for a in files)])
    return entity


def _plain(text: str, intro: str, quoted: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    if not intro:
        return text + "\n"
    lines = [f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in quoted.strip().splitlines()]
    return "\n".join([text, "", printable(intro), *lines, ""])


def _text(subtype: str, content: str) -> tuple[list[bytes], bytes]:
    raw = content.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    encoded = quopri.encodestring(raw).replace(b"\n", b"\r\n")
    return [
        b"Content-Type: text/" + subtype.encode() + b'; charset="utf-8"',
        b"Content-Transfer-Encoding: quoted-printable",
    ], encoded


def _multipart(key: str, subtype: str, entities: list[tuple[list[bytes], bytes]]) -> tuple[list[bytes], bytes]:
    """Parts with a boundary made from the key: fixed, and in no text, as `=_` never stands in encoded content."""
    boundary = b"=_" + hashlib.sha256(f"{subtype}\0{key}".encode()).hexdigest()[:32].encode()
    pieces = [b"--" + boundary + b"\r\n" + b"\r\n".join([*head, b"", body]) for head, body in entities]
    head = [b"Content-Type: multipart/" + subtype.encode() + b';\r\n boundary="' + boundary + b'"']
    return head, b"\r\n".join([*pieces, b"--" + boundary + b"--", b""])


def _file(attachment: Attachment) -> tuple[list[bytes], bytes]:
    content_type = attachment.content_type.lower()
    if not _TYPE.fullmatch(content_type) or content_type.startswith(("multipart/", "message/")):
        content_type = "application/octet-stream"  # a mail inside a mail must not be base64, so it travels as a file
    disposition = "inline" if attachment.inline else "attachment"
    head = [
        f"Content-Type: {content_type}".encode(),
        b"Content-Transfer-Encoding: base64",
        f"Content-Disposition: {disposition};\r\n {_file_name(attachment.name)}".encode(),
    ]
    if attachment.content_id:
        content_id = re.sub(r"[^\x21-\x3b\x3d\x3f-\x7e]", "", attachment.content_id)[:200]
        head.append(f"Content-ID: <{content_id}>".encode())
    encoded = binascii.b2a_base64(attachment.content, newline=False)
    return head, b"\r\n".join(encoded[i : i + _WIDTH] for i in range(0, len(encoded), _WIDTH))


def _file_name(name: str) -> str:
    """`filename="plain.txt"`, or RFC 2231 pieces for other letters and long names."""
    name = printable(name) or "file"
    if name.isascii() and len(name) < 60:
        escaped = name.replace("\\", "_").replace('"', "'")
        return f'filename="{escaped}"'
    raw = name.encode("utf-8", "replace")
    encoded = [f"%{b:02X}" if not chr(b).isalnum() or b > 127 else chr(b) for b in raw]
    pieces = ["".join(encoded[i : i + 18]) for i in range(0, len(encoded), 18)]
    pieces[0] = "utf-8''" + pieces[0]
    return ";\r\n ".join(f"filename*{number}*={piece}" for number, piece in enumerate(pieces))

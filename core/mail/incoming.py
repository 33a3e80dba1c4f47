"""What does this mail say? `read_mail` answers for any bytes and never raises."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from core.mail.addresses import Address, read_addresses
from core.mail.automatic import DESK_HEADER, Automatic, Signs, classify
from core.mail.bodies import Attachment, Contents, read_contents
from core.mail.charsets import decode
from core.mail.forwarded import Forwarded, forwarded_in_text, has_forward_prefix
from core.mail.headers import Headers
from core.mail.invitations import Invite, read_invite
from core.mail.languages import guess_language
from core.mail.parts import Part, read_parts
from core.mail.quotation import Pieces, split_reply
from core.mail.reports import DeliveryReport, read_delivery_report

MOST_REFERENCES = 200
_LONGEST_SUBJECT = 500
_ID = re.compile(r"<([^<>]{3,600})>")
_SANE_ID = re.compile(r"[^\s<>@\x00-\x1f\x7f]{1,300}@[^\s<>@\x00-\x1f\x7f]{1,200}\Z")
# Written on the way: two deliveries of one mail differ in them.
_TRACE = re.compile(
    r"received|return-path|delivered-to|x-original-to|envelope-to|dkim-|arc-|authentication-|x-received|x-spam|x-google|x-gm-|x-virus|x-ms-exchange|status|x-uid|x-mozilla|x-forefront"
)
_LATEST = 4_102_444_800_000  # the year 2100


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A mail as the desk understands it. `problems` are codes (see `core.mail.problems`)."""

    fingerprint: str
    message_id: str | None = None
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    date_ms: int | None = None
    references: tuple[str, ...] = ()
    text: str = ""
    html: str | None = None
    visible_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    automatic: Automatic = Automatic.PERSON
    forwarded: Forwarded | None = None
    invite: Invite | None = None
    problems: tuple[str, ...] = ()
    language: str | None = None
    delivery_report: DeliveryReport | None = None
    desk: str = ""


def read_mail(raw: bytes, *, desk: str = "", envelope_sender: str | None = None) -> IncomingMail:
    """Read a mail, whatever its bytes.

    `desk` is our own desk's id, by which our own mail is known when it comes back. `envelope_sender` is what the sending
    server gave as MAIL FROM: empty means that no answer is wanted.
    """
    try:
        return _read(bytes(raw), desk, envelope_sender)
    except Exception:  # noqa: BLE001 a mail nobody can read must become a visible ticket, never a lost one
        return _unreadable(bytes(raw))


def as_it_came(mail: IncomingMail) -> IncomingMail:
    """For a mail that cannot be taken as it was understood: what is sound of its sender and subject stays, the rest is the original."""
    sender = mail.sender if mail.sender and mail.sender.email.isascii() and mail.sender.email.isprintable() else None
    return IncomingMail(
        # The same mail has the same one when it comes again, whatever is wrong with its own.
        fingerprint="sha256:" + hashlib.sha256(mail.fingerprint.encode("utf-8", "surrogatepass")).hexdigest(),
        sender=sender and Address(_sound(sender.name), sender.email),
        subject=_sound(mail.subject),
        automatic=mail.automatic,
        problems=("unreadable",),
    )


def _sound(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:200]).split())


def _unreadable(raw: bytes) -> IncomingMail:
    text = raw[:65_536].decode("utf-8", "replace").replace("\x00", "")
    return IncomingMail(
        fingerprint="sha256:" + hashlib.sha256(raw).hexdigest(),
        text=text,
        visible_text=text,
        problems=("unreadable",),
    )


def _read(raw: bytes, desk: str, envelope_sender: str | None) -> IncomingMail:
    raw = _with_line_ends(raw)
    root, problems = read_parts(raw)
    if not root.headers.lines:
        problems.append("unreadable" if raw.strip() else "empty")
    hint = next((part.charset for part in root.walk() if part.charset), None)
    headers = root.headers
    contents = read_contents(root, hint)
    sender = _sender(headers, hint, problems)
    subject = headers.text("subject", hint)[:_LONGEST_SUBJECT]
    automatic = classify(_signs(root, sender, subject, desk, envelope_sender))
    pieces = split_reply(contents.text)
    message_id = sane_message_id(headers.plain("message-id"))
    date_ms = _date(headers, problems)
    return IncomingMail(
        fingerprint=message_id or _fingerprint(root, raw),
        message_id=message_id,
        sender=sender,
        reply_to=read_addresses(headers.plain("reply-to", hint)),
        to=_all_addresses(headers, "to", hint),
        cc=_all_addresses(headers, "cc", hint),
        subject=subject,
        date_ms=date_ms,
        references=_references(headers),
        text=contents.text,
        html=contents.html,
        visible_text=pieces.visible,
        quoted_text=pieces.quoted,
        signature=pieces.signature,
        attachments=tuple(contents.attachments),
        automatic=automatic,
        forwarded=_forwarded(automatic, subject, contents),
        invite=next((i for c in contents.calendars[:5] if (i := read_invite(c))), None),
        problems=tuple(dict.fromkeys(problems + contents.problems)),
        language=_language(subject, pieces),
        delivery_report=read_delivery_report(root, contents.text) if automatic is Automatic.BOUNCE else None,
        desk=headers.text(DESK_HEADER.lower())[:200],
    )


def _with_line_ends(raw: bytes) -> bytes:
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    return raw.replace(b"\r", b"\n") if b"\n" not in raw else raw


def _signs(root: Part, sender: Address | None, subject: str, desk: str, envelope_sender: str | None) -> Signs:
    path = root.headers.plain("return-path").strip() if envelope_sender is None else f"<{envelope_sender.strip('<> ')}>"
    return Signs(
        headers=root.headers,
        types=frozenset(part.content_type for part in root.walk()),
        report_type=root.parameters.get("report-type", "").lower(),
        sender=sender,
        subject=subject,
        desk=desk,
        null_sender=path == "<>",
    )


def _sender(headers: Headers, hint: str | None, problems: list[str]) -> Address | None:
    """Who wrote it: From; when that names nobody, Sender, Reply-To or Return-Path."""
    found = _all_addresses(headers, "from", hint)
    if len(found) > 1:
        problems.append("several_senders")
    if not found:
        problems.append("no_sender")
        for name in ("sender", "reply-to", "return-path"):
            found = found or read_addresses(headers.plain(name, hint))
    return found[0] if found else None


def _all_addresses(headers: Headers, name: str, hint: str | None) -> tuple[Address, ...]:
    values = [decode(value, hint)[0] for value in headers.raw_all(name)[:20]]
    return tuple(dict.fromkeys(address for value in values for address in read_addresses(value)))


def sane_message_id(value: str) -> str | None:
    """The first usable id in a header value, in angle brackets and without the white space that folding left in it."""
    found = _ids(value)
    return found[0] if found else None


def _ids(value: str) -> list[str]:
    inside = _ID.findall(value)
    if not inside and "@" in value and "<" not in value:
        inside = value.split()  # some programs forget the brackets
    bare = (re.sub(r"\s+", "", text) for text in inside)
    return [f"<{text}>" for text in bare if _SANE_ID.match(text)]


def _references(headers: Headers) -> tuple[str, ...]:
    """The mail answered first, then the thread from its oldest to its newest mail."""
    chain = [i for value in headers.raw_all("references")[:20] for i in _ids(decode(value[-131_072:])[0])]
    parents = [i for value in headers.raw_all("in-reply-to")[:5] for i in _ids(decode(value[:8_192])[0])]
    first = (parents or chain[-1:])[:1]
    others = list(dict.fromkeys(i for i in [*chain, *parents] if i not in first))
    return (*first, *others[-(MOST_REFERENCES - len(first)) :])


def _date(headers: Headers, problems: list[str]) -> int | None:
    value = headers.text("date")[:200]
    try:
        moment = int(parsedate_to_datetime(value).timestamp() * 1000)
    except Exception:  # noqa: BLE001 the standard library raises many kinds of errors on broken dates
        moment = -1
    if 0 <= moment < _LATEST:
        return moment
    problems.append("bad_date" if value else "no_date")
    return None


def _fingerprint(root: Part, raw: bytes) -> str:
    """A hash of all that is not written on the way, so that the same mail delivered twice is recognised."""
    digest = hashlib.sha256()
    for name, value in root.headers.lines:
        if not _TRACE.match(name):
            digest.update(name.encode() + b":" + b" ".join(value.split()) + b"\n")
    digest.update(b"\n" + raw[root.start :].replace(b"\r\n", b"\n").strip())
    return "sha256:" + digest.hexdigest()


def _forwarded(automatic: Automatic, subject: str, contents: Contents) -> Forwarded | None:
    """The customer's mail inside an agent's; a machine's mail holds other mails for other reasons."""
    if automatic is not Automatic.PERSON:
        return None
    found = forwarded_in_text(subject, contents.text)
    if found is None and contents.mails and (len(contents.mails) == 1 or has_forward_prefix(subject)):
        inner, _problems = read_parts(contents.mails[0])
        hint = next((part.charset for part in inner.walk() if part.charset), None)
        senders = _all_addresses(inner.headers, "from", hint)
        text = read_contents(inner, hint).text
        found = Forwarded(senders[0] if senders else None, inner.headers.text("subject", hint)[:_LONGEST_SUBJECT], text)
    return found


def _language(subject: str, pieces: Pieces) -> str | None:
    return guess_language(f"{subject}\n{pieces.visible}") or guess_language(pieces.quoted)

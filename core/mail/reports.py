"""Which of our mails did not arrive, and why? Delivery reports (RFC 3464) and the older bounces in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.mail.headers import Headers, split_mail
from core.mail.parts import Part

STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
)
_LOOKED_AT = 64 * 1024
_MOST_RECIPIENTS = 100
_GRAVITY = {"failed": 4, "delayed": 3, "relayed": 2, "expanded": 1, "delivered": 1}
_MESSAGE_ID_LINE = re.compile(r"^[> \t]{0,10}message-id:\s{0,5}(<[^<>\s]{3,400}>)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REFUSAL = re.compile(r"(?<!\d)[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}|[A-Za-z<\"']).{0,300}")
_ONLY_LATE = re.compile(
    r"\bdelay|warning: |still being retried|will (?:be retried|keep trying|continue)|not yet been delivered|tertunda",
    re.IGNORECASE,
)
_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{3,400}>")


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What another server says about a mail of ours. `action` is failed, delayed or delivered."""

    original_message_id: str | None
    action: str
    recipient: str
    status: str
    diagnostic: str


def read_delivery_report(root: Part, text: str) -> DeliveryReport:
    """The report in a mail known to be one; `text` is its readable text, where the oldest servers say everything."""
    parts = root.walk()
    status = next((part for part in parts if part.content_type in STATUS_TYPES), None)
    blocks = _blocks(status.content()) if status is not None else []
    worst = max(blocks, key=lambda b: _GRAVITY.get(_action(b), 0), default=None)
    text = text[:_LOOKED_AT]
    original = _returned_id(parts) or _id_in_text(text) or _id_in_headers(root.headers)
    if worst is None:
        return _from_words(root.headers, text, original)
    action = _action(worst)
    return DeliveryReport(
        original_message_id=original,
        action={"relayed": "delivered", "expanded": "delivered"}.get(action, action),
        recipient=_value(worst.text("original-recipient") or worst.text("final-recipient")),
        status=worst.text("status")[:40].split(" ")[0],
        diagnostic=_value(worst.text("diagnostic-code"))[:1000],
    )


def _blocks(content: bytes) -> list[Headers]:
    """The groups of lines about one recipient each (the first group is about the mail as a whole)."""
    groups = re.split(rb"\n[ \t\r]*\n", content[:_LOOKED_AT].replace(b"\r\n", b"\n"))
    blocks = [split_mail(group)[0] for group in groups[: _MOST_RECIPIENTS + 1]]
    return [block for block in blocks if block.has("action") or block.has("final-recipient")]


def _action(block: Headers) -> str:
    words = block.text("action").lower().split() or ["failed"]
    return words[0] if words[0] in _GRAVITY else "failed"


def _value(text: str) -> str:
    """What follows the type in `rfc822; budi@example.com` or `smtp; 550 unknown`."""
    kind, semicolon, value = text.partition(";")
    return value.strip() if semicolon and len(kind) < 40 else text.strip()


def _returned_id(parts: list[Part]) -> str | None:
    for part in reversed(parts):
        if part.content_type in _RETURNED_TYPES:
            headers = split_mail(part.content()[: _LOOKED_AT * 4])[0]
            match = _ID.search(headers.plain("message-id"))
            if match:
                return match[0]
    return None


def _id_in_text(text: str) -> str | None:
    found = _MESSAGE_ID_LINE.findall(text)
    return found[-1] if found else None


def _id_in_headers(headers: Headers) -> str | None:
    for name in ("x-original-message-id", "in-reply-to", "references"):
        found = _ID.findall(headers.plain(name))
        if found:
            return str(found[-1])
    return None


def _from_words(headers: Headers, text: str, original: str | None) -> DeliveryReport:
    subject = headers.text("subject")
    late = bool(_ONLY_LATE.search(f"{subject}\n{text[:2_000]}"))
    recipient = headers.text("x-failed-recipients").split(",")[0].strip()
    if not recipient:
        named = re.search(r"^[ \t]{0,8}<?([^\s<>@:]{1,100}@[^\s<>@:,]{1,200})>?:?\s{0,3}$", text, re.MULTILINE)
        recipient = named[1] if named else ""
    status = _STATUS.search(text)
    words = _REFUSAL.search(text)
    return DeliveryReport(
        original, "delayed" if late else "failed", recipient, status[1] if status else "", words[0] if words else ""
    )

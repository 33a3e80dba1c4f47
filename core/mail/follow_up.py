"""Which ticket does this mail continue?

Our Message-IDs and the token in our subjects are signed: only somebody who received a mail of ours can name a ticket.
A token passes through many hands (it is quoted, forwarded, photographed), so it counts only from a sender who belongs to
the ticket; the database side asks that when `needs_sender_check` is set.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from core.mail.incoming import IncomingMail

LARGEST_TICKET_ID = 2**40 - 1
_ID_BYTES = 5
_TOKEN_TAG = 5
_MESSAGE_TAG = 10
_MESSAGE_ID = re.compile(r"<t\.([a-z2-7]{16})\.([a-z2-7]{24})@[^<>\s@]{1,250}>", re.IGNORECASE)
_TOKEN = re.compile(r"\[#\s{0,3}([a-z2-7]{16})\s{0,3}\]", re.IGNORECASE)
_PREFIXES = re.compile(
    r"^(?:\s*(?:\[(?:external|eksternal|ext|spam)\]\s*)?"
    r"(?:re|fwd?|aw|wg|sv|vs|antw|bls|balas|balasan|trs|tr|terusan|diteruskan|teruskan)"
    r"\s?(?:[\[(]\d{1,3}[\])]|\d{1,2})?\s?[:：]\s*){1,50}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """The ticket a mail seems to continue, by what, and whether its sender must belong to the ticket."""

    ticket_id: int
    by: Literal["message_id", "subject_token"]
    needs_sender_check: bool


def sign_message_id(key: bytes, ticket_id: int, unique: str, domain: str) -> str:
    """A Message-ID for a mail about this ticket; the same `unique` (an effect's key) gives the same id."""
    mark = _digest(key, b"unique", unique.encode())[:10]
    seal = _sealed(key, b"message-id" + mark, ticket_id, _MESSAGE_TAG)
    return f"<t.{_letters(mark)}.{_letters(seal)}@{_domain(domain)}>"


def ticket_of_message_id(key: bytes, message_id: str) -> int | None:
    """The ticket named by an id of ours; None when it is none or forged."""
    match = _MESSAGE_ID.fullmatch(message_id.strip())
    if match is None:
        return None
    return _opened(key, b"message-id" + _bytes(match[1]), _bytes(match[2]), _MESSAGE_TAG)


def subject_token(key: bytes, ticket_id: int) -> str:
    """`[#k7qf…]`: names the ticket without showing its number, in letters that survive any mail program."""
    return f"[#{_letters(_sealed(key, b'subject', ticket_id, _TOKEN_TAG))}]"


def ticket_of_subject(key: bytes, subject: str) -> int | None:
    """The ticket named by the first genuine token in the subject."""
    for match in _TOKEN.finditer(subject[:2_000]):
        ticket_id = _opened(key, b"subject", _bytes(match[1]), _TOKEN_TAG)
        if ticket_id is not None:
            return ticket_id
    return None


def strip_token(subject: str) -> str:
    """The subject without tokens, genuine or not."""
    return " ".join(_TOKEN.sub(" ", subject).split())


def plain_subject(subject: str) -> str:
    """What the mail is about: without tokens and without Re:, Fwd:, Bls:, Balas:, Trs: in any number."""
    return _PREFIXES.sub("", strip_token(subject)[:2_000]).strip()


def follow_up(
    mail: IncomingMail, key: bytes, message_ids_known: Callable[[str], int | None] | Mapping[str, int] | None = None
) -> Candidate | None:
    """The ticket this mail continues; None for a mail that begins something new.

    `message_ids_known` answers which ticket a foreign Message-ID (of a customer's earlier mail) belongs to. Such an id is
    no secret and not signed, so the sender must be checked; our own signed ids need no further proof.
    """
    ids = list(_ids_answered(mail))
    for message_id in ids:
        ticket_id = ticket_of_message_id(key, message_id)
        if ticket_id is not None:
            return Candidate(ticket_id, "message_id", needs_sender_check=False)
    token = ticket_of_subject(key, mail.subject)
    if token is not None:
        return Candidate(token, "subject_token", needs_sender_check=True)
    known = message_ids_known.get if isinstance(message_ids_known, Mapping) else message_ids_known
    for message_id in ids if known is not None else ():
        ticket_id = known(message_id) if known is not None else None
        if ticket_id is not None:
            return Candidate(ticket_id, "message_id", needs_sender_check=True)
    return None


def _ids_answered(mail: IncomingMail) -> Iterator[str]:
    """What came back first, then the mail answered, then the thread from its newest to its oldest mail."""
    if mail.delivery_report is not None and mail.delivery_report.original_message_id:
        yield mail.delivery_report.original_message_id
    yield from mail.references[:1]
    yield from reversed(mail.references[1:])


def _digest(key: bytes, purpose: bytes, value: bytes) -> bytes:
    return hmac.new(key, purpose + b"\0" + value, hashlib.sha256).digest()


def _sealed(key: bytes, purpose: bytes, ticket_id: int, tag_size: int) -> bytes:
    """The signature, and the ticket's number hidden under a mask that depends on the signature."""
    if not 0 < ticket_id <= LARGEST_TICKET_ID:
        raise ValueError(f"Ticket id {ticket_id} cannot be signed: it must be between 1 and {LARGEST_TICKET_ID}.")
    number = ticket_id.to_bytes(_ID_BYTES, "big")
    tag = _digest(key, purpose + b" tag", number)[:tag_size]
    return tag + _masked(key, purpose, tag, number)


def _opened(key: bytes, purpose: bytes, seal: bytes, tag_size: int) -> int | None:
    tag, hidden = seal[:tag_size], seal[tag_size : tag_size + _ID_BYTES]
    number = _masked(key, purpose, tag, hidden)
    if not hmac.compare_digest(tag, _digest(key, purpose + b" tag", number)[:tag_size]):
        return None
    return int.from_bytes(number, "big") or None


def _masked(key: bytes, purpose: bytes, tag: bytes, number: bytes) -> bytes:
    mask = _digest(key, purpose + b" mask", tag)
    return bytes(a ^ b for a, b in zip(number, mask, strict=False))


def _letters(data: bytes) -> str:
    return b32encode(data).decode("ascii").rstrip("=").lower()


def _bytes(letters: str) -> bytes:
    return b32decode(letters.upper() + "=" * (-len(letters) % 8))


def _domain(domain: str) -> str:
    clean = domain.strip().lower()
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?", clean):
        raise ValueError(f"{domain!r} cannot stand in a Message-ID: expected a domain such as desk.example.com.")
    return clean

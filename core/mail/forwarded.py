"""Whose mail is this really, when an agent forwards what a customer wrote?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.mail.addresses import Address, read_addresses
from core.mail.quotation import FORWARD_LINE, LONGEST_LOOKED_AT, header_block

_PREFIX = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|tr|trs|wg|terusan|diteruskan|teruskan|meneruskan)\s*:", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The mail inside a forwarded mail: who wrote it, about what, and the text."""

    sender: Address | None
    subject: str
    text: str


def has_forward_prefix(subject: str) -> bool:
    """Whether the subject begins with `Fwd:`, `FW:`, `Trs:` …"""
    return bool(_PREFIX.match(subject))


def forwarded_in_text(subject: str, text: str) -> Forwarded | None:
    """The original found in the text: after `Forwarded message`, or after a copied header block under `Fwd:`."""
    lines = text[:LONGEST_LOOKED_AT].split("\n")
    announced = has_forward_prefix(subject)
    for index, line in enumerate(lines):
        stripped = line[:500].strip()
        if not stripped:
            continue
        if FORWARD_LINE.match(stripped):
            return _original(lines, index + 1, text)
        if announced and ":" in stripped and header_block(lines, index):
            return _original(lines, index, text)
    return None


def _original(lines: list[str], start: int, text: str) -> Forwarded | None:
    block = header_block(lines, start)
    if not block:
        return None
    addresses = read_addresses(re.sub(r"\[mailto:([^\]]{1,320})\]", r"<\1>", block["from"].replace("*", "")))
    body = _after_block(lines, start) + text[LONGEST_LOOKED_AT:]
    return Forwarded(addresses[0] if addresses else None, block.get("subject", ""), body.strip())


def _after_block(lines: list[str], start: int) -> str:
    """What follows the header block's empty line, without the quotation marks Apple's program puts before it."""
    index = start
    while index < len(lines) and not lines[index].strip("> \t\r"):
        index += 1
    while index < len(lines) and lines[index].strip("> \t\r"):
        index += 1
    rest = lines[index:]
    filled = [line for line in rest if line.strip()]
    if filled and all(line.startswith(">") for line in filled):
        rest = [re.sub(r"^> ?", "", line) for line in rest]
    return "\n".join(rest)

"""Who is this mail from and to? Addresses read from whatever stands in the header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.mail.headers import LONGEST_VALUE, decoded, printable

MOST_ADDRESSES = 500
_LOOKS_LIKE = re.compile(r"[^\s<>@,;:\"'()\[\]\\]{1,200}@(?:[^\s<>@,;:\"'()\[\]\\]{1,250}|\[[0-9A-Fa-f:.IPv]{3,60}\])")
_DOMAIN = re.compile(r"(?:[^\s<>@,;:\"()\[\]\\]{1,250}|\[[0-9A-Fa-f:.IPv]{3,60}\])\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: what a person calls it and where it is. The domain is in lower case."""

    name: str
    email: str

    @property
    def key(self) -> str:
        """What two spellings of the same mailbox have in common."""
        return self.email.casefold()


def address_of(name: str, email: str) -> Address | None:
    """An address, cleaned; None when `email` cannot be one."""
    email = re.sub(r"\s+", "", printable(decoded(email))).strip("<>'\",;:").removeprefix("mailto:")
    local, at, domain = email.rpartition("@")
    domain = domain.rstrip(".")
    if not at or not local or not _DOMAIN.match(domain) or len(email) > 320 or re.search(r"[<>,;:()\\\s@]", local):
        return None
    name = " ".join(decoded(name).split()).strip("'\"<> ")[:200]
    return Address("" if name.casefold() == email.casefold() else name, f"{local}@{domain.lower()}")


def read_addresses(value: str) -> tuple[Address, ...]:
    """Every address in a header value: `Name <a@b>`, `a@b (Name)`, groups, stray brackets, missing commas."""
    value = value[:LONGEST_VALUE]
    found: list[Address] = []
    for chunk in _mailboxes(value):
        address = _mailbox(chunk)
        if address is not None:
            found.append(address)
        if len(found) >= MOST_ADDRESSES:
            break
    if not found and "@" in (plain := decoded(value)):
        # The whole header was one encoded word, or is broken in a way of its own: take what looks like an address.
        found = [a for m in _LOOKS_LIKE.finditer(plain) if (a := address_of("", m[0]))][:MOST_ADDRESSES]
    return tuple(dict.fromkeys(found))


def _mailboxes(value: str) -> list[str]:
    """Cut at commas and semicolons that stand outside quotes, comments and angle brackets."""
    if value.count('"') % 2:
        value = value.replace('"', " ")  # an unclosed quote would swallow everybody after it
    chunks: list[str] = []
    current: list[str] = []
    quoted, depth, angle = False, 0, False
    escaped = False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif not quoted and char in "()":
            depth = max(0, depth + (1 if char == "(" else -1))
        elif not quoted and not depth and char in "<>":
            angle = char == "<"
        elif not quoted and not depth and not angle and char in ",;":
            chunks.append("".join(current))
            current = []
            continue
        current.append(char)
    chunks.append("".join(current))
    return chunks


def _mailbox(chunk: str) -> Address | None:
    """One mailbox; the last angle bracket with an `@` counts, as `a@b <c@d>` is what impostors write as a name."""
    opened = chunk.rfind("<")
    if opened >= 0 and "@" in chunk[opened:]:
        inside = chunk[opened + 1 :].split(">")[0]
        address = address_of(_name(chunk[:opened]), inside.rpartition(":")[2] if inside.startswith("@") else inside)
        if address is not None:
            return address
    bare, comment = _without_comments(chunk)
    match = _LOOKS_LIKE.search(bare)
    if match is None:
        quoted = re.fullmatch(r'\s*("[^"]{1,200}"@\S{1,250})\s*', bare)
        return address_of(comment, quoted[1].replace('"', "")) if quoted else None
    before = re.sub(r'[<>"]', " ", bare[: match.start()]).rpartition(":")[2]
    return address_of(comment or before, match[0])


def _name(text: str) -> str:
    """A display name without group label, quotes and comments; the comment itself when nothing else is there."""
    if '"' not in text:
        text = text.rpartition(":")[2] if re.match(r'\s*[^"<@]{1,100}:', text) else text
    bare, comment = _without_comments(text) if '"' not in text else (text, "")
    return re.sub(r"\\(.)", r"\1", bare.replace('"', " ")).strip() or comment


def _without_comments(text: str) -> tuple[str, str]:
    """The text outside round brackets, and what stood inside them."""
    outside: list[str] = []
    inside: list[str] = []
    depth = 0
    for char in text:
        if char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        else:
            (inside if depth else outside).append(char)
    return "".join(outside), "".join(inside).strip()

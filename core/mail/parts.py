"""Which parts is a mail made of?

The standard library's parser raises on some real mails and reads 50 MB line by line; here a mail is cut at its boundary
lines by searching, and a part's bytes are copied only when somebody asks for them.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass, field

from core.mail.headers import MOST_HEADERS, Headers, parameters, split_mail, unbase64

MOST_PARTS = 500
DEEPEST = 50
_MOST_PART_HEADERS = 64
_MOST_UU_LINES = 1_000_000
_MOST_BROKEN_UU_LINES = 1_000
_MOST_BOUNDARY_LINES = 100_000
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,120}\Z")
_UUENCODED = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,200}\r?\n", re.MULTILINE)


@dataclass(slots=True)
class Part:
    """One part: its headers, type, and where its body lies in `source`."""

    headers: Headers
    content_type: str
    parameters: dict[str, str]
    source: bytes = field(repr=False)
    start: int
    end: int
    children: list[Part] = field(default_factory=list)

    @property
    def charset(self) -> str | None:
        """The declared character set, if any."""
        return self.parameters.get("charset")

    @property
    def is_multipart(self) -> bool:
        """Whether this part only holds others."""
        return self.content_type.startswith("multipart/")

    @property
    def body(self) -> bytes:
        """The body as it was transferred."""
        return self.source[self.start : self.end]

    def content(self) -> bytes:
        """The body with its transfer encoding undone, as far as that is possible."""
        encoding = self.headers.word("content-transfer-encoding").lower().split(";")[0].strip()
        if encoding == "base64":
            return unbase64(self.body)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if encoding in ("x-uuencode", "uuencode", "x-uue"):
            return _uudecoded(self.body)
        return self.body

    def walk(self) -> list[Part]:
        """This part and all below it, in their order."""
        return [self, *(part for child in self.children for part in child.walk())]


@dataclass(slots=True)
class _Reading:
    """What is shared while one mail is cut: its boundary lines, how many parts may still come, what went wrong."""

    raw: bytes
    starts: list[int]
    lines: list[bytes]
    left: int
    problems: list[str]


def read_parts(raw: bytes) -> tuple[Part, list[str]]:
    """The tree of parts and the codes of what was wrong with it."""
    starts, lines = _boundary_lines(raw)
    reading = _Reading(raw, starts, lines, MOST_PARTS, [])
    part = _read(reading, 0, len(raw), "text/plain", 0)
    return part, list(dict.fromkeys(reading.problems))


def _boundary_lines(raw: bytes) -> tuple[list[int], list[bytes]]:
    """Every line that begins with two dashes: where it starts, and the line without white space at its end."""
    starts: list[int] = []
    lines: list[bytes] = []
    position = 0 if raw.startswith(b"--") else raw.find(b"\n--") + 1
    while (position or raw.startswith(b"--")) and len(starts) < _MOST_BOUNDARY_LINES:
        end = raw.find(b"\n", position)
        end = len(raw) if end < 0 else end
        starts.append(position)
        lines.append(raw[position : min(end, position + 300)].rstrip())
        position = raw.find(b"\n--", end) + 1
        if not position:
            break
    return starts, lines


def _read(reading: _Reading, start: int, end: int, default_type: str, depth: int) -> Part:
    most = _MOST_PART_HEADERS if depth else MOST_HEADERS
    headers, body = split_mail(reading.raw, start, end, most)
    if headers.cut:
        reading.problems.append("too_many_headers")
    declared, values = parameters(headers.plain("content-type"))
    part = Part(headers, _type(declared, default_type), values, reading.raw, body, end)
    if part.is_multipart:
        if depth >= DEEPEST:
            reading.problems.append("too_deep")
            part.content_type = "application/octet-stream"
        else:
            _read_children(reading, part, depth)
    return part


def _type(declared: str, default: str) -> str:
    declared = declared.replace(" ", "")
    if not declared or declared in ("text", "plain"):
        return default
    return declared if _TYPE.match(declared) else "application/octet-stream"


def _read_children(reading: _Reading, part: Part, depth: int) -> None:
    pieces = _pieces(reading, part)
    if not pieces:
        reading.problems.append("broken_structure")
        part.content_type = "text/plain"
        return
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    for start, end in pieces:
        if reading.left <= 0:
            reading.problems.append("too_many_parts")
            break
        reading.left -= 1
        part.children.append(_read(reading, start, end, default, depth + 1))


def _pieces(reading: _Reading, part: Part) -> list[tuple[int, int]]:
    """Where the children lie, cut at this part's own boundary."""
    first = bisect_left(reading.starts, part.start)
    last = bisect_left(reading.starts, part.end)
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
    if not boundary and first < last:
        boundary = reading.lines[first][2:]  # not declared: the first line that looks like one
    if not boundary:
        return []
    opening, closing = b"--" + boundary, b"--" + boundary + b"--"
    pieces: list[tuple[int, int]] = []
    open_at: int | None = None
    for index in range(first, last):
        line = reading.lines[index]
        if line not in (opening, closing):
            continue
        if open_at is not None:
            pieces.append((open_at, max(open_at, _before_line_end(reading.raw, reading.starts[index]))))
        if line == closing:
            return pieces
        after = reading.raw.find(b"\n", reading.starts[index], part.end)
        open_at = part.end if after < 0 else after + 1
        if len(pieces) > MOST_PARTS:
            reading.problems.append("too_many_parts")
            return pieces
    if open_at is not None:
        pieces.append((open_at, part.end))  # the closing line is missing: the mail was cut off
    return pieces


def _before_line_end(raw: bytes, position: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    if position and raw[position - 1] == 0x0A:
        position -= 1
        if position and raw[position - 1] == 0x0D:
            position -= 1
    return position


def _uudecoded(data: bytes) -> bytes:
    begin = _UUENCODED.search(data)
    out: list[bytes] = []
    broken = 0
    for line in data[begin.end() if begin else 0 :].split(b"\n", _MOST_UU_LINES)[:_MOST_UU_LINES]:
        line = line.rstrip(b"\r")
        if line.strip() in (b"end", b"`", b"") or broken > _MOST_BROKEN_UU_LINES:
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            broken += 1
            size = (((line[0] - 32) & 63) * 4 + 5) // 3  # what broken encoders append is left out
            with suppress(binascii.Error):
                out.append(binascii.a2b_uu(line[:size]))
    return b"".join(out)

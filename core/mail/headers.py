"""What do the header lines of a mail say, however they are written?

The standard library's header parser raises on some real mails and takes quadratic time on hostile ones, so lines are
read here by a few bounded patterns.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from core.mail.charsets import decode, known_charset

MOST_HEADERS = 1_000
_BYTES_A_LINE = 512  # on average; References alone may be long
LONGEST_VALUE = 32 * 1024
_LONGEST_STRUCTURED = 8 * 1024
_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_LINE_ENDS = re.compile(rb"[\r\n]*")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?(.{0,1000}?)\?=")
# Control characters, and the marks that turn text around: a name "gpj.exe" must not read "exe.jpg".
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_PARAMETER = re.compile(r""";\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.){0,4000}"?|[^;]{0,4000})""")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header lines in their order: lower-case name and unfolded raw value."""

    lines: tuple[tuple[str, bytes], ...] = ()
    cut: bool = False

    def raw(self, name: str) -> bytes | None:
        """The first value of `name` as it was written."""
        return next((value for key, value in self.lines if key == name), None)

    def raw_all(self, name: str) -> list[bytes]:
        """Every value of `name` as it was written."""
        return [value for key, value in self.lines if key == name]

    def has(self, name: str) -> bool:
        """Whether there is a line called `name`."""
        return any(key == name for key, _value in self.lines)

    def plain(self, name: str, hint: str | None = None, longest: int = LONGEST_VALUE) -> str:
        """The first value of `name` with its encoded words still encoded; empty when missing."""
        value = self.raw(name)
        return "" if value is None else decode(value[:longest], hint)[0]

    def text(self, name: str, hint: str | None = None) -> str:
        """The first value of `name` as a person reads it; empty when missing."""
        return decoded(self.plain(name, hint), hint)

    def word(self, name: str) -> str:
        """A short technical value such as a transfer encoding or an id; empty when missing."""
        return printable(self.plain(name, longest=400))


def split_mail(raw: bytes, start: int = 0, end: int | None = None, most: int = MOST_HEADERS) -> tuple[Headers, int]:
    """The header lines of raw[start:end] (at most `most` of them), and where the body begins."""
    most_bytes = most * _BYTES_A_LINE
    end = len(raw) if end is None else end
    blank_lines = _LINE_ENDS.match(raw, start, end)
    start = blank_lines.end() if blank_lines else start
    if _NAME.match(raw, start, end) is None and not raw.startswith(b"From ", start):
        return Headers(), start
    blank = _BLANK_LINE.search(raw, max(start - 1, 0), end)
    stop, body = (blank.start() + 1, blank.end()) if blank else (end, end)
    headers, first_bad = _read_lines(raw, start, min(stop, start + most_bytes), most)
    if blank is None and first_bad is not None:
        body = first_bad  # no empty line at all: the text begins where the header lines end
    if stop - start > most_bytes:
        headers = Headers(headers.lines, cut=True)
    return headers, body


def _read_lines(raw: bytes, start: int, stop: int, most: int) -> tuple[Headers, int | None]:
    """Unfold raw[start:stop] into lines; also where the first line stands that is no header."""
    lines: list[tuple[str, list[bytes]]] = []
    first_bad = None
    position = start
    for line in raw[start:stop].split(b"\n"):
        match = _NAME.match(line)
        if line[:1] in (b" ", b"\t") and lines:
            lines[-1][1].append(line.strip())
        elif match:
            if len(lines) >= most:
                return Headers(_joined(lines), cut=True), first_bad
            lines.append((match[1].decode("ascii").lower(), [line[match.end() :].strip()]))
        elif line.strip() and first_bad is None and not line.startswith((b"From ", b">From ")):
            first_bad = position
        position += len(line) + 1
    return Headers(_joined(lines)), first_bad


def _joined(lines: list[tuple[str, list[bytes]]]) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, b" ".join(pieces)) for name, pieces in lines)


def decoded(value: str, hint: str | None = None) -> str:
    """Encoded words (RFC 2047) made readable, and everything unprintable (line ends above all) made a space."""
    return printable(_words_decoded(value, hint) if "=?" in value else value)


def printable(value: str) -> str:
    """The value on one line, without control characters and marks that turn text around."""
    return _UNPRINTABLE.sub(" ", value).strip()


def _words_decoded(value: str, hint: str | None) -> str:
    """Words of one character set that follow one another are decoded together: some senders cut a character in two."""
    out: list[str] = []
    run: list[bytes] = []
    run_charset = ""
    position = 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[position : match.start()]
        charset = match[1].split("*")[0].lower()
        follows = bool(run) and not between.strip()
        if not follows or charset != run_charset:
            out += [_run_decoded(run, run_charset, hint), "" if follows else between]
            run = []
        run.append(_payload(match[2], match[3]))
        run_charset, position = charset, match.end()
    return "".join([*out, _run_decoded(run, run_charset, hint), value[position:]])


def _payload(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "surrogateescape")
    return binascii.a2b_qp(raw, header=True) if encoding in "qQ" else unbase64(raw)


def _run_decoded(run: list[bytes], charset: str, hint: str | None) -> str:
    return decode(b"".join(run), charset if known_charset(charset) else hint)[0] if run else ""


def unbase64(data: bytes) -> bytes:
    """Base64 with whatever is wrong in it left out."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _tail(clean))


def _tail(clean: bytes) -> bytes:
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def parameters(value: str, hint: str | None = None) -> tuple[str, dict[str, str]]:
    """A structured value such as `text/plain; charset=utf-8`: its first word and its parameters (RFC 2231)."""
    head, separator, rest = value[:_LONGEST_STRUCTURED].partition(";")
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(separator + rest)):
        if count >= 200:
            break
        name, text = match[1].lower(), _unquoted(match[2])
        base, *more = name.rstrip("*").split("*")
        if name.endswith("*") or more:
            number = int(more[0]) if more and more[0].isascii() and more[0].isdigit() and len(more[0]) < 4 else 0
            pieces.setdefault(base, {})[number] = (text, name.endswith("*"))
        else:
            found.setdefault(name, decoded(text, hint))
    for base, numbered in pieces.items():
        found[base] = _assembled(numbered, hint)
    return head.strip().lower(), found


def _unquoted(text: str) -> str:
    text = text.strip()
    if text.startswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1] if len(text) > 1 and text.endswith('"') else text[1:])
    return text


def _assembled(numbered: dict[int, tuple[str, bool]], hint: str | None) -> str:
    charset: str | None = hint
    raw = b""
    for number in sorted(numbered):
        text, encoded = numbered[number]
        if encoded and number == min(numbered) and text.count("'") >= 2:
            declared, _language, text = text.split("'", 2)
            charset = declared or hint
        data = text.encode("utf-8", "surrogateescape")
        raw += unquote_to_bytes(data) if encoded else data
    return printable(decode(raw, charset)[0])

"""What was newly written in this mail, and what is quotation or signature?

Line by line with own patterns instead of the library mail-parser-reply: that one needs over 20 s for a single hostile
line of 32 kB and knows no Indonesian mail program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_LOOKED_AT = 64 * 1024
_LONGEST_LINE = 500
_LONGEST_SIGNATURE = 25

_WROTE = r"(?:wrote|writes|menulis|schrieb|a écrit|escribió|escreveu|ha scritto)"
_ATTRIBUTION = re.compile(
    rf"^\W{{0,3}}(?:(?:On|Pada|Am|Le|El|Em|Il)\b.{{6,400}}\b{_WROTE}"
    rf"|.{{0,250}}[\w.+-]@[\w.-].{{0,150}}\b{_WROTE}"
    rf"|.{{4,250}}\d{{4}}.{{0,150}}\b{_WROTE})\s?:?\W{{0,3}}$",
    re.IGNORECASE,
)
_ATTRIBUTION_START = re.compile(r"^\W{0,3}(?:On|Pada|Am|Le|El|Em|Il)\b.{0,400}\d", re.IGNORECASE)
ORIGINAL_LINE = re.compile(
    r"^\W{0,4}[-_=]{2,30} ?"
    r"(?:original message|original appointment|pesan asli|pesan semula|balasan asli|urspr.{1,3}ngliche nachricht)"
    r"\W{0,2}[-_=]{2,30}\W{0,3}$",
    re.IGNORECASE,
)
FORWARD_LINE = re.compile(
    r"^\W{0,4}(?:[-_=]{2,30} ?(?:forwarded message|forwarded by .{1,100}"
    r"|pesan (?:yang )?(?:terusan|diteruskan)|diteruskan oleh .{1,100})\W{0,2}[-_=]{0,30}"
    r"|begin forwarded message:|(?:awal|mulai) pesan (?:yang )?(?:terusan|diteruskan):|mulai meneruskan pesan:)\W{0,3}$",
    re.IGNORECASE,
)
HEADER_LINE = re.compile(
    r"^\W{0,4}(from|dari|sent|date|to|cc|subject|reply-to|dikirim|terkirim|tanggal|kepada|ke|untuk|perihal|subjek|hal"
    r"|topik|tembusan)\*? ?:\*?\s?(.{0,400})$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s?_{10,200}\s?$")
_SIGNATURE = re.compile(r"^--[ \t\u00a0]?$")
_DEVICE = re.compile(
    r"^\W{0,3}(?:sent from (?:my |mail for |yahoo|outlook|samsung|proton|gmail|the )[^.!?]{0,60}"
    r"|sent (?:via|with|using) [^.!?]{1,50}"
    r"|dikirim (?:dari|melalui|menggunakan|lewat) (?:iphone|ipad|ponsel|hp|perangkat|android|samsung|outlook|yahoo|gmail"
    r"|xiaomi|oppo|vivo|mail|email|telepon|smartphone|huawei|proton)[^.!?]{0,60}"
    r"|(?:get outlook for|dapatkan outlook untuk) (?:ios|android).{0,60}|unduh outlook .{0,60}|yahoo mail: .{0,80})"
    r"\W{0,3}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A mail's text taken apart."""

    visible: str
    quoted: str
    signature: str


def split_reply(text: str) -> Pieces:
    """Take the text apart; when nothing at all is new, everything is visible."""
    looked_at, rest = _cut(text)
    lines = looked_at.split("\n")
    kinds = _kinds(lines)
    if rest and lines:
        lines.append(rest)
        kinds.append("quoted" if kinds[-1] == "quoted" else "new")
    _mark_signatures(lines, kinds)
    visible = _of(lines, kinds, "new")
    return Pieces(visible or text.strip(), _of(lines, kinds, "quoted"), _of(lines, kinds, "signature"))


def _cut(text: str) -> tuple[str, str]:
    """The beginning that is looked at, up to a whole line where there is one, and the rest."""
    if len(text) <= LONGEST_LOOKED_AT:
        return text, ""
    end = text.rfind("\n", 0, LONGEST_LOOKED_AT)
    end = end if end > 0 else LONGEST_LOOKED_AT
    return text[:end], text[end:].lstrip("\n")


def _of(lines: list[str], kinds: list[str], kind: str) -> str:
    kept: list[str] = []
    for line, its in zip(lines, kinds, strict=True):
        if its == kind and (line.strip() or (kept and kept[-1].strip())):
            kept.append(line.rstrip())
    return "\n".join(kept).strip("\n")


def _kinds(lines: list[str]) -> list[str]:
    """For each line: `new` or `quoted`."""
    kinds = ["new"] * len(lines)
    index = 0
    while index < len(lines):
        length = attribution_length(lines, index)
        if length and _next_filled(lines, index + length).startswith(">"):
            kinds[index : index + length] = ["quoted"] * length
            index += length
        elif (length and _is_dated(lines, index, length)) or starts_quotation(lines, index):
            return kinds[:index] + ["quoted"] * (len(lines) - index)
        else:
            if _clipped(lines[index]).startswith(">"):
                kinds[index] = "quoted"
            index += 1
    return kinds


def _is_dated(lines: list[str], index: int, length: int) -> bool:
    """Without `>` below it, only a year, a time of day or an address tells an attribution from a person's own sentence."""
    return bool(re.search(r"@|\d{4}|\d[.:]\d\d", " ".join(_clipped(line) for line in lines[index : index + length])))


def _clipped(line: str) -> str:
    return line[:_LONGEST_LINE].strip().replace("\u200b", "").replace("\u202f", " ").replace("\u00a0", " ")


def _next_filled(lines: list[str], start: int) -> str:
    return next((line.strip() for line in lines[start : start + 4] if line.strip()), "")


def attribution_length(lines: list[str], index: int) -> int:
    """How many lines from here read `On Monday 1 June, Budi wrote:`; 0 for none. Programs wrap it over up to four."""
    line = _clipped(lines[index])
    if not line or line.startswith(">"):
        return 0
    if line.rstrip("*: ").lower().endswith(("wrote", "menulis", "schrieb", "crit", "escribió", "escreveu", "scritto")):
        if (
            _ATTRIBUTION.match(line)
            and (any(c.isdigit() for c in line) or "@" in line)
            and line.rstrip("* ").endswith(":")
        ):
            return 1
        return 0
    if not _ATTRIBUTION_START.match(line):
        return 0
    joined = line
    for length in range(2, 5):
        if index + length > len(lines):
            break
        following = _clipped(lines[index + length - 1])
        if not following or following.startswith(">"):
            break
        joined = f"{joined} {following}"[:_LONGEST_LINE]
        if following.endswith(":") and _ATTRIBUTION.match(joined):
            return length
    return 0


def starts_quotation(lines: list[str], index: int) -> bool:
    """Whether all that follows is an older mail: a separator, or Outlook's block of From, Sent, To, Subject."""
    line = _clipped(lines[index])
    if not line:
        return False
    if line[0] in "-_=*" and (ORIGINAL_LINE.match(line) or (_RULE.match(line) and header_block(lines, index + 1))):
        return True
    if FORWARD_LINE.match(line):
        return True
    block = header_block(lines, index)
    # `Dari: Jakarta, Ke: Bandung, Tanggal: 5 Mei` is somebody's order and no older mail.
    return len(block) >= 3 and ("subject" in block or "@" in block["from"])


def header_block(lines: list[str], start: int) -> dict[str, str]:
    """The header lines copied into the text from here on (`From:`/`Dari:` …), under their English names."""
    found: dict[str, str] = {}
    blanks = 0
    for line in lines[start : start + 14]:
        clipped = _clipped(line.lstrip("> "))
        match = HEADER_LINE.match(clipped)
        if match and (found or _ENGLISH[match[1].lower()] in ("from", "subject", "date")):
            found.setdefault(_ENGLISH[match[1].lower()], match[2].strip(" *"))
        elif not clipped and not found and blanks < 2:
            blanks += 1
        elif clipped and found and line[:1] in " \t" and len(found) < 6:
            continue  # a folded list of receivers
        else:
            break
    return found if "from" in found and len(found) >= 2 else {}


_ENGLISH = {
    "from": "from", "dari": "from", "sent": "date", "date": "date", "dikirim": "date", "terkirim": "date",
    "tanggal": "date", "to": "to", "kepada": "to", "ke": "to", "untuk": "to", "cc": "cc", "tembusan": "cc",
    "subject": "subject", "perihal": "subject", "subjek": "subject", "hal": "subject", "topik": "subject",
    "reply-to": "reply-to",
}  # fmt: skip


def _mark_signatures(lines: list[str], kinds: list[str]) -> None:
    """From `-- ` to the end of what was newly written there, and lines such as `Sent from my iPhone`."""
    index = 0
    while index < len(lines):
        if kinds[index] == "new":
            line = lines[index].lstrip()[:_LONGEST_LINE].rstrip("\r")
            if _SIGNATURE.match(line):
                last = min(len(lines), index + _LONGEST_SIGNATURE + 1)
                end = next((i for i in range(index, last) if kinds[i] != "new"), last)
                if end - index <= _LONGEST_SIGNATURE:
                    kinds[index:end] = ["signature"] * (end - index)
                    index = end
                    continue
            elif _DEVICE.match(_clipped(line)):
                kinds[index] = "signature"
        index += 1


def newly_written(text: str) -> str:
    """Only what its writer wrote themselves: nothing at all of a mail that is one quotation, or one signature."""
    pieces = split_reply(text)
    nothing = (pieces.quoted or pieces.signature) and pieces.visible == text.strip()
    return "" if nothing else pieces.visible

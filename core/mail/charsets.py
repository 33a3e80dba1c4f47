"""Which letters do these bytes mean, when the mail says it wrongly or not at all?"""

from __future__ import annotations

import codecs
import re

_SAMPLE = 4096
# Codecs that are no character sets, or that take quadratic time on hostile input.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
# Senders name the subset and write the superset; the superset decodes both.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso8859_8",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}
_MEANINGLESS = {
    "",
    "us-ascii",
    "ascii",
    "ansi_x3.4-1968",
    "8bit",
    "7bit",
    "binary",
    "default",
    "unknown-8bit",
    "x-unknown",
}
# The commonest characters of each language: what a right guess is full of.
_COMMON = {
    "gb18030": "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里好请问题谢复件您",
    "big5hkscs": "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡好請問題謝復件您",
    "cp932": "のにはをたがでてとしれさいるなっますこりらあかくもんスントルイアリラーのお様申込件",
    "euc_jp": "のにはをたがでてとしれさいるなっますこりらあかくもんスントルイアリラーのお様申込件",
    "cp949": "이다는의에을를가하고지기사로서니한은인도자시요안녕문답메일세습",
}


def decode(raw: bytes, declared: str | None = None) -> tuple[str, bool]:
    """The text, and whether its character set had to be guessed."""
    name = known_charset(declared)
    if name is not None:
        try:
            return raw.decode(name), False
        except (UnicodeError, LookupError, ValueError):
            pass
    try:
        return raw.decode("utf-8-sig"), name is not None
    except UnicodeError:
        pass
    if name is not None and _mostly_readable(raw, name):
        return raw.decode(name, "replace"), True
    return raw.decode(guess_charset(raw), "replace"), True


def known_charset(declared: str | None) -> str | None:
    """The Python codec for a declared character set; None when it means nothing."""
    name = (declared or "").strip().strip("\"'").lower()[:60]
    if name in _MEANINGLESS:
        return None
    name = _SUPERSETS.get(name, name)
    try:
        codec = codecs.lookup(name)
        b"\0\0\0\0".decode(codec.name)  # LookupError for codecs that are no character sets
    except (LookupError, ValueError, UnicodeError):
        return None
    if codec.name.replace("-", "_") in _REFUSED:
        return None
    return codec.name


def guess_charset(raw: bytes) -> str:
    """The likeliest codec of bytes that are not UTF-8; windows-1252 when nothing speaks for another."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = raw[:_SAMPLE]
    if b"\x1b$" in sample:
        return "iso2022_jp_ext"
    alone, few = _letters_stand_alone(sample)
    if alone and few:
        return "cp1252"
    best, best_score = "cp1252", 0.06 if alone else 0.0  # second bytes may be plain: only common characters count then
    for name, common in _COMMON.items():
        score = _score(sample, name, common)
        if score > best_score:
            best, best_score = name, score
    return best


def _letters_stand_alone(sample: bytes) -> tuple[bool, bool]:
    """In western text an accented letter stands between plain ones, and there are few; in Chinese they come in rows."""
    rows = re.findall(rb"[\x80-\xff]+", sample)
    alone = sum(1 for row in rows if len(row) == 1)
    return alone * 2 > len(rows), sum(map(len, rows)) * 10 < len(sample) * 3


def _score(sample: bytes, name: str, common: str) -> float:
    try:
        text = codecs.getincrementaldecoder(name)("strict").decode(sample)
    except UnicodeError:
        return 0.0
    letters = [c for c in text if ord(c) > 0x7F]
    if not letters:
        return 0.0
    hits = sum(1 for c in letters if c in common)
    strange = sum(1 for c in letters if 0xE000 <= ord(c) <= 0xF8FF or 0xFF61 <= ord(c) <= 0xFF9F)
    return (hits - strange + 0.05 * (len(letters) - strange)) / len(letters)


def _mostly_readable(raw: bytes, name: str) -> bool:
    text = raw[:_SAMPLE].decode(name, "replace")
    return text.count("\ufffd") * 20 <= len(text)

"""What in a text belongs to a person? Names, addresses and numbers are found, and taken out with a visible mark in each place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable

EMAIL, LINK, NUMBER, ADDRESS, NAME = "email", "link", "number", "address", "name"
MARK = re.compile(r"\[…[^\]\n]{0,24}\]")

# The order matters: what is found first is taken out first, and nothing inside it is looked at again.
_PATTERNS = (
    (EMAIL, re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (LINK, re.compile(r"\bhttps?://\S*(?:[?=&]|\d{4})[^\s)\]>]*")),
    (
        ADDRESS,
        re.compile(
            r"\b(?:jalan|jln\.?|jl\.)\s+[A-Z][^\n,;]{1,50}?"
            r"(?:,?\s*no\.?\s*\d+\w?(?:\s*(?:rt|rw)\s*\.?/?\s*\d+)*|(?=[,;.\n]|$))",
            re.IGNORECASE,
        ),
    ),
    (
        NUMBER,
        re.compile(
            r"\b[A-Z]{2,}[-/]?\d{3,}(?:[-/]\d+)*\b"  # INV-20884
            r"|(?<![\w.,-])\+?\(?\d[\d ().-]{5,}\d(?![\w%])"  # telephones, accounts, cards, tax numbers
            r"|(?<![\w.,])\d{5,}(?![\w%])"
        ),
    ),
)
_DATE = re.compile(r"(?:19|20)\d\d-\d\d-\d\d|\d{1,2}[.-]\d{1,2}[.-](?:19|20)\d\d")
_MONEY = re.compile(r"(?:rp|idr|usd|eur|sgd|[$€£])\.?\s*$", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+(?:,\d\d|\.\d\d)?")
_TITLES = r"bapak|ibu|pak|bu|mas|mbak|kak|sdr|saudara|saudari|mr|mrs|ms|miss|dr|atas nama|a\.n|an"
_TITLED = re.compile(
    rf"\b(?i:{_TITLES})\.?\s+(?P<name>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){{0,3}})"  # the name has capitals, the title any
)
_NO_NAMES = frozenset(
    "bapak ibu pak bu sdr saudara toko yayasan sekolah koperasi dan the and from desk team tim admin customer pelanggan".split()  # noqa: SIM905 (a sentence is read, a list is not)
)


@dataclass(frozen=True, slots=True)
class Known:
    """Who has to do with the text: the names of people and firms, and whatever else is theirs (addresses, telephones)."""

    people: tuple[str, ...] = ()
    firms: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Something personal in a text: its kind and where it stands."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The text with a mark in each place, and the kinds of what was taken out."""

    text: str
    removed: tuple[str, ...]


def find_personal(text: str, known: Known) -> list[Place]:
    """Everything in a text that belongs to somebody, in its order; places do not overlap."""
    found: list[Place] = []
    taken = [(match.start(), match.end()) for match in MARK.finditer(text)]
    for kind, start, end in _candidates(text, known):
        if all(end <= a or start >= b for a, b in taken):
            found.append(Place(kind, start, end))
            taken.append((start, end))
    return sorted(found, key=lambda place: place.start)


def _candidates(text: str, known: Known) -> Iterable[tuple[str, int, int]]:
    for other in known.others:
        yield from _literal(NUMBER if other[-1:].isdigit() else EMAIL, text, other)
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if kind != NUMBER or _is_theirs(text, match):
                yield kind, match.start(), match.end()
    for firm in known.firms:
        yield from _literal(NAME, text, firm)
        yield from _literal(NAME, text, re.sub(r"^(?:PT|CV|UD|Toko)\.?\s+", "", firm))
    for name in known.people:
        yield from _literal(NAME, text, name)
    for match in _TITLED.finditer(text):
        yield NAME, match.start("name"), match.end("name")
    for part in _parts(known.people):
        for match in re.finditer(rf"(?<!\w){re.escape(part)}(?!\w)", text, re.IGNORECASE):
            if len(part) > 4 or match[0][:1].isupper():
                yield NAME, match.start(), match.end()


def _literal(kind: str, text: str, wanted: str) -> Iterable[tuple[str, int, int]]:
    if len(wanted.strip()) > 2:
        for match in re.finditer(rf"(?<!\w){re.escape(wanted.strip())}(?!\w)", text, re.IGNORECASE):
            yield kind, match.start(), match.end()


def _parts(people: Iterable[str]) -> list[str]:
    """First names, last names: what somebody is called by. Longest first."""
    parts = {part.strip(".,") for name in people for part in name.split()}
    return sorted((p for p in parts if len(p) > 2 and p.lower() not in _NO_NAMES), key=lambda p: (-len(p), p))


def _is_theirs(text: str, match: re.Match[str]) -> bool:
    """Sums of money and dates belong to a case, not to a person, and a reader needs them."""
    value = match[0].strip()
    if _DATE.fullmatch(value):
        return False
    return not (_THOUSANDS.fullmatch(value) or _MONEY.search(text[max(0, match.start() - 6) : match.start()]))


def without_personal(text: str, known: Known) -> Cleaned:
    """The text with a mark such as `[… name]` in each place where something personal stood, in the language that is spoken now."""
    parts, at = [], 0
    places = find_personal(text, known)
    for place in places:
        parts += [text[at : place.start], mark(place.kind)]
        at = place.end
    cleaned = "".join([*parts, text[at:]]).strip()
    return Cleaned(cleaned, tuple(place.kind for place in places))


def mark(kind: str) -> str:
    """What stands in the place of something personal."""
    return f"[… {_kinds().get(kind, kind)}]"


def _kinds() -> dict[str, str]:
    return {EMAIL: _("e-mail"), LINK: _("link"), NUMBER: _("number"), ADDRESS: _("address"), NAME: _("name")}


def marks_in(text: str) -> int:
    """How many places of a text are marked."""
    return sum(1 for _found in MARK.finditer(text))

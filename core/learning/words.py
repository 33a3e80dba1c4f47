"""What is a text about, whichever language it is in? Words without their endings, and one word for all that mean the same.

`keys` gives the words of a text as they are indexed and looked for. Indonesian and English are treated alike, so that a text that mixes them
is understood, too; words of the glossary are replaced by the first one of their group.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from core import configuration
from core.database import database_of
from core.stems import stem_in
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

FILE = Path(__file__).with_name("glossary.yaml")
SETTING = "glossary"
SUBJECT = "zz"  # begins the word of a group: letters, so that both databases keep it whole, and no text has such a word
LONGEST, MOST_GROUPS = 40, 2_000
_WORD = re.compile(r"[^\W\d_]+\d{0,3}", re.UNICODE)  # E21 and WM80 say much; longer numbers belong to one customer
_STOP = frozenset(Path(__file__).with_name("stopwords.txt").read_text("utf-8").split())  # they say nothing


class GlossaryError(ValueError):
    """A glossary that cannot be used; the text says why, for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Glossary:
    """One word for each group, by the stems of its members: single words, and pairs of words."""

    single: dict[str, str]
    pairs: dict[tuple[str, str], str]
    version: int = 0


def stem(word: str) -> str:
    """A word (in small letters) without its endings, in either language."""
    found = stem_in(word, "id")
    return found if found != word else stem_in(word, "en")


def plain_words(text: str) -> list[str]:
    """The words of a text in small letters, without accents and long numbers."""
    flat = unicodedata.normalize("NFKD", text)
    return [word.lower() for word in _WORD.findall("".join(c for c in flat if not unicodedata.combining(c)))]


def read_groups(text: str) -> list[list[str]]:
    """The groups of a glossary as it is written. GlossaryError says what is wrong, with its line."""
    try:
        given = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise GlossaryError(
            _("Line %(line)s cannot be read. Write one group a line: - [refund, pengembalian dana]", line=mark.line + 1)
            if mark
            else _("The glossary cannot be read. Write one group a line: - [refund, pengembalian dana]")
        ) from error
    return [] if given is None else checked_groups(given)


def checked_groups(given: Any) -> list[list[str]]:
    """The groups, when they are some. GlossaryError says which one is not."""
    if not isinstance(given, list) or len(given) > MOST_GROUPS:
        raise GlossaryError(_("The glossary is a list of at most %(most)s groups.", most=MOST_GROUPS))
    for number, group in enumerate(given, 1):
        if not isinstance(group, list) or len(group) < 2 or not all(isinstance(word, str) for word in group):
            raise GlossaryError(_("Group %(n)s needs at least two words, such as: refund, pengembalian dana", n=number))
        if any(not 1 <= len(plain_words(word)) <= 2 or len(word) > LONGEST for word in group):
            raise GlossaryError(_("Group %(n)s: each entry is one word or two.", n=number))
    return given


def glossary_of(groups: Iterable[Sequence[str]], version: int = 0) -> Glossary:
    """The groups by their stems. One that shares a word with an earlier one joins it: so an installation's own add to those shipped."""
    single: dict[str, str] = {}
    pairs: dict[tuple[str, str], str] = {}
    for group in groups:
        entries = [[stem(word) for word in plain_words(entry)] for entry in group]
        known = (single.get(one[0]) if len(one) == 1 else pairs.get((one[0], one[1])) for one in entries)
        name = next(filter(None, known), (SUBJECT + "".join(plain_words(group[0])))[:LONGEST])
        for one in entries:
            if len(one) == 1:
                single[one[0]] = name
            else:
                pairs[one[0], one[1]] = name
    return Glossary(single, pairs, version)


@lru_cache(maxsize=1)
def _shipped() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group) for group in read_groups(FILE.read_text("utf-8")))


_cache: dict[str, Glossary] = {}


def glossary(tx: Connection) -> Glossary:
    """The shipped glossary with this installation's own groups; read anew when the configuration has changed."""
    version, where = configuration.version(tx), database_of(tx)
    known = _cache.get(where)
    if known is None or known.version != version:
        own: dict[str, Any] = configuration.setting(tx, SETTING, {})
        known = _cache[where] = glossary_of([*_shipped(), *own.get("groups", [])], version)
    return known


def keys(text: str, known: Glossary, most: int = 200) -> list[str]:
    """The words of a text as they are looked for: at most `most` different ones, in their order."""
    found: dict[str, None] = {}
    words = plain_words(text[:20_000])
    stems = [stem(word) for word in words[: 4 * most]]
    skip = False
    for n, one in enumerate(stems):
        if skip:
            skip = False
            continue
        pair = known.pairs.get((one, stems[n + 1])) if n + 1 < len(stems) else None
        if pair:
            found[pair], skip = None, True
        elif one in known.single:
            found[known.single[one]] = None
        elif words[n] not in _STOP and len(one) > 2:
            found[one[:LONGEST]] = None
        if len(found) >= most:
            break
    return list(found)

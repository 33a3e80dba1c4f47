"""A word without its endings, in Indonesian or English; and the words of a text, with where each stands."""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

LANGUAGES = {"id": "indonesian", "en": "english"}
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Word:
    """One word in small letters and without accents, and at which character of its text it begins."""

    text: str
    at: int


@lru_cache(maxsize=200_000)
def stem_in(word: str, language: str) -> str:
    """A word (in small letters) without its endings. The stemmers are slow: every word is asked once."""
    if not hasattr(_local, "stemmers"):  # a stemmer keeps its state inside: one for each thread
        _local.stemmers = {code: snowballstemmer.stemmer(name) for code, name in LANGUAGES.items()}
    return str(_local.stemmers[language].stemWord(word))


def flat(text: str) -> str:
    """In small letters and without accents, as words are compared."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)).lower()


def words_with_places(text: str) -> list[Word]:
    """Every word of a text, numbers too, in its order."""
    return [Word(flat(found[0]), found.start()) for found in _WORD.finditer(text)]

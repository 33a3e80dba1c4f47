"""In which language does this person read? Every text of the product passes through here."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel.support import NullTranslations, Translations

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = ("en", "id")
_current: ContextVar[str] = ContextVar("language", default="en")


@lru_cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(str(Path(__file__).parent / "translations"), [language])


def N_(message: str) -> str:
    """Mark a text for translation that is shown (through `_`) somewhere else."""
    return message


def _(message: str, /, **values: object) -> str:
    """The text in the current language, `%(name)s` filled from the keyword arguments."""
    text: str = _catalogue(_current.get()).ugettext(message)
    return text % values if values else text


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """`one` or `many` by the number `n`, which is also the value `%(n)s`."""
    text: str = _catalogue(_current.get()).ungettext(one, many, n)
    return text % {"n": n, **values}


def language() -> str:
    """The code of the language in force: one of LANGUAGES."""
    return _current.get()


def set_language(code: str) -> None:
    """Speak `code` for the rest of this request, activity or command."""
    _current.set(code if code in LANGUAGES else "en")


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak `code` inside the block."""
    token = _current.set(code if code in LANGUAGES else "en")
    try:
        yield
    finally:
        _current.reset(token)


def best_language(accept: str | None, default: str = "en") -> str:
    """The first of LANGUAGES in an Accept-Language (or Content-Language) header; else `default`."""
    for part in (accept or "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return default

"""What a plugin writes for people to read: one text, or one for each language; English stands in where a language is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from core.texts import LANGUAGES, language

Label: TypeAlias = str | Mapping[str, str]  # "Cards", or {"en": "Cards", "id": "Kartu"}


def said(label: Any) -> str:
    """The label for a reader of the current language; in English, or in whatever it has, where it has none for them."""
    if not isinstance(label, Mapping):
        return "" if label is None else str(label)
    return str(label.get(language()) or label.get("en") or next(iter(label.values()), ""))


def label_problem(label: Any) -> str | None:
    """Why it is no label, or None."""
    if isinstance(label, str):
        return None
    if not isinstance(label, Mapping) or not label or not all(isinstance(one, str) for one in label.values()):
        return f"a text, or one for each language such as {{'en': 'Cards', 'id': 'Kartu'}}, not {label!r:.80}"
    if unknown := sorted(str(code) for code in label if code not in LANGUAGES):
        return f"a text for each of the languages {', '.join(LANGUAGES)}; '{unknown[0]}' is none of them"
    return None


def plain(label: Label) -> Any:
    """The label as JSON."""
    return dict(label) if isinstance(label, Mapping) else label

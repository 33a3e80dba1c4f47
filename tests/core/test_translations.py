"""Every text that a person reads is in every catalogue, translated, with the same values in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "core" / "translations").glob("*/LC_MESSAGES/*.po"))
METHODS = [("**.py", "python"), ("**/templates/**", "jinja2")]
VALUE = re.compile(r"%\((\w+)\)[sdr]")


@pytest.fixture(scope="module")
def messages() -> dict[str | tuple[str, ...], str]:
    """Each text in the code and the pages, and where it stands first."""
    found: dict[str | tuple[str, ...], str] = {}
    for package in ("core", "estafet", "plugins", "web", "workflows"):
        keywords = {**DEFAULT_KEYWORDS, "N_": None}
        for name, line, message, _comments, _context in extract_from_dir(ROOT / package, METHODS, keywords=keywords):
            found.setdefault(message, f"{package}/{name}:{line}")
    return found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_every_text_is_translated(path: Path, messages: dict[str | tuple[str, ...], str]) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    wrong = []
    for message, place in messages.items():
        key = message if isinstance(message, str) else message[0]
        entry = catalogue.get(key)
        said = [] if entry is None else [entry.string] if isinstance(entry.string, str) else list(entry.string)
        if not said or not all(said) or (entry and entry.fuzzy):
            wrong.append(f"{place}: {key!r} is not translated")
        elif any(
            set(VALUE.findall(text)) - set(VALUE.findall(" ".join(entry.id if entry.pluralizable else [key])))
            for text in said
        ):
            wrong.append(f"{place}: {key!r} is translated with other values")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_translations_were_compiled(path: Path) -> None:
    compiled = path.with_suffix(".mo")
    assert compiled.exists(), f"{compiled} is missing: run `make check`, which compiles it"

"""Reads the file of a firm: every mistake of form is found at once, each with its line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from core.firm_file.shape import ANY, LINE, LIST, NUMBER, NUMBERS, REQUIRED, SECTIONS, TEXT, TRUTH, Finding, FirmFile
from core.sop.messages import sentence
from core.sop.nodes import LARGEST, Items, Pairs, Scalar, compose, value_of
from core.sop.problems import Refused, nearest
from core.sop.traps import explain
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.sop.nodes import Node, Place

_FIRST = (1, 1)


class _Reader:
    def __init__(self) -> None:
        self.found = FirmFile()
        self.wrong: list[Finding] = []

    def say(self, place: Place | tuple[int, int], message: str) -> None:
        line, column = place if isinstance(place, tuple) else (place.line, place.column)
        self.wrong.append(Finding(line, column, message))

    def document(self, root: Node | None) -> None:
        if not isinstance(root, Pairs):
            self.say(
                root.place if root else _FIRST,
                _("The file begins with sections: %(known)s.", known=", ".join(SECTIONS)),
            )
            return
        for key, node in root.pairs:
            if key.text not in SECTIONS:
                self.unknown(key, SECTIONS)
            elif isinstance(node, Pairs):
                self.section(key.text, node)
            elif not (isinstance(node, Scalar) and node.value is None):
                self.say(node.place, _("Under “%(key)s” stand names, each with what belongs to it.", key=key.text))

    def unknown(self, key: Scalar, known: Iterable[str]) -> None:
        meant = nearest(key.text, known)
        text = _("“%(key)s” is not known here. Known: %(known)s.", key=key.text[:80], known=", ".join(known))
        self.say(key.place, text + (f" {_('Did you mean “%(word)s”?', word=meant)}" if meant else ""))

    def section(self, name: str, node: Pairs) -> None:
        entries = self.found.sections.setdefault(name, {})
        for key, inner in node.pairs:
            pointer = f"/{name}/{key.text}"
            self.found.places[pointer] = (key.place.line, key.place.column)
            entry: dict[str, Any] = {}
            if isinstance(inner, Pairs):
                entry = self.entry(name, pointer, inner)
            elif not (isinstance(inner, Scalar) and inner.value is None):
                self.say(inner.place, _("What belongs to “%(key)s” stands indented below it.", key=key.text[:80]))
            entries[key.text] = entry

    def entry(self, section: str, pointer: str, node: Pairs) -> dict[str, Any]:
        fields, entry = SECTIONS[section], {}
        for key, inner in node.pairs:
            if key.text not in fields:
                self.unknown(key, fields)
                continue
            here = f"{pointer}/{key.text}"
            self.remember(here, inner)
            value = self.value(fields[key.text], key.text, inner)
            if value is not _WRONG:
                entry[key.text] = value
        return entry

    def remember(self, pointer: str, node: Node) -> None:
        """Where a value stands, and everything in it."""
        self.found.places[pointer] = (node.place.line, node.place.column)
        inside = (
            [(str(i), one) for i, one in enumerate(node.items)]
            if isinstance(node, Items)
            else [(key.text, one) for key, one in node.pairs]
            if isinstance(node, Pairs)
            else []
        )
        for name, one in inside:
            self.remember(f"{pointer}/{name}", one)

    def value(self, kind: str, key: str, node: Node) -> Any:
        value = value_of(node)
        if value is None and kind in {LINE, NUMBER}:
            return None
        match kind:
            case "any":
                return value
            case "line" | "text" if isinstance(node, Scalar):
                return node.text
            case "number" if isinstance(value, int) and not isinstance(value, bool):
                return value
            case "truth" if isinstance(value, bool):
                return value
            case "list" if isinstance(node, Items) and all(isinstance(one, Scalar) for one in node.items):
                return [one.text for one in node.items if isinstance(one, Scalar)]
            case "numbers" if isinstance(value, dict) and all(
                isinstance(n, int) and not isinstance(n, bool) for n in value.values()
            ):
                return value
        self.say(node.place, _("“%(key)s” must be %(kind)s.", key=key, kind=_kind_words(kind)))
        return _WRONG


_WRONG: Any = object()


def _kind_words(kind: str) -> str:
    return {
        LINE: _("a text"),
        TEXT: _("a text"),
        NUMBER: _("a whole number"),
        TRUTH: _("true or false"),
        LIST: _("a list of texts"),
        NUMBERS: _("names with whole numbers"),
        ANY: _("anything"),
    }[kind]


def read_firm_file(text: str) -> tuple[FirmFile, list[Finding]]:
    """(what the file says, what is wrong with its form)."""
    reader = _Reader()
    if len(text.encode()) > LARGEST:
        reader.say(_FIRST, _("The file is larger than %(n)s kB.", n=LARGEST // 1024))
        return reader.found, reader.wrong
    try:
        root, extras = compose(text)
    except Refused as refused:
        return _refused(reader, refused)
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        return _refused(reader, explain(text, error))
    for code, place, values in extras:
        reader.say(place, sentence(code, values))
    reader.document(root)
    reader.wrong.sort(key=lambda one: (one.line, one.column))
    return reader.found, reader.wrong


def _refused(reader: _Reader, refused: Refused) -> tuple[FirmFile, list[Finding]]:
    reader.say(refused.place or _FIRST, sentence(refused.code, refused.values))
    return reader.found, reader.wrong


def missing(found: FirmFile, section: str, name: str) -> list[str]:
    """What a new entry must say and does not."""
    return [key for key in REQUIRED.get(section, ()) if not found.sections[section][name].get(key)]

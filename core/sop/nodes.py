"""YAML as a tree that knows where every word stands, built from libyaml's events with bounds that no hostile document passes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from core.sop.problems import Refused

LARGEST = 256 * 1024  # bytes
_DEEPEST = 90  # YAML levels: eight levels of steps need at most about seventy
_MOST_NODES = 30_000
_LONGEST_LIST = 2000  # of a mapping, keys and values
_MOST_FINDINGS = 200
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(slots=True)
class Place:
    """From where to where a node stands: 1-based lines and columns, and character offsets."""

    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int


@dataclass(slots=True)
class Scalar:
    text: str
    is_plain: bool
    place: Place

    @property
    def value(self) -> Any:
        """What a plain scalar means: true, false, nothing, a number; everything else, and everything quoted, is text."""
        if not self.is_plain:
            return self.text
        if self.text in _NOTHING:
            return None
        if self.text in _TRUTH:
            return _TRUTH[self.text]
        if len(self.text) <= 30:
            if _INT.fullmatch(self.text):
                return int(self.text)
            if _FLOAT.fullmatch(self.text):
                return float(self.text)
        return self.text


@dataclass(slots=True)
class Items:
    items: list[Node]
    place: Place


@dataclass(slots=True)
class Pairs:
    pairs: list[tuple[Scalar, Node]]
    place: Place
    at: dict[str, Node] = field(default_factory=dict)


Node: TypeAlias = Scalar | Items | Pairs


def value_of(node: Node) -> Any:
    """The node as plain values."""
    match node:
        case Scalar():
            return node.value
        case Items(items=items):
            return [value_of(item) for item in items]
        case Pairs(pairs=pairs):
            return {key.text: value_of(inner) for key, inner in pairs}


def quoted(text: str) -> str:
    """The text in the quotes that need the least escaping."""
    if "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _place(event: Any) -> Place:
    start, end = event.start_mark, event.end_mark
    return Place(start.line + 1, start.column + 1, end.line + 1, end.column + 1, start.index, end.index)


class _Builder:
    """Puts events together into a tree, without recursion."""

    def __init__(self) -> None:
        self.stack: list[list[Node]] = []
        self.opened: list[Any] = []
        self.root: Node | None = None
        self.count = 0
        self.found: list[tuple[str, Place, dict[str, Any]]] = []

    def scalar(self, event: Any) -> None:
        """A single value; one with a tag is read as the text that was probably meant."""
        self.refuse_extras(event)
        text = event.value if event.tag is None else f"{event.tag} {event.value}".strip()
        self.add(Scalar(text, not event.style, _place(event)))

    def refuse_extras(self, event: Any) -> None:
        """No anchors and no tags: a document says everything where it stands."""
        if event.anchor is not None:
            self.found.append(("anchor", _place(event), {"found": event.anchor}))
        if event.tag is not None:
            words = event.tag + (f" {event.value}" if isinstance(event, yaml.ScalarEvent) and event.value else "")
            self.found.append(("tag", _place(event), {"found": words}))

    def open(self, event: Any) -> None:
        if len(self.stack) >= _DEEPEST:
            raise Refused("too-deep-yaml", _place(event), most=_DEEPEST)
        self.opened.append(event)
        self.stack.append([])

    def add(self, node: Node) -> None:
        self.count += 1
        if self.count > _MOST_NODES:
            raise Refused("too-many-words", node.place, most=_MOST_NODES)
        if self.stack:
            self.stack[-1].append(node)
            if len(self.stack[-1]) > _LONGEST_LIST:
                raise Refused("list-long", node.place, most=_LONGEST_LIST // 2)
        else:
            self.root = node

    def close(self, event: Any) -> None:
        nodes, begun = self.stack.pop(), self.opened.pop()
        place = _place(begun)
        place.end_line, place.end_column, place.end = (
            event.end_mark.line + 1,
            event.end_mark.column + 1,
            event.end_mark.index,
        )
        if isinstance(event, yaml.SequenceEndEvent):
            self.add(Items(nodes, place))
            return
        pairs = Pairs([], place)
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not (begun.flow_style and self.joined(pairs, key, value)):
                self.pair(pairs, key, value)
        self.add(pairs)

    def joined(self, pairs: Pairs, key: Node, value: Node) -> bool:
        """A comma inside `{if: has(a, b), …}` cut the expression in two: put it together again, and say so."""
        if not (
            pairs.pairs
            and isinstance(key, Scalar)
            and isinstance(value, Scalar)
            and value.place.start == value.place.end
        ):
            return False
        before, cut = pairs.pairs[-1]
        if (
            before.text not in ("if", "until")
            or not isinstance(cut, Scalar)
            or not (cut.is_plain and key.is_plain and cut.text)
        ):
            return False
        cut.text = f"{cut.text}, {key.text}"
        cut.place.end_line, cut.place.end_column, cut.place.end = (
            key.place.end_line,
            key.place.end_column,
            key.place.end,
        )
        self.found = [finding for finding in self.found if finding[1] is not cut.place]
        self.found.append(("yaml-expression", cut.place, {"right": quoted(cut.text)}))
        return True

    def pair(self, pairs: Pairs, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar):
            raise Refused("key-not-text", key.place)
        if key.text == "<<" and key.is_plain:
            self.found.append(("merge-key", key.place, {}))
            return
        if key.text in pairs.at:
            if len(self.found) > _MOST_FINDINGS:
                return
            first = next(known for known, _ in pairs.pairs if known.text == key.text)
            self.found.append(("double-key", key.place, {"found": key.text, "first": first.place.line}))
            return
        pairs.at[key.text] = value
        pairs.pairs.append((key, value))


def compose(text: str) -> tuple[Node | None, list[tuple[str, Place, dict[str, Any]]]]:
    """The tree of one YAML document (None: it is empty), and what it may not hold: code, place and words of each finding.

    Raises Refused for what is not worth reading on, and yaml.YAMLError for what is no YAML.
    """
    builder = _Builder()
    documents = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise Refused("second-document", _place(event))
                if event.tags or event.version:
                    raise Refused("directive", _place(event))
            case yaml.AliasEvent():
                raise Refused("alias", _place(event), found=event.anchor)
            case yaml.ScalarEvent():
                builder.scalar(event)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                builder.refuse_extras(event)
                builder.open(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                builder.close(event)
            case _:
                pass
    return builder.root, builder.found

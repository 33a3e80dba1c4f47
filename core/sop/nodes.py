"""YAML as a tree that knows where every word stands, built from libyaml's events with bounds that no hostile document passes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from core.sop.problems import Refused

LARGEST = 256 * 1024  # bytes
_DEEPEST = 90  # YAML levels: eight levels of steps need at most about seventy
_MOST_NODES = 60_000
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
    flow: bool = False
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
        pairs = Pairs([], place, bool(begun.flow_style))
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            self.pair(pairs, key, value)
        self.add(pairs)

    def pair(self, pairs: Pairs, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar):
            raise Refused("key-not-text", key.place)
        if key.text == "<<" and key.is_plain:
            self.found.append(("merge-key", key.place, {}))
            return
        if key.text in pairs.at:
            first = next(known for known, _ in pairs.pairs if known.text == key.text)
            self.found.append(("double-key", key.place, {"found": key.text, "line": first.place.line}))
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
                builder.refuse_extras(event)
                builder.add(Scalar(event.value, not event.style, _place(event)))
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                builder.refuse_extras(event)
                builder.open(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                builder.close(event)
            case _:
                pass
    return builder.root, builder.found

"""Comments and blank lines of a document, each kept with what it belongs to while everything around it changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import PlainScalarString

from core.sop.nodes import Items, Node, Pairs, Scalar, compose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A thing of the document: an item of a list by its identity, or a key by that of its mapping
Owner = tuple[int, str]
_BLOCK = re.compile(r"[|>][-+]?[1-9]?$")  # the words of this line follow below it
_COMMENT = re.compile(r"(^|[ \t]+)#")


@dataclass(slots=True)
class Remark:
    """What stands above a thing, behind it on its line, and below its last line."""

    above: list[tuple[int, str]] = field(default_factory=list)  # how far in from the thing, and the words
    beside: str = ""
    beside_line: str = ""  # the line as it was: where it is the same, the comment stands as it stood
    below: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Spot:
    """Where a thing stands: its first and last line (from 0) and the column at which it begins."""

    owner: Owner
    line: int
    column: int
    last: int


class Remarks:
    """`Remarks(text)`; `.bare` is the text without them; `settle(root)` once it is read; `woven(lines, dumped, root)` puts them back."""

    def __init__(self, text: str) -> None:
        lines = text.split("\n")
        if lines and lines[-1] == "":
            lines.pop()
        inside, ends = _scalars(compose(text)[0], lines)
        self._lines: list[str] = []  # without comments
        self._over: list[list[str]] = [[]]  # what stood above each of them; the last: below all
        self._beside: dict[int, str] = {}
        for number, line in enumerate(lines):
            stripped = line.strip()
            if number not in inside and (not stripped or stripped.startswith("#")):
                self._over[-1].append(line)
                continue
            comment = None
            if number not in inside or number in ends:
                comment = _COMMENT.search(line, ends.get(number, 0))
            if comment:
                self._beside[len(self._lines)] = line[comment.start() :]
                line = line[: comment.start()]
            self._lines.append(line)
            self._over.append([])
        self.bare = "\n".join(self._lines) + "\n"
        self._of: dict[Owner, Remark] = {}
        self._head: list[str] = []
        self._tail: list[str] = []
        self._things: list[Any] = []  # kept alive, so that no identity is given twice

    # ---- reading -------------------------------------------------------------------------------------------------------

    def settle(self, root: Any) -> None:
        """Give each remark to the thing that it stands at."""
        _told_apart(root)
        spots = list(self._spots(compose(self.bare)[0], root))
        first: dict[int, _Spot] = {}
        deepest: dict[int, int] = {}
        for spot in spots:
            first.setdefault(spot.line, spot)
            deepest[spot.line] = max(spot.column, deepest.get(spot.line, 0))
        for number, over in enumerate(self._over):
            indent = _indent(self._lines[number]) if number < len(self._lines) else 0
            before = max((line for line in first if line < number), default=None)
            own = 0 if before is None else self._below(over, number, indent, before, deepest[before], spots)
            owner = next((first[line] for line in range(number, len(self._lines)) if line in first), None)
            if number == 0:
                self._head = over
            elif owner is None:
                self._tail = over[own:]
            else:
                self._remark(owner.owner).above += [(_indent(line) - indent, line.strip()) for line in over[own:]]
            if number in self._beside:
                at = first.get(number) or first[max(line for line in first if line <= number)]
                remark = self._remark(at.owner)
                if remark.beside:
                    remark.above.append((0, self._beside[number].strip()))
                else:
                    remark.beside, remark.beside_line = self._beside[number], self._lines[number]

    def _below(
        self, over: Sequence[str], number: int, indent: int, before: int, deepest: int, spots: Sequence[_Spot]
    ) -> int:
        """How many of these lines end what stands before them: comments further in than what follows."""
        count = 0
        for place, line in enumerate(over, 1):
            if line.strip() and indent < _indent(line) <= deepest:
                count = place
        if count:
            column = min(_indent(line) for line in over[:count] if line.strip())
            open_then = [spot for spot in spots if spot.line <= before < spot.last + 1 and spot.column <= column]
            if not open_then or open_then[-1].last >= number:
                return 0
            owner = open_then[-1]
            self._remark(owner.owner).below += [(_indent(line) - owner.column, line.strip()) for line in over[:count]]
        return count

    def _remark(self, owner: Owner) -> Remark:
        return self._of.setdefault(owner, Remark())

    def _spots(self, node: Node | None, thing: Any) -> Iterator[_Spot]:
        """Every thing of the document in the order of the text."""
        match node:
            case Pairs(pairs=pairs) if isinstance(thing, CommentedMap):
                self._things.append(thing)
                for (key, value), inner in zip(pairs, thing.values(), strict=False):
                    place = key.place
                    last = max(_last(value), place.line - 1)
                    yield _Spot((id(thing), key.text), place.line - 1, place.column - 1, last)
                    yield from self._spots(value, inner)
            case Items(items=items) if isinstance(thing, CommentedSeq):
                self._things.append(thing)
                for item, inner in zip(items, thing, strict=False):
                    self._things.append(inner)
                    yield _Spot((id(inner), ""), item.place.line - 1, item.place.column - 1, _last(item))
                    yield from self._spots(item, inner)

    def follow(self, old: Any, new: Any) -> None:
        """The remarks of a thing that is written in another way belong to what took its place."""
        self._things.append(new)
        if (id(old), "") in self._of:
            self._of[id(new), ""] = self._of.pop((id(old), ""))

    def renamed(self, mapping: Any, old: str, new: str) -> None:
        """The remarks of a key follow its new name."""
        if (id(mapping), old) in self._of:
            self._of[id(mapping), new] = self._of.pop((id(mapping), old))

    # ---- writing -------------------------------------------------------------------------------------------------------

    def woven(self, lines: Sequence[str], dumped: str, root: Any) -> str:
        """The lines of the document as it is now (those of `dumped`, spaced as they were) with all remarks at their places."""
        node = compose(dumped)[0]
        inside, _ends = _scalars(node, dumped.split("\n"))
        over: dict[int, list[str]] = {}
        under: dict[int, list[str]] = {}
        written = list(lines)
        for spot in self._spots(node, root):
            remark = self._of.get(spot.owner)
            if remark is None:
                continue
            indent = _indent(lines[spot.line])
            over.setdefault(spot.line, []).extend(_moved(remark.above, indent))
            under.setdefault(spot.last, [])[:0] = _moved(remark.below, spot.column)
            if remark.beside:
                line = written[spot.line]
                runs_on = spot.line + 1 in inside and not _BLOCK.search(line)
                if runs_on or line != lines[spot.line]:
                    over[spot.line].append(" " * indent + remark.beside.strip())
                else:
                    written[spot.line] = _beside(line, remark)
        out = list(self._head)
        for number, line in enumerate(written):
            out += [*over.get(number, ()), line, *under.get(number, ())]
        return "\n".join([*out, *self._tail]) + "\n"


def _moved(remarks: Sequence[tuple[int, str]], column: int) -> list[str]:
    return [" " * max(column + by, 0) + words if words else "" for by, words in remarks]


def _beside(line: str, remark: Remark) -> str:
    """The comment behind a line: at the column at which it stood, if the line leaves it free."""
    if line == remark.beside_line:
        return line + remark.beside
    words = remark.beside.lstrip()
    column = len(remark.beside_line) + len(remark.beside) - len(words)
    return line.ljust(column) + words if len(line) < column else f"{line}  {words}"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _last(node: Node) -> int:
    """The last line (from 0) on which something of this node stands."""
    match node:
        case Scalar(place=place):
            return max(place.end_line - 1 - (place.end_column == 1 and place.end > place.start), place.line - 1)
        case Items(items=[*_some, last]):
            return _last(last)
        case Pairs(pairs=[*_some, (key, value)]):
            return max(_last(key), _last(value))
    return node.place.line - 1


def _scalars(root: Node | None, lines: Sequence[str]) -> tuple[set[int], dict[int, int]]:
    """Lines (from 0) that lie inside a text of several lines, and for each line the column at which its last text ends."""
    inside: set[int] = set()
    ends: dict[int, int] = {}
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        match node:
            case Items(items=items):
                waiting += items
            case Pairs(pairs=pairs):
                waiting += [one for pair in pairs for one in pair]
            case Scalar(place=place):
                first, last = place.line - 1, _last(node)
                mark = lines[first][place.column - 1 :]
                if mark.startswith(("|", ">")) and not mark[:3].count("+"):
                    while last > first and not lines[last].strip():
                        last -= 1
                inside |= set(range(place.line, last + 1))
                if last == first:
                    ends[first] = max(ends.get(first, 0), place.end_column - 1 if place.end_line - 1 == first else 0)
                elif not mark.startswith(("|", ">")):
                    ends[first], ends[last] = len(lines[first]), max(ends.get(last, 0), place.end_column - 1)
    return inside, ends


def _told_apart(thing: Any) -> None:
    """Plain texts in lists become objects of their own: two equal words are two things."""
    if isinstance(thing, CommentedMap):
        for value in thing.values():
            _told_apart(value)
    elif isinstance(thing, CommentedSeq):
        for number, value in enumerate(thing):
            if type(value) is str:
                thing[number] = PlainScalarString(value)
            else:
                _told_apart(value)

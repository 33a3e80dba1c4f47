"""What is wrong with a document: each finding with its place, its code, its sentence and the nearest right word."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from core.sop.messages import sentence
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.sop.nodes import Node, Place

MOST = 100
_CANDIDATES = 24


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; line and columns are 1-based, `end_column` is behind the last character. Severity is error or warning."""

    line: int
    column: int
    end_column: int
    code: str
    message: str
    suggests: str | None = None
    severity: str = "error"


class SopError(ValueError):
    """A document with errors; `problems` are all of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{problem.line}:{problem.column}: {problem.message}" for problem in problems[:3]))
        self.problems = problems


class Refused(Exception):
    """The document is not worth reading on: one message, and nothing else is said."""

    def __init__(self, code: str, place: Place | None = None, suggests: str | None = None, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.place = place
        self.suggests = suggests
        self.values = values


def at_step(name: str) -> str:
    """How the sentences about a step begin."""
    return _("step '%(name)s'", name=name)


def listed(names: Sequence[str]) -> str:
    """The names in a sentence; of very many, the first."""
    return ", ".join(names if len(names) <= 40 else [*names[:40], "…"])


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    letters, start = set(word), word[:3]
    likely = [
        other for other in known if abs(len(other) - len(word)) <= 8 and 2 * len(letters & set(other)) >= len(letters)
    ]
    if len(likely) > _CANDIDATES:  # comparing letter by letter is slow: only the likeliest
        likely = sorted(likely, key=lambda other: abs(len(other) - len(word)) - 4 * other.startswith(start))[
            :_CANDIDATES
        ]
    found = get_close_matches(word[:80], likely, n=1, cutoff=0.6)
    return found[0] if found else None


@dataclass(slots=True)
class Problems:
    """Collects findings. `where` says to which step or field they belong, and opens their sentences."""

    text: str = ""
    found: list[Problem] = field(default_factory=list)
    where: str = ""
    _said: set[tuple[int, int, str]] = field(default_factory=set)

    @property
    def full(self) -> bool:
        """Have enough been said?"""
        return len(self.found) >= 2 * MOST

    def add(
        self, code: str, node: Node | Place, suggests: str | None = None, *, severity: str = "error", **values: Any
    ) -> None:
        """Note a finding at a node, once."""
        place = node if not hasattr(node, "place") else node.place
        self.at(code, place.line, place.column, _end(place), suggests, severity=severity, **values)

    def at(
        self,
        code: str,
        line: int,
        column: int,
        end_column: int,
        suggests: str | None = None,
        *,
        severity: str = "error",
        **values: Any,
    ) -> None:
        """Note a finding at a line and column, once."""
        if self.full or (line, column, code) in self._said:
            return
        self._said.add((line, column, code))
        message = sentence(code, values)
        if suggests is not None and "right" not in values:
            message = _("%(message)s Did you mean '%(word)s'?", message=message, word=suggests)
        if self.where:
            message = f"{self.where}: {message}"
        self.found.append(Problem(line, column, max(end_column, column + 1), code, message, suggests, severity))

    def within(self, code: str, node: Any, start: int, end: int, suggests: str | None = None, **values: Any) -> None:
        """Note a finding at characters `start` to `end` of the value of a scalar, wherever they stand in the file."""
        severity = values.pop("severity", "error")
        line, column = spot(self.text, node, start)
        last_line, last = spot(self.text, node, end)
        self.at(code, line, column, last if last_line == line else column + 1, suggests, severity=severity, **values)

    def sorted(self, severity: str) -> tuple[Problem, ...]:
        """Errors or warnings in the order of the document, 100 at most."""
        chosen = [problem for problem in self.found if problem.severity == severity]
        return tuple(sorted(chosen, key=lambda problem: (problem.line, problem.column))[:MOST])


def _end(place: Place) -> int:
    return place.end_column if place.end_line == place.line else place.column + 1


def spot(text: str, node: Any, offset: int) -> tuple[int, int]:
    """Line and column of character `offset` of a scalar's value: past quotes, escapes and folded lines."""
    place = node.place
    raw = text[place.start : place.end]
    at = offset if raw == node.text else _raw_offset(raw, node.text, offset)
    line = place.line + raw.count("\n", 0, at)
    column = place.column + at if line == place.line else at - raw.rfind("\n", 0, at)
    return line, column


def _raw_offset(raw: str, value: str, offset: int) -> int:
    """Where in the written text the character `offset` of its value stands."""
    at = 0
    if raw[:1] in "\"'":
        at = 1
    elif raw[:1] in "|>":
        at = raw.find("\n") + 1
    for mark in value[:offset]:
        if mark in " \n":  # a folded line: any run of blanks and line ends
            if raw[at : at + 1] == mark:
                at += 1
            while raw[at - 1 : at] == "\n" and raw[at : at + 1] in (" ", "\n") and at < len(raw):
                at += 1
            if raw[at : at + 1] == "\n":
                at += len(raw[at:]) - len(raw[at:].lstrip())
            continue
        while at < len(raw) and raw[at] != mark:
            at += 1
        at += 2 if raw[:1] == "'" and raw[at : at + 2] == "''" else 1
    while raw[:1] in "|>" and raw[at : at + 1] == " " and value[offset : offset + 1] not in ("", " "):
        at += 1
    return min(at, len(raw))

"""Conditions and `${…}`: judge an expression over one ticket, three-valued, with the values it saw.

A missing value makes every comparison unknown, and unknown is false, also under `!`. There is no side effect, no clock (`now` is given)
and no loop but one level of `exists` and `all`: the same scope gives the same answer in every replay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from core.sop.evaluation import Reader
from core.sop.grammar import holes, parse
from core.sop.messages import sentence
from core.sop.operations import ExpressionError, Missing
from core.sop.tokens import SyntaxProblem
from core.sop.values import glimpse, settled
from core.texts import _

if TYPE_CHECKING:
    from datetime import tzinfo

    from core.sop.document import Value

__all__ = ["Calendar", "ExpressionError", "Scope", "Verdict", "evaluate", "fill", "judge"]

_LONGEST_TEXT = 100_000


class Calendar(Protocol):
    """What expressions ask of working hours."""

    @property
    def zone(self) -> tzinfo:
        """The zone in which dates, weekdays and hours are meant."""

    def is_open(self, moment: datetime, /) -> bool:
        """Is it open at this moment?"""

    def between(self, start: datetime, end: datetime, /) -> int:
        """Seconds of opening time between two moments."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may read. Money is `Money`, moments are aware datetimes, and JSON shapes of both are understood too."""

    ticket: Mapping[str, Any] = field(default_factory=dict)
    customer: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    steps: Mapping[str, Any] = field(default_factory=dict)
    result: Any = None
    now: datetime | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Does the condition hold; the value of every name it read (None: missing), JSON-able; and the missing names."""

    holds: bool
    seen: dict[str, Any]
    missing: tuple[str, ...]


def _read(source: str, scope: Scope) -> tuple[Any, Reader]:
    try:
        tree = parse(source)
    except SyntaxProblem as problem:
        raise ExpressionError(
            _(
                "“%(source)s” is not an expression: %(why)s (character %(n)s)",
                source=source,
                why=sentence(problem.code, problem.values).removesuffix("."),
                n=problem.start + 1,
            )
        ) from problem
    reader = Reader(scope)
    return reader.value(tree), reader


def judge(source: str, scope: Scope) -> Verdict:
    """Does the condition hold? Unknown (a value is missing) is no."""
    value, reader = _read(source, scope)
    if not isinstance(value, bool | Missing):
        raise ExpressionError(
            _("“%(source)s” gives %(kind)s; a condition must give true or false", source=source, kind=_kind(value))
        )
    return Verdict(value is True, {name: glimpse(seen) for name, seen in reader.seen.items()}, tuple(reader.missing))


def evaluate(source: str, scope: Scope) -> Any:
    """The value of an expression; None when a value that it needs is missing."""
    value, _reader = _read(source, scope)
    return None if isinstance(value, Missing) else settled(value)


def fill(value: Value, scope: Scope, show: Callable[[Any], str] | None = None) -> Value:
    """The value with every `${…}` filled in. A text that is exactly one `${…}` keeps the type of its expression; missing values show as nothing."""
    if isinstance(value, str):
        return _fill_text(value, scope, show or _show)
    if isinstance(value, Mapping):
        return {key: fill(inner, scope, show) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [fill(inner, scope, show) for inner in value]
    return value


def _fill_text(text: str, scope: Scope, show: Callable[[Any], str]) -> Any:
    if "${" not in text:
        return text
    try:
        spots = holes(text)
    except SyntaxProblem as problem:
        raise ExpressionError(
            _("“%(text)s”: the ${ at character %(n)s is not closed", text=text, n=problem.start + 1)
        ) from problem
    if len(spots) == 1 and spots[0][:2] == (0, len(text)):
        return evaluate(spots[0][2], scope)
    parts: list[str] = []
    at = 0
    for start, end, source in spots:
        value = evaluate(source, scope)
        parts += [text[at:start], "" if value is None else show(value)]
        at = end
    whole = "".join([*parts, text[at:]])
    if len(whole) > _LONGEST_TEXT:
        raise ExpressionError(_("a filled text is longer than %(most)s characters", most=_LONGEST_TEXT))
    return whole


def _show(value: Any) -> str:
    """A value inside a text when nobody said how the reader's language writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, list | tuple):
        return ", ".join(_show(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_show(item)}" for key, item in value.items())
    return str(value)


def _kind(value: Any) -> str:
    match value:
        case str():
            return _("a text")
        case int() | float() | Decimal():
            return _("a number")
        case date() | timedelta():
            return _("a time")
        case list() | tuple():
            return _("a list")
        case _:
            return type(value).__name__.lower()

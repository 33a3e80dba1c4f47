"""Which rule does a ticket match? The first one whose condition holds over the facts; pure, and quick with hundreds of rules.

A condition is an expression of the SOP language. Its parts joined by “and” are judged one after the other, so that a rule that does not match
can say which part was not true. Texts (subject, mailbox, …) are compared in small letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from core.sop import tree as trees
from core.sop.evaluation import Reader
from core.sop.expressions import ExpressionError, Scope
from core.sop.grammar import parse
from core.sop.tokens import SyntaxProblem
from core.sop.tree import path_of, paths_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.sop.tree import Expr

TICKET = (
    "channel",
    "subject",
    "topic",
    "product",
    "language",
    "priority",
    "department",
    "mailbox",
    "tags",
    "hour",
    "weekday",
)
CUSTOMER = ("class", "organisation", "language", "email")
KNOWN = frozenset([("ticket", name) for name in TICKET] + [("customer", name) for name in CUSTOMER])
GIVES = (
    "department",
    "team",
    "agent",
    "people",
    "by",
    "skill",
    "level",
    "priority",
    "topic",
    "tags",
    "sop",
    "last_agent",
)
_LOWERED = frozenset({("ticket", "subject"), ("ticket", "mailbox"), ("customer", "email")})
_MARKS = "abcdefghijklmnopqrstuvwxyz"

Facts = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a condition: how it was written, and how it is judged."""

    source: str
    holds: Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can be judged. No part: it holds for every ticket."""

    id: int
    version: int
    title: str
    condition: str
    gives: Mapping[str, Any]
    department_id: int | None = None
    active: bool = True
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of one time, in their order."""

    number: int
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """What was found: the rule (None: none), and for each rule before it the index of the first part that was not true."""

    rule: Rule | None
    failed: str = ""
    seen: dict[str, Any] = field(default_factory=dict)


class RuleError(ValueError):
    """A condition that cannot be judged; the text says why."""


def compiled(condition: str) -> tuple[Part, ...]:
    """The parts of a condition. RuleError when it cannot be read, or asks for what a rule does not know."""
    if not condition.strip():
        return ()
    try:
        tree = parse(condition)
    except SyntaxProblem as problem:
        raise RuleError(f"{problem.code}:{problem.start + 1}") from problem
    unknown = [".".join(path) for path, _part, _asked in paths_in(tree) if path[:2] not in KNOWN or len(path) > 2]
    if unknown:
        raise RuleError(unknown[0])
    return tuple(Part(condition[part.start : part.end].strip(), _test(part)) for part in conjuncts(tree))


def conjuncts(tree: Expr) -> list[Expr]:
    """The parts that are joined by “and” at the top."""
    if isinstance(tree, trees.Binary) and tree.op == "&&":
        return [*conjuncts(tree.left), *conjuncts(tree.right)]
    return [tree]


def _test(tree: Expr) -> Callable[[Facts], bool]:
    """A quick test for what most rules say, else a walk over the tree."""
    return _quick(tree) or _walked(tree)


def _quick(tree: Expr) -> Callable[[Facts], bool] | None:
    match tree:
        case trees.Binary(op="==" | "!=", left=left, right=trees.Literal(value=str() as value)):
            path = path_of(left)
            return None if path is None else _compared(path, _lowered(path, value), equal=tree.op == "==")
        case trees.Binary(op="in", left=left, right=trees.Many(items=items)):
            path = path_of(left)
            if path is None or not all(isinstance(i, trees.Literal) and isinstance(i.value, str) for i in items):
                return None
            return _among(path, frozenset(_lowered(path, i.value) for i in items if isinstance(i, trees.Literal)))
        case trees.Invoke(function="contains", args=(of, trees.Literal(value=str() as value))):
            path = path_of(of)
            return None if path is None else _holding(path, _lowered(path, value))
        case _:
            return None


def _compared(path: tuple[str, ...], value: str, *, equal: bool) -> Callable[[Facts], bool]:
    root, name = path[:2]
    if equal:
        return lambda facts: bool(facts[root].get(name) == value)
    return lambda facts: facts[root].get(name) not in (None, value)


def _among(path: tuple[str, ...], values: frozenset[str]) -> Callable[[Facts], bool]:
    root, name = path[:2]
    return lambda facts: facts[root].get(name) in values


def _holding(path: tuple[str, ...], value: str) -> Callable[[Facts], bool]:
    root, name = path[:2]
    return lambda facts: value in (facts[root].get(name) or ())


def _lowered(path: tuple[str, ...], value: Any) -> str:
    return str(value).lower() if path[:2] in _LOWERED else str(value)


def _walked(tree: Expr) -> Callable[[Facts], bool]:
    def holds(facts: Facts) -> bool:
        try:
            return Reader(Scope(ticket=facts["ticket"], customer=facts["customer"])).value(tree) is True
        except ExpressionError:
            return False  # such a part is refused when it is saved; values that do not fit it are not true

    return holds


def match(rules: Sequence[Rule], facts: Facts, *, passing: Callable[[Rule], bool] | None = None) -> Matched:
    """The first active rule that holds. `passing` tells which rules are not looked at (they read as “-” in `failed`)."""
    failed: list[str] = []
    for rule in rules:
        if passing is not None and passing(rule):
            failed.append("-")
            continue
        wrong = first_false(rule, facts)
        if wrong is None:
            return Matched(rule, "".join(failed), seen_by(rule, facts))
        failed.append(_MARKS[min(wrong, len(_MARKS) - 1)])
    return Matched(None, "".join(failed))


def first_false(rule: Rule, facts: Facts) -> int | None:
    """The index of the first part that is not true; None: the rule holds."""
    for i, part in enumerate(rule.parts):
        if not part.holds(facts):
            return i
    return None


def part_at(mark: str) -> int | None:
    """The index behind one character of `failed`; None: the rule was not looked at."""
    return _MARKS.index(mark) if mark in _MARKS else None


def packed(failed: str) -> str:
    """The marks with runs counted: `aaaab-` becomes `4ab-`."""
    runs = ((mark, len(list(run))) for mark, run in groupby(failed))
    return "".join(mark if n == 1 else f"{n}{mark}" for mark, n in runs)


def unpacked(text: str) -> str:
    """The marks again, one for each rule."""
    return "".join(mark * int(n or 1) for n, mark in re.findall(r"(\d*)([a-z-])", text))


def seen_by(rule: Rule, facts: Facts) -> dict[str, Any]:
    """The values that a rule looked at. A subject is nobody's code: it is not kept."""
    if not rule.condition:
        return {}
    names = sorted({path[:2] for path, _part, _asked in paths_in(parse(rule.condition))})
    return {f"{root}.{name}": facts[root].get(name) for root, name in names if (root, name) not in _LOWERED}


def kept_facts(facts: Facts) -> dict[str, Any]:
    """The facts as a decision keeps them: codes and numbers, short."""
    found: dict[str, Any] = {}
    for root, name in sorted(KNOWN - _LOWERED):
        value = facts[root].get(name)
        if value not in (None, "", []):
            found[f"{root}.{name}"] = [str(one)[:24] for one in value[:6]] if isinstance(value, list) else value
    return {name: value[:40] if isinstance(value, str) else value for name, value in found.items()}

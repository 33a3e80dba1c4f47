"""Which rules can never be reached: those that no ticket can match, and those that an earlier rule always takes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.routing.rules import conjuncts
from core.sop import tree as trees
from core.sop.grammar import parse
from core.sop.tree import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from core.routing.rules import Rule
    from core.sop.tree import Expr

NEVER, SHADOWED, UNKNOWN = "never", "shadowed", "unknown"


@dataclass(frozen=True, slots=True)
class Trap:
    """`code`: never (its parts contradict one another), unknown (it asks for a value that does not exist), shadowed (by rule `by`)."""

    rule: int
    code: str
    what: str = ""
    value: str = ""
    by: int | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """What a rule asks, as far as it is simple: allowed values and number ranges by name, and all its parts as they are written."""

    allowed: Mapping[str, frozenset[Any]]
    ranges: Mapping[str, tuple[float, float]]
    parts: frozenset[str]
    plain: Mapping[str, str]  # parts that are wholly said by allowed or ranges → their name


def traps(rules: Sequence[Rule], values: Mapping[str, Collection[str]]) -> list[Trap]:
    """What is wrong with the active rules, in their order. `values` are all values that a name can have."""
    found: list[Trap] = []
    earlier: list[tuple[Rule, _Said]] = []
    for rule in rules:
        if not rule.active:
            continue
        said = _said(rule)
        trap = _impossible(rule, said, values) or _taken(rule, said, earlier)
        if trap:
            found.append(trap)
        else:
            earlier.append((rule, said))
    return found


def _impossible(rule: Rule, said: _Said, values: Mapping[str, Collection[str]]) -> Trap | None:
    for what, allowed in said.allowed.items():
        if not allowed:
            return Trap(rule.id, NEVER, what)
        if what in values and not allowed & frozenset(values[what]):
            return Trap(rule.id, UNKNOWN, what, str(min(allowed)))
    for what, (least, most) in said.ranges.items():
        if least > most:
            return Trap(rule.id, NEVER, what)
    return None


def _taken(rule: Rule, said: _Said, earlier: Sequence[tuple[Rule, _Said]]) -> Trap | None:
    """The earlier rule that holds whenever this one does."""
    other = next((one for one, theirs in earlier if _implies(said, theirs)), None)
    return Trap(rule.id, SHADOWED, by=other.id) if other else None


def _implies(one: _Said, other: _Said) -> bool:
    """Does `other` hold whenever `one` does? Only said when it is sure."""
    for part in other.parts:
        if part in one.parts:
            continue
        what = other.plain.get(part)
        if what is None:
            return False
        if what in other.allowed and not (what in one.allowed and one.allowed[what] <= other.allowed[what]):
            return False
        if what in other.ranges:
            mine, theirs = one.ranges.get(what), other.ranges[what]
            if mine is None or mine[0] < theirs[0] or mine[1] > theirs[1]:
                return False
    return True


def _said(rule: Rule) -> _Said:
    allowed: dict[str, frozenset[Any]] = {}
    ranges: dict[str, tuple[float, float]] = {}
    plain: dict[str, str] = {}
    sources: set[str] = set()
    for part in conjuncts(parse(rule.condition)) if rule.condition else []:
        source = " ".join(rule.condition[part.start : part.end].split())
        sources.add(source)
        name, values = _values(part)
        if name and values is not None:
            allowed[name] = allowed.get(name, values) & values
            plain[source] = name
        name, span = _span(part)
        if name and span is not None:
            least, most = ranges.get(name, (float("-inf"), float("inf")))
            ranges[name] = (max(least, span[0]), min(most, span[1]))
            plain[source] = name
    return _Said(allowed, ranges, frozenset(sources), plain)


def _values(tree: Expr) -> tuple[str, frozenset[Any] | None]:
    """`channel == "chat"`, `channel in ["chat", "email"]`: the name and the values it may have."""
    match tree:
        case trees.Binary(op="==", left=left, right=trees.Literal(value=str() | bool() as value)):
            items: list[Any] = [value]
        case trees.Binary(op="in", left=left, right=trees.Many(items=many)) if all(
            isinstance(one, trees.Literal) for one in many
        ):
            items = [one.value for one in many if isinstance(one, trees.Literal)]
        case _:
            return "", None
    path = path_of(left)
    return (".".join(path), frozenset(items)) if path else ("", None)


_EDGES: dict[str, Callable[[int], tuple[float, float]]] = {
    "==": lambda n: (n, n),
    ">": lambda n: (n + 1, float("inf")),
    ">=": lambda n: (n, float("inf")),
    "<": lambda n: (float("-inf"), n - 1),
    "<=": lambda n: (float("-inf"), n),
}


def _span(tree: Expr) -> tuple[str, tuple[float, float] | None]:
    """`hour >= 8`: the name and the range of (whole) numbers it may have."""
    match tree:
        case trees.Binary(op=op, left=left, right=trees.Literal(value=int() as n)) if op in _EDGES and n is not True:
            path = path_of(left)
            if path:
                least, most = _EDGES[op](int(n))
                if path[-1] in _WHOLE:
                    least, most = max(least, _WHOLE[path[-1]][0]), min(most, _WHOLE[path[-1]][1])
                return ".".join(path), (least, most)
    return "", None


_WHOLE = {"hour": (0, 23), "weekday": (1, 7)}

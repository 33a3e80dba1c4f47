"""The tree of an expression: every node knows from which character to which it stands in the source."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | Decimal | bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name`; `at` is where the name begins."""

    of: Expr
    name: str
    at: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Index:
    of: Expr
    key: Expr
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Many:
    """A list written out."""

    items: tuple[Expr, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`!x` or `-x`."""

    op: str
    value: Expr
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`; `at` is where the operator stands."""

    op: str
    left: Expr
    right: Expr
    at: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Choose:
    """`test ? yes : no`."""

    test: Expr
    yes: Expr
    no: Expr
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Invoke:
    """A function; a method is a function whose first argument stood before the point."""

    function: str
    args: tuple[Expr, ...]
    at: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Each:
    """`over.exists(name, test)` or `over.all(name, test)`."""

    macro: str
    over: Expr
    name: str
    test: Expr
    start: int
    end: int


Expr: TypeAlias = Literal | Name | Member | Index | Many | Unary | Binary | Choose | Invoke | Each


def path_of(tree: Expr) -> tuple[str, ...] | None:
    """`fields.amount` as (fields, amount); None for what is not a plain path of names."""
    names: list[str] = []
    while isinstance(tree, Member):
        names.append(tree.name)
        tree = tree.of
    return (tree.name, *reversed(names)) if isinstance(tree, Name) else None


def parts_of(tree: Expr) -> tuple[Expr, ...]:
    """The trees directly inside a tree."""
    match tree:
        case Member(of=of):
            return (of,)
        case Index(of=of, key=key):
            return (of, key)
        case Many(items=items):
            return items
        case Unary(value=value):
            return (value,)
        case Binary(left=left, right=right):
            return (left, right)
        case Choose(test=test, yes=yes, no=no):
            return (test, yes, no)
        case Invoke(args=args):
            return args
        case Each(over=over, test=test):
            return (over, test)
        case _:
            return ()


def paths_in(tree: Expr) -> list[tuple[tuple[str, ...], Expr, bool]]:
    """Every path of names an expression reads, with its place, and whether it stands in `has(…)`."""
    found: list[tuple[tuple[str, ...], Expr, bool]] = []
    stack: list[tuple[Expr, bool]] = [(tree, False)]
    while stack:
        part, asked = stack.pop()
        path = path_of(part)
        if path is not None:
            found.append((path, part, asked))
        else:
            asked = asked or (isinstance(part, Invoke) and part.function == "has")
            stack += [(inner, asked) for inner in parts_of(part)]
    return found

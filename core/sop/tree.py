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

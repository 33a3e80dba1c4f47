"""Finds the type of a name in an expression, and the right name where there is no such one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from core.sop import tree as trees
from core.sop import words
from core.sop.evaluation import ROOTS
from core.sop.problems import listed, nearest
from core.sop.tree import path_of
from core.sop.types import ANY, DATETIME, MAP, Env, Type

if TYPE_CHECKING:
    from core.sop.naming import Names
    from core.sop.tree import Expr


class Report(Protocol):
    """Says what is wrong at characters `start` to `end` of the expression."""

    def __call__(self, code: str, start: int, end: int, suggests: str | None = None, **values: Any) -> None: ...


class NameTyper:
    """The part of the type checker that knows names."""

    def __init__(self, source: str, env: Env, report: Report, names: Names | None, *, with_result: bool) -> None:
        self.source = source
        self.env = env
        self.report = report
        self.names = names
        self.with_result = with_result
        self.items: dict[str, Type] = {}
        self.uses_calendar = False

    def words_of(self, tree: Expr) -> str:
        """The part of the source a tree was made of."""
        return self.source[tree.start : tree.end].strip()

    def type(self, tree: Expr) -> Type:
        """The type of a part of the expression."""
        raise NotImplementedError

    def named(self, tree: trees.Name | trees.Member) -> Type:
        path = path_of(tree)
        if path is None:
            assert isinstance(tree, trees.Member)
            self.type(tree.of)
            return ANY
        root, *rest = path
        if root in self.items:
            return self.items[root] if not rest else ANY
        if root not in ROOTS:
            meant = nearest(root, ROOTS) or self.prefixed(root)
            known, end = ", ".join(ROOTS), tree.start + len(root)
            if meant or rest:
                self.report("unknown-name", tree.start, end, meant, found=root, known=known)
            else:
                self.report("unknown-word", tree.start, end, f'"{root}"', found=root, known=known, right=f'"{root}"')
            return ANY
        if root == "now":
            return DATETIME
        if root == "result":
            if not self.with_result:
                self.report("result-outside", tree.start, tree.start + len(root))
            return ANY
        if not rest:
            return MAP
        spots = _spots(tree)
        return getattr(self, "in_" + root, self.in_record)(root, rest, spots)

    def prefixed(self, name: str) -> str | None:
        """What a bare name probably meant: a field, a variable, a step, a property."""
        for prefix, known in (
            ("fields", self.env.fields),
            ("vars", self.env.vars),
            ("ticket", words.TICKET),
            ("steps", self.env.steps),
        ):
            if name in known:
                return f"{prefix}.{name}"
        return None

    def in_record(self, root: str, rest: list[str], spots: list[tuple[int, int]]) -> Type:
        found = self.env.property(root, rest[0])
        known = words.TICKET if root == "ticket" else words.CUSTOMER
        if found is None:
            self.report(
                "unknown-property", *spots[1], nearest(rest[0], known), of=root, found=rest[0], known=", ".join(known)
            )
            return ANY
        return self.deeper(found, rest, spots, root)

    def deeper(self, found: Type, rest: list[str], spots: list[tuple[int, int]], of: str) -> Type:
        """A name behind a simple value is one point too many."""
        if len(rest) == 1 or found.kind in ("any", "map"):
            return found if len(rest) == 1 else ANY
        self.report("no-parts", *spots[2], of=f"{of}.{rest[0]}", type=found.say(), found=rest[1])
        return ANY

    def in_fields(self, root: str, rest: list[str], spots: list[tuple[int, int]]) -> Type:
        found = self.env.fields.get(rest[0])
        if found is None:
            known = listed(list(self.env.fields)) or "–"
            self.report("unknown-field", *spots[1], nearest(rest[0], self.env.fields), found=rest[0], known=known)
            return ANY
        return self.deeper(found, rest, spots, root)

    def in_vars(self, root: str, rest: list[str], spots: list[tuple[int, int]]) -> Type:
        found = self.env.vars.get(rest[0])
        if found is None:
            known = listed(list(self.env.vars)) or "–"
            self.report("unknown-var", *spots[1], nearest(rest[0], self.env.vars), found=rest[0], known=known)
            return ANY
        return self.deeper(found, rest, spots, root)

    def in_steps(self, _root: str, rest: list[str], spots: list[tuple[int, int]]) -> Type:
        if rest[0] in self.env.unread:
            return ANY
        if rest[0] not in self.env.steps:
            self.report("unknown-step", *spots[1], nearest(rest[0], self.env.steps), found=rest[0])
            return ANY
        if len(rest) == 1:
            return MAP
        found = self.env.of_step(rest[0], rest[1])
        if found is None:
            known = ", ".join(words.STEP)
            self.report(
                "unknown-property",
                *spots[2],
                nearest(rest[1], words.STEP),
                of=f"steps.{rest[0]}",
                found=rest[1],
                known=known,
            )
            return ANY
        return self.deeper(found, rest[1:], spots[1:], f"steps.{rest[0]}")


def _spots(tree: Expr) -> list[tuple[int, int]]:
    """Where each name of a path stands."""
    spots: list[tuple[int, int]] = []
    while isinstance(tree, trees.Member):
        spots.append((tree.at, tree.end))
        tree = tree.of
    return [(tree.start, tree.end), *reversed(spots)]

"""Walks the tree of an expression over a scope: three-valued logic, exact money, moments in the calendar's zone."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING, Any

from core.sop import tree as trees
from core.sop.durations import Span
from core.sop.money import Money, MoneyError
from core.sop.operations import MISSING, TEXT_FUNCTIONS, ExpressionError, Missing, Operations, bounded, say_kind
from core.sop.tree import path_of
from core.sop.values import known
from core.texts import _

if TYPE_CHECKING:
    from core.sop.expressions import Scope
    from core.sop.tree import Expr

ROOTS = ("ticket", "customer", "fields", "vars", "steps", "result", "now")


class Reader(Operations):
    """Evaluates one tree, and notes every name read (`seen`) and every name that had no value (`missing`)."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope.calendar)
        self.scope = scope
        self.seen: dict[str, Any] = {}
        self.missing: list[str] = []
        self.items: dict[str, Any] = {}

    def value(self, tree: Expr) -> Any:
        """The value of a tree: MISSING when something it needs is not there."""
        match tree:
            case trees.Literal(value=None):
                return MISSING
            case trees.Literal(value=value):
                return value
            case trees.Name() | trees.Member():
                return self.read(tree)
            case trees.Binary(op="&&" | "||"):
                return self.logic(tree)
            case trees.Binary():
                return self.binary(tree)
            case trees.Unary():
                return self.unary(tree)
            case trees.Choose():
                test = self.truth(tree.test)
                return MISSING if isinstance(test, Missing) else self.value(tree.yes if test else tree.no)
            case trees.Invoke():
                return self.invoke(tree)
            case trees.Each():
                return self.each(tree)
            case trees.Many(items=items):
                return self.many([self.value(item) for item in items])
            case trees.Index():
                return self.index(tree)

    # ---- names ---------------------------------------------------------------------------------------------------------

    def read(self, tree: trees.Name | trees.Member) -> Any:
        path = path_of(tree)
        if path is None:  # a member of something computed
            assert isinstance(tree, trees.Member)
            return _inside(self.value(tree.of), tree.name)
        value = self.look(path)
        if path[0] not in self.items:
            name = ".".join(path)
            self.seen[name] = None if isinstance(value, Missing) else value
            if isinstance(value, Missing) and name not in self.missing:
                self.missing.append(name)
        return value

    def look(self, path: tuple[str, ...]) -> Any:
        root = path[0]
        if root in self.items:
            value = self.items[root]
        elif root in ROOTS:
            value = getattr(self.scope, root)
            value = MISSING if value is None else value
        else:
            raise ExpressionError(
                _("“%(found)s” is no name; the names are %(known)s", found=root, known=", ".join(ROOTS))
            )
        for name in path[1:]:
            value = _inside(value, name)
        return known(value)

    # ---- operators -----------------------------------------------------------------------------------------------------

    def truth(self, tree: Expr) -> bool | Missing:
        value = self.value(tree)
        if isinstance(value, bool | Missing):
            return value
        raise ExpressionError(_("true or false was expected on both sides of && and ||, after ! and before ?"))

    def logic(self, tree: trees.Binary) -> bool | Missing:
        decides = tree.op == "||"
        left = self.truth(tree.left)
        if left is decides:
            return decides
        right = self.truth(tree.right)
        if right is decides:
            return decides
        return MISSING if isinstance(left, Missing) or isinstance(right, Missing) else not decides

    def unary(self, tree: trees.Unary) -> Any:
        if tree.op == "!":
            value = self.truth(tree.value)
            return value if isinstance(value, Missing) else not value
        value = self.value(tree.value)
        if isinstance(value, Missing):
            return value
        if isinstance(value, int | Decimal | Money | Span) and not isinstance(value, bool):
            return bounded(-value)
        raise ExpressionError(_("- needs a number, money or a length of time"))

    def binary(self, tree: trees.Binary) -> Any:
        left, right = self.value(tree.left), self.value(tree.right)
        if isinstance(left, Missing) or isinstance(right, Missing):
            return MISSING
        try:
            if tree.op == "in":
                return self.contained(left, right)
            if tree.op in ("==", "!="):
                same = self.same(left, right)
                return same if tree.op == "==" or isinstance(same, Missing) else not same
            if tree.op in ("<", "<=", ">", ">="):
                return self.ordered(tree.op, left, right)
            return self.arithmetic(tree.op, left, right)
        except MoneyError as error:
            raise ExpressionError(str(error)) from error
        except (DecimalException, ZeroDivisionError) as error:
            raise ExpressionError(
                _("%(op)s cannot be computed: division by zero, or a number too large", op=tree.op)
            ) from error

    # ---- functions -----------------------------------------------------------------------------------------------------

    def invoke(self, tree: trees.Invoke) -> Any:
        if tree.function == "has":
            before = len(self.missing)
            value = self.value(tree.args[0])
            del self.missing[before:]  # asking is not missing
            return not isinstance(value, Missing)
        args = [self.value(arg) for arg in tree.args]
        if any(isinstance(arg, Missing) for arg in args):
            return MISSING
        function = getattr(self, "do_" + tree.function, None) or TEXT_FUNCTIONS[tree.function]
        return function(*args)

    # ---- lists ---------------------------------------------------------------------------------------------------------

    def each(self, tree: trees.Each) -> bool | Missing:
        over = self.value(tree.over)
        if isinstance(over, Missing):
            return over
        if not isinstance(over, list | tuple | Mapping):
            raise ExpressionError(_("%(name)s needs a list, not %(kind)s", name=tree.macro, kind=say_kind(over)))
        decides = tree.macro == "exists"
        unknown = False
        for item in self.many(list(over)):
            self.items[tree.name] = item
            try:
                answer = self.truth(tree.test)
            finally:
                del self.items[tree.name]
            if answer is decides:
                return decides
            unknown = unknown or isinstance(answer, Missing)
        return MISSING if unknown else not decides

    def index(self, tree: trees.Index) -> Any:
        of, key = self.value(tree.of), self.value(tree.key)
        if isinstance(of, Missing) or isinstance(key, Missing):
            return MISSING
        if isinstance(of, Mapping):
            return known(_inside(of, str(key)))
        if isinstance(of, list | tuple) and isinstance(key, int):
            return known(of[key]) if 0 <= key < len(of) else MISSING
        raise ExpressionError(
            _(
                "[…] needs a list with a number or a mapping with a name, not %(of)s with %(key)s",
                of=say_kind(of),
                key=say_kind(key),
            )
        )


def _inside(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        inner = value.get(name)
        return MISSING if inner is None else known(inner)
    return MISSING

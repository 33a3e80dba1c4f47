"""Checks the types of one expression over its tree, and says where a side does not fit the other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.sop import tree as trees
from core.sop.durations import DurationError, parse_duration
from core.sop.patterns import PatternError, compiled
from core.sop.problems import nearest
from core.sop.typed_names import NameTyper
from core.sop.types import ANY, BOOL, DATE, DURATION, INT, LIST, NUMBER, TEXT, Type, type_of_literal
from core.sop.values import moment
from core.texts import _

if TYPE_CHECKING:
    from core.sop.tree import Expr

_TIMES = ("date", "datetime")
_NUMBERS = ("int", "number")
_TEXTS = ("text", "choice")


class Typer(NameTyper):
    """Finds the type of every part of an expression."""

    def type(self, tree: Expr) -> Type:
        match tree:
            case trees.Literal(value=value):
                return type_of_literal(value) if isinstance(value, bool | int | str | None) else NUMBER
            case trees.Name() | trees.Member():
                return self.named(tree)
            case trees.Many(items=items):
                for item in items:
                    self.type(item)
                return LIST
            case trees.Unary():
                return self.unary(tree)
            case trees.Choose():
                self.truth(tree.test, "?")
                yes, no = self.type(tree.yes), self.type(tree.no)
                return yes if yes == no else ANY
            case trees.Each():
                return self.each(tree)
            case trees.Index():
                self.want(tree.of, "[…]", self.type(tree.of), "list", "map")
                self.type(tree.key)
                return ANY
            case trees.Invoke():
                return self.invoke(tree)
            case trees.Binary():
                return self.binary(tree)

    # ---- operators -----------------------------------------------------------------------------------------------------

    def want(self, tree: Expr, op: str, found: Type, *kinds: str) -> bool:
        """Refuse an operand of another type."""
        if found.is_a(*kinds):
            return True
        self.report("want-operand", tree.start, tree.end, op=op, type=found.say())
        return False

    def truth(self, tree: Expr, op: str) -> None:
        found = self.type(tree)
        if not found.is_a("bool"):
            self.report("want-truth", tree.start, tree.end, op=op, type=found.say())

    def unary(self, tree: trees.Unary) -> Type:
        if tree.op == "!":
            self.truth(tree.value, "!")
            return BOOL
        found = self.type(tree.value)
        self.want(tree.value, "-", found, *_NUMBERS, "money", "duration")
        return found

    def binary(self, tree: trees.Binary) -> Type:
        if tree.op in ("&&", "||"):
            self.truth(tree.left, tree.op)
            self.truth(tree.right, tree.op)
            return BOOL
        left, right = self.type(tree.left), self.type(tree.right)
        if tree.op == "in":
            self.membership(tree, left, right)
            return BOOL
        if tree.op in ("==", "!=", "<", "<=", ">", ">="):
            self.comparison(tree.op, tree.left, left, tree.right, right)
            return BOOL
        return self.arithmetic(tree, left, right)

    def membership(self, tree: trees.Binary, left: Type, right: Type) -> None:
        if not right.is_a("list", "map"):
            suggests = (
                f"{self.words_of(tree.right)}.contains({self.words_of(tree.left)})" if right.kind == "text" else None
            )
            self.report("want-list-right", tree.right.start, tree.right.end, suggests, op="in", type=right.say())
        elif isinstance(tree.right, trees.Many):
            for item in tree.right.items:
                self.comparison("==", tree.left, left, item, self.type(item))

    def comparison(self, op: str, a: Expr, left: Type, b: Expr, right: Type) -> None:
        if isinstance(a, trees.Literal) and not isinstance(b, trees.Literal):
            a, left, b, right = b, right, a, left
        if "null" in (left.kind, right.kind):
            right_way = ("!" if op == "==" else "") + f"has({self.words_of(a)})"
            self.report("compare-null", b.start, b.end, right_way, right=right_way)
        elif "any" in (left.kind, right.kind):
            return
        elif op in ("<", "<=", ">", ">=") and not left.is_a(*_NUMBERS, "money", "text", *_TIMES, "duration"):
            self.report("want-operand", a.start, a.end, op=op, type=left.say())
        elif _alike(left, right):
            self.literal(a, left, b)
            if (
                left.kind == right.kind == "money"
                and left.currency
                and right.currency
                and left.currency != right.currency
            ):
                values = {
                    "left": self.words_of(a),
                    "first": left.currency,
                    "right": self.words_of(b),
                    "second": right.currency,
                }
                self.report("two-currencies", b.start, b.end, **values)
        else:
            self.mismatch(a, left, b, right)

    def mismatch(self, a: Expr, left: Type, b: Expr, right: Type) -> None:
        """Two sides of different types; for a literal on the right, the right way to write it."""
        values: dict[str, Any] = {"left": self.words_of(a), "found": self.words_of(b)}
        written = b.value if isinstance(b, trees.Literal) and isinstance(b.value, str) else None
        if written is not None and left.kind in ("money", *_NUMBERS):
            number = re.sub(r"(?<=\d)[.,_ ](?=\d{3}\b)", "", written.strip())
            number = re.sub(r"^(Rp\.?|IDR|USD|\$)\s*", "", number)
            if re.fullmatch(r"-?\d+(\.\d+)?", number):
                code = "compare-money-text" if left.kind == "money" else "compare-number-text"
                self.report(code, b.start, b.end, number, right=number, **values)
                return
        if written is not None and left.kind in (*_TIMES, "duration"):
            right_way = f'{"duration" if left.kind == "duration" else "date"}("{written}")'
            if left.kind == "duration" or moment(written[:10]):
                self.report("compare-time-text", b.start, b.end, right_way, right=right_way, type=left.say(), **values)
                return
        self.report(
            "compare-types",
            b.start,
            b.end,
            left=values["left"],
            left_type=left.say(),
            right_type=right.say(),
            right=values["found"],
        )

    def literal(self, a: Expr, left: Type, b: Expr) -> None:
        """A literal beside a choice must be one of its options; beside a name from outside, it must exist."""
        if not isinstance(b, trees.Literal) or not isinstance(b.value, str):
            return
        found = b.value
        if left.options and found not in left.options:
            meant, known = nearest(found, left.options), ", ".join(left.options)
            if left.step:
                self.report("not-an-outcome", b.start, b.end, meant, of=left.step, known=known, found=found)
            elif left.soft:
                self.report("status-never", b.start, b.end, meant, known=known, found=found, severity="warning")
            else:
                self.report("not-an-option", b.start, b.end, meant, left=self.words_of(a), known=known, found=found)
        outside = getattr(self.names, left.names) if left.names and self.names else None
        if outside is not None and left.names and found not in outside:
            singular = {"classes": "class"}.get(left.names, left.names[:-1])
            self.report(f"unknown-{singular}", b.start, b.end, nearest(found, outside), found=found)

    def arithmetic(self, tree: trees.Binary, left: Type, right: Type) -> Type:
        op, kinds = tree.op, (left.kind, right.kind)
        if "any" in kinds or "null" in kinds:
            return ANY
        if left.kind in _NUMBERS and right.kind in _NUMBERS:
            return INT if kinds == ("int", "int") else NUMBER
        if "money" in kinds:
            return self.money(tree, left, right)
        if op in "+-" and (found := _moments(op, left, right)):
            return found
        if op == "+" and left.kind in _TEXTS and right.kind in _TEXTS:
            return TEXT
        if op == "+" and kinds == ("list", "list"):
            return LIST
        wrong, found = (
            (tree.left, left) if left.kind not in (*_NUMBERS, "duration", *_TIMES, "text") else (tree.right, right)
        )
        self.report("want-operand", wrong.start, wrong.end, op=op, type=found.say())
        return ANY

    def money(self, tree: trees.Binary, left: Type, right: Type) -> Type:
        op, both = tree.op, left.kind == right.kind
        fits = {"+": True, "-": True, "*": not both, "/": left.kind == "money", "%": False}[op]
        if not fits or not (left.is_a("money", *_NUMBERS) and right.is_a("money", *_NUMBERS)):
            self.report("want-operand", tree.right.start, tree.right.end, op=op, type=right.say())
            return ANY
        if both and op in "+-" and left.currency and right.currency and left.currency != right.currency:
            values = {"left": self.words_of(tree.left), "first": left.currency, "right": self.words_of(tree.right)}
            self.report("two-currencies", tree.right.start, tree.right.end, second=right.currency, **values)
        return NUMBER if both and op == "/" else (left if left.kind == "money" else right)

    # ---- functions -----------------------------------------------------------------------------------------------------

    def each(self, tree: trees.Each) -> Type:
        over = self.type(tree.over)
        self.want(tree.over, tree.macro, over, "list", "map")
        self.items[tree.name] = ANY
        self.truth(tree.test, tree.macro)
        del self.items[tree.name]
        return BOOL

    def invoke(self, tree: trees.Invoke) -> Type:
        if tree.function == "has":
            self.type(tree.args[0])
            return BOOL
        wanted, gives = _SIGNATURES[tree.function]
        for arg in tree.args:
            found = self.type(arg)
            if not found.is_a(*wanted):
                said = Type(wanted[0]).say()
                self.report("want-argument", arg.start, arg.end, function=tree.function, wanted=said, type=found.say())
        if tree.function in ("open", "business_between"):
            self.uses_calendar = True
        self.literal_argument(tree)
        return gives

    def literal_argument(self, tree: trees.Invoke) -> None:
        """`duration("P2D")`, `date("…")` and `matches("…")` can be judged now."""
        arg = tree.args[-1]
        if not isinstance(arg, trees.Literal) or not isinstance(arg.value, str):
            return
        if tree.function == "matches":
            try:
                compiled(arg.value)
            except PatternError as error:
                self.report("pattern", arg.start, arg.end, found=arg.value, why=str(error))
        if tree.function == "duration":
            try:
                parse_duration(arg.value)
            except DurationError as error:
                self.report(error.code, arg.start, arg.end, error.suggests, what="duration", found=arg.value)
        if tree.function == "date" and (moment(arg.value) is None or len(arg.value) != len("2026-11-22")):
            self.report(
                "bad-literal", arg.start, arg.end, found=self.words_of(arg), wanted=_("date such as 2026-11-22")
            )


_SIGNATURES: dict[str, tuple[tuple[str, ...], Type]] = {
    "size": (("text", "list", "map"), INT),
    "startsWith": (_TEXTS, BOOL),
    "endsWith": (_TEXTS, BOOL),
    "contains": (("text", "choice", "list"), BOOL),
    "matches": (_TEXTS, BOOL),
    "duration": (("text",), DURATION),
    "date": (("text", *_TIMES), DATE),
    "weekday": (("datetime", "date"), INT),
    "hour": (("datetime", "date"), INT),
    "open": (("datetime", "date"), BOOL),
    "business_between": (("datetime", "date"), DURATION),
}


def _alike(left: Type, right: Type) -> bool:
    groups = (("money", *_NUMBERS), _TEXTS, _TIMES)
    return left.kind == right.kind or any(left.kind in group and right.kind in group for group in groups)


def _moments(op: str, left: Type, right: Type) -> Type | None:
    if left.kind in _TIMES and right.kind == "duration":
        return left
    if left.kind == "duration" and right.kind in _TIMES and op == "+":
        return right
    if left.kind in _TIMES and right.kind in _TIMES and op == "-":
        return DURATION
    return DURATION if left.kind == right.kind == "duration" else None

"""Walks the tree of an expression over a scope: three-valued logic, exact money, moments in the calendar's zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING, Any

from core.sop import tree as trees
from core.sop.durations import DurationError, Span, parse_duration
from core.sop.money import Money, MoneyError
from core.sop.patterns import PatternError, compiled
from core.sop.tree import path_of
from core.sop.values import known, moment

if TYPE_CHECKING:
    from datetime import tzinfo

    from core.sop.expressions import Scope
    from core.sop.tree import Expr

ROOTS = ("ticket", "customer", "fields", "vars", "steps", "result", "now")
_LONGEST_LIST = 1000
_INT64 = 2**63


class ExpressionError(ValueError):
    """An expression that gives no value: it cannot be read, or its values do not fit together."""


class Missing:
    """A value that is not there. What is computed from it is missing as well."""


MISSING = Missing()


class Reader:
    """Evaluates one tree, and notes every name read (`seen`) and every name that had no value (`missing`)."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.seen: dict[str, Any] = {}
        self.missing: list[str] = []
        self.items: dict[str, Any] = {}
        self.zone: tzinfo = scope.calendar.zone if scope.calendar else UTC

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
            raise ExpressionError(f"{root!r} is no name; the names are {', '.join(ROOTS)}")
        for name in path[1:]:
            value = _inside(value, name)
        return known(value)

    # ---- operators -----------------------------------------------------------------------------------------------------

    def truth(self, tree: Expr) -> bool | Missing:
        value = self.value(tree)
        if isinstance(value, bool | Missing):
            return value
        raise ExpressionError("true or false was expected on both sides of && and ||, after ! and before ?")

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
            return _bounded(-value)
        raise ExpressionError("- needs a number, money or a length of time")

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
            raise ExpressionError(f"{tree.op} cannot be computed: division by zero, or a number too large") from error

    def pair(self, left: Any, right: Any) -> tuple[Any, Any]:
        """Both sides as one kind of thing, where one is a text that means a moment or a day beside a moment."""
        if isinstance(left, date) or isinstance(right, date):
            left, right = (moment(side) or side if isinstance(side, str) else side for side in (left, right))
            if isinstance(left, datetime) != isinstance(right, datetime):
                left, right = (self.midnight(side) if isinstance(side, date) else side for side in (left, right))
        elif isinstance(left, Span) or isinstance(right, Span):
            left, right = (
                known(parse_duration(s)) if isinstance(s, str) else s.total if isinstance(s, Span) else s
                for s in (left, right)
            )
            left, right = (side.total if isinstance(side, Span) else side for side in (left, right))
        return left, right

    def midnight(self, day: date) -> datetime:
        return day if isinstance(day, datetime) else datetime.combine(day, time(), self.zone)

    def same(self, left: Any, right: Any) -> bool | Missing:
        left, right = self.pair(left, right)
        if isinstance(left, Money) or isinstance(right, Money):
            money, other = (left, right) if isinstance(left, Money) else (right, left)
            return money.same(other)
        if isinstance(left, list | tuple) and isinstance(right, list | tuple):
            return list(left) == list(right)
        if isinstance(left, bool) != isinstance(right, bool):
            return False
        return bool(left == right)

    def ordered(self, op: str, left: Any, right: Any) -> bool:
        left, right = self.pair(left, right)
        comparable = (
            (_number(left) and _number(right))
            or (isinstance(left, Money) and (isinstance(right, Money) or _number(right)))
            or (_number(left) and isinstance(right, Money))
            or (isinstance(left, str) and isinstance(right, str))
            or (isinstance(left, date) and isinstance(right, date))
        )
        if not comparable:
            raise ExpressionError(f"{_say(left)} and {_say(right)} cannot be compared with {op}")
        outcome = {"<": left < right, ">": left > right} if op in "<>" else {"<=": left <= right, ">=": left >= right}
        return bool(outcome[op])

    def contained(self, item: Any, among: Any) -> bool | Missing:
        if isinstance(among, Mapping):
            return item in among
        if not isinstance(among, Sequence) or isinstance(among, str):
            raise ExpressionError(f"in needs a list on its right, not {_say(among)}")
        unknown = False
        for other in among:
            if isinstance(other, Missing) or other is None:
                unknown = True
            elif self.same(item, known(other)) is True:
                return True
        return MISSING if unknown else False

    def arithmetic(self, op: str, left: Any, right: Any) -> Any:
        if isinstance(left, date) or isinstance(right, date):
            return self.moments(op, left, right)
        if isinstance(left, Span) and isinstance(right, Span) and op in "+-":
            return left + right if op == "+" else left - right
        if op == "+" and isinstance(left, str) and isinstance(right, str):
            return left + right
        if op == "+" and isinstance(left, list | tuple) and isinstance(right, list | tuple):
            return self.many([*left, *right])
        if isinstance(left, Money) or isinstance(right, Money):
            return _money(op, left, right)
        if not (_number(left) and _number(right)):
            raise ExpressionError(f"{_say(left)} {op} {_say(right)} cannot be computed")
        return _bounded(_numbers(op, left, right))

    def moments(self, op: str, left: Any, right: Any) -> Any:
        if isinstance(left, Span) and op == "+":
            left, right = right, left
        if isinstance(right, Span) and isinstance(left, date) and op in "+-":
            span = right if op == "+" else -right
            try:
                moved = span.after(self.midnight(left), self.zone)
            except OverflowError as error:
                raise ExpressionError("that moment is too far away") from error
            return moved if isinstance(left, datetime) or span.seconds else moved.date()
        left, right = self.pair(left, right)
        if op == "-" and isinstance(left, date) and isinstance(right, date):
            gap = left - right
            return Span(0, int(gap.total_seconds())) if isinstance(left, datetime) else Span(gap.days)
        raise ExpressionError(f"{_say(left)} {op} {_say(right)} cannot be computed")

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
        function = getattr(self, "do_" + tree.function, None) or _TEXT_FUNCTIONS[tree.function]
        return function(*args)

    def do_size(self, value: Any) -> int:
        if isinstance(value, str | list | tuple | Mapping):
            return len(value)
        raise ExpressionError(f"size needs a text or a list, not {_say(value)}")

    def do_duration(self, source: Any) -> Span:
        try:
            duration = parse_duration(source)
        except (DurationError, TypeError) as error:
            raise ExpressionError(f"{source!r} is not a duration such as PT2H or P3D") from error
        if duration.months:
            raise ExpressionError(f"{source!r}: months have no fixed length here; write days")
        return Span(duration.weeks * 7 + duration.days, duration.seconds)

    def do_date(self, source: Any) -> date:
        if isinstance(source, datetime):
            return source.astimezone(self.zone).date()
        day = moment(source) if isinstance(source, str) else source
        if isinstance(day, datetime) or not isinstance(day, date):
            raise ExpressionError(f"{source!r} is not a date such as 2026-11-22")
        return day

    def at(self, value: Any) -> datetime:
        found = moment(value) if isinstance(value, str) else value
        if not isinstance(found, date):
            raise ExpressionError(f"a moment was expected, not {_say(value)}")
        return self.midnight(found).astimezone(self.zone)

    def do_weekday(self, value: Any) -> int:
        return self.at(value).isoweekday()

    def do_hour(self, value: Any) -> int:
        return self.at(value).hour

    def do_open(self, value: Any) -> bool:
        if self.scope.calendar is None:
            raise ExpressionError("open() needs a calendar, and none is known here")
        return self.scope.calendar.is_open(self.at(value))

    def do_business_between(self, start: Any, end: Any) -> Span:
        if self.scope.calendar is None:
            raise ExpressionError("business_between() needs a calendar, and none is known here")
        return Span(0, self.scope.calendar.between(self.at(start), self.at(end)))

    # ---- lists ---------------------------------------------------------------------------------------------------------

    def many(self, items: list[Any]) -> list[Any]:
        if len(items) > _LONGEST_LIST:
            raise ExpressionError(f"a list has more than {_LONGEST_LIST} items")
        return items

    def each(self, tree: trees.Each) -> bool | Missing:
        over = self.value(tree.over)
        if isinstance(over, Missing):
            return over
        if not isinstance(over, list | tuple | Mapping):
            raise ExpressionError(f"{tree.macro} needs a list, not {_say(over)}")
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
        raise ExpressionError(f"[…] needs a list with a number or a mapping with a name, not {_say(of)}")


def _inside(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        inner = value.get(name)
        return MISSING if inner is None else known(inner)
    return MISSING


def _number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _numbers(op: str, left: Any, right: Any) -> Any:
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if right == 0:
        raise ZeroDivisionError
    if isinstance(left, int) and isinstance(right, int):  # as in CEL: whole, toward zero
        whole = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return whole if op == "/" else left - whole * right
    return Decimal(left) / Decimal(right) if op == "/" else Decimal(left) % Decimal(right)


def _money(op: str, left: Any, right: Any) -> Any:
    if op in "+-":
        return left + right if op == "+" else left - right
    if op == "*":
        if not (isinstance(left, Money) and _number(right)) and not (_number(left) and isinstance(right, Money)):
            raise MoneyError("money can only be multiplied with a number")
        return left * right
    if op == "/" and isinstance(left, Money) and (_number(right) or isinstance(right, Money)):
        return left / right
    raise MoneyError(f"{op} does not work with money")


def _bounded(value: Any) -> Any:
    if (isinstance(value, int) and not -_INT64 <= value < _INT64) or (
        isinstance(value, Decimal) and not abs(value) < Decimal(10) ** 30
    ):
        raise ExpressionError("a number is too large")
    return value


def _say(value: Any) -> str:
    match value:
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | Decimal():
            return "a number"
        case Money():
            return "money"
        case date():
            return "a moment"
        case Span():
            return "a length of time"
        case list() | tuple():
            return "a list"
        case _:
            return "something else"


def _texts(*values: Any) -> None:
    if not all(isinstance(value, str) for value in values):
        raise ExpressionError(f"texts were expected, not {' and '.join(_say(value) for value in values)}")


def _starts(text: Any, start: Any) -> bool:
    _texts(text, start)
    return bool(text.startswith(start))


def _ends(text: Any, end: Any) -> bool:
    _texts(text, end)
    return bool(text.endswith(end))


def _contains(text: Any, part: Any) -> bool:
    if isinstance(text, list | tuple):
        return part in text
    _texts(text, part)
    return part in text


def _matches(text: Any, pattern: Any) -> bool:
    _texts(text, pattern)
    try:
        return compiled(pattern).search(text) is not None
    except PatternError as error:
        raise ExpressionError(f"{pattern!r} is not a regular expression: {error}") from error


_TEXT_FUNCTIONS = {"startsWith": _starts, "endsWith": _ends, "contains": _contains, "matches": _matches}

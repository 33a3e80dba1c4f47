"""What the operators and functions of expressions do with known values: exact numbers and money, moments in the calendar's zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.sop.durations import DurationError, Span, parse_duration
from core.sop.money import Money, MoneyError
from core.sop.patterns import PatternError, compiled
from core.sop.values import known, moment, span_of
from core.texts import _

if TYPE_CHECKING:
    from datetime import tzinfo

    from core.sop.expressions import Calendar

_LONGEST_LIST = 1000
_INT64 = 2**63


class ExpressionError(ValueError):
    """An expression that gives no value: it cannot be read, or its values do not fit together."""


class Missing:
    """A value that is not there. What is computed from it is missing as well."""


MISSING = Missing()


class Operations:
    """Operators and functions over one calendar (None: UTC, and no opening hours)."""

    def __init__(self, calendar: Calendar | None) -> None:
        self.calendar = calendar
        self.zone: tzinfo = calendar.zone if calendar else UTC

    def pair(self, left: Any, right: Any) -> tuple[Any, Any]:
        """Both sides as one kind of thing, where one is a text that means a moment or a day beside a moment."""
        if isinstance(left, date) or isinstance(right, date):
            left, right = (moment(side) or side if isinstance(side, str) else side for side in (left, right))
            if isinstance(left, datetime) != isinstance(right, datetime):
                left, right = (self.midnight(side) if isinstance(side, date) else side for side in (left, right))
        elif isinstance(left, Span) or isinstance(right, Span):
            left, right = _seconds(left), _seconds(right)
        return left, right

    def midnight(self, day: date) -> datetime:
        return day if isinstance(day, datetime) else datetime.combine(day, time(), self.zone)

    def same(self, left: Any, right: Any) -> bool | Missing:
        left, right = self.pair(left, right)
        if isinstance(left, Money) or isinstance(right, Money):
            money, other = (left, right) if isinstance(left, Money) else (right, left)
            return money.same(other)
        if isinstance(left, list | tuple) and isinstance(right, list | tuple):
            return [known(item) for item in left] == [known(item) for item in right]
        if isinstance(left, bool) != isinstance(right, bool):
            return False
        return bool(left == right)

    def ordered(self, op: str, left: Any, right: Any) -> bool:
        left, right = self.pair(left, right)
        comparable = (
            (is_number(left) and is_number(right))
            or (isinstance(left, Money) and (isinstance(right, Money) or is_number(right)))
            or (is_number(left) and isinstance(right, Money))
            or (isinstance(left, str) and isinstance(right, str))
            or (isinstance(left, date) and isinstance(right, date))
        )
        if not comparable:
            raise ExpressionError(
                _(
                    "%(left)s and %(right)s cannot be compared with %(op)s",
                    left=say_kind(left),
                    right=say_kind(right),
                    op=op,
                )
            )
        outcome = {"<": left < right, ">": left > right} if op in "<>" else {"<=": left <= right, ">=": left >= right}
        return bool(outcome[op])

    def contained(self, item: Any, among: Any) -> bool | Missing:
        if isinstance(among, Mapping):
            return isinstance(item, str) and item in among
        if not isinstance(among, Sequence) or isinstance(among, str):
            raise ExpressionError(_("in needs a list on its right, not %(kind)s", kind=say_kind(among)))
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
        if not (is_number(left) and is_number(right)):
            raise ExpressionError(
                _("%(left)s %(op)s %(right)s cannot be computed", left=say_kind(left), op=op, right=say_kind(right))
            )
        return bounded(_numbers(op, left, right))

    def moments(self, op: str, left: Any, right: Any) -> Any:
        if isinstance(left, Span) and op == "+":
            left, right = right, left
        if isinstance(right, Span) and isinstance(left, date) and op in "+-":
            span = right if op == "+" else -right
            try:
                moved = span.after(self.midnight(left), self.zone)
            except OverflowError as error:
                raise ExpressionError(_("that moment is too far away")) from error
            return moved if isinstance(left, datetime) or span.seconds else moved.date()
        left, right = self.pair(left, right)
        if op == "-" and isinstance(left, date) and isinstance(right, date):
            gap = left - right
            return Span(0, int(gap.total_seconds())) if isinstance(left, datetime) else Span(gap.days)
        raise ExpressionError(
            _("%(left)s %(op)s %(right)s cannot be computed", left=say_kind(left), op=op, right=say_kind(right))
        )

    # ---- functions -----------------------------------------------------------------------------------------------------

    def do_size(self, value: Any) -> int:
        if isinstance(value, str | list | tuple | Mapping):
            return len(value)
        raise ExpressionError(_("size needs a text or a list, not %(kind)s", kind=say_kind(value)))

    def do_duration(self, source: Any) -> Span:
        try:
            duration = parse_duration(source)
        except (DurationError, TypeError) as error:
            raise ExpressionError(_("“%(source)s” is not a duration such as PT2H or P3D", source=source)) from error
        return span_of(duration)

    def do_date(self, source: Any) -> date:
        if isinstance(source, datetime):
            return source.astimezone(self.zone).date()
        day = moment(source) if isinstance(source, str) else source
        if isinstance(day, datetime) or not isinstance(day, date):
            raise ExpressionError(_("“%(source)s” is not a date such as 2026-11-22", source=source))
        return day

    def at(self, value: Any) -> datetime:
        found = moment(value) if isinstance(value, str) else value
        if not isinstance(found, date):
            raise ExpressionError(_("a moment was expected, not %(kind)s", kind=say_kind(value)))
        return self.midnight(found).astimezone(self.zone)

    def do_weekday(self, value: Any) -> int:
        return self.at(value).isoweekday()

    def do_hour(self, value: Any) -> int:
        return self.at(value).hour

    def do_open(self, value: Any) -> bool:
        if self.calendar is None:
            raise ExpressionError(_("open() needs a calendar, and none is known here"))
        return self.calendar.is_open(self.at(value))

    def do_business_between(self, start: Any, end: Any) -> Span:
        if self.calendar is None:
            raise ExpressionError(_("business_between() needs a calendar, and none is known here"))
        return Span(0, self.calendar.between(self.at(start), self.at(end)))

    def many(self, items: list[Any]) -> list[Any]:
        if len(items) > _LONGEST_LIST:
            raise ExpressionError(_("a list has more than %(most)s items", most=_LONGEST_LIST))
        return items


def _seconds(side: Any) -> Any:
    """A length of time in seconds, also when it is written as a text; everything else as it is."""
    if isinstance(side, str):
        try:
            side = span_of(parse_duration(side))
        except DurationError:
            return side
    return side.total if isinstance(side, Span) else side


def is_number(value: Any) -> bool:
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
    if op in "+-" and all(isinstance(side, Money) or is_number(side) for side in (left, right)):
        return left + right if op == "+" else left - right
    if op == "*":
        if not (isinstance(left, Money) and is_number(right)) and not (is_number(left) and isinstance(right, Money)):
            raise MoneyError(_("money can only be multiplied with a number"))
        return left * right
    if op == "/" and isinstance(left, Money) and (is_number(right) or isinstance(right, Money)):
        return left / right
    raise MoneyError(_("%(op)s does not work with money", op=op))


def bounded(value: Any) -> Any:
    if (isinstance(value, int) and not -_INT64 <= value < _INT64) or (
        isinstance(value, Decimal) and not abs(value) < Decimal(10) ** 30
    ):
        raise ExpressionError(_("a number is too large"))
    return value


def say_kind(value: Any) -> str:
    match value:
        case bool():
            return _("true or false")
        case str():
            return _("a text")
        case int() | Decimal():
            return _("a number")
        case Money():
            return _("money")
        case date():
            return _("a moment")
        case Span():
            return _("a length of time")
        case list() | tuple():
            return _("a list")
        case _:
            return _("something else")


def _texts(*values: Any) -> None:
    if not all(isinstance(value, str) for value in values):
        raise ExpressionError(
            _("texts were expected, not %(kinds)s", kinds=", ".join(say_kind(value) for value in values))
        )


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
        raise ExpressionError(
            _("“%(pattern)s” is not a regular expression: %(why)s", pattern=pattern, why=error)
        ) from error


TEXT_FUNCTIONS = {"startsWith": _starts, "endsWith": _ends, "contains": _contains, "matches": _matches}

"""Values on their way between JSON (rows, forms, results of plugins) and expressions (money, moments, lengths of time)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from core.sop.document import Duration
from core.sop.durations import DurationError, Span, parse_duration
from core.sop.money import Money, MoneyError

if TYPE_CHECKING:
    from core.sop.document import Field

_LONGEST_SEEN = 120
_MOST_SEEN = 20


def moment(raw: str) -> datetime | date | None:
    """The moment or day an ISO 8601 text means, or None. A clock time without an offset means nothing."""
    try:
        if len(raw) == 10:
            return date.fromisoformat(raw)
        found = datetime.fromisoformat(raw)
    except ValueError:
        return None
    return found if found.tzinfo else None


def typed(field: Field, raw: Any) -> Any:
    """The value of a field as expressions know it, from its JSON shape. What does not fit its type is None."""
    if raw is None or raw == "":
        return None
    try:
        return _typed(field, raw)
    except (MoneyError, DurationError, InvalidOperation, ValueError, TypeError):
        return None


def _typed(field: Field, raw: Any) -> Any:
    match field.type:
        case "money":
            return known(raw) if isinstance(raw, Mapping | Money) else Money.of(raw, field.currency or "IDR")
        case "date" | "datetime":
            return moment(raw) if isinstance(raw, str) else raw
        case "duration":
            return known(parse_duration(raw)) if isinstance(raw, str) else known(raw)
        case "int":
            return int(raw)
        case "number":
            return Decimal(str(raw))
        case "boolean":
            return raw if isinstance(raw, bool) else None
        case _:
            return raw


def span_of(duration: Duration) -> Span:
    """The length of a duration, its calendar days and months kept apart from elapsed time."""
    return Span(duration.weeks * 7 + duration.days, duration.seconds, duration.months)


def known(raw: Any) -> Any:
    """The value inside expressions: floats become exact decimals, stored money becomes Money, lengths of time a Span."""
    match raw:
        case bool() | str() | int() | Money() | Span() | None:
            return raw
        case float():
            return Decimal(repr(raw)) if raw == raw and abs(raw) != float("inf") else None
        case timedelta():
            return Span(0, int(raw.total_seconds()))
        case Duration():
            return span_of(raw)
        case Mapping():
            minor, currency = raw.get("minor"), raw.get("currency")
            if len(raw) == 2 and isinstance(minor, int) and isinstance(currency, str):
                return Money(minor, currency)
            return raw
        case _:
            return raw


def settled(value: Any) -> Any:
    """The value outside expressions: whole decimals become int, others float, a Span a timedelta."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() and abs(value) < 2**63 else float(value)
        case Span():
            return value.timedelta
        case list() | tuple():
            return [settled(item) for item in value]
        case _:
            return value


def plain(value: Any) -> Any:
    """The value as JSON, for storing: money is `{minor, currency}`, moments are ISO texts, lengths of time seconds."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return settled(value)
        case Money():
            return {"minor": value.minor, "currency": value.currency}
        case date():
            return value.isoformat()
        case Span():
            return value.total
        case timedelta():
            return int(value.total_seconds())
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in value]
        case _:
            return str(value)


def glimpse(value: Any) -> Any:
    """The same for *why*: a glance, not a letter. Long texts, lists and mappings are cut."""
    match value:
        case str():
            return value if len(value) <= _LONGEST_SEEN else value[: _LONGEST_SEEN - 1] + "…"
        case Mapping() if set(value) != {"minor", "currency"}:
            return {str(key): glimpse(inner) for key, inner in list(value.items())[:_MOST_SEEN]}
        case list() | tuple() | set() | frozenset():
            return [glimpse(inner) for inner in list(value)[:_MOST_SEEN]]
        case _:
            return plain(value)

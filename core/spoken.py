"""How does a reader's language write a value that a procedure fills into a text? `Rp 7.450.000`, `26 November 2026`."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from core.sop.money import Money
from core.texts import _

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def say_value(value: Any, language: str) -> str:
    """The value in words: amounts, dates and moments as `language` writes them; nothing for a missing value."""
    match value:
        case None:
            return ""
        case Money():
            return _amount(value, language)
        case datetime():
            clock = "HH.mm" if language == "id" else "HH:mm"
            return str(format_datetime(value, f"d MMMM y, {clock}", tzinfo=value.tzinfo, locale=language))
        case date():
            return str(format_date(value, "d MMMM y", locale=language))
        case str() if _DATE.fullmatch(value):
            return say_value(date.fromisoformat(value), language)
        case list() | tuple():
            return ", ".join(say_value(one, language) for one in value)
        case _:
            return str(value)


def _amount(money: Money, language: str) -> str:
    """Rupiah are written the Indonesian way in both languages; sen only where there are some."""
    whole = money.major == int(money.major)
    if money.currency == "IDR":
        return str(
            format_currency(money.major, "Rp", "¤ #,##0" if whole else "¤ #,##0.00", locale="id", currency_digits=False)
        )
    return str(format_currency(money.major, money.currency, locale=language))


def span(ms: int) -> str:
    """A length of time in its two largest parts: `2 d 3 h`, `1 h 40 min`, `32 min`."""
    minutes = max(0, ms) // 60_000
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return _("%(d)s d %(h)s h", d=days, h=hours) if hours else _("%(d)s d", d=days)
    if hours:
        return _("%(h)s h %(m)s min", h=hours, m=f"{rest:02}") if rest else _("%(h)s h", h=hours)
    return _("%(m)s min", m=rest)

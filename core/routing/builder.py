"""A rule's condition as rows that people pick together, for those who write no expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.studio import conditions
from core.studio.conditions import Test
from core.texts import _

if TYPE_CHECKING:
    from core.directory import Directory

_CONTAINS = re.compile(r"""^\s*(?P<no>!?)\s*(?P<what>[a-z][\w.]*)\.contains\(\s*"(?P<value>[^"\\]*)"\s*\)\s*$""")
_NUMBERS = frozenset({"ticket.hour", "ticket.weekday"})
ROWS = 6  # rows of an empty form


def rows_of(condition: str) -> list[Test] | None:
    """The rows of a condition, joined by "and"; None when it is more than rows can say."""
    found: list[Test] = []
    for part in condition.split("&&") if condition.strip() else []:
        has = _CONTAINS.match(part)
        if has:
            found.append(Test(has["what"], f"{has['no']}contains", has["value"]))
            continue
        rows = conditions.rows_of(part)
        if rows is None:
            return None
        found += rows
    return found


def expression_of(rows: list[Test]) -> str:
    """The rows as a condition; empty rows are left out."""
    return " && ".join(_written(row) for row in rows if row.what and (row.value.strip() or row.op.endswith("has")))


def _written(row: Test) -> str:
    value = row.value.strip()
    if row.op.endswith("has"):
        return f"{row.op.removesuffix('has')}has({row.what})"
    if row.op.endswith("contains"):
        return f"{row.op.removesuffix('contains')}{row.what}.contains({_literal('', value)})"
    if row.op == "in":
        values = ", ".join(_literal(row.what, one.strip()) for one in value.split(",") if one.strip())
        return f"{row.what} in [{values}]"
    op = row.op if row.op in conditions.OPERATORS else "=="
    return f"{row.what} {op} {_literal(row.what, value)}"


def _literal(what: str, value: str) -> str:
    if what in _NUMBERS and value.isdecimal():
        return value
    return '"' + value.replace("\\", "").replace('"', "'") + '"'


def subjects() -> list[tuple[str, str]]:
    """What a rule may ask about, in words."""
    return [
        ("ticket.channel", _("channel")),
        ("ticket.subject", _("subject")),
        ("ticket.topic", _("topic")),
        ("ticket.product", _("product")),
        ("ticket.language", _("language of the ticket")),
        ("ticket.priority", _("priority")),
        ("ticket.department", _("department")),
        ("ticket.mailbox", _("mailbox")),
        ("ticket.tags", _("tags")),
        ("ticket.hour", _("hour of the day")),
        ("ticket.weekday", _("day of the week (1 is Monday)")),
        ("customer.class", _("customer class")),
        ("customer.organisation", _("organisation")),
        ("customer.language", _("language of the customer")),
        ("customer.email", _("address of the customer")),
    ]


def operators() -> list[tuple[str, str]]:
    """The comparisons as people say them."""
    return [*conditions.operator_words(), ("contains", _("contains")), ("!contains", _("does not contain"))]


def known_values(firm: Directory) -> list[str]:
    """Values a rule is likely to compare with."""
    codes = ["email", "chat", "phone", "form", "portal", "api", "urgent", "high", "medium", "low", "vip", "standard"]
    return [*codes, "id", "en", *firm.department_names, *firm.department_addresses]


def spoken(condition: str) -> str:
    """A condition in words; an empty one holds for every ticket."""
    return conditions.spoken(condition) or _("every ticket")

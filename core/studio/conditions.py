"""Conditions as rows that people pick together: what, how it compares, with what. An expression that is more than that stays an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.sop.condition_words import condition, name_in_words
from core.sop.drawing_words import say
from core.sop.shapes import humanised
from core.sop.types import outcomes_of
from core.texts import _

if TYPE_CHECKING:
    from core.sop.document import Sop

OPERATORS = ("==", "!=", ">", ">=", "<", "<=", "in", "has", "!has")
_TEST = re.compile(
    r"""^\s*(?P<what>[a-z][\w.]*)\s*(?P<op>==|!=|>=|<=|>|<|\bin\b)\s*(?P<value>\[[^\]]*\]|"[^"\\]*"|'[^'\\]*'|-?\d+(?:\.\d+)?|true|false)\s*$"""
)
_FILLED = re.compile(r"^\s*(?P<no>!?)\s*has\((?P<what>[a-z][\w.]*)\)\s*$")
_ITEM = re.compile(r""""([^"\\]*)"|'([^'\\]*)'|(-?\d+(?:\.\d+)?)""")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_NUMBERS = frozenset({"int", "number", "money"})
_TICKET = ("topic", "channel", "priority", "product", "language", "department", "team", "status")
_CUSTOMER = ("class", "language", "organisation", "verified")


@dataclass(frozen=True, slots=True)
class Test:
    """One row: `fields.amount` `>` `5000000`."""

    what: str = ""
    op: str = "=="
    value: str = ""


def rows_of(expression: str | None) -> list[Test] | None:
    """The rows of an expression, joined by "and"; None when it is more than rows can say."""
    if not expression:
        return []
    found = []
    for part in expression.split("&&"):
        row = _row(part)
        if row is None:
            return None
        found.append(row)
    return found


def _row(part: str) -> Test | None:
    if filled := _FILLED.match(part):
        return Test(filled["what"], f"{filled['no']}has")
    match = _TEST.match(part)
    if match is None or (match["op"] == "in") != match["value"].startswith("["):
        return None
    value = match["value"]
    if value.startswith("["):
        items = _ITEM.findall(value)
        rest = re.sub(r"[\s,]", "", _ITEM.sub("", value[1:-1]))
        return None if rest else Test(match["what"], "in", ", ".join(one or two or three for one, two, three in items))
    return Test(match["what"], match["op"], value[1:-1] if value[0] in "\"'" else value)


def expression_of(rows: list[Test], sop: Sop) -> str:
    """The rows as an expression; empty rows are left out."""
    return " && ".join(_written(row, sop) for row in rows if row.what and (row.value or row.op.endswith("has")))


def _written(row: Test, sop: Sop) -> str:
    if row.op.endswith("has"):
        return f"{row.op.removesuffix('has')}has({row.what})"
    if row.op == "in":
        values = [_literal(row.what, value.strip(), sop) for value in row.value.split(",") if value.strip()]
        return f"{row.what} in [{', '.join(values)}]"
    op = row.op if row.op in OPERATORS else "=="
    return f"{row.what} {op} {_literal(row.what, row.value.strip(), sop)}"


def _literal(what: str, value: str, sop: Sop) -> str:
    """The value as its subject's type wants it: a number bare, everything else as text."""
    scope, _dot, name = what.partition(".")
    field = sop.fields.get(name) if scope == "fields" else None
    if field is not None and field.type in _NUMBERS:
        plain = re.sub(r"[\s_]|(?<=\d)[.,](?=\d{3}\b)", "", value)
        return plain if _NUMBER.fullmatch(plain) else f'"{_safe(value)}"'
    if (field is not None and field.type == "boolean") or what == "customer.verified":
        return "true" if value.lower() in ("true", "yes", "ya", _("yes")) else "false"
    if what == "ticket.reopened" and _NUMBER.fullmatch(value):
        return value
    return f'"{_safe(value)}"'


def _safe(text: str) -> str:
    return text.replace("\\", "").replace('"', "'")


def subjects(sop: Sop, *, before_start: bool = False) -> list[tuple[str, str]]:
    """What a condition may ask about, with its words: the SOP's fields, the ticket, the customer, and how earlier steps came out."""
    names = [f"ticket.{name}" for name in _TICKET] + [f"customer.{name}" for name in _CUSTOMER]
    found = [(name, name_in_words(name)) for name in names]
    if before_start:
        return found
    fields = [(f"fields.{field.name}", say(field.label) or humanised(field.name)) for field in sop.fields.values()]
    steps = [
        (f"steps.{step.name}.outcome", _("how “%(step)s” came out", step=humanised(step.name)))
        for step in sop.steps()
        if step.kind in ("task", "approval", "call", "document", "wait", "run")
    ]
    return fields + found + steps


def operator_words() -> list[tuple[str, str]]:
    """The comparisons as people say them."""
    return [
        ("==", _("is")),
        ("!=", _("is not")),
        (">", _("is more than")),
        (">=", _("is at least")),
        ("<", _("is less than")),
        ("<=", _("is at most")),
        ("in", _("is one of")),
        ("has", _("is filled in")),
        ("!has", _("is empty")),
    ]


def known_values(sop: Sop) -> list[str]:
    """Values a condition is likely to compare with: options of choices, outcomes of steps, codes of the ticket."""
    found = [option.code for field in sop.fields.values() for option in field.options]
    for step in sop.steps():
        if step.kind in ("task", "approval", "document"):
            found += outcomes_of(step) or ()
    found += ["email", "chat", "phone", "form", "low", "medium", "high", "urgent", "vip", "standard"]
    return list(dict.fromkeys(found))


def spoken(expression: str | None, sop: Sop | None = None) -> str:
    """The condition in words, with the labels of the document's fields."""
    return condition(expression, sop)

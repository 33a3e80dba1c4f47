"""A condition as people read it, in their language: “Priority is high and Amount to refund is more than Rp 5.000.000”."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.sop import code_words
from core.sop.drawing_words import duration, outcome, plain
from core.sop.durations import DurationError, parse_duration
from core.sop.grammar import parse
from core.sop.money import Money, MoneyError
from core.sop.shapes import humanised
from core.sop.tokens import SyntaxProblem
from core.sop.tree import Binary, Choose, Each, Index, Invoke, Literal, Many, Unary, path_of
from core.spoken import say_value
from core.texts import N_, _, language

if TYPE_CHECKING:
    from core.sop.document import Choice, Field, Sop, Step
    from core.sop.tree import Expr

_UNFILLED = re.compile(r"\$\{[^}]*\}")
_COMPARED = {
    "==": N_("%(subject)s is %(value)s"),
    "!=": N_("%(name)s is not %(value)s"),
    ">": N_("%(name)s is more than %(value)s"),
    ">=": N_("%(name)s is at least %(value)s"),
    "<": N_("%(name)s is less than %(value)s"),
    "<=": N_("%(name)s is at most %(value)s"),
}
_TURNED = {"==": "!=", "!=": "=="}
_MOMENTS = {
    ">": N_("%(name)s is after %(value)s"),
    ">=": N_("%(name)s is not before %(value)s"),
    "<": N_("%(name)s is before %(value)s"),
    "<=": N_("%(name)s is not after %(value)s"),
}
_METHODS = {
    "startsWith": N_("%(name)s begins with %(value)s"),
    "endsWith": N_("%(name)s ends with %(value)s"),
    "contains": N_("%(name)s contains %(value)s"),
    "matches": N_("%(name)s has the form %(value)s"),
}
_OF_STEP = {
    "outcome": N_("outcome of “%(step)s”"),
    "visits": N_("number of visits of “%(step)s”"),
    "opened_at": N_("beginning of “%(step)s”"),
    "due_at": N_("due time of “%(step)s”"),
    "done_at": N_("end of “%(step)s”"),
    "by": N_("who did “%(step)s”"),
    "result": N_("result of “%(step)s”"),
}
_FUNCTIONS = {
    "size": N_("number of %(of)s"),
    "weekday": N_("weekday (1 is Monday) of %(of)s"),
    "hour": N_("hour of %(of)s"),
}


def condition(source: str | None, sop: Sop | None = None) -> str:
    """The condition in words, as it stands inside a sentence. One that cannot be read stays as it is written, without its notation."""
    if not source:
        return ""
    try:
        return _Speaker(sop, source).test(parse(source))
    except (SyntaxProblem, RecursionError):
        return plain(source)


def name_in_words(path: str, sop: Sop | None = None) -> str:
    """What a name stands for: `ticket.priority` is “priority”, `fields.amount` the field's label."""
    return _Speaker(sop, path).name(tuple(path.split(".")))


def value_in_words(path: str, value: Any, sop: Sop | None = None) -> str:
    """A value of it: `high` of a priority is “high”, a choice its label."""
    return _Speaker(sop, path).literal(value, tuple(path.split(".")))


def capital(text: str) -> str:
    """The text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def own_words(step: Step) -> str:
    """What a step is called by its own words; its name where it has none."""
    question = getattr(step.what, "question", None)
    title = step.title.say(language())
    return _UNFILLED.sub("…", question.say(language()) if question and title == humanised(step.name) else title)


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Knows the labels of one document, and the source that the trees stand in."""

    sop: Sop | None
    source: str
    item: str = ""  # the name of what `exists` or `all` looks at

    # ---- what holds or not -------------------------------------------------------------------------------------------

    def test(self, tree: Expr, *, inside: str = "") -> str:
        """A part that is true or false; `inside` is the operator around it."""
        match tree:
            case Binary(op="&&" | "||" as op, left=left, right=right):
                joined = (
                    f"{self.test(left, inside=op)} {_('and') if op == '&&' else _('or')} {self.test(right, inside=op)}"
                )
                return f"({joined})" if inside and inside != op else joined
            case Binary(op="in", left=left, right=right):
                return self.among(left, right)
            case Binary(op=op, left=left, right=right) if op in _COMPARED:
                return self.compared(op, left, right)
            case Unary(op="!", value=value):
                return self.denied(value)
            case Invoke(function="has", args=(of,)):
                return _("%(name)s is filled in", name=self.value(of))
            case Invoke(function="open", args=(at,)):
                return _("%(moment)s lies in the working hours", moment=self.value(at))
            case Invoke(function=function, args=(of, what)) if function in _METHODS:
                return _(_METHODS[function], name=self.value(of), value=self.value(what, path_of(of)))
            case Each(macro=macro, over=over, name=name, test=test):
                every = macro == "all"
                said = _Speaker(self.sop, self.source, name).test(test)
                words = N_("for each of %(list)s: %(test)s") if every else N_("for some of %(list)s: %(test)s")
                return _(words, list=self.value(over), test=said)
            case Choose(test=test, yes=yes, no=no):
                return _("%(yes)s if %(test)s, else %(no)s", yes=self.test(yes), test=self.test(test), no=self.test(no))
            case Literal(value=bool() as value):
                return _("yes") if value else _("no")
            case _:
                return self.value(tree) if path_of(tree) is None else self.is_so(tree, so=True)

    def compared(self, op: str, left: Expr, right: Expr) -> str:
        if isinstance(right, Literal) and isinstance(right.value, bool) and op in _TURNED:
            return self.is_so(left, so=right.value is (op == "=="))
        if _is_fixed(left) and not _is_fixed(right):  # 5 < fields.n reads the other way round
            left, right, op = right, left, {">": "<", "<": ">", ">=": "<=", "<=": ">="}.get(op, op)
        words = _MOMENTS.get(op, _COMPARED[op]) if self.is_moment(left) else _COMPARED[op]
        return self.said(words, self.value(left), self.value(right, path_of(left)))

    def said(self, words: str, name: str, value: str) -> str:
        """A label that is a question has its answer behind it."""
        if name.endswith("?") and words == _COMPARED["=="]:
            return f"{name} {value}"
        quoted = f"“{name}”" if name.endswith("?") else name
        return _(words, name=quoted, subject=quoted, value=value)

    def is_moment(self, tree: Expr) -> bool:
        """Is this a date or a moment, as far as its name tells?"""
        path, field = path_of(tree), self.field(path_of(tree))
        if isinstance(tree, Binary):
            return self.is_moment(tree.left)
        if field is not None:
            return field.type in ("date", "datetime")
        return (
            isinstance(tree, Invoke) and tree.function == "date" if path is None else path[-1].endswith(("now", "_at"))
        )

    def among(self, left: Expr, right: Expr) -> str:
        if isinstance(right, Many):
            return _("%(name)s is one of: %(values)s", name=self.value(left), values=self.value(right, path_of(left)))
        return _("%(name)s contains %(value)s", name=self.value(right), value=self.value(left, path_of(right)))

    def denied(self, value: Expr) -> str:
        match value:
            case Invoke(function="has", args=(of,)):
                return _("%(name)s is empty", name=self.value(of))
            case Binary(op="==" | "!=" as op, left=left, right=right):
                return self.compared(_TURNED[op], left, right)
            case _ if path_of(value) is not None:
                return self.is_so(value, so=False)
            case _:
                return _("not: %(condition)s", condition=self.test(value, inside="!"))

    def is_so(self, tree: Expr, *, so: bool) -> str:
        """A name that is itself true or false."""
        if path_of(tree) == ("customer", "verified"):
            return _("customer is verified") if so else _("customer is not verified")
        return self.said(_COMPARED["=="], self.value(tree), _("yes") if so else _("no"))

    # ---- values ------------------------------------------------------------------------------------------------------

    def value(self, tree: Expr, beside: tuple[str, ...] | None = None) -> str:
        """A part that has a value; `beside` is the name it is compared with."""
        path = path_of(tree)
        if path is not None:
            return self.name(path)
        match tree:
            case Literal(value=value):
                return self.literal(value, beside)
            case Many(items=items):
                return ", ".join(self.value(item, beside) for item in items)
            case Binary(op="+" | "-" | "*" | "/" | "%" as op, left=left, right=right):
                return f"{self.value(left, beside)} {op} {self.value(right, beside)}"
            case Invoke(function="duration" | "date" as function, args=(Literal(value=str() as text),)):
                return _time(text) if function == "duration" else say_value(_date(text), language())
            case Invoke(function=function, args=(of,)) if function in _FUNCTIONS:
                return _(_FUNCTIONS[function], of=self.value(of))
            case Invoke(function="business_between", args=(start, end)):
                return _("working time from %(start)s to %(end)s", start=self.value(start), end=self.value(end))
            case Index(of=of, key=Literal(value=str() as key)):
                return f"{self.value(of)}: {humanised(key).lower()}"
            case Binary() | Unary(op="!") | Invoke(function="has" | "open") | Each() | Choose():
                return self.test(tree, inside="?")
            case _:
                return plain(self.source[tree.start : tree.end])

    def name(self, path: tuple[str, ...]) -> str:
        """A name in words."""
        root, rest = path[0], path[1:]
        if root == self.item and root:
            return _("it") if not rest else _readable(rest)
        if root == "now" and not rest:
            return _("now")
        table = {"ticket": code_words.TICKET, "customer": code_words.CUSTOMER}.get(root, {})
        if rest and rest[0] in table:
            return _(table[rest[0]])
        if root == "fields" and (field := self.field(path)) is not None:
            return field.label.say(language())
        if root == "steps" and len(rest) > 1 and rest[1] in _OF_STEP:
            said = _(_OF_STEP[rest[1]], step=self.step(rest[0]))
            return f"{said}: {_readable(rest[2:])}" if rest[2:] else said
        if root == "result":
            return f"{_('result')}: {_readable(rest)}" if rest else _("result")
        return _readable(rest or path)

    def step(self, name: str) -> str:
        found = next((step for step in self.sop.steps() if step.name == name), None) if self.sop else None
        return own_words(found) if found is not None else humanised(name)

    def field(self, path: tuple[str, ...] | None) -> Field | None:
        if self.sop is None or path is None or len(path) != 2 or path[0] != "fields":
            return None
        return self.sop.fields.get(path[1])

    def literal(self, value: Any, beside: tuple[str, ...] | None) -> str:
        """A value as it is written in a condition, with the words of what it is compared with."""
        if value is None:
            return _("nothing")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, int | Decimal):
            return self.number(value, self.field(beside))
        text = str(value)
        if (known := code_words.VALUES.get(".".join(beside or ()), {}).get(text)) is not None:
            return _(known) if beside and beside[1] in ("channel", "language") else _(known).lower()
        if beside and beside[0] == "steps" and beside[2:] == ("outcome",):
            return _label(self.choices(beside[1]), text) or outcome(text)
        field = self.field(beside)
        if field is not None and (label := _label(field.options, text)):
            return label
        return text if text and all(c.isalnum() or c in "_-:." for c in text) else f"“{text}”"

    def number(self, value: int | Decimal, field: Field | None) -> str:
        if field is not None and field.type == "money":
            try:
                return say_value(Money.of(value, field.currency or "IDR"), language())
            except MoneyError:
                pass
        return f"{value:,}".translate(str.maketrans(",.", ".,")) if language() == "id" else f"{value:,}"

    def choices(self, name: str) -> tuple[Choice, ...]:
        found = next((step for step in self.sop.steps() if step.name == name), None) if self.sop else None
        return tuple(getattr(found.what, "choices", ())) if found is not None else ()


def _is_fixed(tree: Expr) -> bool:
    return isinstance(tree, Literal) or (isinstance(tree, Invoke) and tree.function in ("date", "duration"))


def _label(choices: tuple[Choice, ...], code: str) -> str:
    return next((one.label.say(language()) for one in choices if one.code == code), "")


def _readable(path: tuple[str, ...]) -> str:
    return " ".join(path).replace("_", " ")


def _time(text: str) -> str:
    try:
        return duration(parse_duration(text))
    except DurationError:
        return text


def _date(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text

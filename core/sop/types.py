"""The types of expressions, and what every name of a document has: fields, variables, outcomes of steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.sop import words
from core.sop.document import Run, Task
from core.texts import N_, _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.sop.document import Field, Sop, Step

_SAID = {
    "bool": N_("true or false"),
    "int": N_("a number"),
    "number": N_("a number"),
    "text": N_("text"),
    "choice": N_("a choice"),
    "money": N_("money"),
    "date": N_("a date"),
    "datetime": N_("a moment"),
    "duration": N_("a length of time"),
    "list": N_("a list"),
    "map": N_("a group of values"),
    "null": N_("nothing"),
    "any": N_("any value"),
}


@dataclass(frozen=True, slots=True)
class Type:
    """`kind` is one of bool int number text choice money date datetime duration list map null any."""

    kind: str
    options: tuple[str, ...] = ()  # what a choice can be
    currency: str | None = None
    names: str | None = None  # the list of `Names` that its texts come from
    step: str | None = None  # whose outcome it is
    soft: bool = False  # an unknown literal is only a warning

    def say(self) -> str:
        """The type in words."""
        return _(_SAID[self.kind])

    def is_a(self, *kinds: str) -> bool:
        """Is it one of these, or unknown?"""
        return self.kind in kinds or self.kind in ("any", "null")


ANY, BOOL, INT, NUMBER, TEXT = Type("any"), Type("bool"), Type("int"), Type("number"), Type("text")
DATE, DATETIME, DURATION, LIST, MAP, NULL = (
    Type("date"),
    Type("datetime"),
    Type("duration"),
    Type("list"),
    Type("map"),
    Type("null"),
)

_OF_FIELD = {
    "boolean": BOOL,
    "int": INT,
    "number": NUMBER,
    "date": DATE,
    "datetime": DATETIME,
    "duration": DURATION,
    "list": LIST,
    "file": ANY,
    "person": ANY,
}
_OF_PROPERTY = {
    "string": TEXT,
    "datetime": DATETIME,
    "int": INT,
    "boolean": BOOL,
    "list": LIST,
    "any": ANY,
    "status": Type("choice", words.STATUSES, soft=True),
    "class": Type("text", names="classes"),
}


def type_of_field(declared: Field) -> Type:
    """The type an expression sees in a declared field."""
    if declared.type == "choice":
        return Type("choice", tuple(option.code for option in declared.options))
    if declared.type == "money":
        return Type("money", currency=declared.currency)
    return _OF_FIELD.get(declared.type, TEXT)


def type_of_literal(value: Any) -> Type:
    """The type of a plain value of a document."""
    match value:
        case None:
            return NULL
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return NUMBER
        case str():
            return TEXT
        case list() | tuple():
            return LIST
        case _:
            return MAP


def outcomes_of(step: Step) -> tuple[str, ...] | None:
    """The outcomes a step can end with; None when another document decides."""
    if isinstance(step.what, Run) and step.what.sop:
        return None
    own = words.OUTCOMES[step.kind]
    if isinstance(step.what, Task) and step.what.choices:
        own = (*(choice.code for choice in step.what.choices), "skipped")
    return tuple(dict.fromkeys((*own, *words.EVERY_OUTCOME)))


@dataclass(slots=True)
class Env:
    """Everything an expression of one document may name, with its type."""

    fields: dict[str, Type]
    steps: Mapping[str, Step]
    unread: frozenset[str] = frozenset()  # steps that are there and could not be read
    vars: dict[str, Type] = field(default_factory=dict)

    @classmethod
    def of(cls, sop: Sop) -> Env:
        """The names of a document; its variables are added by the checker, in order."""
        return cls(
            {name: type_of_field(declared) for name, declared in sop.fields.items()},
            {step.name: step for step in sop.steps()},
        )

    def property(self, root: str, name: str) -> Type | None:
        """The type of a property of `ticket` or `customer`."""
        known = words.TICKET if root == "ticket" else words.CUSTOMER
        if name not in known:
            return None
        if root == "ticket" and name in ("team", "department"):
            return Type("text", names=name + "s")
        return _OF_PROPERTY[known[name]]

    def of_step(self, step: str, name: str) -> Type | None:
        """The type of `steps.STEP.NAME`."""
        if name not in words.STEP:
            return None
        if name != "outcome":
            return _OF_PROPERTY[words.STEP[name]]
        outcomes = outcomes_of(self.steps[step])
        return TEXT if outcomes is None else Type("choice", outcomes, step=step)

"""What does an open step say to whom it waits for? Its title, question and facts, with every `${…}` filled in their language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.directory import directory
from core.procedure.frames import steps_by_name
from core.procedure.record import Record
from core.procedure.seeing import Facts
from core.procedures import document_of
from core.sop.document import Approval, Collaborate, Resolve, Task
from core.sop.expressions import ExpressionError, fill
from core.sop.values import typed
from core.spoken import say_value
from core.texts import _, speaking
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.procedure.values import Visit
    from core.procedures import RunRow
    from core.sop.document import Field, Sop, Step, Text
    from core.tickets.rows import TicketRow

_UNFILLED = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared field that is filled in, in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class StepWords:
    """`text` is the question, or what the task says beyond its title."""

    title: str
    text: str
    facts: tuple[Fact, ...] = ()


def say_step(
    tx: Connection, row: TicketRow, run: RunRow, visits: Mapping[str, Visit], visit: Visit, language: str, now: int
) -> StepWords:
    """The step of a visit in words; a step that its document has lost is called by its name."""
    frame, sop = document_of(tx, run, visits, visit.path)
    step = steps_by_name(sop).get(visit.name)
    if step is None:
        return StepWords(visit.name.replace("_", " "), "")
    firm = directory(tx)
    world = DatabaseWorld(tx, firm, row, run, now)
    scope = Facts(world).scope(Record(visits, now), frame, sop, world.calendar(sop.calendar))

    def filled(text: Text) -> str:
        said = text.say(language)
        try:
            return str(fill(said, scope, lambda value: say_value(value, language)))
        except ExpressionError:
            return _UNFILLED.sub("…", said)

    title = filled(step.title)
    text = _text_of(step)
    said = filled(text) if text else ""
    with speaking(language):
        facts = _facts(firm, sop, run.fields.get(frame, {}), language)
    return StepWords(title, "" if said == title else said, facts)


def _text_of(step: Step) -> Text | None:
    match step.what:
        case Task(text=text):
            return text
        case Approval(question=question) | Collaborate(question=question):
            return question
        case Resolve():
            return None
        case _:
            return None


def _facts(firm: Directory, sop: Sop, values: Mapping[str, Any], language: str) -> tuple[Fact, ...]:
    """The declared fields that have a value, in the order of the document."""
    found = []
    for name, field in sop.fields.items():
        if values.get(name) not in (None, "", []):
            found.append(Fact(field.label.say(language), say_field(firm, field, values[name], language)))
    return tuple(found)


def say_field(firm: Directory, field: Field, value: Any, language: str) -> str:
    """A stored value of a field as people write it: a choice by its label, a person by name, amounts and dates in their language."""
    match field.type:
        case "boolean":
            return _("yes") if value is True else _("no")
        case "choice":
            label = next((option.label for option in field.options if option.code == value), None)
            return label.say(language) if label else str(value)
        case "person" if str(value).isdecimal() and int(value) in firm.people:
            return firm.people[int(value)].name
        case "file" if isinstance(value, dict):
            return str(value.get("name", ""))
        case _:
            known = typed(field, value)
            return say_value(value if known is None else known, language)

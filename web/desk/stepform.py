"""The form of the step that is open: which inputs a step asks for, filled with what was typed, saved or known before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.sop.document import Approval, Collaborate, Document, Field, Resolve, Task, Text
from core.texts import _, language
from core.tickets.relay import StepRow
from web.desk.why import failure
from web.times import zone, zone_now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.datastructures import MultiDict

    from core.sop.document import Choice, Sop, Step

_INPUTS = {
    "string": "text",
    "text": "textarea",
    "choice": "select",
    "boolean": "checkbox",
    "date": "date",
    "datetime": "datetime-local",
    "phone": "tel",
    "email": "email",
    "url": "url",
    "person": "person",
    "list": "textarea",
    "file": "file",
}
_NUMBERS = frozenset({"int", "number", "money"})
_UNFILLED = re.compile(r"\$\{[^}]*\}")
RESOLUTION = Field("resolution", "text", Text((("en", "Resolution"), ("id", "Penyelesaian"))))


@dataclass(frozen=True, slots=True)
class Input:
    """One input of the form. `id` is where an error about it is shown; `file` (id, name) is what was sent before."""

    id: str
    name: str
    label: str
    kind: str
    value: str
    required: bool
    help: str = ""
    unit: str = ""
    numeric: bool = False
    options: tuple[tuple[str, str], ...] = ()
    file: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class StepForm:
    """What the leg that is now shows. `kind` chooses the buttons: task, approval, collaborate, resolve, document, failed."""

    kind: str
    text: str
    note: str
    inputs: tuple[Input, ...]
    checklist: tuple[tuple[str, bool], ...]
    choices: tuple[tuple[str, str], ...]
    article: bool = False


def step_form(
    sop: Sop,
    step: Step,
    visit: StepRow,
    known: Mapping[str, Any],
    typed: Mapping[str, Any] | None,
    filled: Callable[[str], str] = str,
) -> StepForm | None:
    """The form of an open step of people; None for one that waits by itself.

    `typed` is what was sent and found wrong; `filled` says the `${…}` of a text.
    """
    say = language()
    kept = (visit.draft or {}).get("fields") or {}
    values = {**known, **kept, **(typed or {})}
    note = filled(step.note.say(say)) if step.note else ""
    if visit.marks.get("asked"):
        return StepForm("failed", failure(visit.marks.get("error")), note, (), (), ())
    match step.what:
        case Task(text=text, require=require, checklist=checklist, choices=choices):
            inputs = _inputs(sop, require, visit, values)
            ticked = set(map(str, values.get("checklist") or ()))
            boxes = tuple((filled(item.say(say)), str(i) in ticked) for i, item in enumerate(checklist))
            said = filled(text.say(say)) if text.say(say) != step.title.say(say) else ""
            return StepForm("task", said, note, inputs, boxes, _labels(choices))
        case Resolve(require=require) if not step.what.automatic:
            return StepForm("resolve", "", note, _inputs(sop, require, visit, values), (), ())
        case Approval(question=question):
            return StepForm("approval", filled(question.say(say)), note, (), (), ())
        case Collaborate(question=question):
            return StepForm("collaborate", filled(question.say(say)), note, (), (), ())
        case Document(article=article):
            return StepForm(
                "document", _("Is this worth writing down for the next one?"), note, (), (), (), article != "none"
            )
        case _:
            return None


def ahead_form(sop: Sop, step: Step, place: int, known: Mapping[str, Any], typed: Mapping[str, Any] | None) -> StepForm:
    """The form of a task that has not opened yet; `place` among those on the page makes the ids of its inputs."""
    found = step_form(sop, step, _unopened(step, -place), known, typed, lambda text: _UNFILLED.sub("…", text))
    assert found is not None  # a task has a form
    return found


def _unopened(step: Step, number: int) -> StepRow:
    return StepRow(
        number, step.name, step.name, 0, step.kind, "open", None, None, None, [], 0, None, None, None, {}, None
    )


def read_checklist(step: Step, form: MultiDict[str, str]) -> list[int] | None:
    """The places of the lines that were ticked; None for a step without a checklist."""
    if not getattr(step.what, "checklist", ()):
        return None
    return [int(n) for n in form.getlist("checklist") if n.isdecimal()]


def _labels(choices: tuple[Choice, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((choice.code, choice.label.say(language())) for choice in choices)


def required_fields(sop: Sop, require: tuple[str, ...]) -> tuple[Field, ...]:
    """The declared fields that a step asks for."""
    found = []
    for reference in require:
        name = reference.removeprefix("fields.").removeprefix("ticket.")
        field = sop.fields.get(name) or (RESOLUTION if name == "resolution" else None)
        found.append(field or Field(name, "string", Text((("", name.replace("_", " ").capitalize()),))))
    return tuple(found)


def file_fields(sop: Sop, step: Step) -> list[Field]:
    """The fields of a step that ask for a file."""
    return [field for field in required_fields(sop, tuple(getattr(step.what, "require", ()))) if field.type == "file"]


def _inputs(sop: Sop, require: tuple[str, ...], visit: StepRow, values: Mapping[str, Any]) -> tuple[Input, ...]:
    return tuple(_input(field, visit, values.get(field.name)) for field in required_fields(sop, require))


def _input(field: Field, visit: StepRow, value: Any) -> Input:
    return Input(
        id=f"f{visit.id}-{field.name}",
        name=f"field.{field.name}",
        label=field.label.say(language()),
        kind=_INPUTS.get(field.type, "text"),
        value=shown(value, field.type),
        required=field.required,
        help=field.help.say(language()) if field.help else _("One on each line.") if field.type == "list" else "",
        unit=(field.currency or "IDR") if field.type == "money" else "",
        numeric=field.type in _NUMBERS,
        options=_labels(field.options),
        file=(int(value["file"]), str(value["name"])) if field.type == "file" and isinstance(value, dict) else None,
    )


def shown(value: Any, kind: str = "") -> str:
    """A stored value as it stands in an input."""
    match value:
        case None | {"file": _}:
            return ""
        case bool():
            return "true" if value else ""
        case {"minor": int(minor), "currency": str(currency)}:
            amount = Decimal(minor) / (1 if currency in {"JPY", "KRW", "VND"} else 100)
            return f"{amount:f}".rstrip("0").rstrip(".") if amount % 1 else f"{amount:.0f}"
        case list() | tuple():
            return "\n".join(map(str, value))
        case str() if kind == "datetime":
            return _local(value)
        case _:
            return str(value)


def _local(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (moment.astimezone(zone(zone_now())) if moment.tzinfo else moment).strftime("%Y-%m-%dT%H:%M")


def read_fields(sop: Sop, step: Step, form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed into the form, by field name, in the shapes that commands take; a field that was left empty is left out."""
    require = getattr(step.what, "require", ())
    found: dict[str, Any] = {}
    for field in required_fields(sop, tuple(require)):
        name = f"field.{field.name}"
        given = form.get(name, "").strip()
        if field.type == "boolean":
            found[field.name] = name in form
        elif not given or field.type == "file":
            continue
        elif field.type == "list":
            found[field.name] = [line.strip() for line in given.splitlines() if line.strip()]
        elif field.type == "datetime":
            found[field.name] = _with_zone(given)
        else:
            found[field.name] = given
    return found


def _with_zone(given: str) -> str:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return given
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone(zone_now()))).isoformat()

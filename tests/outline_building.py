"""How a document is built in the outline: the acts, in order, that make a new draft into it, each as what its form is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.sop.document import Fork, Phase, Switch
from core.sop.drawing_words import due
from core.sop.reading import load
from core.sop.shapes import humanised
from core.studio.document_inputs import document_inputs, field_inputs
from core.studio.outline_view import outline_of
from core.studio.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.sop.document import Step
    from core.sop.naming import Names
    from core.studio.inputs import Input

__all__ = ["Act", "acts_for", "due"]


@dataclass(frozen=True)
class Act:
    """One form: its kind, what it is about (a step, a list, a field), and what each of its inputs is to say."""

    act: str
    about: str = ""
    given: tuple[tuple[str, tuple[str, ...]], ...] = ()
    inputs: tuple[Input, ...] = ()


def act(name: str, about: str = "", /, **given: str) -> Act:
    return Act(name, about, tuple((key.replace("__", "."), (value,)) for key, value in given.items()))


def acts_for(text: str, names: Names) -> Iterator[Act]:
    """From the draft that begins with `finish`, to this document: fields, steps, then what each of them says."""
    sop = load(text)
    around = Surroundings(sop, names)
    for field in sop.fields.values():
        yield act("add_field", words=humanised(field.name), type=field.type)
    yield from _skeleton(sop.do, "", names, ["finish"])
    for late in sop.escalate:
        name = late.do[0].name
        yield act("late", "", after="1", after__unit="PTH", name=humanised(name))
    yield Act("document", "", inputs=tuple(document_inputs(around)))
    for field in sop.fields.values():
        yield Act("change_field", field.name, inputs=tuple(field_inputs(field, both=around.both)))
    view = outline_of(sop, names, (), ())
    for group in view.heads:
        yield Act("change_branch", group.id, inputs=tuple(group.inputs))
    for item in view.items():
        for inner in item.lists:
            if inner.inputs:
                yield Act("change_branch", inner.id, inputs=tuple(inner.inputs))
        yield Act("change", item.name, inputs=tuple(item.inputs))


def _skeleton(steps: Sequence[Step], where: str, names: Names, there: Sequence[str] = ()) -> Iterator[Act]:
    """The steps of one list, each behind the one before; `there` are those that the list begins with."""
    before = f"first:{where}"
    for step in steps:
        if step.name not in there:
            yield act("add", where, kind=step.kind, words=humanised(step.name), place=before)
            yield from _inside(step, names)
        before = f"after:{step.name}"
    wanted = {step.name for step in steps}
    for name in there:
        if name not in wanted:
            yield act("remove", name)
        elif [step.name for step in steps].index(name):
            place = [step.name for step in steps].index(name)
            yield act("move", name, place=f"after:{steps[place - 1].name}")


def _inside(step: Step, names: Names) -> Iterator[Act]:
    match step.what:
        case Phase(do=do):
            yield from _skeleton(do, f"{step.name}/do/", names, [f"{step.name}_1"])
        case Fork(branches=branches):
            for name, inner in branches:
                yield act("add_branch", step.name, words=humanised(name))
                yield from _skeleton(inner, f"{step.name}/branch/{name}", names, [name])
            for name in ("one", "two"):
                yield act("remove_branch", f"{step.name}/branch/{name}")
        case Switch(cases=cases):
            for number in range(1, len([case for case in cases if case.if_ is not None])):
                yield act("add_branch", step.name)
                assert number
            for number, case in enumerate(cases):
                if case.do:
                    yield from _skeleton(case.do, f"{step.name}/case/{number}", names)
    for number, late in enumerate(step.escalate):
        name = late.do[0].name
        yield act("late", step.name, after="1", after__unit="PTH", name=humanised(name))
        yield from _skeleton(late.do, f"{step.name}/escalate/{number}", names, [name])

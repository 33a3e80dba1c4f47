"""The outline of a document as a page shows it: steps with their inputs and problems, the lists inside them, and where each may move."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.sop import drawing_words as words
from core.sop.condition_words import condition
from core.sop.document import Case, Escalation, Fork, Phase, Switch
from core.sop.shapes import humanised
from core.sop.titles import about
from core.studio import inputs as i
from core.studio.every_step_inputs import LASTING, PEOPLE, moments
from core.studio.step_inputs import step_inputs
from core.studio.surroundings import Surroundings
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.sop.document import Sop, Step
    from core.sop.naming import Names
    from core.sop.problems import Problem
    from core.studio.inputs import Input, Options


@dataclass(slots=True)
class Item:
    """One step in the outline."""

    name: str
    title: str
    kind: str
    says: str
    inputs: list[Input]
    lists: list[ListOfItems]
    problems: list[Problem] = field(default_factory=list)
    may_escalate: bool = False

    def everything(self) -> Iterator[Item]:
        """This item and all inside it."""
        yield self
        for inner in self.lists:
            for item in inner.items:
                yield from item.everything()


@dataclass(slots=True)
class ListOfItems:
    """A list of steps: the document's, a phase's, a branch, a row of a decision, an escalation.

    `id` says where it is, as edits name it: "" or HOLDER/KIND/BRANCH. `inputs` are those of the branch itself.
    """

    id: str
    label: str
    items: list[Item]
    kind: str = "main"
    inputs: list[Input] = field(default_factory=list)
    may_go: bool = False
    fixed: bool = False  # it leads elsewhere and holds no steps
    short: str = ""  # its name where its step is near


@dataclass(slots=True)
class Outline:
    """Everything the outline shows. `unread` are steps that stand in the text and cannot be shown here."""

    main: ListOfItems
    heads: list[ListOfItems]
    around: Surroundings
    problems: list[Problem]
    unread: list[str]

    def items(self) -> Iterator[Item]:
        """Every step."""
        for group in (self.main, *self.heads):
            for item in group.items:
                yield from item.everything()

    def places(self, item: Item | None = None) -> Options:
        """Where a step may stand: first in each list, or behind each step; never inside itself."""
        inside = {inner.name for inner in item.everything()} if item else set()
        return [place for group in (self.main, *self.heads) for place in _places(group, inside, 0)]


def _places(group: ListOfItems, inside: set[str], depth: int) -> Iterator[tuple[str, str]]:
    indent = "\u2003" * depth
    if not group.fixed:
        label = _("first in %(list)s", list=group.label) if group.id else _("first of all")
        yield f"first:{group.id}", indent + label
    for item in group.items:
        if item.name in inside:
            continue
        if not group.fixed:
            yield f"after:{item.name}", indent + _("after %(step)s", step=item.title)
        for inner in item.lists:
            yield from _places(inner, inside, depth + 1)


def outline_of(sop: Sop, names: Names, problems: Sequence[Problem], in_text: Sequence[str]) -> Outline:
    """The outline of a document as far as it could be read; `in_text` are the names of all steps of the text."""
    around = Surroundings(sop, names)
    main = ListOfItems("", _("the procedure"), [_item(step, around) for step in sop.do])
    heads = [
        ListOfItems(
            f"/event/{on.event}",
            _("If %(event)s", event=words.event(on.event)),
            [_item(step, around) for step in on.do],
            "event",
        )
        for on in sop.on
        if on.do
    ]
    heads += [_late("", number, late, around) for number, late in enumerate(sop.escalate)]
    made = Outline(main, heads, around, [], [])
    known = {item.name: item for item in made.items()}
    lines = sorted((step.line, step.name) for step in sop.steps())
    for problem in problems:
        name = _step_at(problem.line, lines)
        if name in known and problem.line >= lines[0][0]:
            said = problem.message.removeprefix(_("step '%(name)s'", name=name) + ": ")
            known[name].problems.append(replace(problem, message=said[:1].upper() + said[1:]))
        else:
            made.problems.append(problem)
    made.unread = [name for name in in_text if name not in known]
    return made


def _step_at(line: int, lines: Sequence[tuple[int, str]]) -> str:
    """The step that a line of the text belongs to: the last one that begins at or above it."""
    return next((name for start, name in reversed(lines) if start <= line), "")


def _item(step: Step, around: Surroundings) -> Item:
    return Item(
        name=step.name,
        title=humanised(step.name),
        kind=step.kind,
        says=_says(step, around),
        inputs=step_inputs(step, around),
        lists=list(_lists(step, around)),
        may_escalate=step.kind in PEOPLE or step.kind in LASTING,
    )


def _says(step: Step, around: Surroundings) -> str:
    text = about(step, around.sop)
    return "" if humanised(step.name) == text else text


def _lists(step: Step, around: Surroundings) -> Iterator[ListOfItems]:
    title = humanised(step.name)
    match step.what:
        case Phase(do=do):
            yield ListOfItems(f"{step.name}/do/", title, [_item(inner, around) for inner in do], "do")
        case Fork(branches=branches):
            for name, steps in branches:
                label = _("“%(branch)s” of %(step)s", branch=humanised(name), step=title)
                yield ListOfItems(
                    f"{step.name}/branch/{name}", label, [_item(inner, around) for inner in steps], "branch"
                )
        case Switch(cases=cases):
            for number, case in enumerate(cases):
                yield _row(step, number, case, around)
    for number, escalation in enumerate(step.escalate):
        yield _late(step.name, number, escalation, around)


def _late(name: str, number: int, escalation: Escalation, around: Surroundings) -> ListOfItems:
    """What is done when a step, or the whole, takes too long: its time, and its steps."""
    found = ListOfItems(
        f"{name}/escalate/{number}",
        _("After %(time)s", time=words.due(escalation.after)),
        [_item(step, around) for step in escalation.do],
        "escalate",
    )
    froms = moments(opening=bool(name))
    found.inputs.append(i.time("after", _("After"), ("escalate", number, "after"), escalation.after, froms=froms))
    return found


def _row(step: Step, number: int, case: Case, around: Surroundings) -> ListOfItems:
    """One row of a decision: its condition, and where it leads."""
    said = condition(case.if_, around.sop) if case.if_ is not None else _("otherwise")
    found = ListOfItems(
        f"{step.name}/case/{number}",
        _("“%(condition)s” of %(step)s", condition=said, step=humanised(step.name)),
        [_item(inner, around) for inner in case.do or ()],
        "case" if case.if_ is not None else "else",
    )
    if case.if_ is not None:
        found.inputs.append(i.condition("if", _("If"), ("switch", number, "if"), case.if_, around.sop, around.subjects))
    if not case.do:
        found.fixed = case.then is not None
        own = _("the steps below, then go on") if case.if_ is not None else _("go on")
        targets = around.targets(step, own)
        path: i.Path = ("switch", number, "then")
        found.inputs.append(i.choose("then", _("then"), path, case.then or "", targets))
    return found

"""What all edits of the outline have in common: what came of one, the answers of its form, a free name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.sop import words
from core.sop.editing import EditError, Editor
from core.sop.reading import draft
from core.sop.shapes import suggested_name
from core.studio.inputs import Answers, Input, WrongAnswer
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.sop.document import Sop


@dataclass(frozen=True, slots=True)
class Edited:
    """The text after an edit, the step to look at (opened and focused), and what was done, for those who listen."""

    text: str
    focus: str = ""
    said: str = ""


def one(answers: Answers, name: str) -> str:
    """The one answer of this name."""
    return next(iter(answers.get(name, ())), "").strip()


def document_of(editor: Editor) -> Sop:
    """The document as it is read now."""
    sop = draft(editor.text()).sop
    if sop is None:
        raise EditError(_("The text cannot be read. Put it right on the other side."))
    return sop


def free_name(editor: Editor, said: str) -> str:
    """A step's name, made of words, that nobody else has."""
    base = suggested_name(said)
    base = f"the_{base}" if base in words.RESERVED_TARGETS else base
    known = set(editor.names())
    number, name = 2, base
    while name in known:
        name = f"{base}_{number}"
        number += 1
    return name


def changed(inputs: Iterable[Input], answers: Answers) -> list[tuple[tuple[str | int, ...], Any]]:
    """What the answers make different; every wrong answer at once."""
    found, wrong = [], []
    for one_input in inputs:
        given = one_input.answer(answers)
        if (
            given is None
            or given == one_input.shown
            or (one_input.kind == "time" and given[0] == one_input.value == "")
        ):
            continue
        try:
            found.append((one_input.path, one_input.read(given)))
        except WrongAnswer as error:
            wrong.append(f"{one_input.label}: {error}")
    if wrong:
        raise WrongAnswer(" ".join(wrong))
    return found


def body_in(editor: Editor, name: str) -> Any:
    """The mapping of a step as the editor keeps it."""
    steps, index = editor.find(name)
    item = steps[index]
    return next(iter(item.values())) if isinstance(item, dict) else None


def with_one_reminder(
    different: list[tuple[tuple[str | int, ...], Any]], now: Any
) -> list[tuple[tuple[str | int, ...], Any]]:
    """The answers about a reminder as one: `remind` is a list, and a reminder without any time is none."""
    told = {str(path[-1]): value for path, value in different if path[:1] == ("remind",)}
    if not told:
        return different
    reminder = {**(dict(now[0]) if now else {}), **told}
    kept = {key: value for key, value in reminder.items() if value is not None}
    rest = [(path, value) for path, value in different if path[:1] != ("remind",)]
    return [*rest, (("remind",), [kept] if kept else None)]

"""A ticket that followed a procedure and needed more than it says: what it needed becomes a change to that procedure. Pure.

The text is edited step by step, so that its comments and its order stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.learning import happened as h
from core.learning.acts import acts_of
from core.learning.mining import fitting
from core.learning.rounding import due_for
from core.learning.step_texts import steps_of, written_step
from core.procedure.values import State
from core.sop.checking import check
from core.sop.editing import Editor
from core.sop.reading import draft
from core.sop.structure import spots_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.calendars import Calendar
    from core.learning.happened import Act, Story
    from core.learning.mining import Check
    from core.learning.step_texts import NewStep
    from core.procedure.values import Visit
    from core.sop.document import Sop, Step
    from core.sop.structure import Spot

MOST_NEW = 10
_WAITING = frozenset({"task", "approval", "collaborate", "resolve", "wait"})
_ITEM = re.compile(r"(?P<space> *)- (?P<name>[a-z][a-z0-9_]*):")
_NEW = frozenset({h.QUESTION, h.HANDED, h.WAITED, h.CALLED})


def proposal(text: str, story: Story, hours: Calendar, *, working_day: int, check_it: Check = check) -> str:
    """The document with what this ticket needed besides; the same text when it went exactly as the document says."""
    sop = draft(text).sop
    if sop is None:
        return text
    acts = acts_of(story, hours)
    extra = [act for act in acts if act.kind in _NEW and not _covered(act, story, sop)]
    asked = {act.seq for act in extra if act.kind == h.WAITED}  # who waits has asked for something
    extra = [act for act in acts if act in extra or (act.kind == h.REPLY and act.seq in asked)][:MOST_NEW]
    steps = steps_of(extra, {step.name for step in sop.steps()}, working_day)
    changed = _with_changes(text, sop, story, hours, working_day)
    if check_it(changed).errors and not check_it(text).errors:
        changed = text
    return fitting(steps, lambda kept: _with_steps(changed, kept, story), check_it)


# ---- what the document has already -------------------------------------------------------------------------------------


def _covered(act: Act, story: Story, sop: Sop) -> bool:
    """Was this a step's own doing: a wait that the document has, a question that it asks?"""
    steps = {step.name: step for step in sop.steps()}
    meanwhile = [
        visit
        for visit in story.visits.values()
        if visit.opened_at <= act.until and (visit.ended_at or act.until) >= act.at and visit.name in steps
    ]
    match act.kind:
        case h.WAITED:
            return any(_waits_for_customer(steps[visit.name]) for visit in meanwhile)
        case h.QUESTION:
            return any(act.who in getattr(steps[visit.name].what, "ask", ()) for visit in meanwhile)
        case h.HANDED:
            return any(act.who in getattr(steps[visit.name].what, "to", ()) for visit in meanwhile)
        case _:
            return False


def _waits_for_customer(step: Step) -> bool:
    what: Any = step.what
    return getattr(what, "event", None) == "customer.replied" or "customer" in getattr(what, "to", ())


# ---- steps that are there ----------------------------------------------------------------------------------------------


def _with_changes(text: str, sop: Sop, story: Story, hours: Calendar, day: int) -> str:
    """A due time where a step of people has none, and leave to skip what was skipped by hand; each with its event."""
    editor = Editor(text)
    noted: dict[str, str] = {}
    steps = {step.name: step for step in sop.steps()}
    for visit in story.visits.values():
        step = steps.get(visit.name)
        if step is None or step.name in noted or step.name not in editor.names():
            continue
        event = _event_of(story, visit)
        if event is None:
            continue
        if visit.state is State.SKIPPED and visit.visit and (visit.ended_by or "").isdecimal() and not step.skippable:
            editor.change_step(step.name, ("skippable",), {"reason": True})
        elif _wants_due(step, visit):
            took = h.opening_seconds(hours, visit.opened_at, visit.ended_at or visit.opened_at)
            editor.change_step(step.name, ("due",), due_for(took, day))
        else:
            continue
        noted[step.name] = f"# event {event.seq}: {event.kind}"
    return _commented(editor.text(), noted) if noted else text


def _wants_due(step: Step, visit: Visit) -> bool:
    worked = visit.state is State.DONE and (visit.ended_by or "").isdecimal()
    return step.kind in ("task", "approval", "collaborate") and step.due is None and worked and not _for_customer(step)


def _for_customer(step: Step) -> bool:
    return "customer" in getattr(step.what, "to", ())


def _event_of(story: Story, visit: Visit) -> h.Happened | None:
    """The event that ended the visit."""
    ended = [
        one
        for one in story.events
        if one.data.get("path") == visit.path and one.kind in ("task.completed", "step.done")
    ]
    return ended[-1] if ended else None


# ---- steps that are new ------------------------------------------------------------------------------------------------


def _with_steps(text: str, steps: Sequence[NewStep], story: Story) -> str:
    behind: dict[str, str] = {}  # the last new step that was put behind an old one
    for step in steps:
        anchor = _anchor(text, step.act, story)
        spot = _spot(text, anchor)
        before = spot.siblings[spot.index - 1] if spot.index else None
        line = text.split("\n")[spot.step.line - 1]
        if _ITEM.match(line) and (before is None or before.then is None):
            text = _before(text, spot.step.line - 1, step)
        else:  # only jumps lead there, or the list stands on one line
            text = _behind(text, step, behind.get(anchor, anchor))
            behind[anchor] = step.name
    return text


def _anchor(text: str, act: Act, story: Story) -> str:
    """The step of people that was open when it was done; else the one that came next; else the last of the document."""
    sop = _read(text)
    names = {step.name for step in sop.steps()}
    known = [visit for visit in story.visits.values() if _place(visit, names) and visit.kind in _WAITING]
    opened = [visit for visit in known if visit.opened_at <= act.at <= (visit.ended_at or act.at)]
    later = [visit for visit in known if visit.opened_at > act.at]
    best = max(opened, key=lambda visit: visit.opened_at, default=None) or min(
        later, key=lambda visit: visit.opened_at, default=None
    )
    return _place(best, names) if best else sop.do[-1].name


def _place(visit: Visit, names: set[str]) -> str:
    """The step of this document in whose place the visit was: itself, or the one that ran it in a document of its own."""
    parts = [part.split("#")[0] for part in visit.path.split("/")]
    return next((part for part in reversed(parts) if part in names), "")


def _before(text: str, at: int, step: NewStep) -> str:
    """In the line `at` and above the comments that belong to what stands there."""
    lines = text.split("\n")
    space = len(lines[at]) - len(lines[at].lstrip())
    while at and lines[at - 1].startswith(" " * space + "#"):
        at -= 1
    return "\n".join([*lines[:at], written_step(step, space), *lines[at:]])


def _behind(text: str, step: NewStep, after: str) -> str:
    """Behind a step; where that one led to is where the new one leads."""
    editor, then = Editor(text), _spot(text, after).step.then
    editor.add_step(step.name, {**step.body, "then": then} if then else step.body, after=after)
    if then:
        editor.change_step(after, ("then",), step.name)
    return _commented(editor.text(), {step.name: step.comment})


def _read(text: str) -> Sop:
    sop = draft(text).sop
    assert sop is not None
    return sop


def _spot(text: str, name: str) -> Spot:
    return spots_of(_read(text))[name]


def _commented(text: str, comments: Mapping[str, str]) -> str:
    """The text with a line above each of these steps that says which event it came from."""
    lines: list[str] = []
    for line in text.split("\n"):
        found = _ITEM.match(line)
        comment = comments.get(found["name"]) if found else None
        if found and comment and (not lines or lines[-1].strip() != comment):
            lines.append(found["space"] + comment)
        lines.append(line)
    return "\n".join(lines)

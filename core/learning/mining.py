"""A solved ticket becomes a procedure: the whole document, as text. Pure: it is given the story and knows no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.learning import happened as h
from core.learning.acts import acts_of
from core.learning.happened import Act
from core.learning.step_texts import NewStep, simplified, steps_of, written, written_step
from core.sop.checking import check
from core.sop.reading import draft
from core.sop.structure import spots_of
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.calendars import Calendar
    from core.learning.happened import Story
    from core.sop.checking import Checked

    Check = Callable[[str], Checked]

RECEIVED = "received"


def procedure_from(
    story: Story, hours: Calendar, name: str, title: str, *, working_day: int, check_it: Check = check
) -> str:
    """The text of a new procedure: the way the ticket went, with the times it took. It passes the checker as it is."""
    acts = acts_of(story, hours)
    if all(act.kind in (h.NOTICE, h.CALLED) for act in acts):
        acts = [*acts, _the_work(story, hours)]
    acts = _assigned(story, acts)
    return fitting(
        steps_of(acts, {"finish", "learn"}, working_day),
        lambda steps: _document(story, name, title, steps),
        check_it,
    )


def _the_work(story: Story, hours: Calendar) -> Act:
    """Nobody wrote or asked anything: what is left is the work between the beginning and the end."""
    first = story.events[0]
    last = next((one for one in reversed(story.events) if one.kind == "ticket.resolved"), story.events[-1])
    took = h.opening_seconds(hours, first.at, last.at)
    return Act(h.REPLY, last.seq, last.kind, first.at, last.at, took)


def _assigned(story: Story, acts: list[Act]) -> list[Act]:
    """The ticket was given to a team before anybody worked; its notice of receipt comes first."""
    first = next((one for one in story.events if one.kind == "ticket.assigned"), story.events[0])
    given = Act(h.GIVEN, first.seq, first.kind, first.at, first.at, who=f"team:{story.team}", name="take")
    begun = [act for act in acts if act.kind == h.NOTICE and act.name == RECEIVED]
    return [*begun, given, *(act for act in acts if act not in begun)]


def _document(story: Story, name: str, title: str, steps: Sequence[NewStep]) -> str:
    at_end = [step for step in steps if step.act.kind == h.NOTICE and step.act.name == "resolved"]
    lines = [
        "# " + _("Drafted from ticket %(id)s: who did what after what, and how long it took.", id=story.ticket_id),
        f"sop: {name}",
        f"title: {written(title)}",
        f"department: {written(story.department)}",
        "mode: guided",
    ]
    if story.topic:
        topic = story.topic.replace("\\", "\\\\").replace('"', '\\"')
        rule = f'ticket.topic == "{topic}"'
        lines += ["start:", f"  if: {written(rule)}"]
    lines.append("do:")
    lines += [written_step(step) for step in steps if step not in at_end]
    end = next((one for one in reversed(story.events) if one.kind == "ticket.resolved"), story.events[-1])
    solved = Act(h.GIVEN, end.seq, end.kind, end.at, end.at)
    lines.append(written_step(NewStep("finish", {"resolve": {"require": ["resolution"]}}, solved)))
    lines += [written_step(step) for step in at_end]
    lines.append(written_step(NewStep("learn", {"document": {"article": "suggest", "sop": "none"}}, solved)))
    return "\n".join(lines) + "\n"


def fitting(steps: list[NewStep], write: Callable[[list[NewStep]], str], check_it: Check) -> str:
    """The text with every step that the checker takes: one it refuses becomes a plain task, or is left out."""
    while True:
        text = write(steps)
        errors = check_it(text).errors
        wrong = next((found for error in errors if (found := _step_at(text, error.line, steps))), None)
        if wrong is None:
            return text
        at = steps.index(wrong)
        steps = [*steps[:at], *([] if wrong.plain else [simplified(wrong)]), *steps[at + 1 :]]


def _step_at(text: str, line: int, steps: Sequence[NewStep]) -> NewStep | None:
    """Which of these steps stands at the line?"""
    sop = draft(text).sop
    lines = {spot.step.line: name for name, spot in spots_of(sop).items()} if sop else {}
    start = max((one for one in lines if one <= line), default=0)
    return next((step for step in steps if step.name == lines.get(start)), None)

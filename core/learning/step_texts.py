"""The steps that a ticket's acts become: each with its name, its body, and the event it came from; written as YAML with that as a comment."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import yaml

from core.learning import happened as h
from core.learning.rounding import due_for, wait_for
from core.sop import words as sop_words
from core.sop.shapes import suggested_name
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from core.learning.happened import Act

_LONGEST_QUESTION, _LONGEST_NOTE = 240, 1_200
_SENTENCE = re.compile(r"(?<=[.?!])\s+|\n+")


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step to be written. `plain`: it was written as simply as possible, because the checker did not like it otherwise."""

    name: str
    body: dict[str, Any]
    act: Act
    plain: bool = False

    @property
    def comment(self) -> str:
        """Where it came from; no people's text."""
        return f"# event {self.act.seq}: {self.act.event}"


def steps_of(acts: Iterable[Act], taken: Collection[str], working_day: int) -> list[NewStep]:
    """A step for each act, under names that nobody has."""
    used, found = set(taken), []
    for act in acts:
        name = free(_name(act), used)
        used.add(name)
        found.append(NewStep(name, _body(act, working_day), act))
    return found


def free(wish: str, used: Collection[str]) -> str:
    """The name, with a number when somebody has it."""
    wish = f"the_{wish}" if wish in sop_words.RESERVED_TARGETS else wish
    number, name = 2, wish
    while name in used:
        name, number = f"{wish[:56]}_{number}", number + 1
    return name


def simplified(step: NewStep) -> NewStep:
    """The same as a plain task: for an action that is gone, a text that is refused."""
    text = {
        h.QUESTION: _("Ask %(who)s", who=_called(step.act.who)),
        h.CALLED: _("Do by hand: %(what)s", what=step.act.name),
    }
    return replace(step, body={"task": text.get(step.act.kind, _("Go on"))}, plain=True)


def _name(act: Act) -> str:
    team = suggested_name(act.who.rpartition(":")[2]) if act.who else ""
    names = {
        h.NOTICE: act.name,
        h.REPLY: "answer_customer",
        h.QUESTION: f"ask_{team}",
        h.HANDED: f"work_of_{team}",
        h.GIVEN: act.name or f"give_to_{team}",
        h.WAITED: "wait_for_customer",
        h.CALLED: act.name,
    }
    return suggested_name(names[act.kind])


def _body(act: Act, day: int) -> dict[str, Any]:
    match act.kind:
        case h.NOTICE:
            return {"notify": {"to": "customer", "template": act.name}}
        case h.REPLY:
            note = _note(_("This is what was written then:"), act.text)
            return {"task": _("Write to the customer"), "due": due_for(act.seconds, day), **note}
        case h.QUESTION:
            question = _question(act.text) or _("What do you know about this?")
            return {"collaborate": {"ask": act.who, "question": question}, "due": due_for(act.seconds, day)}
        case h.HANDED:
            said = _first(act.text) or _("Do the part of %(who)s", who=_called(act.who))
            return {"task": said, "to": act.who, "due": due_for(act.seconds, day)}
        case h.GIVEN:
            return {"assign": {"team": act.who.removeprefix("team:"), "by": "least_busy"}}
        case h.WAITED:
            return {"wait": {"event": "customer.replied", "for": wait_for(act.seconds)}}
        case _:
            return {"call": act.name}


def _called(who: str) -> str:
    return who.rpartition(":")[2].replace("-", " ").replace("_", " ")


def _safe(text: str) -> str:
    """People's text as a text of the language: nothing in it is an expression."""
    return text.replace("${", "$ {")


def _question(text: str) -> str:
    """The sentence that asks, else the first one; without whom it was addressed to."""
    parts = [part.strip() for part in _SENTENCE.split(re.sub(r"@[\w.-]+[,:]?\s*", "", text)) if part.strip()]
    asking = next((part for part in parts if part.endswith("?")), parts[0] if parts else "")
    return _cut(_safe(asking), _LONGEST_QUESTION)


def _first(text: str) -> str:
    parts = [part.strip() for part in _SENTENCE.split(re.sub(r"@[\w.-]+[,:]?\s*", "", text)) if part.strip()]
    return _cut(_safe(parts[0]), _LONGEST_QUESTION) if parts else ""


def _note(before: str, text: str) -> dict[str, str]:
    text = _cut(_safe(text), _LONGEST_NOTE)
    return {"note": f"{before}\n\n{text}"} if text else {}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


# ---- as text -----------------------------------------------------------------------------------------------------------


def written(value: Any) -> str:
    """A value on one line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def written_step(step: NewStep, indent: int = 2) -> str:
    """A step with its comment, a line for each key; longer texts in lines of their own."""
    space = " " * indent
    lines = [f"{space}{step.comment}", f"{space}- {step.name}:"]
    for key, value in step.body.items():
        if isinstance(value, str) and "\n" in value and value.isprintable() is False and _plain_lines(value):
            lines.append(f"{space}    {key}: |-")
            lines += [f"{space}      {line}".rstrip() for line in value.split("\n")]
        else:
            lines.append(f"{space}    {key}: {written(value)}")
    return "\n".join(lines)


def _plain_lines(text: str) -> bool:
    """May it stand as a block? Each line can be printed and none begins with a space."""
    return all(line.isprintable() and not line.startswith((" ", "\t")) for line in text.split("\n"))

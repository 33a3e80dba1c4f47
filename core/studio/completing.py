"""What may stand at this place of the text? Keys, steps, people, templates, actions, fields: for completion while typing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.sop import words
from core.sop.drawing_words import EVENTS, say
from core.sop.reading import draft
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.sop.document import Sop
    from core.sop.naming import Names

MOST = 60
_KEY = re.compile(r"(?:^|[{,\[-])\s*([a-z_]+):\s*([^,{}\[\]]*)$")
_EXPRESSION_KEYS = frozenset({"if", "until", "from"})
_FUNCTIONS = ("has", "size", "duration", "date", "weekday", "hour", "open", "business_between")


@dataclass(frozen=True, slots=True)
class Word:
    """One suggestion: what is inserted, what it is, and a word about it."""

    label: str
    kind: str
    info: str = ""


def suggestions(text: str, at: int, names: Names) -> list[Word]:
    """What may be written at character `at`, the likely first."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    sop = draft(text[: text.rfind("\n", 0, at) + 1] + text[at:]).sop or draft(text).sop
    found = _KEY.search(line)
    inside = line.rfind("${") > line.rfind("}")
    if inside or (found and found[1] in _EXPRESSION_KEYS):
        return list(_expression(sop))[:MOST]
    if found:
        return list(_values(found[1], sop, names))[:MOST]
    return list(_keys(line))[:MOST]


def _keys(line: str) -> Iterator[Word]:
    if line[:1] not in (" ", "-") and not line.strip().startswith("{"):
        yield from (Word(f"{key}: ", _("key of the document")) for key in words.DOCUMENT_KEYS)
        return
    yield from (Word(f"{kind}: ", _("kind of step")) for kind in words.KINDS)
    keys = (*words.SIBLINGS["task"], *words.SIBLINGS["call"], *words.STEP_KEYS)
    yield from (Word(f"{key}: ", _("key of a step")) for key in dict.fromkeys(keys))
    inner = {key for group in words.KINDS.values() for key in group} - set(keys)
    yield from (Word(f"{key}: ", _("key")) for key in sorted(inner))


def _expression(sop: Sop | None) -> Iterator[Word]:
    if sop is not None:
        yield from (Word(f"fields.{field.name}", field.type, say(field.label)) for field in sop.fields.values())
        yield from (Word(f"steps.{step.name}.outcome", _("outcome")) for step in sop.steps())
    yield from (Word(f"ticket.{name}", type_) for name, type_ in words.TICKET.items())
    yield from (Word(f"customer.{name}", type_) for name, type_ in words.CUSTOMER.items())
    yield from (Word(f"{name}(", _("function")) for name in _FUNCTIONS)


def _values(key: str, sop: Sop | None, names: Names) -> Iterator[Word]:
    steps = [step.name for step in sop.steps()] if sop else []
    match key:
        case "then" | "on_error":
            yield from _all((*steps, *words.RESERVED_TARGETS), _("step"))
        case "to" | "by" | "ask" | "owner" | "exclude":
            yield from _all(words.WHO_WORDS, _("people"))
            yield from _all((f"team:{name}" for name in sorted(names.teams or ())), _("team"))
            yield from _all((f"agent:{name}" for name in sorted(names.agents or ())), _("person"))
            yield from _all((f"role:{name}" for name in sorted(names.roles or ())), _("role"))
            if key == "by":
                yield from _all((*words.ASSIGN_BY, *sorted(names.strategies or ())), _("way of choosing"))
        case "require":
            yield from (
                Word(f"fields.{field.name}", field.type, say(field.label))
                for field in (sop.fields.values() if sop else ())
            )
            yield Word("resolution", _("what a resolved ticket needs"))
        case _:
            yield from _named(key, names)


def _named(key: str, names: Names) -> Iterator[Word]:
    lists: dict[str, tuple[Iterable[str], str]] = {
        "template": (sorted(names.templates or ()), _("template")),
        "call": (sorted(names.actions or ()), _("action")),
        "team": (sorted(names.teams or ()), _("team")),
        "agent": (sorted(names.agents or ()), _("person")),
        "department": (sorted(names.departments or ()), _("department")),
        "calendar": (sorted(names.calendars or ()), _("calendar")),
        "sop": (sorted(names.sops or ()), _("procedure")),
        "event": ((*EVENTS, *sorted(names.events or ())), _("event")),
        "type": (words.TYPES, _("type")),
        "mode": (words.MODES, _("mode")),
        "join": (("all", "any"), _("when it goes on")),
        "pending": (("customer", "third_party"), _("status")),
        "visibility": (("internal", "customer"), _("who sees it")),
        "availability": (("online", "any"), _("who is asked")),
    }
    known, kind = lists.get(key, ((), ""))
    yield from _all(known, kind)


def _all(labels: Iterable[str], kind: str) -> Iterator[Word]:
    return (Word(label, kind) for label in labels)

"""What may a template for customers name, and what does each name say on a real ticket?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel.dates import format_datetime

from core.estimates import first_answer
from core.links import request_url
from core.moments import to_datetime
from core.notices import COLLEAGUE, CUSTOMER
from core.plugins.registry import known_actions
from core.procedures import published
from core.sop.document import Call, Notify, Survey
from core.templates.language import TemplateError, placeholders
from core.texts import N_, _, language, speaking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from sqlalchemy import Connection

    from core.settings import Settings
    from core.sop.document import Sop
    from core.sop.expressions import Scope
    from core.sop.naming import Action
    from core.templates.language import Path
    from core.templates.wordings import Template, Templates
    from core.world import DatabaseWorld

_ALWAYS = {
    CUSTOMER: {
        "customer.name": N_("the customer's name"),
        "customer.email": N_("the customer's address"),
        "customer.organisation": N_("the customer's organisation"),
        "ticket.subject": N_("the subject of the request"),
        "ticket.topic": N_("its topic"),
        "ticket.product": N_("its product"),
        "department.title": N_("the department's name"),
        "department.signature": N_("the department's signature"),
        "step": N_("the step of the procedure"),
        "estimate": N_("how long customers usually wait, as a sentence"),
        "promise": N_("until when an answer is promised"),
        "link": N_("the link to the request page"),
        "resolution": N_("the resolution"),
        "note": N_("the note of the step that sends it"),
        "question": N_("what a survey asks"),
    },
    COLLEAGUE: {
        "recipient": N_("the colleague's name"),
        "ticket.subject": N_("the subject of the request"),
        "customer.name": N_("the customer's name"),
        "step": N_("the step of the procedure"),
        "text": N_("what the step asks"),
        "facts": N_("the fields that are filled in"),
        "due": N_("when it is due"),
        "desk_link": N_("the link to the ticket"),
        "answer_link": N_("the link to answer without signing in"),
    },
}
_OF_A_STEP = ("outcome", "result")


@dataclass(frozen=True, slots=True)
class Entry:
    """A placeholder that may be used, and what it says."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The placeholders of one template. `steps` are the names of steps whose results it may name."""

    entries: tuple[Entry, ...]
    steps: frozenset[str]

    def names(self) -> tuple[str, ...]:
        """All of them, as they are written."""
        return tuple(one.name for one in self.entries)

    def knows(self, path: Path) -> bool:
        """May this be named?"""
        if path[0] == "steps":
            return len(path) > 2 and path[1] in self.steps and path[2] in _OF_A_STEP
        return ".".join(path) in self.names()


def catalogue(tx: Connection, known: Templates, template: Template) -> Catalogue:
    """What a template may name: what always exists, what procedures hand to it, their fields, and what their calls return."""
    entries = {name: _(label) for name, label in _ALWAYS[template.audience].items()}
    steps: set[str] = set()
    actions = known_actions(tx) or {}
    if template.audience == CUSTOMER:
        for sop in (one.sop for one in published(tx)):
            entries |= {name: name.replace("_", " ") for name in _handed_over(sop, template.name)}
            entries |= {
                f"fields.{field.name}": _("field “%(name)s”", name=field.label.say(language()))
                for field in sop.fields.values()
            }
            steps |= {step.name for step in sop.steps()}
            entries |= _results(sop, actions)
    entries |= {name: label for name, label in template.placeholders.items() if name not in entries}
    entries |= {name: name.replace("_", " ") for name in _used_behind(known, template.name) if name not in entries}
    return Catalogue(tuple(Entry(name, label) for name, label in entries.items()), frozenset(steps))


def _handed_over(sop: Sop, template: str) -> Iterator[str]:
    for step in sop.steps():
        what = step.what
        if isinstance(what, Notify | Survey) and what.template == template:
            yield from getattr(what, "with_", None) or ()


def _results(sop: Sop, actions: Mapping[str, Action]) -> dict[str, str]:
    """`steps.X.result.Y` for each value that an action says it returns."""
    found = {}
    for step in sop.steps():
        action = actions.get(step.what.action) if isinstance(step.what, Call) else None
        for name in ((action.result or {}).get("properties") or {}) if action else ():
            found[f"steps.{step.name}.result.{name}"] = _(
                "what “%(step)s” returned: %(name)s", step=step.name, name=name
            )
    return found


def _used_behind(known: Templates, name: str) -> Iterator[str]:
    """Plain names that the words behind it use: the product's own may name what one procedure alone hands over."""
    behind = known.behind.get(name)
    for text in behind.texts.values() if behind else ():
        for source in (text.subject, text.text, text.html or ""):
            try:
                yield from (".".join(one.path) for one in placeholders(source))
            except TemplateError:
                continue


# ---- on a real ticket ------------------------------------------------------------------------------------------------------


def say_moment(ms: int, code: str, zone: tzinfo) -> str:
    """A moment (ms) as a reader of this language in this zone writes it."""
    return _say_minute(ms // 60_000, code, zone)


@lru_cache(2000)  # tickets that open in the same minute promise the same one
def _say_minute(minute: int, code: str, zone: tzinfo) -> str:
    return str(format_datetime(to_datetime(minute * 60_000), "d MMM y, HH:mm", tzinfo=zone, locale=code))


@dataclass(frozen=True, slots=True)
class Telling:
    """What a step has to tell: its title for customers, the values it hands over, and what it may see."""

    step: str
    given: Mapping[str, Any]
    scope: Scope


def customer_values(
    tx: Connection,
    settings: Settings,
    world: DatabaseWorld,
    telling: Telling,
    code: str,
    promised_at: int | None = None,
) -> dict[str, Any]:
    """What each placeholder says to the customer of this ticket in the language `code`; `promised_at` (ms) is what this mail promises."""
    row, them = world.row, world.person_who_asked
    promise = promised_at or row.promised_at
    department = world.firm.departments[row.department_id]
    zone = world.firm.calendar_of(row.department_id).tz()
    with speaking(code):
        estimate = first_answer(tx, world.firm, row.department_id).say()
    return {
        "note": "",
        "question": "",
        **telling.given,
        "customer": {"name": them.name, "email": them.email, "organisation": them.organisation},
        "ticket": {"subject": row.subject, "topic": row.topic, "product": row.product},
        "department": {"title": department.title, "signature": department.signature or department.title},
        "step": telling.step,
        "fields": telling.scope.fields,
        "steps": telling.scope.steps,
        "estimate": estimate,
        "promise": "" if promise is None else say_moment(promise, code, zone),
        "link": telling.given.get("survey_link") or request_url(settings, row.id, row.customer_id, them.link_epoch),
        "resolution": row.resolution or "",
    }

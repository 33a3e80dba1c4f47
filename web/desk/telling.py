"""The names behind the ids of an event, and how a sentence with them is put together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from core.sop.condition_words import condition, name_in_words, value_in_words
from core.sop.expressions import ExpressionError, Scope, fill
from core.sop.titles import step_title
from core.sop.values import known, typed
from core.spoken import say_value
from core.texts import N_, _, language
from core.tickets.ways import find_step

if TYPE_CHECKING:
    from core.directory import Directory
    from core.sop.document import Field, Sop, Step
    from core.timeline import Happening


@dataclass(frozen=True, slots=True)
class Sentence:
    """One event in words. `quiet`: the conversation leaves it out, the timeline shows it. `why`: what was seen when it was decided."""

    icon: str
    text: Markup
    quiet: bool = False
    why: tuple[str, ...] = ()


_FIELD = re.compile(r"\bfields\.(\w+)")
_UNFILLED = re.compile(r"\$\{[^}]*\}")


def _number(given: object) -> int:
    text = str(given)
    return int(text) if text.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Teller:
    """Knows the names behind the ids: of people, teams, departments, the customer, and the steps of the procedure and its sub-SOPs.

    `fields` are the values that the run has gathered, `ticket` what its texts may name of the ticket beside them.
    """

    firm: Directory
    customer: str
    sop: Sop | None
    me: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    ticket: Mapping[str, Any] = field(default_factory=dict)
    subs: tuple[Sop, ...] = ()

    def who(self, event: Happening) -> str:
        """Who did it."""
        match event.actor_kind:
            case "person":
                return self.person(event.actor_id)
            case "customer":
                return self.customer
            case "flow":
                return _("The procedure")
            case "guest":
                return _("Somebody asked by mail")
            case "plugin":
                return _("A plugin")
            case _:
                return _("Estafet")

    def person(self, person_id: object) -> str:
        """A colleague's name; "You" for the reader."""
        number = _number(person_id)
        if number and number == self.me:
            return _("You")
        known = self.firm.people.get(number)
        return known.name if known else _("Somebody")

    def party(self, party: Any) -> str:
        """The name of {kind, id}: a person, a team, the customer."""
        if not isinstance(party, dict | list | tuple):
            return self.person(party)
        kind, number = (party.get("kind"), party.get("id")) if isinstance(party, dict) else (party[0], party[1])
        if kind == "person":
            return self.person(number)
        if kind == "customer":
            return self.customer
        if kind == "team":
            team = self.firm.teams.get(_number(number)) or self.firm.team(str(number))
            return team.title if team else _("a team")
        if kind == "department":
            found = self.firm.departments.get(_number(number))
            return found.title if found else str(number)
        return str(number)

    def find(self, name: object) -> Step | None:
        """The step of this name, in the ticket's procedure or a sub-SOP of it."""
        found = (find_step(sop, str(name)) for sop in (self.sop, *self.subs) if sop)
        return next((step for step in found if step), None)

    def step(self, name: object) -> str:
        """The title of a step."""
        step = self.find(name)
        return self.filled(step_title(step, self._home(step))) if step else str(name).replace("_", " ").capitalize()

    def _home(self, step: Step) -> Sop | None:
        """The document that a step is of."""
        return next((sop for sop in (self.sop, *self.subs) if sop and find_step(sop, step.name) is step), self.sop)

    def condition(self, source: str) -> str:
        """A condition in words; the fields it names are those of the ticket's procedure, or of the sub-SOP that has them."""
        names = set(_FIELD.findall(source))
        documents = [sop for sop in (self.sop, *self.subs) if sop]
        home = next((sop for sop in documents if names and names <= sop.fields.keys()), self.sop)
        return condition(source, home)

    def filled(self, text: str, sop: Sop | None = None, fields: Mapping[str, Any] | None = None) -> str:
        """A text of the procedure with every `${…}` said as the reader's language writes it; what is not known here is “…”."""
        if "${" not in text:
            return text
        document = sop or self.sop
        declared = document.fields if document else {}
        raw = self.fields if fields is None else fields
        values = {
            name: self._typed(declared[name], value) if name in declared else value for name, value in raw.items()
        }
        scope = Scope(ticket=self.ticket, customer={"name": self.customer}, fields=values)
        try:
            return str(fill(text, scope, lambda value: say_value(value, language())))
        except ExpressionError:
            return _UNFILLED.sub("…", text)

    def seen(self, name: str, value: Any) -> tuple[str, str]:
        """(name, value) of something a condition has looked at, as people say it: a field by its label, yes or no, an amount."""
        root, _dot, rest = name.partition(".")
        declared = next(
            (sop.fields[rest] for sop in (self.sop, *self.subs) if sop and root == "fields" and rest in sop.fields),
            None,
        )
        label = declared.label.say(language()) if declared else name_in_words(name, self.sop)
        if value is None:
            return label, _("missing")
        if isinstance(value, bool):
            return label, _("yes") if value else _("no")
        if isinstance(value, list):
            return label, ", ".join(str(one) for one in value) or _("nothing")
        if isinstance(value, str) and not declared:
            return label, value_in_words(name, value, self.sop)
        said = self._typed(declared, value) if declared else known(value)
        return label, say_value(value if said is None else said, language())

    def _typed(self, declared: Field, value: Any) -> Any:
        if declared.type == "person":
            return self.person(value)
        if declared.type == "choice":
            return next((one.label.say(language()) for one in declared.options if one.code == value), value)
        return typed(declared, value)

    def choice(self, name: object, code: str) -> str:
        """The label of a choice of a step."""
        step = self.find(name)
        choices = getattr(step.what, "choices", ()) if step else ()
        return next((choice.label.say(language()) for choice in choices if choice.code == code), code)

    def ender(self, by: object) -> str:
        """Who or what ended a step, from the ledger's `ended_by`."""
        known = {
            "flow": N_("The procedure"),
            "clock": N_("The clock"),
            "effect": N_("The other side's answer"),
            "event": N_("What happened"),
            "customer": N_("The customer"),
        }
        text = str(by)
        return self.person(text) if text.isdecimal() else _(known[text]) if text in known else text


def title_in_list(firm: Directory, sop: Sop, step: Step, fields: Mapping[str, Any] | None, customer: str) -> str:
    """The title of a step in a list of tickets, with the run's values (kept by frame) in it."""
    return Teller(firm, customer, sop, None, (fields or {}).get("", {})).filled(step_title(step, sop))


def say(msgid: str, **values: object) -> Markup:
    """A translated sentence in which the values stand out and are escaped."""
    strong = {
        name: value if isinstance(value, Markup) else Markup('<span class="strong">{}</span>').format(value)
        for name, value in values.items()
    }
    return Markup(_(msgid)) % strong  # noqa: S704  (the sentence is ours; every value is escaped)


def plain(value: object) -> Markup:
    """A value that does not stand out in its sentence."""
    return escape(str(value))


def title(value: object) -> Markup:
    """A title within a sentence."""
    return Markup("<em>{}</em>").format(value)

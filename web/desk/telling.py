"""The names behind the ids of an event, and how a sentence with them is put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from core.texts import N_, _, language
from core.tickets.relay import find_step

if TYPE_CHECKING:
    from core.directory import Directory
    from core.sop.document import Sop
    from core.timeline import Happening


@dataclass(frozen=True, slots=True)
class Sentence:
    """One event in words. `quiet`: the conversation leaves it out, the timeline shows it. `why`: what was seen when it was decided."""

    icon: str
    text: Markup
    quiet: bool = False
    why: tuple[str, ...] = ()


def _number(given: object) -> int:
    text = str(given)
    return int(text) if text.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Teller:
    """Knows the names behind the ids: of people, teams, departments, the customer, and the steps of the procedure."""

    firm: Directory
    customer: str
    sop: Sop | None
    me: int | None = None

    def who(self, event: Happening) -> str:
        """Who did it."""
        match event.actor_kind:
            case "person":
                return self.person(event.actor_id)
            case "customer":
                return self.customer
            case "flow":
                return _("The procedure")
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

    def step(self, name: object) -> str:
        """The title of a step."""
        step = find_step(self.sop, str(name)) if self.sop else None
        return step.title.say(language()) if step else str(name).replace("_", " ").capitalize()

    def choice(self, name: object, code: str) -> str:
        """The label of a choice of a step."""
        step = find_step(self.sop, str(name)) if self.sop else None
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

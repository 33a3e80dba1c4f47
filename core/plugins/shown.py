"""What a plugin shows and offers beside actions: panels, suggestions, templates, routing strategies, commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core.plugins.labels import Label


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on a ticket's or a customer's page. Its content is kept and renewed when somebody looks and it is older than `refresh` seconds.

    `title` is a label: one text, or one for each language (`{"en": …, "id": …}`).
    """

    name: str
    title: Label
    where: Literal["ticket", "customer"] = "ticket"
    refresh: float = 300.0


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a panel. Lines of the same `group` stand together under its name.

    `label`, `value` and `group` are labels: a content is kept once and read by people of both languages.
    """

    label: Label
    value: Label
    url: str | None = None
    tone: Literal["", "good", "warn", "bad"] = ""
    group: Label = ""


@dataclass(frozen=True, slots=True)
class PanelContent:
    """What a panel shows: facts, and a sentence below them (a label, as those of the facts are).

    `customer_class` is the customer's service class by this system (such as `vip`): it becomes theirs here, with all that follows from it.
    """

    facts: tuple[Fact, ...] = ()
    note: Label = ""
    customer_class: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may help with a ticket. `score` orders them, the highest first; `ref` is the plugin's own name of it."""

    title: str
    body: str = ""
    url: str | None = None
    score: float = 0.0
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A text for a mail, by language (`en`, `id`), with placeholders such as `{{ ticket.subject }}`; the firm edits its own copy.

    `title` may be one text or one for each language. `html` may be left out: it is made from the text. `placeholders` names further values
    that the text uses, and what each one is. `audience` says who reads it: customers, or colleagues.
    """

    name: str
    title: Label
    subject: Mapping[str, str]
    text: Mapping[str, str]
    html: Mapping[str, str] | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)
    audience: Literal["customer", "colleague"] = "customer"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can take the ticket now. `open` tickets they hold, `limit` how many they may; `skills` are levels by name.

    `load` is what they hold by the team's weights; without weights it is `open`.
    """

    id: int
    name: str
    open: int
    limit: int | None
    availability: str
    skills: Mapping[str, int] = field(default_factory=dict)
    load: float = 0.0


@dataclass(frozen=True, slots=True)
class Command:
    """`estafet x PLUGIN NAME [WORDS]` calls `run(words, settings)` in the plugin's process, and prints what it answers."""

    name: str
    run: Callable[[Sequence[str], Mapping[str, Any]], str | None]
    help: str = ""

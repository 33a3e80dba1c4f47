"""What a plugin sees and gives: frozen values of plain types. Moments are aware datetimes in UTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.plugins.labels import Label


@dataclass(frozen=True, slots=True)
class Customer:
    """Who asked. `klass` is the service class (standard, vip …)."""

    id: int
    name: str
    email: str | None
    klass: str
    language: str
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A thing outside that this plugin has linked to a ticket. `path` is the step visit that it was made for, None: nobody's.

    `step` names the step it stands for: when it is done, that task is. `open` is False once it is gone.
    """

    ref: str
    url: str | None
    title: str
    state: str
    path: str | None
    open: bool
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the ticket's procedure, whether its turn has come or not. `title` is in the ticket's language."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it is at the moment of the call. `holder` is the person's name, None while it waits in the team's backlog.

    `fields` are what its procedure collected, `tasks` what it lets people do, `links` the outside things of the plugin that is called, and
    nobody else's.
    """

    id: int
    subject: str
    status: str
    priority: str
    channel: str
    department: str
    team: str
    holder: str | None
    topic: str | None
    product: str | None
    tags: tuple[str, ...]
    language: str
    url: str
    created_at: datetime
    customer: Customer
    fields: Mapping[str, Any] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What was written. `direction`: in (by the customer), out (to them), internal (a comment, which the customer never sees)."""

    id: int
    direction: str
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A visit of a step of the ticket's procedure. `outcome` is None while it is open."""

    name: str
    path: str
    kind: str
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the timeline. `id` never changes: an event that comes twice has the same. `actor`: person, customer, flow, system, plugin."""

    id: int
    seq: int
    kind: str
    at: datetime
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """What an action is asked to do. `key` is the same in every attempt: give it to the other side, so that it can tell a repetition.

    `step` is None when a fact (`Wish`) or a person on the ticket's page wants it; `by` is that person's name.
    """

    key: str
    action: str
    arguments: Mapping[str, Any]
    settings: Mapping[str, Any]
    ticket: Ticket
    step: Step | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What an action brought: `values` become the step's `result`; `ref` names the thing outside, `url` is its page (both are added to it).

    With a `ref` the thing is linked to the ticket; `title` and `state` are shown there. `step` names the step that it stands for (that step's
    task is completed when the thing is done); without it, it is the step that called, or the one a person chose on the ticket's page.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    ref: str | None = None
    url: str | None = None
    title: str | None = None
    state: str | None = None
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something a `call` step can do. `name` is PLUGIN.WORD; `run` does it and returns an ActionResult, a mapping or None.

    `title` is a label: one text, or one for each language (`{"en": …, "id": …}`); so are `title` and `description` of the arguments.
    `arguments` and `result` are JSON Schemas of objects. `on_ticket`: people may do it on a ticket's page, in a form made from `arguments`.
    A `ref` in its result becomes a link of the ticket. `find` looks up whether a call was done: an ActionResult if so, None if surely not,
    OutcomeUnknown when it cannot say. `lag`: seconds until the other side's search shows what was done. `repeatable`: doing it twice does
    no harm (it only reads). `irreversible`: the checker refuses `on_error: continue` for it in strict procedures. `example` is what it
    might bring: dry runs and test cases of procedures answer with it, and nothing is called.
    """

    name: str
    run: Callable[[Call], ActionResult | Mapping[str, Any] | None]
    title: Label = ""
    arguments: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    find: Callable[[Call], ActionResult | Mapping[str, Any] | None] | None = None
    lag: float = 0.0
    repeatable: bool = False
    irreversible: bool = False
    on_ticket: bool = False
    example: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One value that an administrator types in. `kind`: text, number, boolean, url or choice; `secret` ones are encrypted and never shown.

    `title` and `help` are labels: one text, or one for each language (`{"en": …, "id": …}`). `options` of a choice are its values, or a
    mapping of each value to its label.
    """

    name: str
    title: Label = ""
    kind: str = "text"
    required: bool = False
    secret: bool = False
    default: Any = None
    help: Label = ""
    options: Sequence[str] | Mapping[str, Label] = ()

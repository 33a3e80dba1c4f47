"""Every hook a plugin may implement, in the order of the moments at which they are called.

All run in a child process of the plugin host, one plugin at a time, without the database. They are plain functions: a coroutine or a hook
wrapper is refused. An implementation names the arguments it wants and leaves out the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.plugins.values import Action, Event, Message, Setting, Step, Ticket

PROJECT = "estafet"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

# ---- start-up: what a plugin offers ---------------------------------------------------------------------------------------


@hookspec
def register_settings() -> Sequence[Setting]:
    """Which values must an administrator type in?

    Called when the host loads the plugin (10 seconds). The answer becomes a form on the plugins page; secrets are kept encrypted. An
    exception: the plugin is not loaded, and the plugins page says why.
    """
    raise NotImplementedError


@hookspec
def register_actions() -> Sequence[Action]:
    """What can a `call` step do with this plugin?

    Called when the host loads the plugin (10 seconds). Names begin with the plugin's name and a dot. Arguments of a `call` are checked
    against the schema when a procedure is saved, and again before each call. An exception: the plugin is not loaded, and the plugins page
    says why.
    """
    raise NotImplementedError


# ---- decisions: what the product asks -------------------------------------------------------------------------------------


@hookspec
def check_connection(settings: Mapping[str, Any]) -> str:
    """Does the other side answer with these settings?

    Called when an administrator presses “Test the connection” (10 seconds). `settings` are the values of the plugins page, secrets
    included. The answer is a sentence that is shown there. An exception is shown as the failure it is; nothing else happens.
    """
    raise NotImplementedError


# ---- facts: what happened -------------------------------------------------------------------------------------------------
# Each is called soon after its event was committed, in the order of the timeline, at least once: remember `event.id` where twice would
# hurt. 5 seconds for each event. An exception, a limit or a lost process: tried again five times, then the event is parked on the plugins
# page, where a person can send it again, and the next one comes. Answers are ignored.


@hookspec
def ticket_opened(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> None:
    """A ticket was opened, from whichever channel. `ticket` is as it is now, which may be later than the event."""


@hookspec
def customer_replied(event: Event, ticket: Ticket, message: Message | None, settings: Mapping[str, Any]) -> None:
    """The customer wrote. `message` is what they wrote (None when it was erased since)."""


@hookspec
def message_sent(event: Event, ticket: Ticket, message: Message | None, settings: Mapping[str, Any]) -> None:
    """Somebody of the firm wrote to the customer. `message` is what was written."""


@hookspec
def ticket_assigned(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> None:
    """The ticket has another holder: `event.data["to"]` is `{kind, id}` of a person or a team."""


@hookspec
def ticket_changed(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> None:
    """A property of the ticket was changed: `event.data["property"]` names it."""


@hookspec
def step_opened(event: Event, ticket: Ticket, step: Step, settings: Mapping[str, Any]) -> None:
    """A step of the ticket's procedure was opened."""


@hookspec
def step_done(event: Event, ticket: Ticket, step: Step, settings: Mapping[str, Any]) -> None:
    """A step ended, in whichever way: `step.outcome`."""


@hookspec
def task_completed(event: Event, ticket: Ticket, step: Step, settings: Mapping[str, Any]) -> None:
    """A person completed a task."""


@hookspec
def ticket_resolved(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> None:
    """The ticket was resolved, by its procedure or by hand."""


@hookspec
def ticket_reopened(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> None:
    """The ticket was opened again."""


@hookspec
def ticket_merged(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> None:
    """The ticket was merged with another one."""


@hookspec
def ticket_closed(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> None:
    """The ticket was closed."""


@hookspec
def article_published(event: Event, settings: Mapping[str, Any]) -> None:
    """An article was published. It belongs to no ticket."""


_FACT_HOOKS = (
    ticket_opened,
    customer_replied,
    message_sent,
    ticket_assigned,
    ticket_changed,
    step_opened,
    step_done,
    task_completed,
    ticket_resolved,
    ticket_reopened,
    ticket_merged,
    ticket_closed,
    article_published,
)
FACTS = {hook.__name__.replace("_", ".", 1): hook.__name__ for hook in _FACT_HOOKS}  # kind of an event → its hook

"""Every hook a plugin may implement, in the order of the moments at which they are called.

All run in a child process of the plugin host, one plugin at a time, without the database. They are plain functions: a coroutine or a hook
wrapper is refused. An implementation names the arguments it wants and leaves out the others.

The functions of this module are never called: they say what a hook's name, arguments and answer are, and pluggy calls implementations only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from marshmallow import Schema

    from core.plugins.outside import Channel, Delivery, Incoming, Outgoing, Outside, Webhook, Wish
    from core.plugins.shown import Candidate, Command, Panel, PanelContent, Suggestion, Template
    from core.plugins.values import Action, ActionResult, Customer, Event, Message, Setting, Step, Ticket

PROJECT = "estafet"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

# ---- start-up: what a plugin offers ---------------------------------------------------------------------------------------
# Each is called once when the host loads the plugin, and has 10 seconds together with the others. The answers are published for the web
# and the worker, which never load a plugin. An exception: the plugin is not loaded, and the plugins page says why.


@hookspec
def register_settings() -> type[Schema] | Schema | Sequence[Setting]:
    """Which values must an administrator type in?

    The answer is a marshmallow schema, or a list of `Setting` where there is nothing to validate. It becomes a form on the plugins page:
    fields are String, Url, Integer, Float or Boolean, a text with `OneOf` is a choice, `metadata` has `title`, `help` and `secret`. A title,
    a help and the labels of a choice are each one text, or one for each language (`{"en": …, "id": …}`). Secrets are kept encrypted. What is
    needed, no number or no option is refused at its field; the schema itself, with every validator, loads the settings in the plugin's
    process: when they are saved (its errors appear on the plugins page), and before each call, which gets what it loaded. Settings that do
    not fit are a permanent failure of the call.
    """
    raise NotImplementedError


@hookspec
def register_actions() -> Sequence[Action]:
    """What can a `call` step, or a person on the ticket's page, do with this plugin?

    Names begin with the plugin's name and a dot. Arguments of a `call` are checked against the schema when a procedure is saved, and again
    before each call. Titles of actions, and titles and descriptions of their arguments, are each one text, or one for each language
    (`{"en": …, "id": …}`): people see them on buttons and forms.
    """
    raise NotImplementedError


@hookspec
def register_webhooks() -> Sequence[Webhook]:
    """Through which doors does the other side tell news?

    Each is open at `/hooks/PLUGIN/NAME` as soon as its secret is set. The signature is checked before anything is kept.
    """
    raise NotImplementedError


@hookspec
def register_channels() -> Sequence[Channel]:
    """On which ways do customers write to the firm through this plugin?

    `Incoming` messages name one of them; answers go back through `send_message`. Their titles are labels, as those of panels are.
    """
    raise NotImplementedError


@hookspec
def register_panels() -> Sequence[Panel]:
    """Which boxes does this plugin fill on the page of a ticket or a customer?

    Its `title` is a label: one text, or one for each language (`{"en": "Cards", "id": "Kartu"}`), read in the reader's own.
    """
    raise NotImplementedError


@hookspec
def register_templates() -> Sequence[Template]:
    """Which texts for customers does this plugin bring along?

    They are data with placeholders, rendered by the product, and edited by the firm in its own copy.
    """
    raise NotImplementedError


@hookspec
def register_routing_strategies() -> Sequence[str]:
    """Which ways of choosing a colleague does this plugin know? Words such as `nearest`, each asked by `choose_agent`.

    Procedures (`assign: {by: PLUGIN.nearest}`), routing rules and teams name one with the plugin's name and a dot before it. The name is
    checked when they are saved, and the studio completes it.
    """
    raise NotImplementedError


@hookspec
def register_commands() -> Sequence[Command]:
    """Which commands does this plugin add to the command line? Each is `estafet x PLUGIN COMMAND`, run in the plugin's process."""
    raise NotImplementedError


# ---- decisions: what the product asks -------------------------------------------------------------------------------------
# Each has 10 seconds, and after 16 its process is replaced. `settings` are the values of the plugins page, secrets included.


@hookspec
def check_connection(settings: Mapping[str, Any]) -> str:
    """Does the other side answer with these settings?

    Called when an administrator presses “Test the connection”. The answer is a sentence that is shown there. An exception is shown as the
    failure it is; nothing else happens.
    """
    raise NotImplementedError


@hookspec
def keep_webhooks(callbacks: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """Are the webhooks registered at the other side? Make it so.

    Called when the host starts, when settings change, and every hour, one at a time. `callbacks` are the addresses by the webhook's name.
    The answer is a sentence for the plugins page. An exception is shown there; it is tried again in the next minute, and less often the
    longer it fails. Look before you register: it is called often.
    """
    raise NotImplementedError


@hookspec
def receive_webhook(delivery: Delivery, settings: Mapping[str, Any]) -> Sequence[Outside | Incoming]:
    """What does this delivery say?

    Called within a second of the webhook, in the order of arrival. `delivery` is kept, its signature is checked, and its sender answered.
    What comes back is applied in one transaction for each ticket. An exception: tried again up to five times with growing pauses, then
    parked on the plugins page.
    """
    raise NotImplementedError


@hookspec
def look_at(refs: Sequence[str], settings: Mapping[str, Any]) -> Sequence[Outside]:
    """How do these things stand? The slow look behind webhooks, for news that were missed.

    Called every ten minutes for open links, up to 50 `refs` a call. Leave out what cannot be said. An exception is noted on the plugins
    page, and the next look comes as usual.
    """
    raise NotImplementedError


@hookspec
def send_message(message: Outgoing, settings: Mapping[str, Any]) -> ActionResult:
    """Hand a message to the customer, who wrote through a channel of this plugin.

    Called through the effect ledger, as an action is. TemporaryFailure: later again. PermanentFailure: shown at the message. Any other
    exception, a limit, a lost process: nobody knows whether it was sent, and a person is asked.
    """
    raise NotImplementedError


@hookspec
def ticket_panel(panel: str, ticket: Ticket, settings: Mapping[str, Any]) -> PanelContent | None:
    """What does the box `panel` say about this ticket? None: nothing, and it is not shown.

    Called when somebody looks at the ticket and the kept content is older than the panel's `refresh`. The page never waits for it. Labels,
    values and groups of its facts and its note are each one text, or one for each language. An exception: the last good content stays, with
    its age and the failure.
    """
    raise NotImplementedError


@hookspec
def customer_panel(panel: str, customer: Customer, settings: Mapping[str, Any]) -> PanelContent | None:
    """What does the box `panel` say about this customer? As `ticket_panel`; it stands on the customer's page and on their tickets."""
    raise NotImplementedError


@hookspec
def suggest_articles(ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Suggestion]:
    """Which articles may help with this ticket? Shown beside the product's own, kept and renewed as panels are."""
    raise NotImplementedError


@hookspec
def suggest_replies(ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Suggestion]:
    """Which answer could be given? `body` is its text; a person reads and sends it, or does not."""
    raise NotImplementedError


@hookspec
def suggest_sops(ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Suggestion]:
    """Which procedures may fit this ticket? `ref` is a procedure's name."""
    raise NotImplementedError


@hookspec
def choose_agent(
    strategy: str, ticket: Ticket, candidates: Sequence[Candidate], settings: Mapping[str, Any]
) -> int | None:
    """Who gets the ticket? The id of a candidate, or None: it stays in the team's backlog.

    Called once, as an effect, without any lock being held, when a procedure, rule or team names `PLUGIN.strategy` and somebody could take
    the ticket. `candidates` are those who can take it now. When the answer is used, they are looked at again: whoever can no longer take it
    is not given it. Then, and after an exception, a limit, a lost process, another answer, or 30 seconds without one, whoever is least busy
    (or has the skill) gets the ticket, and *why* on the ticket names the plugin and what happened.
    """
    raise NotImplementedError


# ---- facts: what happened -------------------------------------------------------------------------------------------------
# Each is called soon after its event was committed, in the order of the timeline, at least once: remember `event.id` where twice would
# hurt. 5 seconds for each event. An exception, a limit or a lost process: tried again five times, then the event is parked on the plugins
# page, where a person can send it again, and the next one comes. The answer is None, or a list of `Wish`: actions that are wanted because of it.
# `event.data` holds codes, ids and numbers, never texts of people; further keys may come.


@hookspec
def ticket_opened(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """A ticket was opened, from whichever channel. `ticket` is as it is now, which may be later than the event.

    `event.data`: `channel`, the ids `customer`, `department` and `team`, and `priority` as a number (`ticket.priority` is its name).
    """


@hookspec
def customer_replied(
    event: Event, ticket: Ticket, message: Message | None, settings: Mapping[str, Any]
) -> Sequence[Wish] | None:
    """The customer wrote. `message` is what they wrote (None when it was erased since). `event.data`: `channel`."""


@hookspec
def message_sent(
    event: Event, ticket: Ticket, message: Message | None, settings: Mapping[str, Any]
) -> Sequence[Wish] | None:
    """Somebody of the firm, or the procedure, wrote to the customer. `message` is what was written (None when it was erased since).

    `event.data`: `then` is what the writer chose to happen afterwards; of a mail that the procedure sent, `template`, `step` and
    `automatic` (true) instead.
    """


@hookspec
def comment_added(
    event: Event, ticket: Ticket, message: Message | None, settings: Mapping[str, Any]
) -> Sequence[Wish] | None:
    """Somebody wrote an internal comment: `message` (None when it was erased since).

    `event.data`: `step` when it was written at one; `plugin` and `comment` (the other side's id) when it came from outside. One that came
    through this very plugin has its name in `plugin`: do not send it back.
    """


@hookspec
def customer_rated(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """The customer answered a survey.

    `event.data`: `type` (csat, ces, nps), `score` and `max` (the best that this type knows), `step` (the name of the step that asked),
    `survey` (its id), and `comment_id` when they wrote something with it.
    """


@hookspec
def customer_withdrew(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """The customer no longer needs help with this. `event.data`: `comment_id` when they wrote why; else it is empty.

    What follows (the procedure's own answer, or that the ticket is resolved) has its own events.
    """


@hookspec
def link_changed(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """A thing outside was linked, changed, is gone, or a person unlinked it; of whichever plugin.

    `event.data`: `plugin`, `ref`, `op` (linked, changed, gone, unlinked), `state`, and `from` (the state before) when it changed.
    """


@hookspec
def ticket_assigned(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """The ticket has another holder.

    `event.data`: `to` is `{kind, id}` of a person or a team, `team` the id of the team, `from` the person who held it (None: nobody), `why`
    how the choice was made (codes and ids), `step` the step that wanted it, if one did.
    """


@hookspec
def ticket_changed(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """Properties of the ticket were changed. `ticket` has the new values, if nobody has changed them again since.

    `event.data`: what a person or a rule changed at once are `properties` (names), with `[before, now]` of each that is a code (`status`,
    `priority` …); what a procedure or another system changed is one `property`, with `from` and `to` where they are codes.
    """


@hookspec
def step_opened(event: Event, ticket: Ticket, step: Step, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """A step of the ticket's procedure was opened. `event.data`: `step`, `path` and `kind`, which `step` has too."""


@hookspec
def step_done(event: Event, ticket: Ticket, step: Step, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """A step ended, in whichever way: `step.outcome`. For a task that was completed it is `task_completed` that is called.

    `event.data`: `step`, `path`, `kind`, `outcome`, `state` (done, skipped, expired, cancelled, failed) and `by` (a person's id, or flow).
    """


@hookspec
def task_completed(event: Event, ticket: Ticket, step: Step, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """A person, or a thing outside that stands for it, completed a task. `event.data` is as that of `step_done`."""


@hookspec
def ticket_resolved(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """The ticket was resolved, by its procedure or by hand. `event.data`: `by` (a person's id, or what did it), `step` when a step resolved it."""


@hookspec
def ticket_reopened(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """The ticket was opened again. `event.data`: `reason` (such as customer.replied) and `from` (the status before)."""


@hookspec
def ticket_merged(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """The ticket was merged with another one: called for both. `event.data`: `into` on the one that ends, `from` on the one that goes on (ids)."""


@hookspec
def ticket_closed(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """The ticket was closed. `event.data`: `by` (quiet_time, hand)."""


@hookspec
def clock_warned(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """A promise is nearly due.

    `event.data`: `metric` (first_response, next_response, resolution …), `visit` (its clock may run several times: which one), `due_at` (ms
    since 1970) and `policy_code`.
    """


@hookspec
def clock_breached(event: Event, ticket: Ticket, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """A promise was broken.

    `event.data`: `metric` (first_response, next_response, resolution …), `visit` (its clock may run several times: which one), `due_at` (ms
    since 1970), `policy_code`, and `tier` (1: the moment itself, 2: the limit behind it).
    """


@hookspec
def article_published(event: Event, settings: Mapping[str, Any]) -> Sequence[Wish] | None:
    """An article was published. `event.data`: `article` (its id) and `version`. The event belongs to no ticket, so that no wish can be planned."""


_FACT_HOOKS = (
    ticket_opened,
    customer_replied,
    message_sent,
    comment_added,
    customer_rated,
    customer_withdrew,
    link_changed,
    ticket_assigned,
    ticket_changed,
    step_opened,
    step_done,
    task_completed,
    ticket_resolved,
    ticket_reopened,
    ticket_merged,
    ticket_closed,
    clock_warned,
    clock_breached,
    article_published,
)
FACTS = {hook.__name__.replace("_", ".", 1): hook.__name__ for hook in _FACT_HOOKS}  # kind of an event → its hook

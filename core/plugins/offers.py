"""What a plugin offers beside actions: webhooks, channels, panels, templates, strategies, commands. Each is checked when it is loaded."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.plugins.errors import Unsound
from core.plugins.labels import label_problem
from core.plugins.outside import Channel, Webhook
from core.plugins.shown import Command, Panel, Template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.plugins.values import Setting

NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
ALGORITHMS, ENCODINGS, PLACES = ("hmac-sha256", "hmac-sha1", "token"), ("hex", "base64"), ("ticket", "customer")
LANGUAGES = {"en", "id"}


@dataclass(frozen=True, slots=True)
class Offers:
    """What a plugin offers beside its actions."""

    webhooks: tuple[Webhook, ...] = ()
    channels: tuple[Channel, ...] = ()
    panels: tuple[Panel, ...] = ()
    templates: tuple[Template, ...] = ()
    strategies: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()


NOTHING = Offers()


def read_offers(hook: Any, hooks: frozenset[str], settings: Sequence[Setting]) -> Offers:
    """Ask the start-up hooks, and check what they answer."""
    offers = Offers(
        tuple(flat(hook.register_webhooks(), "register_webhooks", Webhook)),
        tuple(flat(hook.register_channels(), "register_channels", Channel)),
        tuple(flat(hook.register_panels(), "register_panels", Panel)),
        tuple(flat(hook.register_templates(), "register_templates", Template)),
        tuple(flat(hook.register_routing_strategies(), "register_routing_strategies", str)),
        tuple(flat(hook.register_commands(), "register_commands", Command)),
    )
    secrets = {one.name for one in settings if one.secret}
    for webhook in offers.webhooks:
        _check_webhook(webhook, secrets)
    titles: Sequence[Channel | Panel | Template] = (*offers.channels, *offers.panels, *offers.templates)
    for one in titles:
        if problem := label_problem(one.title):
            raise Unsound(f"the title of '{one.name}' must be {problem}")
    for template in offers.templates:
        _check_template(template)
    for command in offers.commands:
        if inspect.iscoroutinefunction(command.run):
            raise Unsound(f"command '{command.name}' is a coroutine; write a plain function (def, not async def)")
    for what, named in (
        ("webhook", offers.webhooks),
        ("channel", offers.channels),
        ("panel", offers.panels),
        ("template", offers.templates),
        ("command", offers.commands),
    ):
        _check_names(what, [one.name for one in named])
    _check_names("routing strategy", list(offers.strategies))
    _check_answered(offers, hooks)
    return offers


def flat(answers: Sequence[Any], hook: str, kind: type) -> list[Any]:
    """The answers of a start-up hook as one list; Unsound when one is something else."""
    found: list[Any] = []
    for answer in answers:
        if not isinstance(answer, list | tuple) or not all(isinstance(one, kind) for one in answer):
            what = "texts" if kind is str else f"estafet.{kind.__name__}"
            raise Unsound(f"{hook} must answer with a list of {what}")
        found += answer
    return found


def _check_names(what: str, names: list[str]) -> None:
    for name in names:
        if not NAME.fullmatch(name):
            raise Unsound(f"{what} '{name}': a name has small letters, digits and _, at most 41, a letter first")
    if len(set(names)) != len(names):
        raise Unsound(f"two of its {what}s have the same name")


def _check_webhook(webhook: Webhook, secrets: set[str]) -> None:
    if webhook.secret not in secrets:
        raise Unsound(
            f"webhook '{webhook.name}': '{webhook.secret}' is no secret setting; "
            f"add estafet.Setting('{webhook.secret}', secret=True) to register_settings"
        )
    for what, value, known in (
        ("algorithm", webhook.algorithm, ALGORITHMS),
        ("encoding", webhook.encoding, ENCODINGS),
    ):
        if value not in known:
            raise Unsound(f"webhook '{webhook.name}': there is no {what} '{value}'. There are: {', '.join(known)}")
    if not webhook.header:
        raise Unsound(f"webhook '{webhook.name}': name the header that carries its signature")


def _check_template(template: Template) -> None:
    for what in ("subject", "text"):
        languages = set(getattr(template, what))
        if not languages or not languages <= LANGUAGES:
            raise Unsound(f"template '{template.name}': its {what} is a mapping of languages: en, id, or both")


def _check_answered(offers: Offers, hooks: frozenset[str]) -> None:
    """What is offered must also be answered."""
    places = {panel.where for panel in offers.panels}
    if wrong := sorted(places - set(PLACES)):
        raise Unsound(f"a panel stands on a page of: ticket, customer; not '{wrong[0]}'")
    for offered, hook in (
        (bool(offers.webhooks), "receive_webhook"),
        ("ticket" in places, "ticket_panel"),
        ("customer" in places, "customer_panel"),
        (bool(offers.strategies), "choose_agent"),
        (any(channel.replies for channel in offers.channels), "send_message"),
    ):
        if offered and hook not in hooks:
            raise Unsound(f"it offers what only the hook '{hook}' can answer, and has no such hook: write it")

"""Cards on Trello's boards for tickets: made by a step or by a button, followed by webhook, with comments in both directions.

This module is what Estafet sees of the plugin; each of its answers is in a module of its own. docs/plugins/trello.md says how it is set up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import estafet
from plugins.trello import cards, commenting, news, panels, webhooks
from plugins.trello.actions import ACTIONS
from plugins.trello.reading import done_lists
from plugins.trello.settings import SETTINGS
from plugins.trello.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@estafet.hookimpl
def register_settings() -> Sequence[estafet.Setting]:
    """Who asks, which board is usual, and what a change on either side means on the other."""
    return SETTINGS


@estafet.hookimpl
def register_actions() -> Sequence[estafet.Action]:
    """What steps call and people press."""
    return ACTIONS


@estafet.hookimpl
def register_webhooks() -> list[estafet.Webhook]:
    """`/hooks/trello/boards`, signed as Trello signs: the body and the address together."""
    return [
        estafet.Webhook(
            webhooks.DOOR,
            secret="app_secret",  # noqa: S106 (the name of a setting)
            header="X-Trello-Webhook",
            algorithm="hmac-sha1",
            encoding="base64",
            with_url=True,
        )
    ]


@estafet.hookimpl
def register_panels() -> list[estafet.Panel]:
    """A box on the ticket's page."""
    return [estafet.Panel("cards", "Trello", refresh=120)]


@estafet.hookimpl
def check_connection(settings: Mapping[str, Any]) -> str:
    """As whom Trello knows us, and whether the usual board and list are there."""
    site = Site(settings)
    name = site.me().get("fullName", "somebody")
    if not settings.get("board"):
        return f"Trello answers, and knows the account as {name}. There is no usual board."
    board = site.board(None)
    for one in (settings.get("list"), *done_lists(settings)):
        if one:
            site.list_on(board, str(one))
    return f"Trello answers, and knows the account as {name}. The usual board is {settings['board']}."


@estafet.hookimpl
def keep_webhooks(callbacks: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """Registered, or switched on again."""
    return webhooks.keep(callbacks, settings)


@estafet.hookimpl
def receive_webhook(delivery: estafet.Delivery, settings: Mapping[str, Any]) -> list[estafet.Outside]:
    """What a webhook means."""
    return news.receive(delivery, settings)


@estafet.hookimpl
def look_at(refs: Sequence[str], settings: Mapping[str, Any]) -> list[estafet.Outside]:
    """What no webhook told."""
    return news.look_at(refs, settings)


@estafet.hookimpl
def ticket_panel(ticket: estafet.Ticket, settings: Mapping[str, Any]) -> estafet.PanelContent | None:
    """The box on the ticket's page."""
    return panels.ticket_panel(ticket, settings)


@estafet.hookimpl
def task_completed(ticket: estafet.Ticket, step: estafet.Step, settings: Mapping[str, Any]) -> list[estafet.Wish]:
    """A completed task moves its card, and is ticked on the others."""
    return cards.wishes_for(step, ticket, settings)


@estafet.hookimpl
def comment_added(
    event: estafet.Event, ticket: estafet.Ticket, message: estafet.Message | None, settings: Mapping[str, Any]
) -> list[estafet.Wish]:
    """An internal comment goes to the ticket's cards, when somebody chose so."""
    return commenting.wishes_for(event, ticket, message, settings)

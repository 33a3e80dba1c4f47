"""Issues in Jira for tickets: made by a step or by a button, followed by webhook, with comments in both directions.

This module is what Estafet sees of the plugin; each of its answers is in a module of its own. It imports `estafet` and nothing else of the
product. docs/plugins/jira.md walks through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import estafet
from plugins.jira import commenting, news, panels, webhooks
from plugins.jira.actions import ACTIONS
from plugins.jira.settings import SETTINGS
from plugins.jira.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@estafet.hookimpl
def register_settings() -> Sequence[estafet.Setting]:
    """Where Jira is, who asks there, and what is sent in which direction."""
    return SETTINGS


@estafet.hookimpl
def register_actions() -> Sequence[estafet.Action]:
    """What steps call and people press."""
    return ACTIONS


@estafet.hookimpl
def register_webhooks() -> list[estafet.Webhook]:
    """`/hooks/jira/issues`, signed as Jira signs."""
    return [
        estafet.Webhook(
            webhooks.DOOR,
            secret="webhook_secret",  # noqa: S106 (the name of a setting)
            header="X-Hub-Signature",
            prefix="sha256=",
            delivery_header="X-Atlassian-Webhook-Identifier",
        )
    ]


@estafet.hookimpl
def register_panels() -> list[estafet.Panel]:
    """A box on the ticket's page."""
    return [estafet.Panel("issues", "Jira", refresh=120)]


@estafet.hookimpl
def check_connection(settings: Mapping[str, Any]) -> str:
    """As whom Jira knows us, and whether the usual project is there."""
    site = Site(settings)
    name = (site.ask("GET", "/myself") or {}).get("displayName", "somebody")
    project = settings.get("project")
    if not project:
        return f"Jira answers, and knows the account as {name}. There is no usual project."
    found = site.ask("GET", f"/project/{str(project).upper()}")
    return f"Jira answers, and knows the account as {name}. The usual project is {found.get('name', project)}."


@estafet.hookimpl
def keep_webhooks(callbacks: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """Registered, or repaired."""
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
def comment_added(
    event: estafet.Event, ticket: estafet.Ticket, message: estafet.Message | None, settings: Mapping[str, Any]
) -> list[estafet.Wish]:
    """An internal comment goes to the ticket's issues, when somebody chose so."""
    return commenting.wishes_for(event, ticket, message, settings)

"""Issues in Jira for tickets: made by a step or by a button, followed by webhook, with comments in both directions.

This module is what Estafet sees of the plugin; each of its answers is in a module of its own. It imports `estafet` and nothing else of the
product. docs/plugins/jira.md walks through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import estafet
from plugins.jira import commenting, creating, linking, moving, news, panels, webhooks
from plugins.jira.site import CLOUD, DATA_CENTER, Site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TEXT = {"type": "string"}
_ISSUE = {
    **_TEXT,
    "title": "Issue",
    "description": "Its key or address, such as KAN-12. Empty: the only one of the ticket",
}
_VALUES = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("key", "summary", "status", "assignee", "priority", "type", "due", "ref", "url"), _TEXT),
        "done": {"type": "boolean"},
        "linked_back": {"type": "boolean"},
    },
    "additionalProperties": True,
}
_CREATE = {
    "type": "object",
    "properties": {
        "summary": {**_TEXT, "title": "Summary", "description": "Empty: the ticket's subject"},
        "description": {**_TEXT, "title": "Description", "format": "text"},
        "project": {**_TEXT, "title": "Project", "description": "Its key, such as KAN. Empty: the usual one"},
        "type": {**_TEXT, "title": "Type", "description": "Bug, Task … Empty: the usual one"},
        "priority": {**_TEXT, "title": "Priority", "description": "Empty: what the ticket's priority means in Jira"},
        "labels": {"type": "array", "items": _TEXT, "title": "Labels"},
        "due": {**_TEXT, "title": "Due", "description": "A day, such as 2026-12-24"},
        "fields": {"type": ["object", "string"], "title": "Own fields", "description": "Severity = S1; Affected users = 12"},
    },
}  # fmt: skip
_EXAMPLE = {"key": "KAN-12", "summary": "Nothing is printed", "status": "To Do", "done": False, "assignee": ""}


@estafet.hookimpl
def register_settings() -> list[estafet.Setting]:
    """Where Jira is, who asks there, and what is sent in which direction."""
    return [
        estafet.Setting("kind", title="Kind", kind="choice", default=CLOUD, options=(CLOUD, DATA_CENTER)),
        estafet.Setting("site", title="Address", kind="url", required=True, help="https://your-firm.atlassian.net"),
        estafet.Setting("email", title="E-mail of the account", help="Cloud only: whose API token it is."),
        estafet.Setting("token", title="Token", required=True, secret=True, help="API token (Cloud) or personal access token (Data Center)."),
        estafet.Setting("webhook_secret", title="Secret of the webhook", secret=True, help="Any long text. Jira signs with it what it tells."),
        estafet.Setting("project", title="Usual project", help="Its key. A call may name another one."),
        estafet.Setting("type", title="Usual type of issue", default="Task"),
        estafet.Setting("labels", title="Usual labels", help="Parted by commas."),
        estafet.Setting(
            "priorities",
            title="Priorities",
            default="urgent = Highest; high = High; medium = Medium; low = Low",
            help="The ticket's on the left, Jira's on the right. One that is not there is left to Jira.",
        ),
        estafet.Setting(
            "send_comments",
            title="Internal comments to Jira",
            kind="choice",
            default=commenting.MARKED,
            options=(commenting.NEVER, commenting.MARKED, commenting.ALL),
        ),
        estafet.Setting("take_comments", title="Comments of Jira to the ticket", kind="boolean", default=True),
        estafet.Setting("watch", title="Webhook for (JQL)", help="Empty: the usual project. Example: project in (KAN, OPS)"),
    ]  # fmt: skip


@estafet.hookimpl
def register_actions() -> list[estafet.Action]:
    """What steps call and people press. All but `link` may have happened when nobody knows, so each can be looked up."""
    return [
        estafet.Action(
            "jira.create_issue",
            creating.create,
            title="Create an issue in Jira",
            arguments=_CREATE,
            result=_VALUES,
            find=creating.find,
            lag=creating.LAG,
            on_ticket=True,
            example=_EXAMPLE,
        ),
        estafet.Action(
            "jira.link",
            linking.link,
            title="Link an issue of Jira",
            arguments={"type": "object", "properties": {"issue": {**_TEXT, "title": "Key or address"}}, "required": ["issue"]},
            result=_VALUES,
            repeatable=True,
            on_ticket=True,
            example=_EXAMPLE,
        ),
        estafet.Action(
            "jira.comment",
            commenting.comment,
            title="Comment in Jira",
            arguments={
                "type": "object",
                "properties": {"issue": _ISSUE, "text": {**_TEXT, "title": "Comment", "format": "text"}, "author": {**_TEXT, "title": "Author"}},
                "required": ["text"],
            },
            result={"type": "object", "properties": {"comment": _TEXT, "key": _TEXT}},
            find=commenting.find,
            on_ticket=True,
            example={"comment": "10001", "key": "KAN-12"},
        ),
        estafet.Action(
            "jira.transition",
            moving.transition,
            title="Move an issue in Jira",
            arguments={
                "type": "object",
                "properties": {"issue": _ISSUE, "to": {**_TEXT, "title": "To", "description": "A transition or a status, by its name"}},
                "required": ["to"],
            },
            result=_VALUES,
            find=moving.find,
            on_ticket=True,
            example={**_EXAMPLE, "status": "Done", "done": True},
        ),
    ]  # fmt: skip


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

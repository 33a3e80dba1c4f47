"""Cards on Trello's boards for tickets: made by a step or by a button, followed by webhook, with comments in both directions.

This module is what Estafet sees of the plugin; each of its answers is in a module of its own. docs/plugins/trello.md says how it is set up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import estafet
from plugins.trello import cards, commenting, news, panels, webhooks
from plugins.trello.reading import done_lists
from plugins.trello.site import API, Site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TEXT = {"type": "string"}
_LIST = {"type": "array", "items": _TEXT}
_CARD = {**_TEXT, "title": "Card", "description": "Its address. Empty: the only one of the ticket"}
_STEP = {**_TEXT, "title": "Stands for the step", "description": "A task by its name: one is done when the other is"}
_VALUES = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("card", "name", "list", "due", "ref", "url"), _TEXT),
        "done": {"type": "boolean"},
        "labels": _LIST,
    },
    "additionalProperties": True,
}
_EXAMPLE = {"card": "AbCd1234", "name": "Nothing is printed", "list": "To do", "done": False, "due": "", "labels": []}


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


@estafet.hookimpl
def register_settings() -> list[estafet.Setting]:
    """Who asks, which board is usual, and what a change on either side means on the other."""
    return [
        estafet.Setting("key", title="API key", required=True, help="From trello.com/power-ups/admin."),
        estafet.Setting("token", title="Token", required=True, secret=True, help="Of the account in whose name cards are made."),
        estafet.Setting("app_secret", title="App secret", secret=True, help="Beside the API key. Trello signs webhooks with it."),
        estafet.Setting("board", title="Usual board", help="Its name or short link. A call may name another one."),
        estafet.Setting("list", title="Usual list of new cards", default="To do"),
        estafet.Setting("labels", title="Usual labels", help="Parted by commas."),
        estafet.Setting("tasks", title="Checklist of the procedure's tasks", kind="boolean", default=True),
        estafet.Setting("done_lists", title="Lists that mean done", default="Done", help="The first is where a completed task's card goes."),
        estafet.Setting("follow_name", title="A renamed card renames the ticket", kind="boolean", default=False),
        estafet.Setting("follow_due", title="A card's due date is its step's", kind="boolean", default=True),
        estafet.Setting("label_changes", title="What labels mean", help="Urgent = priority: urgent; Billing = tag: billing"),
        estafet.Setting(
            "send_comments",
            title="Internal comments to Trello",
            kind="choice",
            default=commenting.MARKED,
            options=(commenting.NEVER, commenting.MARKED, commenting.ALL),
        ),
        estafet.Setting("take_comments", title="Comments of Trello to the ticket", kind="boolean", default=True),
        estafet.Setting("watch", title="Boards with a webhook", help="Empty: the usual board."),
        estafet.Setting("site", title="Address of the API", kind="url", default=API),
    ]  # fmt: skip


@estafet.hookimpl
def register_actions() -> list[estafet.Action]:
    """What steps call and people press."""
    return [
        estafet.Action(
            "trello.create",
            cards.create,
            title="Create a card in Trello",
            arguments=_object(
                name={**_TEXT, "title": "Name", "description": "Empty: the ticket's subject"},
                description={**_TEXT, "title": "Description", "format": "text"},
                board={**_TEXT, "title": "Board", "description": "Empty: the usual one"},
                list={**_TEXT, "title": "List", "description": "Empty: the usual one"},
                labels={**_LIST, "title": "Labels"},
                due={**_TEXT, "title": "Due", "description": "A day, such as 2026-12-24"},
                checklist={**_LIST, "title": "Checklist", "description": "Its items. Empty: the tasks of the procedure, if the settings say so"},
                step=_STEP,
            ),
            result=_VALUES,
            find=cards.find,
            on_ticket=True,
            example=_EXAMPLE,
        ),
        estafet.Action(
            "trello.attach",
            cards.attach,
            title="Attach a card of Trello",
            arguments=_object("card", card={**_TEXT, "title": "Address of the card"}, step=_STEP),
            result=_VALUES,
            repeatable=True,
            on_ticket=True,
            example=_EXAMPLE,
        ),
        estafet.Action(
            "trello.move",
            cards.move,
            title="Move a card in Trello",
            arguments=_object(card=_CARD, list={**_TEXT, "title": "To the list", "description": "Empty: where done cards go"}),
            result=_VALUES,
            repeatable=True,
            on_ticket=True,
            example={**_EXAMPLE, "list": "Done", "done": True},
        ),
        estafet.Action(
            "trello.tick",
            cards.tick,
            title="Tick an item in Trello",
            arguments=_object("item", card=_CARD, item={**_TEXT, "title": "Item of a checklist"}),
            result=_object(card=_TEXT, ticked={"type": "integer"}),
            repeatable=True,
            example={"card": "AbCd1234", "ticked": 1},
        ),
        estafet.Action(
            "trello.comment",
            commenting.comment,
            title="Comment in Trello",
            arguments=_object("text", card=_CARD, text={**_TEXT, "title": "Comment", "format": "text"}, author={**_TEXT, "title": "Author"}),
            result=_object(comment=_TEXT, card=_TEXT),
            find=commenting.find,
            on_ticket=True,
            example={"comment": "5f01", "card": "AbCd1234"},
        ),
    ]  # fmt: skip


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

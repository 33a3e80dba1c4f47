"""Comments in both directions without an echo: ours end with a link to the ticket that carries a mark, and what carries it never comes back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import estafet
from plugins.trello.cards import LONGEST, mark_of
from plugins.trello.reading import moment_of
from plugins.trello.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEVER, MARKED, ALL = "none", "those that begin with @trello", "all"
_CALLED = re.compile(r"^\s*@trello\b[:,]?\s*", re.IGNORECASE)
_OURS = re.compile(r"#estafet-[0-9a-f]{12}")


def comment(call: estafet.Call) -> estafet.ActionResult:
    """Write a comment on a card."""
    site = Site(call.settings)
    card, words = site.card_of(call), str(call.arguments["text"]).strip()[:LONGEST]
    author = call.arguments.get("author") or call.by
    line = f"[Ticket {call.ticket.id}]({call.ticket.url}{mark_of(call.key)})"
    text = f"{author}: {words}\n\n{line}" if author else f"{words}\n\n{line}"
    return _result(card, site.ask("POST", f"/cards/{quote(card)}/actions/comments", text=text))


def find(call: estafet.Call) -> estafet.ActionResult | None:
    """The comment that an interrupted call wrote."""
    site = Site(call.settings)
    card, mark = site.card_of(call), mark_of(call.key)
    found = site.ask("GET", f"/cards/{quote(card)}/actions", filter="commentCard")
    ours = [one for one in found if mark in str((one.get("data") or {}).get("text"))]
    return _result(card, ours[0]) if ours else None


def _result(card: str, made: Any) -> estafet.ActionResult:
    if not isinstance(made, dict) or "id" not in made:
        raise estafet.OutcomeUnknown("Trello answered without saying which comment it wrote")
    return estafet.ActionResult({"comment": str(made["id"]), "card": card})


def wishes_for(
    event: estafet.Event, ticket: estafet.Ticket, message: estafet.Message | None, settings: Mapping[str, Any]
) -> list[estafet.Wish]:
    """An internal comment is wanted on each card of the ticket, when somebody chose so. What came from Trello is not sent back."""
    choice = settings.get("send_comments")
    if message is None or event.data.get("plugin") == "trello" or choice in {None, "", NEVER}:
        return []
    called = _CALLED.match(message.text)
    if choice == MARKED and not called:
        return []
    text = _CALLED.sub("", message.text).strip()
    cards = dict.fromkeys(one.ref for one in ticket.links if one.open)
    return [
        estafet.Wish("trello.comment", {"card": ref, "text": text, "author": message.author}) for ref in cards if text
    ]


def comments_of(actions: Iterable[Mapping[str, Any]], settings: Mapping[str, Any]) -> tuple[estafet.Comment, ...]:
    """What others wrote on a card, when somebody chose so. `actions` are Trello's, of which comments are one kind."""
    if not settings.get("take_comments"):
        return ()
    said = [one for one in actions if one.get("type") == "commentCard" and isinstance(one.get("data"), dict)]
    theirs = [
        one for one in said if str(one["data"].get("text") or "").strip() and not _OURS.search(str(one["data"]["text"]))
    ]
    return tuple(_comment(one) for one in theirs)


def _comment(one: Mapping[str, Any]) -> estafet.Comment:
    author = (one.get("memberCreator") or {}).get("fullName") or "Trello"
    return estafet.Comment(str(one["id"]), str(author), str(one["data"]["text"]).strip(), moment_of(one.get("date")))

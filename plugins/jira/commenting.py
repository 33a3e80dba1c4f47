"""Comments in both directions without an echo: ours end with a link to the ticket that carries a mark, and what carries it never comes back."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import estafet
from plugins.jira.documents import addresses, plain
from plugins.jira.linking import issue_of
from plugins.jira.site import Site, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NEVER, MARKED, ALL = "none", "those that begin with @jira", "all"
_CALLED = re.compile(r"^\s*@jira\b[:,]?\s*", re.IGNORECASE)
_OURS = re.compile(r"#estafet-[0-9a-f]{12}")
RECENT = 50


def mark_of(call_key: str) -> str:
    """How a comment says which call wrote it."""
    return "#estafet-" + hashlib.sha256(call_key.encode()).hexdigest()[:12]


def comment(call: estafet.Call) -> estafet.ActionResult:
    """Write a comment under an issue."""
    site = Site(call.settings)
    key, words = issue_of(site, call), str(call.arguments["text"]).strip()
    author = call.arguments.get("author") or call.by
    body = site.text(
        f"{author}: {words}" if author else words, (f"Ticket {call.ticket.id}", call.ticket.url + mark_of(call.key))
    )
    made = site.ask("POST", f"/issue/{quote(key)}/comment", body={"body": body})
    return _result(key, made)


def find(call: estafet.Call) -> estafet.ActionResult | None:
    """The comment that an interrupted call wrote. Comments are read from the issue itself, not from the search."""
    site = Site(call.settings)
    key, mark = issue_of(site, call), mark_of(call.key)
    found = site.ask("GET", f"/issue/{quote(key)}/comment", query={"orderBy": "-created", "maxResults": RECENT})
    ours = [one for one in found.get("comments", ()) if mark in addresses(one.get("body"))]
    return _result(key, ours[0]) if ours else None


def _result(key: str, made: Any) -> estafet.ActionResult:
    if not isinstance(made, dict) or "id" not in made:
        raise estafet.OutcomeUnknown("Jira answered without saying which comment it wrote")
    return estafet.ActionResult({"comment": str(made["id"]), "key": key})


# ---- ours to Jira ------------------------------------------------------------------------------------------------------------


def wishes_for(
    event: estafet.Event, ticket: estafet.Ticket, message: estafet.Message | None, settings: Mapping[str, Any]
) -> list[estafet.Wish]:
    """An internal comment is wanted under each issue of the ticket, when somebody chose so. What came from Jira is not sent back."""
    choice = settings.get("send_comments")
    if message is None or event.data.get("plugin") == "jira" or choice in {None, "", NEVER}:
        return []
    called = _CALLED.match(message.text)
    if choice == MARKED and not called:
        return []
    text = _CALLED.sub("", message.text).strip()
    issues = dict.fromkeys(one.ref for one in ticket.links if one.open)
    return [
        estafet.Wish("jira.comment", {"issue": ref, "text": text, "author": message.author}) for ref in issues if text
    ]


# ---- Jira's to us ------------------------------------------------------------------------------------------------------------


def comments_of(found: Iterable[Mapping[str, Any]], settings: Mapping[str, Any]) -> tuple[estafet.Comment, ...]:
    """What others wrote under an issue, the newest of them, when somebody chose so."""
    if not settings.get("take_comments"):
        return ()
    theirs: Sequence[Mapping[str, Any]] = [one for one in found if not _OURS.search(addresses(one.get("body")))]
    return tuple(_comment(one) for one in theirs[-RECENT:] if plain(one.get("body")))


def _comment(one: Mapping[str, Any]) -> estafet.Comment:
    author = (one.get("author") or {}).get("displayName") or "Jira"
    return estafet.Comment(str(one["id"]), str(author), plain(one.get("body")), moment_of(one.get("created")))

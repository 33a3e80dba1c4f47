"""What Trello tells by webhook, and what a slow look finds that no webhook told.

A webhook says that something happened to a card, not how the card is now, so the card itself is read: then order and repetition do no harm.
What the mapping changes on the ticket is taken from the webhook alone: a name that nobody touched must not undo what an agent wrote here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import estafet
from estafet.http import NoSuch
from plugins.trello.commenting import comments_of
from plugins.trello.mapping import changes_of
from plugins.trello.reading import moment_of, values_of
from plugins.trello.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

COMMENTS = 50


def receive(delivery: estafet.Delivery, settings: Mapping[str, Any]) -> list[estafet.Outside]:
    """The card that a webhook is about. What is about something else is no news."""
    try:
        told = json.loads(delivery.body)
    except ValueError as error:
        raise estafet.PermanentFailure("Trello's webhook is no JSON.") from error
    action = told.get("action") if isinstance(told, dict) else None
    data = action.get("data") if isinstance(action, dict) else None
    card = data.get("card") if isinstance(data, dict) else None
    if not isinstance(action, dict) or not isinstance(card, dict) or not card.get("shortLink"):
        return []
    ref = str(card["shortLink"])
    comments = comments_of([action], settings)
    return [_now(Site(settings), ref, moment_of(action.get("date")), comments, changes_of(action, settings))]


def look_at(refs: Sequence[str], settings: Mapping[str, Any]) -> list[estafet.Outside]:
    """How these cards are now."""
    site = Site(settings)
    return [_now(site, ref, None, _said(site, ref, settings)) for ref in refs]


def _said(site: Site, ref: str, settings: Mapping[str, Any]) -> tuple[estafet.Comment, ...]:
    if not settings.get("take_comments"):
        return ()
    try:
        found = site.ask("GET", f"/cards/{ref}/actions", filter="commentCard")
    except NoSuch:
        return ()
    return comments_of(reversed(list(found)[:COMMENTS]), settings)


def _now(
    site: Site,
    ref: str,
    at: datetime | None,
    comments: tuple[estafet.Comment, ...] = (),
    changes: Mapping[str, Any] | None = None,
) -> estafet.Outside:
    try:
        card = site.card(ref)
    except NoSuch:
        return estafet.Outside(ref, state="deleted", at=at, gone=True)
    values, closed = values_of(card, site.settings), bool(card.get("closed"))
    return estafet.Outside(
        ref,
        values=values,
        title=values["name"],
        url=str(card.get("shortUrl") or "") or None,
        state="archived" if closed else values["list"],
        at=moment_of(card.get("dateLastActivity")) or at,
        done=values["done"] and not closed,
        gone=closed,
        comments=comments,
        changes=changes or {},
    )

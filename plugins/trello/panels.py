"""The box “Trello” on a ticket's page: each card as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import estafet
from estafet.http import NoSuch
from plugins.trello.reading import values_of
from plugins.trello.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST = 6
CARD, LIST = {"en": "Card", "id": "Kartu"}, {"en": "List", "id": "Daftar"}
DUE, LABELS = {"en": "Due", "id": "Tenggat"}, {"en": "Labels", "id": "Label"}


def ticket_panel(ticket: estafet.Ticket, settings: Mapping[str, Any]) -> estafet.PanelContent | None:
    """Nothing when the ticket has no card."""
    refs = list(dict.fromkeys(one.ref for one in ticket.links if one.open))
    if not refs:
        return None
    site, facts = Site(settings), list[estafet.Fact]()
    for ref in refs[:MOST]:
        try:
            facts += _facts(site.card(ref), settings)
        except NoSuch:
            facts.append(estafet.Fact(CARD, _gone(ref), tone="warn", group=ref))
    more = len(refs) - MOST
    return estafet.PanelContent(tuple(facts), {"en": f"and {more} more", "id": f"dan {more} lagi"} if more > 0 else "")


def _gone(ref: str) -> dict[str, str]:
    return {"en": f"{ref} no longer exists", "id": f"{ref} sudah tidak ada"}


def _facts(card: Mapping[str, Any], settings: Mapping[str, Any]) -> list[estafet.Fact]:
    values = values_of(card, settings)
    group = values["name"]
    shown = [
        estafet.Fact(CARD, values["name"], str(card.get("shortUrl") or "") or None, group=group),
        estafet.Fact(LIST, values["list"], tone="good" if values["done"] else "", group=group),
    ]
    if values["due"]:
        shown.append(estafet.Fact(DUE, values["due"][:10], group=group))
    if values["labels"]:
        shown.append(estafet.Fact(LABELS, ", ".join(values["labels"]), group=group))
    return shown

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
            facts.append(estafet.Fact("Card", f"{ref} no longer exists", tone="warn", group=ref))
    return estafet.PanelContent(tuple(facts), f"and {len(refs) - MOST} more" if len(refs) > MOST else "")


def _facts(card: Mapping[str, Any], settings: Mapping[str, Any]) -> list[estafet.Fact]:
    values = values_of(card, settings)
    group = values["name"]
    shown = [
        estafet.Fact("Card", values["name"], str(card.get("shortUrl") or "") or None, group=group),
        estafet.Fact("List", values["list"], tone="good" if values["done"] else "", group=group),
    ]
    if values["due"]:
        shown.append(estafet.Fact("Due", values["due"][:10], group=group))
    if values["labels"]:
        shown.append(estafet.Fact("Labels", ", ".join(values["labels"]), group=group))
    return shown

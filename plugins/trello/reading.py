"""What is known of a card, in the words that steps, links and panels use."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import estafet

if TYPE_CHECKING:
    from collections.abc import Mapping


def values_of(card: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """What a step's result holds of a card."""
    return {
        "card": ref_of(card),
        "name": str(card.get("name") or ""),
        "list": str((card.get("list") or {}).get("name") or ""),
        "done": is_done(card, settings),
        "due": str(card.get("due") or ""),
        "labels": [str(one.get("name") or one.get("color") or "") for one in card.get("labels") or () if isinstance(one, dict)],
    }  # fmt: skip


def as_result(card: Mapping[str, Any], settings: Mapping[str, Any], step: str | None = None) -> estafet.ActionResult:
    """What an action brings: the card as it is now."""
    values = values_of(card, settings)
    url = str(card.get("shortUrl") or card.get("url") or "")
    return estafet.ActionResult(
        values, ref=ref_of(card), url=url or None, title=values["name"], state=values["list"], step=step or None
    )


def ref_of(card: Mapping[str, Any]) -> str:
    """How links name a card: by its short link, which stays when it is moved to another board."""
    return str(card.get("shortLink") or card["id"])


def is_done(card: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Ticked as done, or on a list that means it."""
    name = str((card.get("list") or {}).get("name") or "").casefold()
    return bool(card.get("dueComplete")) or name in {one.casefold() for one in done_lists(settings)}


def done_lists(settings: Mapping[str, Any]) -> list[str]:
    """The lists that mean done; the first is where a card goes when its task is completed here."""
    return listed(settings.get("done_lists"))


def listed(text: str | None) -> list[str]:
    """The words of a list that is parted by commas."""
    return [one.strip() for one in re.split(r"[,;\n]", text or "") if one.strip()]


def moment_of(words: Any) -> datetime | None:
    """A moment as Trello writes it: 2026-11-25T02:30:00.000Z."""
    try:
        found = datetime.fromisoformat(str(words).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

"""What a change of a card means for its ticket: its name, its due moment, and labels as the settings map them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from plugins.trello.reading import moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PROPERTIES = ("priority", "topic", "product")


def changes_of(action: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The ticket's properties that the action changes."""
    data = action.get("data") or {}
    card, old = data.get("card") or {}, data.get("old") or {}
    changes: dict[str, Any] = {}
    if settings.get("follow_name") and "name" in old and str(card.get("name") or "").strip():
        changes["subject"] = str(card["name"]).strip()[:250]
    if settings.get("follow_due") and "due" in old:
        changes["due"] = moment_of(card.get("due"))
    if action.get("type") in {"addLabelToCard", "removeLabelFromCard"}:
        changes |= _label(
            str((data.get("label") or {}).get("name") or ""), action["type"] == "addLabelToCard", settings
        )
    return changes


def _label(name: str, added: bool, settings: Mapping[str, Any]) -> dict[str, Any]:
    """`Urgent = priority: urgent; Billing = tag: billing`. A label that is taken away takes its tag away, and nothing else."""
    for entry in re.split(r"[;\n]", str(settings.get("label_changes") or "")):
        label, _sign, meaning = entry.partition("=")
        what, _sign, value = meaning.partition(":")
        what, value = what.strip().casefold(), value.strip()
        if label.strip().casefold() != name.casefold() or not value:
            continue
        if what == "tag":
            return {"add_tags" if added else "drop_tags": [value]}
        if what in PROPERTIES and added:
            return {what: value}
    return {}

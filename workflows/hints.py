"""What does a nudge tell the workflow? How the ticket stands, so that it need not ask the database first.

Temporal drops a signal whose payload does not fit its handler. Hence a hint travels as plain JSON and is read here with care: whatever version
of the program wrote it, the worst that can happen is that the workflow asks the database itself.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from core.advance import Standing
from core.effects import Wanted

MOST_EFFECTS = 40  # more would make a long history; then the workflow asks


def write_hint(standing: Standing) -> dict[str, Any] | None:
    """The standing as JSON: ids and codes only."""
    return asdict(standing) if len(standing.effects) <= MOST_EFFECTS else None


def read_hint(raw: Any) -> Standing | None:
    """The standing that was written, or None when it cannot be understood."""
    if not isinstance(raw, dict):
        return None
    try:
        alarm_at = raw.get("alarm_at")
        return Standing(
            ticket_id=int(raw["ticket_id"]),
            seq=int(raw["seq"]),
            effects=tuple(
                Wanted(str(e["key"]), str(e["kind"]), str(e["title"]), e.get("plugin") and str(e["plugin"]))
                for e in raw["effects"]
            ),
            alarm_at=None if alarm_at is None else int(alarm_at),
            ended=bool(raw["ended"]),
            open_steps=tuple(str(name) for name in raw.get("open_steps", ())),
        )
    except (KeyError, TypeError, ValueError):
        return None

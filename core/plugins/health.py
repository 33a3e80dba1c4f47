"""How does a plugin fare? Counts, times and the last failure, noted after every call; too many lost processes switch it off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from core.plugins.asking import LOST
from core.plugins.publishing import MANY_REPLACED, WITHIN_MS, switch_off
from core.schema import PluginState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.plugins.asking import Answer

KEPT = 200  # newest durations, of which the page computes its percentiles
_s = PluginState.__table__.c
_READ = select(_s.recent_ms, _s.replaced).where(_s.name == bindparam("plugin"))


def note(tx: Connection, plugin: str, answer: Answer, now: int, ticket_id: int | None = None) -> None:
    """Remember how one call went."""
    row = tx.execute(_READ, {"plugin": plugin}).one()
    values: dict[str, Any] = {"calls": _s.calls + 1, "recent_ms": [*row.recent_ms, answer.ms][-KEPT:]}
    if not answer.ok:
        values |= {
            "errors": _s.errors + 1,
            "last_error": answer.detail or answer.how,
            "last_error_at": now,
            "last_error_ticket": ticket_id,
        }
    if answer.how == LOST:
        values["replaced"] = [at for at in row.replaced if now - at < WITHIN_MS] + [now]
    tx.execute(update(PluginState.__table__).where(_s.name == plugin).values(values))
    if len(values.get("replaced", ())) >= MANY_REPLACED:
        switch_off(tx, plugin, "replaced")


def percentile(recent: list[int], part: float) -> int | None:
    """The duration under which this part of the newest calls stayed."""
    ordered = sorted(recent)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else None


def want_check(tx: Connection, plugin: str, now: int) -> None:
    """Its settings were typed in, or somebody asks: the host looks within a second or two whether they are right."""
    values = {"check_asked_at": now, "checked_at": None, "check_ok": None, "check_words": None}
    tx.execute(update(PluginState.__table__).where(_s.name == plugin).values(values))

"""The plugins page as it is read: what each plugin is, how it fares, what it could not take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.permissions import require
from core.plugins.health import percentile
from core.plugins.registry import PluginRow, plugins
from core.schema import PluginParked, PluginState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

MOST_PARKED = 100
_k = PluginParked.__table__.c


@dataclass(frozen=True, slots=True)
class ParkedLine:
    """An event that waits for a person."""

    id: int
    plugin: str
    event_id: int
    ticket_id: int | None
    kind: str
    at: int
    detail: str
    again: bool


@dataclass(frozen=True, slots=True)
class PluginLine:
    """One plugin. `p50` and `p95` are ms of its newest calls; `shown` are its settings without secrets, `kept` the names of those."""

    row: PluginRow
    state: Any
    p50: int | None
    p95: int | None
    shown: dict[str, Any]
    kept: frozenset[str]
    parked: tuple[ParkedLine, ...]

    @property
    def checks(self) -> bool:
        """Can its connection be tested?"""
        return "check_connection" in self.row.hooks


def plugins_page(tx: Connection, actor: Actor) -> list[PluginLine]:
    """Every plugin, by name; three statements."""
    require(actor, "read_status")
    states = {row.name: row for row in tx.execute(select(PluginState.__table__))}
    parked: dict[str, list[ParkedLine]] = {}
    columns = [_k[name] for name in ParkedLine.__slots__]
    for found in tx.execute(select(*columns).order_by(_k.id).limit(MOST_PARKED)):
        parked.setdefault(found.plugin, []).append(ParkedLine(*found))
    return [_line(row, states[row.name], tuple(parked.get(row.name, ()))) for row in plugins(tx)]


def _line(row: PluginRow, state: Any, parked: tuple[ParkedLine, ...]) -> PluginLine:
    shown = {one["name"]: row.settings.get(one["name"], one["default"]) for one in row.declared if not one["secret"]}
    recent = list(state.recent_ms)
    return PluginLine(
        row, state, percentile(recent, 0.5), percentile(recent, 0.95), shown, frozenset(row.secrets), parked
    )

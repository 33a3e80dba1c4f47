"""How plugins fare, in numbers: what the page of plugins says, for machines that watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from core.plugins.health import percentile
from core.plugins.registry import plugins
from core.schema import PluginParked, PluginState, WebhookDelivery, WebhookState

if TYPE_CHECKING:
    from sqlalchemy import Connection

_s, _k, _w, _d = (
    PluginState.__table__.c,
    PluginParked.__table__.c,
    WebhookState.__table__.c,
    WebhookDelivery.__table__.c,
)
_STATES = select(_s.name, _s.calls, _s.errors, _s.recent_ms)
_PARKED = select(_k.plugin, func.count()).group_by(_k.plugin)
_UNTAKEN = select(_d.plugin, func.count()).where(_d.state != "done").group_by(_d.plugin)
_DOORS = select(_w.plugin, func.sum(_w.taken), func.sum(_w.refused)).group_by(_w.plugin)


@dataclass(frozen=True, slots=True)
class Figures:
    """One plugin. Seconds are of its newest calls; `waiting` are deliveries that it has not taken, `parked` events."""

    name: str
    works: bool
    calls: int
    errors: int
    p50: float
    p95: float
    parked: int
    waiting: int
    taken: int
    refused: int


def figures(tx: Connection) -> list[Figures]:
    """Every plugin, by name; five statements over small tables."""
    states = {row.name: row for row in tx.execute(_STATES)}
    parked = {row[0]: int(row[1]) for row in tx.execute(_PARKED)}
    waiting = {row[0]: int(row[1]) for row in tx.execute(_UNTAKEN)}
    doors = {row[0]: (int(row[1]), int(row[2])) for row in tx.execute(_DOORS)}
    found = []
    for row in plugins(tx):
        state = states[row.name]
        recent = list(state.recent_ms)
        p50, p95 = ((percentile(recent, part) or 0) / 1000 for part in (0.5, 0.95))
        taken, refused = doors.get(row.name, (0, 0))
        found.append(
            Figures(
                row.name, row.works, state.calls, state.errors, p50, p95,
                parked.get(row.name, 0), waiting.get(row.name, 0), taken, refused,
            )
        )  # fmt: skip
    return found

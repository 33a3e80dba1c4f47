"""The plugins page as it is read: what each plugin is, how it fares, what it could not take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from core.permissions import require
from core.plugins.arriving import PARKED
from core.plugins.doors import callback_url
from core.plugins.health import percentile
from core.plugins.registry import PluginRow, plugins
from core.schema import Link, PluginParked, PluginState, WebhookDelivery, WebhookState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.settings import Settings

MOST_PARKED = 100
_k, _l, _d = PluginParked.__table__.c, Link.__table__.c, WebhookDelivery.__table__.c
_LINKS = select(_l.plugin, func.count().label("n")).where(_l.open).group_by(_l.plugin)
_UNTAKEN = (
    select(_d.plugin, _d.id, _d.webhook, _d.received_at, _d.detail)
    .where(_d.state == PARKED)
    .order_by(_d.id)
    .limit(MOST_PARKED)
)


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
class DoorLine:
    """A webhook of a plugin: what came, what was refused, and at which address it is."""

    name: str
    url: str
    taken: int = 0
    taken_at: int | None = None
    refused: int = 0
    refused_at: int | None = None
    refused_why: str | None = None


@dataclass(frozen=True, slots=True)
class UntakenLine:
    """A delivery that its plugin could not take, after all its tries."""

    id: int
    webhook: str
    received_at: int
    detail: str


@dataclass(frozen=True, slots=True)
class PluginLine:
    """One plugin. `p50` and `p95` are ms of its newest calls; `shown` are its settings without secrets, `kept` the names of those.

    `links` is how many things outside it has linked to tickets and still follows.
    """

    row: PluginRow
    state: Any
    p50: int | None
    p95: int | None
    shown: dict[str, Any]
    kept: frozenset[str]
    parked: tuple[ParkedLine, ...]
    doors: tuple[DoorLine, ...] = ()
    untaken: tuple[UntakenLine, ...] = ()
    links: int = 0

    @property
    def checks(self) -> bool:
        """Can its connection be tested?"""
        return self.row.checks


def plugins_page(tx: Connection, settings: Settings, actor: Actor) -> list[PluginLine]:
    """Every plugin, by name; six statements."""
    require(actor, "read_status")
    states = {row.name: row for row in tx.execute(select(PluginState.__table__))}
    parked: dict[str, list[ParkedLine]] = {}
    columns = [_k[name] for name in ParkedLine.__slots__]
    for found in tx.execute(select(*columns).order_by(_k.id).limit(MOST_PARKED)):
        parked.setdefault(found.plugin, []).append(ParkedLine(*found))
    links = {row.plugin: row.n for row in tx.execute(_LINKS)}
    doors = {(row.plugin, row.webhook): row for row in tx.execute(select(WebhookState.__table__))}
    untaken: dict[str, list[UntakenLine]] = {}
    for found in tx.execute(_UNTAKEN):
        untaken.setdefault(found.plugin, []).append(UntakenLine(*found[1:]))
    lines = []
    for row in plugins(tx):
        line = _line(row, states[row.name], tuple(parked.get(row.name, ())))
        mine = tuple(_door(settings, row, one["name"], doors) for one in row.offered("webhooks"))
        lines.append(replace(line, doors=mine, untaken=tuple(untaken.get(row.name, ())), links=links.get(row.name, 0)))
    return lines


def _door(settings: Settings, row: PluginRow, name: str, doors: Mapping[tuple[str, str], Any]) -> DoorLine:
    url, state = callback_url(settings, row.name, name), doors.get((row.name, name))
    if state is None:
        return DoorLine(name, url)
    return DoorLine(name, url, state.taken, state.taken_at, state.refused, state.refused_at, state.refused_why)


def _line(row: PluginRow, state: Any, parked: tuple[ParkedLine, ...]) -> PluginLine:
    shown = {one["name"]: row.settings.get(one["name"], one["default"]) for one in row.declared if not one["secret"]}
    recent = list(state.recent_ms)
    return PluginLine(
        row, state, percentile(recent, 0.5), percentile(recent, 0.95), shown, frozenset(row.secrets), parked
    )

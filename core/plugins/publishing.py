"""What the plugin host found becomes rows, and plugins are switched on and off: steps that wait for one say so and go on when it is back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from core import configuration, timeline
from core.actors import SYSTEM
from core.advance import want
from core.effects import ATTEMPTING, PLANNED
from core.errors import NotFound
from core.moments import now_ms
from core.permissions import require
from core.plugins.registry import plugin, plugins
from core.routing.asking import CHOOSE, let_go
from core.schema import Effect, Plugin, PluginState
from core.texts import _
from core.tickets.rows import lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from core.actors import Actor

_p, _s, _e = Plugin.__table__.c, PluginState.__table__.c, Effect.__table__.c
_WAITING = (
    select(_e.ticket_id)
    .where(
        _e.plugin == bindparam("plugin"), _e.kind != CHOOSE, _e.ended_at.is_(None), _e.state.in_([PLANNED, ATTEMPTING])
    )
    .distinct()
    .order_by(_e.ticket_id)
)
MANY_REPLACED, WITHIN_MS = 3, 600_000  # so many lost processes in ten minutes: it is switched off


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin that the host found: what it declares, or in `error` why it cannot be used."""

    name: str
    version: str
    source: dict[str, Any]
    actions: tuple[Mapping[str, Any], ...] = ()
    declared: tuple[Mapping[str, Any], ...] = ()
    hooks: tuple[str, ...] = ()
    offers: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


def without_doubles(found: Iterable[Found]) -> list[Found]:
    """Plugins that register the same action name are not used, and each one's error names both."""
    kept = list(found)
    owners: dict[str, list[str]] = {}
    for one in kept:
        for action in one.actions:
            owners.setdefault(action["name"], []).append(one.name)
    for name, both in owners.items():
        if len(both) > 1:
            words = f"action '{name}' is registered by plugins {' and '.join(both)}; remove one of them"
            kept = [replace(one, actions=(), error=words) if one.name in both else one for one in kept]
    return kept


def publish(tx: Connection, found: Iterable[Found], now: int) -> None:
    """Write what was found; plugins that are no longer there are marked, and keep their settings."""
    known = {row.name: row for row in plugins(tx)}
    names = set()
    for one in found:
        names.add(one.name)
        values = {
            "version": one.version[:64],
            "source": dict(one.source),
            "present": True,
            "error": one.error,
            "actions": list(one.actions),
            "declared": list(one.declared),
            "hooks": list(one.hooks),
            "offers": dict(one.offers),
        }
        if one.name in known:
            if one.error:  # what it offered stays known, so that its steps wait instead of failing
                values = {name: values[name] for name in ("version", "source", "present", "error")}
            if any(getattr(known[one.name], name) != value for name, value in values.items()):
                tx.execute(update(Plugin.__table__).where(_p.name == one.name).values(**values, published_at=now))
                _tell_waiting(tx, one.name)
        else:
            _add(tx, one.name, values, now)
    gone = [name for name, row in known.items() if row.present and name not in names]
    for name in gone:
        tx.execute(update(Plugin.__table__).where(_p.name == name).values(present=False))
        _tell_waiting(tx, name)
    look_after_webhooks(tx, now)
    configuration.bump(tx)


def look_after_webhooks(tx: Connection, now: int, name: str | None = None) -> None:
    """The host shall look now whether the webhooks of a plugin (of all) are registered at the other side."""
    statement = update(PluginState.__table__).values(keep_at=now, keep_tries=0)
    tx.execute(statement if name is None else statement.where(_s.name == name))


def expect(tx: Connection, name: str, declared: list[dict[str, Any]], now: int) -> None:
    """A plugin that the host will find when it starts: what is typed in until then is kept."""
    nothing: dict[str, Any] = {"version": "", "source": {}, "present": False, "error": None, "actions": [], "hooks": []}
    _add(tx, name, {**nothing, "declared": declared, "offers": {}}, now)


def _add(tx: Connection, name: str, values: dict[str, Any], now: int) -> None:
    """A new plugin: it hears of what happens from now on."""
    tx.execute(
        Plugin.__table__.insert().values(name=name, enabled=True, settings={}, secrets={}, published_at=now, **values)
    )
    position = timeline.newest(tx)
    tx.execute(
        PluginState.__table__.insert().values(
            name=name, calls=0, errors=0, recent_ms=[], replaced=[], tries=0, keep_tries=0,
            position_xid=position.xid, position_id=position.id,
        )
    )  # fmt: skip


# ---- the switch ------------------------------------------------------------------------------------------------------------


def switch(tx: Connection, actor: Actor, name: str, *, on: bool) -> None:
    """Switch a plugin on or off; every process follows with its next look. Steps that waited for it go on."""
    require(actor, "change_plugins")
    if plugin(tx, name) is None:
        raise NotFound(_("There is no plugin “%(name)s”.", name=name))
    tx.execute(update(Plugin.__table__).where(_p.name == name).values(enabled=on, off_reason=None))
    if on:
        tx.execute(update(PluginState.__table__).where(_s.name == name).values(replaced=[]))
        look_after_webhooks(tx, now_ms(), name)
    _tell_waiting(tx, name)
    configuration.bump(tx)


def switch_off(tx: Connection, name: str, reason: str) -> None:
    """The host switches a plugin off; `reason` is a code that the plugins page explains."""
    tx.execute(update(Plugin.__table__).where(_p.name == name).values(enabled=False, off_reason=reason))
    _tell_waiting(tx, name)
    configuration.bump(tx)


def _tell_waiting(tx: Connection, name: str) -> None:
    """Tickets whose steps want this plugin say whether they wait for it or go on; Temporal is told of those that go on."""
    found = plugin(tx, name)
    works = found is not None and found.works
    if not works:
        let_go(tx, name)
    for ticket_id in tx.execute(_WAITING, {"plugin": name}).scalars().all():
        lock(tx, ticket_id)
        kind = "plugin.back" if works else "plugin.awaited"
        timeline.append(tx, ticket_id, kind, SYSTEM, {"plugin": name}, at=now_ms())
        if works:
            want(tx, ticket_id)

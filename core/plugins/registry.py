"""Which plugins are there, what do they offer, and are they on? Rows that the plugin host publishes and everybody else reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.plugins.labels import said
from core.schema import Plugin
from core.sop.naming import Action, examples_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_p = Plugin.__table__.c


@dataclass(frozen=True, slots=True)
class PluginRow:
    """One plugin as it was published. `actions` and `declared` are what it registered, as JSON."""

    name: str
    version: str
    source: dict[str, Any]
    present: bool
    enabled: bool
    off_reason: str | None
    error: str | None
    actions: list[Any]
    declared: list[Any]
    hooks: list[Any]
    settings: dict[str, Any]
    secrets: dict[str, Any]
    offers: dict[str, Any]

    @property
    def works(self) -> bool:
        """May it be called?"""
        return self.present and self.enabled and self.error is None

    @property
    def checks(self) -> bool:
        """Can its settings be tested: by asking the other side, or by its own schema?"""
        return "check_connection" in self.hooks or bool(self.offers.get("schema"))

    def offered(self, what: str) -> list[dict[str, Any]]:
        """Its webhooks, channels, panels, templates or commands."""
        return list(self.offers.get(what, ()))

    def webhook(self, name: str) -> dict[str, Any] | None:
        """Its webhook of this name."""
        return next((one for one in self.offered("webhooks") if one["name"] == name), None)

    def action(self, name: str) -> dict[str, Any] | None:
        """What it registered under this name."""
        return next((one for one in self.actions if one["name"] == name), None)


_ROWS = select(*(_p[name] for name in PluginRow.__slots__)).order_by(_p.name)
_ONE = _ROWS.where(_p.name == bindparam("plugin"))


def plugins(tx: Connection) -> list[PluginRow]:
    """All plugins that were ever published here."""
    return [PluginRow(*row) for row in tx.execute(_ROWS)]


def plugin(tx: Connection, name: str) -> PluginRow | None:
    """One plugin."""
    row = tx.execute(_ONE, {"plugin": name}).one_or_none()
    return PluginRow(*row) if row else None


def offered_by(tx: Connection, action: str) -> PluginRow | None:
    """The plugin that offers an action: its calls wait while it does not work. None: nobody does, and the call fails."""
    found = plugin(tx, action.partition(".")[0])
    return found if found and found.action(action) else None


def known_actions(tx: Connection) -> dict[str, Action] | None:
    """What the checker needs to know of every action; None while no plugin was ever published here."""
    rows = plugins(tx)
    if not rows:
        return None
    offered = [action for row in rows if row.present for action in row.actions]
    return {
        one["name"]: Action(one["arguments"], one["result"], one["irreversible"], one.get("example")) for one in offered
    }


def examples(tx: Connection) -> dict[str, Any]:
    """What each action might bring, where its plugin says so: dry runs and test cases answer with it."""
    return examples_of(known_actions(tx))


def channel_titles(tx: Connection) -> dict[str, str]:
    """The channels that plugins offer, by name."""
    return {one["name"]: said(one["title"]) for row in plugins(tx) for one in row.offered("channels")}

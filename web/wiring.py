"""What is this application made of? The one place where a view finds its settings, its database and the live stream."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from flask import current_app
from sqlalchemy import select

from core.moments import now_ms
from core.schema import Process

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings
    from web.live import Hub

_KEEP_SECONDS = 2.0
_SILENT_MS = 30_000
_process = Process.__table__.c
_RELAY = select(_process.seen_at, _process.facts).where(_process.name == "relay")


@dataclass(slots=True)
class Lag:
    """Since when do procedures stand still (ms)? None: they run. Looked up at most every two seconds."""

    _since: int | None = None
    _looked: float = -60.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def since(self, database: Database) -> int | None:
        """The moment from which the workflows lag behind, or None."""
        with self._lock:
            if time.monotonic() - self._looked > _KEEP_SECONDS:
                with database.read() as tx:
                    self._since = _lag_since(tx.execute(_RELAY).one_or_none())
                self._looked = time.monotonic()
            return self._since


def _lag_since(row: object | None) -> int | None:
    if row is None:
        return None  # no relay has ever run here: nothing was promised
    seen_at, facts = cast("tuple[int, dict[str, dict[str, object]]]", row)
    temporal = facts.get("temporal") or {}
    if temporal.get("reachable") is False:
        since = temporal.get("since")
        return since if isinstance(since, int) else seen_at
    return seen_at if now_ms() - seen_at > _SILENT_MS else None


@dataclass(slots=True)
class Wiring:
    """Made once by `create_app`."""

    settings: Settings
    database: Database
    hub: Hub
    lag: Lag = field(default_factory=Lag)


def wiring() -> Wiring:
    """The wiring of the application that answers this request."""
    return cast("Wiring", current_app.extensions["estafet"])


def database() -> Database:
    """The database of this application."""
    return wiring().database


def settings() -> Settings:
    """The settings of this application."""
    return wiring().settings

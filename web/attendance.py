"""Who is there? This process remembers whose window is open and who has clicked, and writes it down twice a minute."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.moments import now_ms
from core.presence import KEEP_SECONDS, keep_seen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.database import Database

_log = structlog.get_logger("estafet.attendance")


class Attendance:
    """`saw` costs nothing; `keep` is called often and writes seldom."""

    def __init__(self, database: Database, *, seconds: float = KEEP_SECONDS) -> None:
        self._database, self._seconds = database, seconds
        self._seen: dict[int, int] = {}
        self._lock = threading.Lock()
        self._next = time.monotonic() + seconds

    def saw(self, person_id: int) -> None:
        """Somebody was there just now."""
        with self._lock:
            self._seen[person_id] = now_ms()

    def keep(self, windows: Iterable[int]) -> None:
        """Write down who was there since the last time, and whose windows are open now."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._seconds
        now = now_ms()
        with self._lock:
            seen, self._seen = {**self._seen, **dict.fromkeys(windows, now)}, {}
        try:
            with self._database.write(quietly=True) as tx:
                keep_seen(tx, seen, now)
        except SQLAlchemyError as error:
            _log.warning("who is there could not be written down", error=str(error))
            with self._lock:
                self._seen = {**seen, **self._seen}

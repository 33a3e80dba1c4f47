"""Our own mail is tried once right after the commit that wants it, before Temporal is asked: most mails leave so, and cost it nothing.

What did not leave stays planned and becomes an activity of its ticket's workflow, with its retries. An attempt that a crash interrupts stays
`attempting` and is taken up by such an activity too: it is never sent again blindly.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import structlog

from core.performing import TryLater, try_mail

if TYPE_CHECKING:
    from core.advance import Standing
    from core.database import Database
    from core.settings import Settings

log = structlog.get_logger()

THREADS = 4
SLOW_SECONDS = (
    1.0  # a mail server that takes longer is left to the activities, which have more threads and more patience
)
REST_SECONDS = 60.0
_REMEMBERED = 10_000


class Posting:
    """Tries mails in a few threads; rests for a minute when the mail server is slow or refuses."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="posting")
        self._under_way = 0
        self._rest_until = 0.0
        self._tried: dict[str, None] = {}

    async def post(self, standing: Standing) -> Standing:
        """Try the mails that the ticket wants; returns how it stands then."""
        keys = [one.key for one in standing.effects if one.kind == "send_mail" and one.key not in self._tried]
        if not keys or self._under_way >= THREADS or time.monotonic() < self._rest_until:
            return standing
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._post, standing, keys)
        finally:
            self._under_way -= 1

    def _post(self, standing: Standing, keys: list[str]) -> Standing:
        for key in keys:
            self._remember(key)
            began = time.monotonic()
            try:
                standing = try_mail(self._database, self._settings, key) or standing
            except TryLater as later:
                log.info("mail left to Temporal", effect=key, reason=str(later))
                self._rest()
                break
            except Exception:
                log.exception("mail not tried", effect=key)
                self._rest()
                break
            if time.monotonic() - began > SLOW_SECONDS:
                self._rest()
                break
        return standing

    def _rest(self) -> None:
        self._rest_until = time.monotonic() + REST_SECONDS

    def _remember(self, key: str) -> None:
        """Each mail is tried here once: its retries are Temporal's."""
        self._tried[key] = None
        while len(self._tried) > _REMEMBERED:
            self._tried.pop(next(iter(self._tried)), None)

    def close(self) -> None:
        """Mails that have not been begun are left to whoever comes next."""
        self._threads.shutdown(wait=False, cancel_futures=True)

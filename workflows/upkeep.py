"""What is caught up with in the background, by one worker at a time: small jobs that the core offers, each in short transactions."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from core.moments import now_ms
from core.wake import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from core.database import Database
    from core.settings import Settings

log = structlog.get_logger()

LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """`run` does a bounded piece of work in the open transaction and says how much it did; it is asked again until that is nothing."""

    name: str
    run: Callable[[Connection], int]


@dataclass(frozen=True, slots=True)
class Errand:
    """Work that opens its own transactions, because something leaves the house between them; it says how much it did."""

    name: str
    run: Callable[[Database, Settings], int]


def seldom(run: Callable[[Connection], int], *, seconds: float = 3600.0) -> Callable[[Connection], int]:
    """The same work, but only once an hour (and on, while there is something left): for what has to look through a whole table."""
    due = time.monotonic()

    def when_due(tx: Connection) -> int:
        nonlocal due
        if time.monotonic() < due:
            return 0
        done = run(tx)
        if not done:
            due = time.monotonic() + seconds
        return done

    return when_due


class Upkeep:
    """A thread that runs the jobs after every commit (when rung) and every few seconds, while `leads()` says so."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        jobs: Sequence[Job | Errand],
        leads: Callable[[], bool],
        *,
        next_due: Callable[[Database], int | None] | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._jobs = jobs
        self._leads = leads
        self._next_due = next_due
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; the job under way is finished."""
        self._ended.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        listener = Listener(self._settings)
        try:
            while not self._ended.is_set():
                if self._leads():
                    for job in self._jobs:
                        self._catch_up(job)
                if listener.wait(self._seconds()):
                    self._ended.wait(0.2)  # what comes together is done together
        finally:
            listener.close()

    def _seconds(self) -> float:
        """How long to sleep: until what is due next, if that is sooner than the next look."""
        if self._next_due is None:
            return LOOK_SECONDS
        try:
            due = self._next_due(self._database)
        except Exception:
            log.exception("upkeep does not know what is due")
            return LOOK_SECONDS
        left = LOOK_SECONDS if due is None else (due - now_ms()) / 1000
        return min(LOOK_SECONDS, max(0.05, left)) if left > -1 else LOOK_SECONDS  # what is long due is somebody else's

    def _catch_up(self, job: Job | Errand) -> None:
        try:
            while not self._ended.is_set():
                if not self._do(job):
                    return
        except Exception:
            log.exception("upkeep failed", job=job.name)

    def _do(self, job: Job | Errand) -> int:
        if isinstance(job, Errand):
            return job.run(self._database, self._settings)
        with self._database.write(quietly=True) as tx:
            return job.run(tx)

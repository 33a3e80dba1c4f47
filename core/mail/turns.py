"""Who may say a mail's last word now? One at a time, so that a process that is killed leaves one mail in doubt and not sixteen."""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 0.5  # seconds: a server that takes longer to answer does not hold up the other mails


class Turns:
    """Between a mail's last line and its noted answer nobody knows whether it was taken: mails take turns in passing that stretch."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._free = Condition()
        self._holder: object | None = None
        self._since = 0.0

    @contextmanager
    def turn(self, seconds: float) -> Iterator[bool]:
        """False when it did not come within `seconds`. Who has had the turn for longer than the patience keeps nobody waiting."""
        me = object()
        with self._free:
            got = self._wait(time.monotonic() + seconds)
            if got:
                self._holder, self._since = me, time.monotonic()
        try:
            yield got
        finally:
            with self._free:
                if self._holder is me:
                    self._holder = None
                    self._free.notify()

    def _wait(self, end: float) -> bool:
        while self._holder is not None:
            now = time.monotonic()
            over = self._since + self._patience
            if now >= over:
                return True
            if now >= end:
                return False
            self._free.wait(min(over, end) - now)
        return True

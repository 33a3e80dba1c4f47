"""What a stand-in remembers, in one JSON file: it is written whole at every change, so that a restart continues."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Kept:
    """A mapping behind a lock. Without a file it lives as long as the process."""

    def __init__(self, file: Path | None, begin: dict[str, Any]) -> None:
        self._file, self._lock = file, threading.RLock()
        self.data = json.loads(file.read_text("utf-8")) if file and file.exists() else begin

    @contextmanager
    def changing(self) -> Iterator[dict[str, Any]]:
        """One change at a time, on the disk when it ends."""
        with self._lock:
            yield self.data
            if self._file:
                draft = self._file.with_suffix(".new")
                draft.write_text(json.dumps(self.data, indent=1), "utf-8")
                draft.replace(self._file)

    @contextmanager
    def reading(self) -> Iterator[dict[str, Any]]:
        """As it is now."""
        with self._lock:
            yield self.data

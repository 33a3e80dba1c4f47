"""Who is told that something was committed? A datagram (SQLite) or NOTIFY (PostgreSQL) wakes the relay and the live streams at once.

A ring carries nothing and may be lost: whoever listens also looks by itself every few seconds.
"""

from __future__ import annotations

import os
import select
import socket
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.settings import Settings

CHANNEL = "estafet"
_NOTIFY = text(f"NOTIFY {CHANNEL}")
_LOOK_AGAIN = 2.0  # seconds between looks for new listeners
_LONGEST_PATH = 100  # a unix socket's path must be under 108 bytes


class Bell:
    """Rings all listeners of this installation."""

    def __init__(self, settings: Settings) -> None:
        self._folder = listeners_folder(settings) if settings.sqlite else None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._known: list[str] = []
        self._looked = 0.0

    def ring(self) -> None:
        """Send a datagram to each listening process; a dead one is skipped."""
        if self._folder is None:
            return
        if time.monotonic() - self._looked > _LOOK_AGAIN:
            self._known = [str(path) for path in self._folder.glob("*.sock")]
            self._looked = time.monotonic()
        for path in self._known:
            try:
                self._socket.sendto(b".", path)
            except BlockingIOError:
                pass  # its buffer is full of rings: it will wake anyway
            except OSError:
                self._looked = 0.0

    @staticmethod
    def ring_within(tx: Connection) -> None:
        """PostgreSQL: listeners are told when, and only when, this transaction commits."""
        tx.execute(_NOTIFY)

    def close(self) -> None:
        self._socket.close()


class Listener:
    """Waits for rings. One per listening process; `wait` blocks at most `seconds`."""

    def __init__(self, settings: Settings) -> None:
        self._path: Path | None = None
        self._connection: Any = None
        self._url = settings.database_url
        if settings.sqlite:
            folder = listeners_folder(settings)
            _remove_dead(folder)
            self._path = folder / f"{os.getpid()}-{id(self):x}.sock"
            self._path.unlink(missing_ok=True)
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.bind(str(self._path))
            self._socket.setblocking(False)

    def wait(self, seconds: float) -> bool:
        """True when rung; False when the time is over."""
        return self._wait_datagram(seconds) if self._path else self._wait_notify(seconds)

    def _wait_datagram(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._socket], [], [], seconds)
        if not ready:
            return False
        try:
            while self._socket.recv(16):
                pass
        except BlockingIOError:
            pass
        return True

    def _wait_notify(self, seconds: float) -> bool:
        import psycopg  # only where PostgreSQL is used

        try:
            if self._connection is None:
                self._connection = psycopg.connect(self._url.replace("+psycopg", "", 1), autocommit=True)
                self._connection.execute(f"LISTEN {CHANNEL}")
                return True
            return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))
        except psycopg.Error:
            self._connection = None
            time.sleep(min(seconds, 0.5))  # the server is away: the caller looks by itself meanwhile
            return False

    def close(self) -> None:
        if self._path:
            self._socket.close()
            self._path.unlink(missing_ok=True)
        elif self._connection is not None:
            self._connection.close()


def listeners_folder(settings: Settings) -> Path:
    """The folder of the sockets: in home, or (when that path is too long) one in the temporary folder named after it."""
    folder = settings.home / "run"
    if len(str(folder)) > _LONGEST_PATH - 30:
        folder = Path(tempfile.gettempdir()) / f"estafet-{sha256(str(settings.home).encode()).hexdigest()[:12]}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _remove_dead(folder: Path) -> None:
    for path in folder.glob("*.sock"):
        try:
            os.kill(int(path.name.split("-")[0]), 0)
        except (ProcessLookupError, ValueError):
            path.unlink(missing_ok=True)
        except PermissionError:
            pass

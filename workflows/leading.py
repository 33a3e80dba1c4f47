"""Which of several equal processes does what one of them is enough for? Whoever keeps its row in `process` fresh."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.database import is_sqlite
from core.moments import now_ms
from core.schema import Process

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from core.database import Database

KEEP_SECONDS = 2.0
STALE_MS = 6_000  # a leader that was silent for so long is gone

_p = Process.__table__.c
_READ = select(_p.pid, _p.seen_at, _p.facts).where(_p.name == bindparam("b_name"))
_KEEP = (
    update(Process)
    .where(_p.name == bindparam("b_name"))
    .values(pid=bindparam("b_pid"), seen_at=bindparam("b_now"), facts=bindparam("b_facts"))
)


class Leadership:
    """A wish to lead, never a lock: for a moment there may be two leaders or none, and nothing may depend on it."""

    def __init__(self, database: Database, name: str) -> None:
        self.database = database
        self.name = name
        self.ours = False
        self._me = (os.getpid(), socket.gethostname(), id(self))
        self._next = 0.0

    def keep(self, facts: Callable[[], dict[str, Any]]) -> None:
        """Every few seconds: lead if nobody else does, and then say how things are (`facts`)."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + KEEP_SECONDS
        with self.database.read() as tx:
            self.ours = self._is_ours(tx)
        if self.ours:
            with self.database.write(quietly=True) as tx:
                self.ours = self._is_ours(tx)
                if self.ours:
                    self._write(tx, {**facts(), "host": self._me[1], "leader": self._me[2]})

    def resign(self) -> None:
        """Leave at once, so that another one need not wait."""
        if self.ours:
            with self.database.write(quietly=True) as tx:
                tx.execute(delete(Process).where(_p.name == self.name, _p.pid == self._me[0]))
            self.ours = False

    def _is_ours(self, tx: Connection) -> bool:
        row = tx.execute(_READ, {"b_name": self.name}).one_or_none()
        if row is None or now_ms() - row.seen_at > STALE_MS:
            return True
        host = row.facts.get("host")
        if (row.pid, host, row.facts.get("leader")) == self._me:
            return True
        return host == self._me[1] and row.pid != self._me[0] and not _lives(row.pid)

    def _write(self, tx: Connection, facts: dict[str, Any]) -> None:
        values = {"b_name": self.name, "b_pid": self._me[0], "b_now": now_ms(), "b_facts": facts}
        if tx.execute(_KEEP, values).rowcount == 0:
            dialect = sqlite if is_sqlite(tx) else postgresql
            tx.execute(
                dialect.insert(Process)
                .values(name=self.name, pid=self._me[0], seen_at=now_ms(), facts=facts)
                .on_conflict_do_nothing(index_elements=["name"])
            )


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""How is the database opened, read and written? SQLite and PostgreSQL behind one door."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError

from core.wake import Bell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from core.settings import Settings

BUSY_MS = 10_000  # how long a person's click waits for the write lock of SQLite
_READ_POOL = 40
_SCRATCH, _LAST, _AFTER, _WHERE = "estafet.scratch", "last of all", "afterwards", "where"


class Database:
    """Two ways in: `read()` sees one snapshot and cannot write; `write()` is one transaction, committed at the end of the block.

    A commit rings the bell, so that the relay and the live streams look at once.
    """

    def __init__(self, settings: Settings, *, busy_ms: int = BUSY_MS) -> None:
        self.url = settings.database_url
        self.sqlite = settings.sqlite
        self.bell = Bell(settings)
        self._busy_ms = busy_ms
        self._one_writer = threading.Lock()  # SQLite's own busy wait is unfair; a lock inside the process is not
        self._reader = self._engine(read_only=True)
        self._writer = self._engine(read_only=False)

    def _engine(self, *, read_only: bool) -> Engine:
        if not self.sqlite:
            return create_engine(
                self.url, pool_size=20, max_overflow=60, pool_pre_ping=True, connect_args={"options": "-c timezone=UTC"}
            )
        engine = create_engine(
            self.url,
            pool_size=_READ_POOL,
            max_overflow=240,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )
        event.listen(engine, "connect", _sqlite_settings(self._busy_ms, read_only))
        event.listen(engine, "begin", _begin_deferred if read_only else _begin_immediate)
        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading only; every statement in the block sees the same moment (on SQLite)."""
        with self._reader.connect() as connection:
            connection.info[_SCRATCH] = {_WHERE: self.url}
            yield connection

    @contextmanager
    def write(self, *, quietly: bool = False) -> Iterator[Connection]:
        """One transaction. It commits when the block ends well and rolls back when it raises. `quietly` does not ring the bell."""
        if self.sqlite:
            with self._one_writer, self._writer.begin() as connection:
                connection.info[_SCRATCH] = {_WHERE: self.url}
                yield connection
                _finish(connection)
        else:
            with self._writer.begin() as connection:
                connection.info[_SCRATCH] = {_WHERE: self.url}
                yield connection
                _finish(connection)
                if not quietly:
                    self.bell.ring_within(connection)
        if self.sqlite and not quietly:
            self.bell.ring()

    def close(self) -> None:
        """Give back every connection."""
        self._reader.dispose()
        self._writer.dispose()
        self.bell.close()


def scratch(tx: Connection) -> dict[str, Any]:
    """What this transaction remembers until it ends."""
    found: dict[str, Any] = tx.info.setdefault(_SCRATCH, {})
    return found


def database_of(tx: Connection) -> str:
    """Which database this is: what is kept in memory is kept for one of them."""
    known = scratch(tx)
    if _WHERE not in known:
        known[_WHERE] = str(tx.engine.url)
    return str(known[_WHERE])


def last_of_all(tx: Connection, name: str, work: Callable[[Connection, Any], None], start: Callable[[], Any]) -> Any:
    """Something to be done once, by `work`, as the last statements of the transaction; returns what is collected for it until then.

    Rows that everybody updates (counters) are locked so for the shortest time, and always behind all others.
    """
    waiting = scratch(tx).setdefault(_LAST, {})
    if name not in waiting:
        waiting[name] = (work, start())
    return waiting[name][1]


def afterwards(tx: Connection, name: str, work: Callable[[Connection, Any], None], start: Callable[[], Any]) -> Any:
    """Something to be done once, when the command is over and before the last statements; returns what is collected for it until then."""
    waiting = scratch(tx).setdefault(_AFTER, {})
    if name not in waiting:
        waiting[name] = (work, start())
    return waiting[name][1]


def collected(tx: Connection, name: str) -> Any | None:
    """What `last_of_all` collects under this name, when it has begun to."""
    waiting = scratch(tx).get(_LAST, {})
    return waiting[name][1] if name in waiting else None


def _finish(tx: Connection) -> None:
    while waiting := scratch(tx).pop(_AFTER, None):
        for work, collected in waiting.values():
            work(tx, collected)
    for work, collected in list(scratch(tx).get(_LAST, {}).values()):
        work(tx, collected)
    scratch(tx).pop(_LAST, None)


def _sqlite_settings(busy_ms: int, read_only: bool) -> Any:
    pragmas = [
        f"busy_timeout={busy_ms}",
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL loses acknowledged mail in a power cut
        "foreign_keys=ON",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ]
    if read_only:
        pragmas.append("query_only=ON")

    def connect(connection: Any, _record: Any) -> None:
        for pragma in pragmas:
            connection.execute("PRAGMA " + pragma)

    return connect


def _begin_deferred(connection: Connection) -> None:
    _begin(connection, "BEGIN")


def _begin_immediate(connection: Connection) -> None:
    _begin(connection, "BEGIN IMMEDIATE")


def _begin(connection: Connection, statement: str) -> None:
    """Straight to the driver: it is done at every read and write."""
    driver = connection.dialect.loaded_dbapi.Error
    try:
        connection.connection.driver_connection.execute(statement)  # type: ignore[union-attr]
    except driver as error:
        raise DBAPIError.instance(statement, (), error, driver, dialect=connection.dialect) from error


def is_sqlite(tx: Connection) -> bool:
    """Does this transaction run on SQLite?"""
    return tx.dialect.name == "sqlite"

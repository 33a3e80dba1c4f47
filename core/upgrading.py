"""Which version has the database, and how does it get to the program's? Migrations are applied at start, by one process at a time.

Alembic is loaded when it is needed: the processes that serve people hardly ever do.
"""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, pool, text
from sqlalchemy.exc import OperationalError

from core.errors import UpgradeError
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection

    from core.settings import Settings

_LOCK = 20_261_124  # the number under which upgrades queue on PostgreSQL


__all__ = ["UpgradeError", "current_version", "downgrade", "newest", "status", "upgrade"]


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring the database to `revision`. Whoever comes second waits and finds nothing left to do."""
    from alembic import command

    with _alone(settings) as connection:
        current, known = _current(connection), _script()
        if current is not None and current not in {r.revision for r in known.walk_revisions()}:
            raise UpgradeError(
                _(
                    "The database has version %(version)s, which is newer than this program. Install the newer Estafet or restore an older database.",
                    version=current,
                )
            )
        command.upgrade(_config(connection), revision)


def downgrade(settings: Settings, revision: str) -> None:
    """Take the database back to an older `revision` ("base" empties it)."""
    from alembic import command

    with _alone(settings) as connection:
        command.downgrade(_config(connection), revision)


def status(settings: Settings) -> tuple[str | None, str]:
    """(the database's version, the program's)."""
    engine = create_engine(settings.database_url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        return _current(connection), newest()


def newest() -> str:
    """The program's version of the schema."""
    head = _script().get_current_head()
    assert head is not None
    return head


def current_version(connection: Connection) -> str | None:
    """The database's version, seen through an open connection."""
    return _current(connection)


def _current(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _script() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config())


@contextmanager
def _alone(settings: Settings) -> Iterator[Connection]:
    engine = create_engine(settings.database_url, poolclass=pool.NullPool)
    try:
        if settings.sqlite:
            with (settings.home / "upgrade.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                with engine.begin() as connection:
                    yield connection
        else:
            with engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
                yield connection
    except OperationalError as error:
        raise UpgradeError(
            _("The database cannot be opened: %(error)s. Check ESTAFET_DATABASE_URL.", error=error.orig)
        ) from error
    finally:
        engine.dispose()

"""The database is made ready for this version of the program: its tables, and the procedure that every ticket can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actors import SYSTEM
from core.database import Database
from core.moments import now_ms
from core.procedures import publish_library
from core.upgrading import upgrade

if TYPE_CHECKING:
    from core.settings import Settings


def prepare(settings: Settings) -> None:
    """Bring the database to the newest version and publish the standard SOP when there is none. May be done again and again."""
    upgrade(settings)
    database = Database(settings)
    try:
        with database.write() as tx:
            publish_library(tx, SYSTEM, now_ms())
    finally:
        database.close()

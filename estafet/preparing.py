"""The database is made ready for this version of the program: its tables, and the procedure that every ticket can follow."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from core.actors import SYSTEM
from core.database import Database
from core.moments import now_ms
from core.procedures import publish_library
from core.texts import _
from core.upgrading import status, upgrade
from estafet.command import CannotRun

if TYPE_CHECKING:
    from core.settings import Settings

SUPERVISED = "ESTAFET_SUPERVISED"  # set by `estafet up`, which has prepared the database for its children


def prepare(settings: Settings) -> None:
    """Bring the database to the newest version and publish the standard SOP when there is none. May be done again and again."""
    upgrade(settings)
    database = Database(settings)
    try:
        with database.write() as tx:
            publish_library(tx, SYSTEM, now_ms())
    finally:
        database.close()


def check_prepared(settings: Settings) -> None:
    """CannotRun when the database is not at this program's version: a process started alone changes nothing by itself."""
    if os.environ.get(SUPERVISED):
        return
    version, newest = status(settings)
    if version != newest:
        raise CannotRun(
            _(
                "The database has version %(version)s, this program needs %(newest)s. Run “estafet db upgrade”, or install the program that fits.",
                version=version or "0",
                newest=newest,
            )
        )

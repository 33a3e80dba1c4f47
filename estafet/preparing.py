"""The database is made ready for this version of the program: its tables, and the procedure that every ticket can follow."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from core.texts import _
from estafet.command import CannotRun

if TYPE_CHECKING:
    from core.settings import Settings

# Set by `estafet up`, which prepares the database for its children: the file that it makes when that is done.
SUPERVISED = "ESTAFET_SUPERVISED"
_LOOK_SECONDS = 0.02


def prepare(settings: Settings) -> None:
    """Bring the database to the newest version and publish the standard SOP when there is none. May be done again and again."""
    from core.actors import SYSTEM
    from core.database import Database
    from core.moments import now_ms
    from core.procedures import publish_library
    from core.upgrading import upgrade

    upgrade(settings)
    database = Database(settings)
    try:
        with database.write() as tx:
            publish_library(tx, SYSTEM, now_ms())
    finally:
        database.close()


def await_prepared() -> None:
    """Under `estafet up`: wait until it has prepared the database. Modules are loaded meanwhile."""
    sign = os.environ.get(SUPERVISED)
    while sign and not Path(sign).exists():
        time.sleep(_LOOK_SECONDS)


def check_prepared(settings: Settings) -> None:
    """CannotRun when the database is not at this program's version: a process started alone changes nothing by itself."""
    if os.environ.get(SUPERVISED):
        await_prepared()
        return
    from core.upgrading import status

    version, newest = status(settings)
    if version != newest:
        raise CannotRun(
            _(
                "The database has version %(version)s, this program needs %(newest)s. Run “estafet db upgrade”, or install the program that fits.",
                version=version or "0",
                newest=newest,
            )
        )

"""A plugin host that makes one call and ends, for tests that kill it: `python -m tests.plugins.one_call KEY`."""

from __future__ import annotations

import contextlib
import sys

from core.database import Database
from core.performing import TryLater
from core.plugins.calling import call
from core.settings import read_settings
from workflows.plugin_pool import PluginPool


def main(key: str) -> None:
    settings = read_settings()
    database, pool = Database(settings), PluginPool()
    try:
        with contextlib.suppress(TryLater):
            call(database, settings, pool, key)
    finally:
        pool.close()
        database.close()


if __name__ == "__main__":
    main(sys.argv[1])

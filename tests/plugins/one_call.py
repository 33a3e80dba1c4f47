"""Plugin hosts that make one call each, for tests that kill them: each line of the input is a call's key, each line of the output a host's pid.

They are forked from one process that has loaded everything, so that a test can afford many. What it loads is named inside `main`: the
children of a host load this module again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys


def main() -> None:
    from core.database import Database
    from core.performing import TryLater
    from core.plugins.calling import call
    from core.settings import read_settings
    from workflows.plugin_pool import PluginPool

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    settings = read_settings()
    for line in sys.stdin:
        if pid := os.fork():
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
            continue
        os.setpgid(0, 0)  # a host and its children are a group, so that a test can see when the last of them is gone
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        database, pool = Database(settings), PluginPool()
        with contextlib.suppress(TryLater):
            call(database, settings, pool, line.strip())
        pool.close()
        os._exit(0)


if __name__ == "__main__":
    main()

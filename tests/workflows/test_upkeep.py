"""Background jobs catch up, by one worker at a time."""

from __future__ import annotations

import threading
import time

from workflows.upkeep import Job, Upkeep


def worked(settings, database, jobs, leads, until) -> None:
    upkeep = Upkeep(settings, database, jobs, leads)
    upkeep.start()
    end = time.monotonic() + 10
    while not until():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    upkeep.stop()
    with database.write():
        pass  # rings, so that it looks up from its waiting
    upkeep.join(10)


def test_job_runs_until_nothing_is_left(settings, database):
    left = [3, 2, 1]
    worked(settings, database, [Job("count", lambda _tx: left.pop() if left else 0)], lambda: True, lambda: not left)


def test_failing_job_stops_no_other(settings, database):
    done = threading.Event()

    def broken(_tx):
        raise ValueError

    def fine(_tx):
        done.set()
        return 0

    worked(settings, database, [Job("broken", broken), Job("fine", fine)], lambda: True, done.is_set)


def test_follower_leaves_jobs_alone(settings, database):
    asked = threading.Event()
    ran = []

    def leads():
        asked.set()
        return False

    worked(settings, database, [Job("count", lambda _tx: ran.append(1) or 0)], leads, asked.is_set)
    assert not ran

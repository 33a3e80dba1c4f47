"""How soon does an event set the next step off? Run: `python -m benchmarks reaction`. The limits: idle p50 35 ms, p99 100 ms, half load p99 250 ms.

From the commit that opens a ticket to the commit in which its first mail has left and its step is done, by a worker in a process of its own on
SQLite: once with nothing else to do, once while others open five tickets a second.
"""

from __future__ import annotations

import json
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from benchmarks._house import home, percentile, until
from core.actors import SYSTEM
from core.schema import Effect
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

if TYPE_CHECKING:
    from benchmarks._house import Home

OTHERS_A_SECOND = 5


def measure(events: int = 150) -> dict[str, float]:
    """Milliseconds, idle and at half load."""
    with home() as house, house.engine():
        _react(house, 5)  # warm
        idle = _react(house, events)
        stop = threading.Event()
        others = threading.Thread(target=_others, args=(house, stop))
        others.start()
        loaded = _react(house, events)
        stop.set()
        others.join()
    return {
        "idle, p50 ms": percentile(idle, 0.5),
        "idle, p99 ms": percentile(idle, 0.99),
        "half load, p50 ms": percentile(loaded, 0.5),
        "half load, p99 ms": percentile(loaded, 0.99),
    }


def _react(house: Home, events: int) -> list[float]:
    took = []
    for n in range(events):
        ticket = _open(house, f"watched{n % 50}@example.com")
        committed = time.perf_counter()
        until(partial(_has_left, house, ticket), pause=0.001)
        took.append((time.perf_counter() - committed) * 1000)
        time.sleep(0.02)
    return took


def _open(house: Home, email: str) -> int:
    new = NewTicket("Broken", "It does not work.", CustomerRef(email, "C"), language="en")
    with house.database.write() as tx:
        return open_ticket(tx, house.settings, SYSTEM, new).ticket_id


def _has_left(house: Home, ticket: int) -> bool:
    with house.database.read() as tx:
        return "done" in set(tx.execute(select(Effect.state).where(Effect.ticket_id == ticket)).scalars())


def _others(house: Home, stop: threading.Event) -> None:
    n = 0
    while not stop.wait(1 / OTHERS_A_SECOND):
        _open(house, f"other{(n := n + 1)}@example.com")


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))

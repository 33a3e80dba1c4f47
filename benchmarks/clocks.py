"""How soon after its due moment does a clock break, with many due in the same minute? Run: `python -m benchmarks clocks`.

A real Temporal dev server and a worker of its own; SQLite. Each is due two minutes after it was opened; they are
opened over one minute.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from benchmarks._house import cpu_ms, home, percentile, until
from core.actors import SYSTEM
from core.clocks.policies import create_policy
from core.schema import Effect, Event, Ticket
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

if TYPE_CHECKING:
    from benchmarks._house import Home

QUIET_S = 10
SPREAD_S = 60
_e, _t, _f = Event.__table__.c, Ticket.__table__.c, Effect.__table__.c
_UNTOLD = select(func.count()).where(_t.want_seq > _t.nudged_seq)
_UNSENT = select(func.count()).where(_f.state.in_(["planned", "attempting"]))
_BREACHES = select(_e.at, _e.data).where(_e.kind == "clock.breached")


def measure(due: int = 500, running: int = 2000) -> dict[str, float]:
    """Milliseconds from the due moment to the breach, and the processor time that running clocks take while nothing is due."""
    with home() as house, house.engine() as pids:
        with house.database.write() as tx:
            metrics = {"first_response": {"goal": {"urgent": "PT2M", "medium": "PT900H"}}}
            create_policy(tx, SYSTEM, None, {"name": "Bench", "calendar": "always", "metrics": metrics})
        for begin in range(0, running, 50):
            _open(house, min(50, running - begin), "medium")
        _wait_until_quiet(house)
        return _idle(pids) | _late(house, due)


def _open(house: Home, n: int, priority: str) -> None:
    with house.database.write() as tx:
        for i in range(n):
            customer = CustomerRef(f"c{i}@example.com", "C")
            open_ticket(
                tx, house.settings, SYSTEM, NewTicket("Broken", "It does not work.", customer, priority=priority)
            )


def _wait_until_quiet(house: Home) -> None:
    """Temporal knows every ticket, and every mail has left."""

    def quiet() -> bool:
        with house.database.read() as tx:
            return not tx.execute(_UNTOLD).scalar_one() and not tx.execute(_UNSENT).scalar_one()

    until(quiet, 600, pause=0.5)


def _idle(pids: dict[str, int]) -> dict[str, float]:
    before = sum(cpu_ms(pid) for pid in pids.values())
    time.sleep(QUIET_S)  # the span that is measured
    return {"cpu_ms_a_second_while_nothing_is_due": (sum(cpu_ms(pid) for pid in pids.values()) - before) / QUIET_S}


def _late(house: Home, n: int) -> dict[str, float]:
    began = time.monotonic()
    for i in range(n):
        time.sleep(max(0.0, began + i * SPREAD_S / n - time.monotonic()))  # so that they are due all over one minute
        _open(house, 1, "urgent")

    def breached() -> list[float]:
        with house.database.read() as tx:
            return [row.at - row.data["due_at"] for row in tx.execute(_BREACHES)]

    until(lambda: len(breached()) >= n, 600, pause=1.0)
    late = breached()
    return {"breach_p50_ms": percentile(late, 0.5), "breach_p99_ms": percentile(late, 0.99)}

"""How soon after its due moment does a clock break, with many due in the same minute? Run: `python -m benchmarks clocks`.

A real Temporal dev server and a worker of its own; SQLite. All of them are due two minutes after they were opened, within one minute.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from benchmarks._house import cpu_ms, home
from core.actors import SYSTEM
from core.clocks.policies import create_policy
from core.schema import Effect, Event, Ticket
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

if TYPE_CHECKING:
    from benchmarks._house import Home

QUIET_S = 10
_e, _t, _f = Event.__table__.c, Ticket.__table__.c, Effect.__table__.c


def measure(due: int = 500, running: int = 2000) -> dict[str, float]:
    """Milliseconds from the due moment to the breach, and the processor time that running clocks take while nothing is due."""
    with home() as house, house.engine() as pids:
        with house.database.write() as tx:
            metrics = {"first_response": {"goal": {"urgent": "PT2M", "medium": "PT900H"}}}
            create_policy(tx, SYSTEM, None, {"name": "Bench", "calendar": "always", "metrics": metrics})
        _open(house, running, "medium")
        _wait_until_quiet(house)
        return _idle(pids) | _late(house, due)


def _open(house: Home, n: int, priority: str) -> None:
    for begin in range(0, n, 50):
        with house.database.write() as tx:
            for i in range(begin, min(begin + 50, n)):
                new = NewTicket(
                    f"Broken {i}", "It does not work.", CustomerRef(f"c{i % 90}@example.com", "C"), priority=priority
                )
                open_ticket(tx, house.settings, SYSTEM, new)


def _wait_until_quiet(house: Home) -> None:
    """Temporal knows every ticket, and every mail has left."""
    waiting = select(func.count()).where(_t.want_seq > _t.nudged_seq)
    planned = select(func.count()).where(_f.state.in_(["planned", "attempting"]))
    while True:
        with house.database.read() as tx:
            if not tx.execute(waiting).scalar_one() and not tx.execute(planned).scalar_one():
                return
        time.sleep(0.5)


def _idle(pids: dict[str, int]) -> dict[str, float]:
    before = sum(cpu_ms(pid) for pid in pids.values())
    time.sleep(QUIET_S)
    return {"cpu_ms_a_second_while_nothing_is_due": (sum(cpu_ms(pid) for pid in pids.values()) - before) / QUIET_S}


def _late(house: Home, n: int) -> dict[str, float]:
    _open(house, n, "urgent")
    _wait_until_quiet(house)
    query = select(_e.at, _e.data).where(_e.kind == "clock.breached")
    while True:
        with house.database.read() as tx:
            rows = tx.execute(query).all()
        if len(rows) >= n:
            break
        time.sleep(1.0)
    late = sorted(row.at - row.data["due_at"] for row in rows)
    return {"breach_p50_ms": late[len(late) // 2], "breach_p99_ms": late[int(len(late) * 0.99)]}

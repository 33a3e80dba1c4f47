"""What does the engine weigh with many open tickets? Run: `OPEN=10000 python -m benchmarks open_tickets` (else with 1,000, for the time).

Tickets are opened through the core while the engine runs; each has its workflow. What a thousand of them add is measured between the first
and the last.
"""

from __future__ import annotations

import json
import os
import time

from sqlalchemy import func, select

from benchmarks._house import home, mib, until
from core.actors import SYSTEM
from core.schema import Ticket
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

BATCH = 25


def measure(tickets: int = int(os.environ.get("OPEN", "1000"))) -> dict[str, float]:
    """MiB of worker and Temporal with all of them open, and what each thousand added."""
    with home() as house, house.engine() as pids:
        before = sum(mib(pid) for pid in pids.values())
        began = time.perf_counter()
        for start in range(0, tickets, BATCH):
            with house.database.write() as tx:
                for n in range(start, min(start + BATCH, tickets)):
                    new = NewTicket(f"Broken {n}", "It does not work.", CustomerRef(f"c{n}@example.com", "C"))
                    open_ticket(tx, house.settings, SYSTEM, new)
        waiting = select(func.count()).where(Ticket.want_seq > Ticket.nudged_seq)

        def quiet() -> bool:
            with house.database.read() as tx:
                return tx.execute(waiting).scalar_one() == 0

        until(quiet, 1800)
        seconds = time.perf_counter() - began
        time.sleep(3)
        weights = {name: mib(pid) for name, pid in pids.items()}
    together = sum(weights.values())
    return {
        "open tickets": tickets,
        **{f"{name}, MiB": weight for name, weight in weights.items()},
        "MiB for each thousand": (together - before) * 1000 / tickets,
        "opened and led, a second": tickets / seconds,
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))

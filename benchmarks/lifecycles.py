"""How many tickets a second live their whole life, and what does it cost? Run: `python -m benchmarks lifecycles`.

A real Temporal dev server, a worker with its relay in one process of its own, SQLite; each ticket is opened, acknowledged, answered twice,
resolved and closed by itself.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from temporalio.api.enums.v1 import EventType

from benchmarks._house import cpu_ms, home
from core.actors import SYSTEM
from core.schema import Effect, Ticket
from core.tickets.conversation import Draft, send_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.rows import CLOSED
from workflows.client import connect

if TYPE_CHECKING:
    from benchmarks._house import Home
    from core.settings import Settings

IN_FLIGHT = 16
SAMPLE = 50
_ACTIONS = {
    "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
    "EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED",
    "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED",
    "EVENT_TYPE_TIMER_STARTED",
}


def measure(tickets: int = 150) -> dict[str, float]:
    """Lifecycles a second with 16 in flight; processor milliseconds of each, by process."""
    with home() as house, house.engine() as pids:
        figures = _live(house, tickets, pids)
        return figures | asyncio.run(_cost(house.settings))


def _live(house: Home, tickets: int, pids: dict[str, int]) -> dict[str, float]:
    database, settings, office = house.database, house.settings, house.office
    before, own, began = {name: cpu_ms(pid) for name, pid in pids.items()}, time.process_time(), time.perf_counter()
    opened: dict[int, int] = {}
    n = done = 0
    while done < tickets:
        while n < tickets and len(opened) < IN_FLIGHT:
            new = NewTicket(f"Broken {n}", "It does not work.", CustomerRef(f"c{n}@example.com", "C"), language="en")
            with database.write() as tx:
                opened[open_ticket(tx, settings, SYSTEM, new).ticket_id] = 0
            n += 1
        with database.read() as tx:
            sent = dict(
                tx.execute(
                    select(Effect.ticket_id, func.count())
                    .where(Effect.state == "done", Effect.ticket_id.in_(opened))
                    .group_by(Effect.ticket_id)
                ).all()
            )
            closed = set(tx.execute(select(Ticket.id).where(Ticket.id.in_(opened), Ticket.status == CLOSED)).scalars())
        for ticket, answered in list(opened.items()):
            if answered < 2 and sent.get(ticket, 0) > answered:
                with database.write() as tx:
                    then = "resolve" if answered else "stay"
                    send_reply(tx, settings, office.agent, ticket, Draft("Try again."), then=then)
                opened[ticket] += 1
            elif answered == 2 and ticket in closed and sent.get(ticket, 0) >= 3:
                del opened[ticket]
                done += 1
        time.sleep(0.005)
    seconds = time.perf_counter() - began
    figures: dict[str, float] = {"lifecycles/s": tickets / seconds}
    for name, pid in pids.items():
        figures[f"{name} CPU ms/ticket"] = (cpu_ms(pid) - before[name]) / tickets
    figures["commands CPU ms/ticket"] = (time.process_time() - own) * 1000 / tickets
    return figures


async def _cost(settings: Settings) -> dict[str, float]:
    """What the newest of these tickets cost Temporal: billable actions, events, and bytes of their histories."""
    client = await connect(settings)
    rows = []
    async for found in client.list_workflows("ExecutionStatus = 'Completed'", limit=SAMPLE):
        history = await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
        kinds = [EventType.Name(event.event_type) for event in history.events]
        size = sum(len(event.SerializeToString()) for event in history.events)
        rows.append((sum(kind in _ACTIONS for kind in kinds), len(kinds), size))
    actions, events, size = (statistics.mean(column) for column in zip(*rows, strict=True))
    return {"Temporal actions/ticket": actions, "Temporal events/ticket": events, "Temporal bytes/ticket": size}


if __name__ == "__main__":
    print(measure())

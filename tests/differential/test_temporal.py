"""Real tickets, led by a real worker over a real Temporal server, go the way of their simulations; the worker is restarted in between."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from sqlalchemy import select

from core import effects
from core.actors import SYSTEM
from core.advance import standing
from core.database import Database
from core.effects import PLANNED
from core.moments import now_ms
from core.procedure import acting
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation
from core.procedures import publish
from core.schema import StepVisit
from core.sop.reading import load
from core.tickets import steps
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from tests.core.conftest import Desk, make_desk
from tests.random_procedures import SUB, Cast, Writer
from workflows.client import connect
from workflows.relay import Relay
from workflows.worker import build_worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from core.settings import Settings

# Hours become seconds that no two sums of which are near one another: what is late by some milliseconds is still in the same order.
SECONDS = {"1": "2", "2": "5", "3": "11", "4": "13", "5": "23", "9": "47", "30": "120"}
SEEDS = (5, 11, 86, 107, 110, 120, 187, 198, 202, 225, 266, 315)  # chosen because timers ring early in them
_s = StepVisit.__table__.c


@dataclass
class Pair:
    """A ticket and its simulation."""

    desk: Desk
    seed: int
    ticket: int
    sim: Simulation

    def simulated(self) -> list[Any]:
        return sorted((v.path, v.state.value, v.outcome or "") for v in self.sim.ledger.values())

    def lived(self) -> list[Any]:
        with self.desk.database.read() as tx:
            rows = tx.execute(select(_s.path, _s.state, _s.outcome).where(_s.ticket_id == self.ticket))
            return sorted((row.path, row.state, row.outcome or "") for row in rows)

    def at_rest(self, now: int) -> bool:
        """Nothing is under way, and nothing will ring in the next moment, neither in the life nor in the simulation."""
        self.sim.advance(now)
        with self.desk.database.read() as tx:
            busy = any(one.state == PLANNED for one in effects.page(tx, ticket_id=self.ticket, limit=1000))
            alarm = standing(tx, [self.ticket])[self.ticket].alarm_at
        return not busy and all(one is None or one > now + 300 for one in (alarm, self.sim.move.alarm_at))

    def complete_tasks(self) -> None:
        """The manager completes every open task, and the simulation's people do."""
        for visit in [v for v in self.sim.ledger.values() if v.open and v.kind == "task"]:
            now = now_ms()
            self.sim.advance(now)
            visit = self.sim.ledger[visit.path]
            if not visit.open:
                continue
            codes = [choice.code for choice in self.sim.step_of(visit).what.choices]  # type: ignore[union-attr]
            choice = codes[0] if codes else None
            with self.desk.database.write() as tx:
                step = tx.execute(select(_s.id).where(_s.ticket_id == self.ticket, _s.path == visit.path)).scalar_one()
                mira = self.desk.people["mira"]
                steps.complete_step(tx, self.desk.settings, mira, self.ticket, step, choice=choice, now=now)
            self.sim.replace(acting.complete(visit, self.sim.step_of(visit), choice, None, "1", now))
            self.sim.settle()


def begin(desk: Desk, seed: int) -> Pair:
    """A ticket with a random document of its own, and its simulation from the same moment."""
    people = tuple(f"agent:{desk.people[nick].id}" for nick in ("dewi", "bagus"))
    document = Writer(seed, Cast("team:repair", people, "update", child_tickets=False)).document()
    document |= {"sop": f"random-{seed}", "calendar": "always"}
    text = re.sub(r"PT(\d+)H", lambda found: f"PT{SECONDS[found[1]]}S", yaml.safe_dump(document, sort_keys=False))
    now = now_ms()
    with desk.database.write() as tx:
        publish(tx, SYSTEM, text, now=now)
        ref = CustomerRef("sari@example.com", "Sari")
        new = NewTicket("Fridge", "Broken.", ref, department="service", sop=f"random-{seed}")
        opened = open_ticket(tx, desk.settings, SYSTEM, new, now=now)
    nobody = {"error": "no plugin offers it"}
    sim = Simulation(load(text), Given(now, answers={"good.x": nobody, "bad.x": nobody}), {"sub": load(SUB)}.get)
    sim.begin()
    return Pair(desk, seed, opened.ticket_id, sim)


@asynccontextmanager
async def worker(desk: Desk) -> AsyncIterator[None]:
    """A worker and a relay with a database of their own."""
    database = Database(desk.settings)
    try:
        client = await connect(desk.settings)
        relay = Relay(desk.settings, database, client)
        relaying = asyncio.create_task(relay.run())
        async with build_worker(desk.settings, database, client):
            try:
                yield
            finally:
                relay.stop.set()
                await relaying
    finally:
        database.close()


async def rest(pairs: list[Pair], seconds: float, then: Callable[[Pair], None] | None = None) -> None:
    """Let so much time pass; then each pair must come to a moment when nothing is under way and both stand the same.

    A worker rings some milliseconds late, and what repeats adds them up: for that long the simulation is ahead. Hence a moment and not this one.
    """
    await asyncio.sleep(seconds)
    end = time.monotonic() + 30
    for pair in pairs:
        while not (pair.at_rest(now_ms()) and pair.simulated() == pair.lived()):
            if time.monotonic() > end:
                assert pair.simulated() == pair.lived(), f"seed {pair.seed}"
                pytest.fail(f"seed {pair.seed} does not come to rest")
            await asyncio.sleep(0.05)
        if then is not None:
            then(pair)


@pytest.fixture
def desk(database: Database, temporal_settings: Settings) -> Desk:
    made = make_desk(database, temporal_settings)
    made.sql("UPDATE department SET quiet_hours = 100000")
    made.publish(SUB)
    return made


@pytest.mark.slow  # seconds are counted: on a busy machine timers of different steps would change places
def test_led_ticket_goes_as_simulated(desk: Desk) -> None:
    async def body() -> None:
        async with worker(desk):
            pairs = [begin(desk, seed) for seed in SEEDS]
            await rest(pairs, 2.4, Pair.complete_tasks)
        async with worker(desk):
            await rest(pairs, 2.4, Pair.complete_tasks)
            await rest(pairs, 0.3)
        assert sum(one.ended_by == "clock" for pair in pairs for one in pair.sim.ledger.values()) > 10

    asyncio.run(asyncio.wait_for(body(), 110))

"""The relay between a real database and a real Temporal server."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, update
from temporalio.client import Client

from core.database import Database
from core.moments import now_ms
from core.schema import Customer, Department, Process, Team, Ticket
from workflows.client import connect
from workflows.relay import Relay, workflow_id

_t = Ticket.__table__.c


def add_tickets(database: Database, n: int, **columns) -> list[int]:
    """`n` tickets that were never nudged."""
    now = now_ms()
    with database.write() as tx:
        if not tx.execute(select(Department.__table__.c.id)).first():
            tx.execute(
                insert(Department).values(
                    id=1,
                    name="d",
                    title="D",
                    language="en",
                    promise_minutes=1,
                    quiet_hours=1,
                    queue_order="fifo",
                    signature="",
                )
            )
            tx.execute(insert(Team).values(id=1, department_id=1, name="t", title="T"))
            tx.execute(
                insert(Customer).values(
                    id=1, name="c", created_at=now, language="en", klass="standard", verified=False, link_epoch=1
                )
            )
        row = {
            "customer_id": 1, "department_id": 1, "team_id": 1, "status": "open", "priority": 3, "vip": False, "channel": "api",
            "subject": "s", "language": "en", "tags": [], "created_at": now, "entered_at": now, "last_at": now, "reopened": 0,
            "last_seq": 1, "want_seq": 1, "nudged_seq": 0, "version": 1,
        }  # fmt: skip
        return [tx.execute(insert(Ticket).values({**row, **columns}).returning(_t.id)).scalar_one() for _ in range(n)]


def happen(database: Database, ticket: int, **columns) -> None:
    """Something that Temporal must hear of."""
    with database.write() as tx:
        tx.execute(
            update(Ticket).where(_t.id == ticket).values(last_seq=_t.last_seq + 1, want_seq=_t.last_seq + 1, **columns)
        )


def waiting(database: Database) -> int:
    with database.read() as tx:
        return tx.execute(select(func.count()).select_from(Ticket).where(_t.want_seq > _t.nudged_seq)).scalar_one()


async def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)
    return value


@asynccontextmanager
async def relaying(settings, database, n=1):
    """`n` relays at work."""
    relays = [Relay(settings, database, await connect(settings, lazy=True)) for _ in range(n)]
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    yield relays
    for relay in relays:
        relay.stop.set()
    await asyncio.gather(*tasks)


@pytest.fixture
def pointed(any_settings, temporal_server, temporal_namespace):
    """The settings of `any_database`, with the test's own namespace."""
    return replace(any_settings, temporal_address=temporal_server.address, temporal_namespace=temporal_namespace)


async def signals(client: Client, ticket: int) -> int:
    n = 0
    async for event in client.get_workflow_handle(workflow_id(ticket)).fetch_history_events():
        n += event.HasField("workflow_execution_signaled_event_attributes")
    return n


def test_committed_tickets_are_started(any_database, pointed):
    async def body():
        async with relaying(pointed, any_database):
            tickets = add_tickets(any_database, 5)
            await until(lambda: waiting(any_database) == 0)
        client = await connect(pointed)
        for ticket in tickets:
            assert (await client.get_workflow_handle(workflow_id(ticket)).describe()).workflow_type == "Ticket"

    asyncio.run(body())


def test_news_is_signalled(any_database, pointed):
    async def body():
        [ticket] = add_tickets(any_database, 1)
        async with relaying(pointed, any_database):
            await until(lambda: waiting(any_database) == 0)
            happen(any_database, ticket)
            await until(lambda: waiting(any_database) == 0)
        assert await signals(await connect(pointed), ticket) == 1

    asyncio.run(body())


def test_two_relays_do_no_harm(any_database, pointed):
    async def body():
        async with relaying(pointed, any_database, n=2) as relays:
            tickets = add_tickets(any_database, 60)
            await until(lambda: waiting(any_database) == 0)
            for ticket in tickets[:20]:
                happen(any_database, ticket)
            await until(lambda: waiting(any_database) == 0)
            assert sum(relay.leadership.ours for relay in relays) == 1
        client = await connect(pointed)
        for ticket in tickets[:20]:
            assert await signals(client, ticket) >= 1

    asyncio.run(body())


def test_dead_relay_is_succeeded(any_database, pointed):
    """A nudge that a relay had not noted when it died is made by the next one: a started workflow is signalled instead."""

    async def body():
        [ticket] = add_tickets(any_database, 1)
        async with relaying(pointed, any_database):
            await until(lambda: waiting(any_database) == 0)
        with any_database.write() as tx:
            tx.execute(update(Ticket).values(nudged_seq=0))
        async with relaying(pointed, any_database):
            await until(lambda: waiting(any_database) == 0)
        assert await signals(await connect(pointed), ticket) == 1

    asyncio.run(body())


def test_closed_ticket_starts_nothing(database, temporal_settings):
    async def body():
        add_tickets(database, 1, status="closed")
        async with relaying(temporal_settings, database):
            await until(lambda: waiting(database) == 0)
        client = await connect(temporal_settings)
        assert (await client.count_workflows()).count == 0

    asyncio.run(body())


def test_relay_says_how_it_is(database, settings, own_temporal_server):
    """Temporal is away: the process row says so; it comes back: everything is nudged."""
    pointed = replace(settings, temporal_address=own_temporal_server.address)

    def facts():
        with database.read() as tx:
            return tx.execute(select(Process.__table__.c.facts).where(Process.__table__.c.name == "relay")).scalar()

    async def body():
        own_temporal_server.kill()
        add_tickets(database, 40)
        async with relaying(pointed, database):
            said = await until(lambda: (found := facts()) and not found["temporal"]["reachable"] and found)
            assert said["waiting"] == 40
            own_temporal_server.start()
            await until(lambda: waiting(database) == 0)
            await until(lambda: facts()["temporal"]["reachable"] and facts()["waiting"] == 0)

    asyncio.run(body())


def test_lost_data_is_made_good(database, settings, own_temporal_server):
    """Temporal's file is deleted: what is overdue starts its workflow again."""
    pointed = replace(settings, temporal_address=own_temporal_server.address)

    async def body():
        tickets = add_tickets(database, 3)
        async with relaying(pointed, database):
            await until(lambda: waiting(database) == 0)
        own_temporal_server.kill()
        for file in own_temporal_server.file.parent.glob("temporal.db*"):
            file.unlink()
        own_temporal_server.start()
        with database.write() as tx:
            tx.execute(update(Ticket).where(_t.id == tickets[1]).values(alarm_at=now_ms() - 90_000))
        client = await connect(pointed)
        async with relaying(pointed, database):
            end = time.monotonic() + 20
            while not [w.id async for w in client.list_workflows()]:
                assert time.monotonic() < end
                await asyncio.sleep(0.1)
            assert [w.id async for w in client.list_workflows()] == [workflow_id(tickets[1])]

    asyncio.run(body())

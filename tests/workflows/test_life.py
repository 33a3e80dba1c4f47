"""Whole lives of tickets: the real core, the real workflow, the relay and a real Temporal server, on both databases."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select, update
from temporalio.client import WorkflowExecutionStatus

from core import configuration, procedures
from core.actors import SYSTEM, Actor, customer
from core.advance import standing
from core.database import Database
from core.moments import now_ms
from core.organisation import NewPerson, add_person, create_department, create_team
from core.schema import CaughtMail, Department, Effect, Ticket
from core.settings import Settings
from core.tickets.conversation import Draft, IncomingMessage, receive_reply, send_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.resolving import reopen, resolve
from workflows.client import connect
from workflows.relay import Relay, workflow_id
from workflows.worker import build_worker

BILLABLE = ("workflow_execution_started", "workflow_execution_signaled", "activity_task_scheduled", "timer_started")


@dataclass
class Office:
    """One department, one agent; `act` runs a command in its transaction."""

    database: Database
    settings: Settings
    agent: Actor
    relay: Relay | None = None

    def act(self, command, *args, **kwargs):
        with self.database.write() as tx:
            return command(tx, self.settings, *args, **kwargs)

    def open(self, subject: str = "Broken"):
        new = NewTicket(subject, "It does not work.", CustomerRef("sari@example.com", "Sari"), language="en")
        return self.act(open_ticket, SYSTEM, new)

    def quiet_hours(self, hours: int) -> None:
        with self.database.write() as tx:
            tx.execute(update(Department).values(quiet_hours=hours))
            configuration.bump(tx)

    def rows(self, query) -> list:
        with self.database.read() as tx:
            return list(tx.execute(query))

    def standing(self, ticket_id: int):
        with self.database.read() as tx:
            return standing(tx, [ticket_id])[ticket_id]

    def status(self, ticket_id: int) -> str:
        return self.rows(select(Ticket.__table__.c.status).where(Ticket.id == ticket_id))[0][0]

    def mails_to(self, address: str) -> int:
        return sum(address in row[0] for row in self.rows(select(CaughtMail.__table__.c.recipients)))

    def effects(self, ticket_id: int) -> list[str]:
        return [row[0] for row in self.rows(select(Effect.__table__.c.state).where(Effect.ticket_id == ticket_id))]


def open_office(database: Database, settings: Settings) -> Office:
    with database.write() as tx:
        procedures.publish_library(tx, SYSTEM, now_ms())
        department = create_department(tx, SYSTEM, "service", "Service", address="service@example.com", language="en")
        team = create_team(tx, SYSTEM, department, "repair", "Repair", default=True)
        person = add_person(
            tx,
            SYSTEM,
            NewPerson("ani@example.com", "Ani", department_id=department, teams=[team], availability="online"),
        )
    return Office(database, settings, Actor("person", person, "agent", "Ani", department))


@pytest.fixture
def office(any_database, any_settings, temporal_server, temporal_namespace) -> Office:
    pointed = replace(any_settings, temporal_address=temporal_server.address, temporal_namespace=temporal_namespace)
    return open_office(any_database, pointed)


@asynccontextmanager
async def at_work(office: Office):
    """Worker and relay."""
    client = await connect(office.settings)
    office.relay = Relay(office.settings, office.database, client)
    relaying = asyncio.create_task(office.relay.run())
    async with build_worker(office.settings, office.database, client):
        yield client
        office.relay.stop.set()
        await relaying


async def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)
    return value


async def ended(client, ticket_id: int) -> None:
    handle = client.get_workflow_handle(workflow_id(ticket_id))
    end = time.monotonic() + 20
    while (await handle.describe()).status != WorkflowExecutionStatus.COMPLETED:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


def test_customer_gets_every_mail(office):
    async def body():
        async with at_work(office):
            ticket = office.open().ticket_id
            office.act(send_reply, office.agent, ticket, Draft("Have you tried it again?"))
            office.act(receive_reply, customer(1), ticket, IncomingMessage("Re", "Yes."))
            await until(lambda: set(office.effects(ticket)) == {"done"})
            assert office.mails_to("sari@example.com") == 2

    asyncio.run(body())


def test_resolved_ticket_closes_when_quiet(office):
    async def body():
        office.quiet_hours(0)
        async with at_work(office) as client:
            ticket = office.open().ticket_id
            await until(lambda: set(office.effects(ticket)) == {"done"})
            office.act(send_reply, office.agent, ticket, Draft("It is repaired."), then="resolve")
            await until(lambda: office.status(ticket) == "closed")
            await ended(client, ticket)

    asyncio.run(body())


def test_reopened_ticket_starts_again(office):
    async def body():
        office.quiet_hours(0)
        async with at_work(office) as client:
            ticket = office.open().ticket_id
            office.act(resolve, office.agent, ticket, "Repaired.")
            await until(lambda: office.status(ticket) == "closed" and set(office.effects(ticket)) == {"done"})
            await ended(client, ticket)
            office.quiet_hours(72)
            office.act(reopen, office.agent, ticket, "It is broken again.")
            office.act(send_reply, office.agent, ticket, Draft("Sorry."))
            await until(lambda: set(office.effects(ticket)) == {"done"})
            handle = client.get_workflow_handle(workflow_id(ticket))
            assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING

    asyncio.run(body())


def test_simple_life_stays_cheap(office):
    """Acknowledged, its agent told, answered, answered and resolved, closed by itself: what Temporal Cloud would count."""

    async def body():
        async with at_work(office) as client:
            ticket = office.open().ticket_id
            await until(lambda: set(office.effects(ticket)) == {"done"})
            office.act(send_reply, office.agent, ticket, Draft("Have you tried it again?"))
            await until(lambda: set(office.effects(ticket)) == {"done"})
            office.quiet_hours(0)
            office.act(send_reply, office.agent, ticket, Draft("It is repaired."), then="resolve")
            await until(lambda: office.status(ticket) == "closed")
            await ended(client, ticket)
            found = []
            async for event in client.get_workflow_handle(workflow_id(ticket)).fetch_history_events():
                name = event.WhichOneof("attributes").removesuffix("_event_attributes")
                if name in BILLABLE:
                    found.append(name)
            assert len(found) <= 8, found

    asyncio.run(body())


def test_life_goes_on_without_temporal(database, settings, own_temporal_server):
    """Temporal is away while tickets come; with its data deleted meanwhile, everything still finishes."""
    office = open_office(database, replace(settings, temporal_address=own_temporal_server.address))

    async def body():
        async with at_work(office):
            first = office.open().ticket_id
            await until(lambda: set(office.effects(first)) == {"done"})
            own_temporal_server.kill()
            second = office.open().ticket_id
            office.act(send_reply, office.agent, first, Draft("Still here."))
            for file in own_temporal_server.file.parent.glob("temporal.db*"):
                file.unlink()
            own_temporal_server.start()
            await until(lambda: {*office.effects(first), *office.effects(second)} == {"done"})
        assert office.mails_to("sari@example.com") == 3

    asyncio.run(body())

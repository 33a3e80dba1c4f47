"""Our own mail is tried right after the commit; whatever does not leave so is Temporal's."""

import asyncio
import socket
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from core import effects
from core.actors import SYSTEM, Actor
from core.advance import standing
from core.moments import now_ms
from core.performing import TryLater, perform, try_mail
from core.procedures import publish_library
from core.schema import CaughtMail, Effect, Ticket
from core.tickets.conversation import Draft, send_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from estafet.chaos.people import set_up_office
from workflows.posting import REST_SECONDS, Posting
from workflows.relay import Relay

EFFECT = Effect.__table__.c


@pytest.fixture
def house(any_database, any_settings):
    return House(any_database, any_settings)


class House:
    def __init__(self, database, settings):
        self.database, self.settings = database, settings
        with database.write() as tx:
            publish_library(tx, SYSTEM, now_ms())
        self.agent: Actor = set_up_office(database).agent

    def open(self) -> int:
        new = NewTicket("Broken", "It does not work.", CustomerRef("c@example.com", "C"), language="en")
        with self.database.write() as tx:
            return open_ticket(tx, self.settings, SYSTEM, new).ticket_id

    def answer(self, ticket: int, **how) -> None:
        with self.database.write() as tx:
            send_reply(tx, self.settings, self.agent, ticket, Draft("Try again."), **how)

    def standing(self, ticket: int):
        with self.database.read() as tx:
            return standing(tx, [ticket])[ticket]

    def states(self) -> list[str]:
        with self.database.read() as tx:
            return list(tx.execute(select(EFFECT.state).order_by(EFFECT.planned_at)).scalars())

    def caught(self) -> int:
        with self.database.read() as tx:
            return len(tx.execute(select(CaughtMail.__table__.c.id)).all())

    def nudged(self, ticket: int) -> bool:
        with self.database.read() as tx:
            row = tx.execute(select(Ticket.want_seq, Ticket.nudged_seq).where(Ticket.id == ticket)).one()
        return row.nudged_seq >= row.want_seq


class Told:
    """A Temporal that only notes what it is told."""

    def __init__(self):
        self.started, self.signalled = [], []

    async def start_workflow(self, _run, *, args, **_options):
        self.started.append(args)

    def get_workflow_handle(self, _id):
        return self

    async def signal(self, _signal, *, args, **_options):
        self.signalled.append(args)


@asynccontextmanager
async def relaying(house, settings=None):
    told = Told()
    posting = Posting(settings or house.settings, house.database)
    relay = Relay(house.settings, house.database, told, posting=posting)
    running = asyncio.create_task(relay.run())
    yield told
    relay.stop.set()
    await running
    posting.close()


async def until(condition, seconds=30.0):
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("waited in vain")


def test_mail_leaves_without_temporal(house):
    """It starts the workflow for the ticket's alarm; what has only a mail to send costs it nothing."""
    ticket = house.open()

    async def body():
        async with relaying(house) as told:
            await until(lambda: told.started and house.nudged(ticket))
            assert house.states() == ["done"]
            assert house.caught() == 1
            assert not told.started[0][1]["effects"]
            house.answer(ticket)
            await until(lambda: house.caught() == 2 and house.nudged(ticket))
            assert told.signalled == [], "it has only its alarm to wait for, and knows it"
            house.answer(ticket, then="resolve")
            await until(lambda: house.caught() == 3 and house.nudged(ticket))
            assert len(told.signalled) == 1, "closing is a new alarm"
            assert told.signalled[0][1]["alarm_at"] == house.standing(ticket).alarm_at

    asyncio.run(body())
    assert house.states() == ["done"] * 3


def test_refused_mail_is_temporals(house):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = replace(house.settings, mail_url=f"smtp://127.0.0.1:{free.getsockname()[1]}")
    ticket = house.open()

    async def body():
        async with relaying(house, nowhere) as told:
            await until(lambda: told.started and house.nudged(ticket))
            assert [one["kind"] for one in told.started[0][1]["effects"]] == ["send_mail"]

    asyncio.run(body())
    assert house.states() == ["planned"]
    with house.database.read() as tx:
        assert tx.execute(select(EFFECT.attempts)).scalar_one() == 1


def test_slow_server_is_left_alone(house, monkeypatch):
    posting = Posting(house.settings, house.database)
    refused = []

    def refuse(*given):
        refused.append(given)
        raise TryLater("busy")

    monkeypatch.setattr("workflows.posting.try_mail", refuse)
    first, second = house.open(), house.open()

    async def body():
        for ticket in (first, second, first):
            before = house.standing(ticket)
            assert await posting.post(before) == before
        assert len(refused) == 1, "after a refusal it rests"
        posting._rest_until -= REST_SECONDS
        for ticket in (first, second):
            await posting.post(house.standing(ticket))
        assert len(refused) == 2, "and tries no mail twice"

    asyncio.run(body())
    posting.close()


def test_killed_attempt_is_not_repeated(house):
    """A process that dies while it tries leaves `attempting`: neither a second try nor an activity sends it again."""
    house.open()
    with house.database.read() as tx:
        key = tx.execute(select(EFFECT.key)).scalar_one()
    with house.database.write() as tx:
        effects.begin(tx, key, now_ms())
    assert try_mail(house.database, house.settings, key) is None
    with pytest.raises(TryLater):
        perform(house.database, house.settings, key)
    assert house.caught() == 0
    later = now_ms() + effects.ALIVE_MS + 1
    perform(house.database, house.settings, key, now=later)
    assert house.caught() == 1, "the catcher was looked at: it had not come there"
    assert try_mail(house.database, house.settings, key) is None


def test_two_who_try_send_once(house):
    ticket = house.open()
    both = [Posting(house.settings, house.database) for _ in range(2)]

    async def body():
        before = house.standing(ticket)
        await asyncio.gather(*(one.post(before) for one in both))

    asyncio.run(body())
    assert house.caught() == 1
    assert house.states() == ["done"]
    for one in both:
        one.close()

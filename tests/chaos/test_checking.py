"""A checker must be able to fail: each kind of damage is found."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import delete, select, update

from core import procedures
from core.actors import SYSTEM
from core.advance import advance, nudged, standing
from core.database import Database
from core.moments import now_ms
from core.performing import perform
from core.schema import Effect, Event, Message, PersonLoad, Ticket
from core.settings import Settings
from core.tickets.conversation import Draft, send_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from estafet.chaos.checking import check_world
from estafet.chaos.doors import MAIL, Wish
from estafet.chaos.people import set_up_office
from estafet.chaos.sink import Arrived


class World:
    """One ticket's whole life, and what the customers' side saw of it."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        with database.write() as tx:
            procedures.publish_library(tx, SYSTEM, now_ms())
        office = set_up_office(database)
        new = NewTicket("Broken", "It does not work: x1", CustomerRef("sari@customers.example", "Sari"), language="en")
        with database.write() as tx:
            ticket = open_ticket(tx, settings, SYSTEM, new).ticket_id
        with database.write() as tx:
            send_reply(tx, settings, office.agent, ticket, Draft("Try again."), then="resolve")
        with database.read() as tx:
            wanted = standing(tx, [ticket])[ticket].effects
        for effect in wanted:
            perform(database, settings, effect.key)
        with database.write() as tx:
            nudged(tx, [(ticket, advance(tx, settings, ticket, now_ms()).seq)])
            sent = tx.execute(select(Message.message_id).where(Message.direction == "out")).scalars().all()
        self.arrived = [Arrived(message_id, "sari@customers.example", "Re: Broken") for message_id in sent]
        self.wishes = [Wish("x1", MAIL, "sari@customers.example", acknowledged=True)]

    def hurt(self, *statements) -> None:
        with self.database.write() as tx:
            for statement in statements:
                tx.execute(statement)

    def wrong(self) -> list[str]:
        with self.database.read() as tx:
            return check_world(tx, self.wishes, self.arrived, Counter()).wrong


@pytest.fixture
def world(database, settings) -> World:
    return World(database, settings)


def found(world: World, words: str) -> bool:
    return any(line.startswith(words) for line in world.wrong())


def test_sound_world_passes(world):
    assert world.wrong() == []


def test_lost_message_is_found(world):
    world.wishes.append(Wish("x2", MAIL, "b@example.com", acknowledged=True))
    assert found(world, "lost")


def test_doubled_mail_is_found(world):
    world.arrived.append(world.arrived[0])
    assert found(world, "mail twice")


def test_stray_mail_is_found(world):
    world.arrived.append(Arrived("<other@example.com>", "sari@customers.example", "?"))
    assert found(world, "stray mail")


def test_missing_mail_is_found(world):
    world.arrived.pop()
    assert found(world, "not arrived")


def test_gap_in_timeline_is_found(world):
    world.hurt(delete(Event).where(Event.stream == "ticket", Event.seq == 3))
    assert found(world, "gap")


def test_repeated_step_is_found(world):
    with world.database.read() as tx:
        row = tx.execute(select(Event.__table__).where(Event.kind == "step.opened")).mappings().first()
    world.hurt(Event.__table__.insert().values({**row, "id": None, "seq": 999}))
    assert found(world, "step twice")


def test_open_end_is_found(world):
    world.hurt(update(Ticket).values(status="open"))
    assert found(world, "not ended")


def test_stuck_effect_is_found(world):
    world.hurt(update(Effect).values(state="attempting"))
    assert found(world, "stuck")


def test_wrong_count_is_found(world):
    world.hurt(update(PersonLoad).values(open_n=7))
    assert found(world, "miscounted")

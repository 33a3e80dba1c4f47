"""Tickets arrive while people take, finish and go away, several at a time: no limit is passed, nobody is skipped, nothing is held twice."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from core.actors import SYSTEM, Actor
from core.errors import CommandError
from core.organisation import NewPerson, add_person
from core.organisation_changes import change_team
from core.schema import OpenCount, Person, PersonLoad, Ticket
from core.tickets.holding import set_availability, take
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.resolving import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.core.conftest import Desk

MORNING = 1_795_485_600_000
LIMIT = 4


def people_of(desk: Desk, n: int) -> list[Actor]:
    """So many colleagues in the team, each with a limit; the others are not there."""
    desk.sql("UPDATE person SET availability = 'offline'")
    found = []
    with desk.database.write() as tx:
        for i in range(n):
            new = NewPerson(
                f"agent{i}@lentera.example",
                f"Agent {i}",
                department_id=desk.departments["service"],
                teams=[desk.teams["repair"]],
                availability="online",
                max_open=LIMIT,
            )
            found.append(
                Actor("person", add_person(tx, SYSTEM, new), "agent", f"Agent {i}", desk.departments["service"])
            )
    return found


def again(act: Callable[[], Any]) -> Any:
    """A command that lost a race for a lock is sent again, as a browser or the API's client does."""
    for _ in range(20):
        try:
            return act()
        except CommandError:
            return None
        except OperationalError:
            continue
    raise AssertionError("it never got through")


def arrive(desk: Desk, i: int) -> None:
    def work() -> None:
        with desk.database.write() as tx:
            customer = CustomerRef(f"c{i % 7}@example.com", f"C {i % 7}")
            open_ticket(tx, desk.settings, SYSTEM, NewTicket(f"Ticket {i}", "Help", customer, department="service"))

    again(work)


def act(desk: Desk, who: Actor, seed: int) -> None:
    """Take something, finish something, go away or come back."""
    dice = random.Random(seed)

    def work() -> None:
        with desk.database.write() as tx:
            mine = select(Ticket.id).where(Ticket.queue_key.is_not(None)).order_by(Ticket.id)
            held = list(tx.execute(mine.where(Ticket.holder_id == who.id)).scalars())
            match dice.choice(("resolve", "resolve", "away", "back", "back", "take")):
                case "resolve" if held:
                    resolve(tx, desk.settings, who, dice.choice(held), "Done.")
                case "away":
                    set_availability(tx, desk.settings, who, who.id or 0, "offline")
                case "back":
                    set_availability(tx, desk.settings, who, who.id or 0, "online")
                case "take" if len(held) < LIMIT - 1:
                    waiting = tx.execute(mine.where(Ticket.holder_id.is_(None)).limit(1)).scalar()
                    if waiting:
                        take(tx, desk.settings, who, waiting)

    again(work)


def check(desk: Desk, tickets: int) -> None:
    """Every ticket is held by one person or a team's backlog, and all numbers agree with the tickets."""
    with desk.database.read() as tx:
        rows = tx.execute(select(Ticket.id, Ticket.holder_id, Ticket.team_id, Ticket.queue_key)).all()
        loads = {row.person_id: row.open_n for row in tx.execute(select(PersonLoad.__table__))}
        counts = tx.execute(select(OpenCount.holder_id, func.sum(OpenCount.n)).group_by(OpenCount.holder_id)).all()
    held = Counter(row.holder_id for row in rows if row.queue_key is not None and row.holder_id)
    assert len(rows) == tickets
    assert all(row.team_id for row in rows)
    assert {who: n for who, n in loads.items() if n} == dict(held)
    assert {who: int(n) for who, n in counts if who and n} == dict(held)


def nobody_over(desk: Desk) -> None:
    """Nobody was given a ticket by routing while they were full: the events say how many they held."""
    with desk.database.read() as tx:
        tickets = list(tx.execute(select(Ticket.id)).scalars())
    for ticket in tickets:
        for event in desk.events(ticket):
            why = event.data.get("why") or {}
            if event.kind == "ticket.assigned" and event.actor_kind == "flow" and "open" in why:
                assert why["open"] < LIMIT
    with desk.database.read() as tx:
        assert max(tx.execute(select(PersonLoad.open_n)).scalars()) <= LIMIT


def race(desk: Desk, tickets: int, agents: int, acts: int, workers: int) -> None:
    people = people_of(desk, agents)
    with ThreadPoolExecutor(workers) as pool:
        jobs: list[Any] = [pool.submit(arrive, desk, i) for i in range(tickets)]
        jobs += [pool.submit(act, desk, people[i % agents], i) for i in range(acts)]
        for job in jobs:
            job.result()
    check(desk, tickets)
    nobody_over(desk)
    for who in people:  # at the end all are there: nobody has room while a ticket waits
        again(lambda who=who: _online(desk, who))
    with desk.database.read() as tx:
        waiting = tx.execute(
            select(func.count()).where(Ticket.holder_id.is_(None), Ticket.queue_key.is_not(None))
        ).scalar_one()
        there = select(func.count()).select_from(PersonLoad).join(Person, Person.id == PersonLoad.person_id)
        room = tx.execute(there.where(Person.availability == "online", PersonLoad.open_n < LIMIT)).scalar_one()
    assert not (waiting and room), f"{waiting} wait, {room} people have room"
    check(desk, tickets)
    nobody_over(desk)


def _online(desk: Desk, who: Actor) -> None:
    for there in ("away", "online"):
        with desk.database.write() as tx:
            set_availability(tx, desk.settings, who, who.id or 0, there)


def test_limits_hold_in_a_race(desk: Desk) -> None:
    race(desk, tickets=24, agents=5, acts=20, workers=4)


@pytest.mark.slow
def test_limits_hold_in_a_long_race(desk: Desk) -> None:
    race(desk, tickets=200, agents=20, acts=300, workers=8)


def turns(desk: Desk, tickets: int, agents: int) -> None:
    people = people_of(desk, agents)
    desk.sql("UPDATE membership SET max_open = NULL")
    with desk.database.write() as tx:
        change_team(tx, desk.settings, SYSTEM, desk.teams["repair"], {"routing": {"by": "round_robin"}})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: arrive(desk, i), range(tickets)))
    with desk.database.read() as tx:
        counts = Counter(tx.execute(select(Ticket.holder_id)).scalars())
    assert set(counts) == {who.id for who in people}
    assert max(counts.values()) - min(counts.values()) <= 1


def test_turns_go_round_in_a_race(desk: Desk) -> None:
    turns(desk, tickets=17, agents=5)


@pytest.mark.slow
def test_turns_go_round_in_a_long_race(desk: Desk) -> None:
    turns(desk, tickets=205, agents=20)

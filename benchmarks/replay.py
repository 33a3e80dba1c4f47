"""How many tickets of the past a second does the replay play? Run: `python -m benchmarks replay`. The target is 200 of processor time.

The tickets are real ones of a database: each followed eight steps to its end, with a call, and two of three with an approval. Finding
them (their properties as they arrived, the start rules), reading their timelines, playing, comparing and counting are all measured.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core import effects
from core.actors import SYSTEM, Actor
from core.database import Database
from core.organisation import NewPerson, add_person, create_department, create_team
from core.procedures import publish
from core.schema import StepVisit
from core.settings import read_settings
from core.sop.reading import load
from core.studio.replay.summing import summary
from core.studio.replaying import MOST, Wanted, replay
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.settling import settle
from core.tickets.steps import complete_step, vote
from core.upgrading import upgrade

if TYPE_CHECKING:
    from core.settings import Settings

HOUR, START = 3_600_000, 1_795_485_600_000
DOCUMENT = """
sop: refund
department: service
start: {if: ticket.topic == "refund"}
fields:
  amount: {type: money, label: Amount paid}
do:
  - take: {assign: {team: first}}
  - received: {notify: {to: customer, template: received}}
  - who: {call: crm.lookup}
  - verify: {task: Check the invoice, require: [fields.amount], due: {business: PT2H}, remind: [{before: {business: PT30M}}]}
  - size:
      switch:
        - {if: fields.amount > 5000000, then: ask}
        - else: []
      then: tell
  - ask: {approval: {by: "agent:budi", question: Pay it?}, timeout: {after: {business: P5D}, then: verify}, on: {reject: {then: verify}}}
  - tell: {notify: {to: customer, template: received}}
  - finish: {resolve: {require: [resolution]}}
"""
DRAFT = DOCUMENT.replace("> 5000000", "> 7000000").replace("PT2H}, remind", "PT1H}, remind")


def measure(tickets: int = MOST) -> dict[str, float]:
    """Tickets a second of processor time, and of time on the wall; and how they came out, so that one sees that something was played."""
    with tempfile.TemporaryDirectory() as home:
        settings = read_settings({"ESTAFET_HOME": home, "ESTAFET_DEMO": "0", "ESTAFET_SECRET_KEY": "x" * 40})
        Path(home).mkdir(exist_ok=True)
        upgrade(settings)
        database = Database(settings)
        try:
            wanted = fill(database, settings, tickets)
            with database.read() as tx:
                replay(tx, SYSTEM, replace(wanted, last=10), START + 400 * 24 * HOUR)
                began, busy = time.perf_counter(), time.process_time()
                found = replay(tx, SYSTEM, wanted, START + 400 * 24 * HOUR)
                told = summary(found.tickets)
                busy, wall = time.process_time() - busy, time.perf_counter() - began
        finally:
            database.close()
    assert told.tickets == tickets
    return {
        "tickets a second of processor time": tickets / busy,
        "ms of processor time a ticket": busy * 1000 / tickets,
        "tickets a second": tickets / wall,
        "the same way": told.verdicts.get("same", 0),
        "another way": told.verdicts.get("different", 0),
        "cannot be known": told.verdicts.get("unknown", 0),
    }


def fill(database: Database, settings: Settings, tickets: int) -> Wanted:
    """So many refunds that went their way, of three sizes."""
    with database.write() as tx:
        department = create_department(
            tx, SYSTEM, "service", "Service", address="service@example.com", language="en", now=START
        )
        team = create_team(tx, SYSTEM, department, "first", "First line", default=True, now=START)
        dewi = _person(tx, "dewi", department, [team], "online")
        budi = _person(tx, "budi", department, [], "offline")
        sop_id = publish(tx, SYSTEM, DOCUMENT, department_id=department, now=START).sop_id
    for n in range(tickets):
        with database.write() as tx:
            _one(tx, settings, dewi, budi, n)
    return Wanted(load(DRAFT), sop_id, department, tickets)


def _person(tx: Any, nick: str, department: int, teams: list[int], availability: str) -> Actor:
    new = NewPerson(f"{nick}@example.com", nick, "agent", department, teams, availability=availability)
    return Actor("person", add_person(tx, SYSTEM, new, now=START), "agent", nick, department)


def _one(tx: Any, settings: Settings, dewi: Actor, budi: Actor, n: int) -> None:
    amount, at = (250_000, 6_000_000, 8_000_000)[n % 3], START + n * 60_000
    customer = CustomerRef(f"c{n % 50}@example.com", f"Customer {n % 50}")
    new = NewTicket(
        f"Refund {n}", "Please.", customer, channel="email", department="service", topic="refund", language="en"
    )
    ticket = open_ticket(tx, settings, SYSTEM, new, now=at).ticket_id
    [call] = [one.key for one in effects.page(tx, ticket_id=ticket) if one.kind == "call_plugin"]
    settle(tx, settings, call, "done", at, result={"tier": "gold"})
    complete_step(
        tx, settings, dewi, ticket, _step(tx, ticket, "verify"), fields={"amount": amount}, now=at + HOUR + n * 7000
    )
    if amount > 5_000_000:
        vote(tx, settings, budi, ticket, _step(tx, ticket, "ask"), "approve", now=at + 4 * HOUR)
    complete_step(
        tx, settings, dewi, ticket, _step(tx, ticket, "finish"), fields={"resolution": "Paid"}, now=at + 6 * HOUR
    )


def _step(tx: Any, ticket: int, name: str) -> int:
    query = select(StepVisit.id).where(StepVisit.ticket_id == ticket, StepVisit.name == name, StepVisit.state == "open")
    return int(tx.execute(query).scalar_one())


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))

"""How many ten-step tickets a second does the walk carry through? Run: `python benchmarks/simulation.py`."""

from __future__ import annotations

import json
import sys
import time

from core.calendar_reading import moment_of
from core.procedure import acting
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation
from core.sop.reading import load

DOCUMENT = """
sop: ten-steps
calendar: id-jakarta
fields:
  amount: {type: money, label: Amount}
do:
  - take:
      assign: {team: billing}
  - received:
      notify: {to: customer, template: received}
  - who:
      call: crm.lookup
  - verify: {task: Check the invoice, due: {business: PT2H}, remind: [{before: {business: PT30M}}]}
  - size:
      switch:
        - {if: fields.amount > 5000000, then: finance}
        - else: []
      then: mark
  - finance: {approval: {by: team:finance, question: Pay it?}, timeout: {after: {business: PT8H}, then: finance}, on: {reject: {then: verify}}}
  - mark:
      set: {ticket.priority: high}
  - tell:
      notify: {to: customer, template: sent}
  - happy:
      task: Did it arrive?
      to: customer
      choices: [arrived, not_arrived]
      timeout: {after: P3D, then: finish}
      on: {not_arrived: {then: verify}}
  - finish:
      resolve: {require: [resolution]}
"""
HOUR = 3_600_000


def ticket(document: object, given: Given) -> Simulation:
    """One ticket from its opening to its end, with four acts of people and customers."""
    sim = Simulation(document, given)  # type: ignore[arg-type]
    sim.begin()
    for hours, name, choice in (
        (1, "verify", None),
        (2, "finance", "approve"),
        (3, "happy", "arrived"),
        (4, "finish", None),
    ):
        sim.advance(given.start + hours * HOUR)
        visit = sim.ledger[name]
        step = sim.step_of(visit)
        if choice == "approve":
            sim.replace(acting.vote(visit, "approve", "rina", None))
        else:
            sim.replace(acting.complete(visit, step, choice, None, "sari", sim.now))
        sim.settle()
    assert sim.ended is not None
    return sim


def measure(rounds: int = 2000) -> dict[str, float]:
    """Tickets a second of processor time."""
    document = load(DOCUMENT)
    amount = {"minor": 600_000_000, "currency": "IDR"}
    given = Given(
        moment_of("2026-11-23T09:00+07:00"), fields={"amount": amount}, answers={"crm.lookup": {"tier": "gold"}}
    )
    ticket(document, given)
    began = time.process_time()
    for _ticket in range(rounds):
        ticket(document, given)
    seconds = time.process_time() - began
    return {
        "tickets a second of processor time": round(rounds / seconds),
        "ms a ticket": round(1000 * seconds / rounds, 3),
    }


if __name__ == "__main__":
    if "--profile" in sys.argv:
        import cProfile

        cProfile.run("measure(500)", sort="tottime")
    print(json.dumps(measure(), indent=2))

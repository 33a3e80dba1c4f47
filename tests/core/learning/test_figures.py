"""The figures of a procedure come from the ledger, and each leads to its tickets."""

from __future__ import annotations

from sqlalchemy import select

from core.learning.figures import Figures, figures, looked_at, slowest, tickets_behind
from core.schema import Sop
from core.tickets.steps import complete_step, skip_step
from tests.core.conftest import HOUR, MORNING, Desk

SOP = """\
sop: mend
title: Mend a fridge
department: service
start:
  if: ticket.topic == "fridge"
do:
  - take:
      assign: {team: repair, by: least_busy}
  - look:
      task: Look at the fridge
      due: {business: PT2H}
      choices: [good, again]
      on:
        again: {then: look}
  - part:
      if: ticket.priority == "high"
      task: Order a part
  - finish:
      resolve: {require: [resolution]}
"""


def version(desk: Desk) -> int:
    with desk.database.read() as tx:
        return int(tx.execute(select(Sop.published_version_id).where(Sop.name == "mend")).scalar_one())


def open_one(desk: Desk) -> int:
    return desk.open("Kulkas", topic="fridge", department="service").ticket_id


def do(desk: Desk, ticket: int, hours: float, choice: str | None = None, **fields: str) -> None:
    with desk.database.write() as tx:
        step = desk.open_step(ticket).id
        at = MORNING + int(hours * HOUR)
        complete_step(tx, desk.settings, desk.people["dewi"], ticket, step, choice=choice, fields=fields, now=at)


def lived(desk: Desk) -> list[int]:
    """Three tickets: looked at once, twice, and one that waits after a skip."""
    desk.publish(SOP)
    first, second, third, fourth = (open_one(desk) for _ in range(4))
    do(desk, first, 1, "good")
    do(desk, first, 2, resolution="x")
    do(desk, second, 3, "again")
    do(desk, second, 5, "good")
    with desk.database.write() as tx:
        step = desk.open_step(third).id
        skip_step(tx, desk.settings, desk.people["dewi"], third, step, reason="no need", now=MORNING + HOUR)
    return [first, second, third, fourth]


def test_ledger_gives_figures(desk: Desk) -> None:
    lived(desk)
    with desk.database.read() as tx:
        found = figures(tx, version(desk))
        assert looked_at(tx, version(desk)) == 4
    look = found["look"]
    assert (look.visits, look.done, look.again, look.skipped, look.waiting) == (5, 3, 1, 1, 1)
    assert (look.median_ms, look.p90_ms) == (2 * HOUR, round(2.8 * HOUR))
    assert look.late == 1
    assert look.deviated == 1
    assert found["part"].not_needed == 3
    assert found["finish"].waiting == 2
    assert "@" not in found


def test_each_figure_leads_to_its_tickets(desk: Desk) -> None:
    first, second, third, fourth = lived(desk)
    dewi = desk.people["dewi"]
    with desk.database.read() as tx:

        def behind(what: str, step: str = "look", nick: str = "dewi") -> list[int]:
            return sorted(one.id for one in tickets_behind(tx, desk.people[nick], version(desk), step, what))

        assert behind("visits") == [first, second, third, fourth]
        assert behind("again") == behind("late") == [second]
        assert behind("skipped") == behind("deviated") == [third]
        assert behind("waiting") == [fourth]
        assert behind("not_needed", "part") == [first, second, third]
        assert behind("timeout") == behind("failed") == []
        assert behind("visits", nick="rina") == []
        assert tickets_behind(tx, dewi, version(desk), "look", "waiting")[0].subject == "Kulkas"


def test_version_without_tickets_has_none(sqlite_desk: Desk) -> None:
    sqlite_desk.publish(SOP)
    with sqlite_desk.database.read() as tx:
        assert figures(tx, version(sqlite_desk)) == {}


def test_slowest_take_most_of_the_time() -> None:
    found = {"a": Figures(median_ms=5 * HOUR, done=1), "b": Figures(median_ms=HOUR, done=30), "c": Figures(median_ms=1)}
    assert slowest(found, found) == {"b"}

"""Figures that follow the timeline piece by piece are those that a count from the beginning finds, on both databases."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from core.actors import SYSTEM
from core.clocks.policies import create_policy
from core.department_changes import change_department
from core.errors import CommandError
from core.figures import keeping
from core.figures.counting import Came, Promise, Solved, at_most, count_day
from core.figures.days import begin_of, date_of, day_of, read_day
from core.figures.keeping import catch_up, rebuild
from core.organisation import create_calendar
from core.schema import FigureDay, FigurePresent, FigureReader, FigureStale
from core.tickets import conversation, holding, properties, resolving
from core.tickets.conversation import Draft, IncomingMessage
from core.tickets.rows import read
from tests.core.conftest import HOUR, MORNING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from sqlalchemy import Connection

    from tests.core.conftest import Desk

DAY = 24 * HOUR
JAKARTA = "Asia/Jakarta"
TODAY = day_of(MORNING, JAKARTA)
_f, _p = FigureDay.__table__.c, FigurePresent.__table__.c


def caught_up(desk: Desk) -> list[tuple[Any, ...]]:
    """Every figure, once everything is counted."""
    for _turn in range(500):
        with desk.database.write() as tx:
            if not catch_up(tx):
                break
    with desk.database.read() as tx:
        assert tx.execute(select(FigureStale.__table__)).all() == []
        days = select(FigureDay.__table__).order_by(_f.department_id, _f.scope, _f.ref_id, _f.day)
        present = select(FigurePresent.__table__).order_by(_p.department_id, _p.day, _p.person_id)
        return [tuple(row) for query in (days, present) for row in tx.execute(query)]


def day_row(desk: Desk, day: int = TODAY, scope: str = "department", ref: int = 0) -> Any:
    query = select(FigureDay.__table__).where(
        _f.department_id == desk.departments["service"], _f.scope == scope, _f.ref_id == ref, _f.day == day
    )
    with desk.database.read() as tx:
        return tx.execute(query).one_or_none()


def test_days_are_local() -> None:
    assert date_of(TODAY).isoformat() == "2026-11-24"
    assert read_day("2026-11-24") == TODAY
    assert day_of(begin_of(TODAY, JAKARTA), JAKARTA) == TODAY
    assert day_of(begin_of(TODAY, JAKARTA) - 1, JAKARTA) == TODAY - 1
    assert day_of(begin_of(TODAY, JAKARTA), "UTC") == TODAY - 1
    new_york = day_of(MORNING, "America/New_York")
    autumn = read_day("2026-11-01")  # 25 hours long there
    assert begin_of(autumn + 1, "America/New_York") - begin_of(autumn, "America/New_York") == 25 * HOUR
    assert new_york == TODAY - 1


def test_nine_of_ten_is_a_value_that_occurred() -> None:
    assert [at_most(list(range(1, 11)), percent) for percent in (50, 90, 100)] == [5, 9, 10]
    assert (at_most([7], 50), at_most([7], 90), at_most([], 50)) == (7, 7, None)


def test_a_day_counts_for_each_scope() -> None:
    at = begin_of(TODAY, JAKARTA) + 9 * HOUR
    came = [Came(1, 11, 5, at, 600, "leak", 7, 3), Came(1, 12, None, at + HOUR, None, None, 8, None)]
    kept = [Promise(1, 11, 5, "resolution", kept=True), Promise(1, 11, 5, "resolution", kept=False)]
    found = count_day(came, [Solved(1, 11, 5, at)], kept, JAKARTA)
    assert sorted(found) == [(1, "department", 0), (1, "person", 5), (1, "team", 11), (1, "team", 12)]
    whole = found[1, "department", 0]
    assert (whole["came"], whole["solved"], whole["kept"], whole["broken"]) == (2, 1, 1, 1)
    assert (whole["first_n"], whole["first_p50"], whole["first_p90"]) == (1, 600, 600)
    assert whole["data"] == {
        "topics": {"leak": 1},
        "customers": {"7": 1, "8": 1},
        "organisations": {"3": 1},
        "metrics": {"resolution": [1, 1]},
        "hours": {"came": {"9": 1, "10": 1}, "solved": {"9": 1}},
    }
    assert found[1, "team", 12]["came"] == 1
    assert found[1, "person", 5]["data"] == {}


def test_what_happens_moves_the_figures(desk: Desk) -> None:
    with desk.database.write() as tx:
        create_policy(tx, SYSTEM, None, {"name": "P", "metrics": {"first_response": {"goal": "PT1H"}}}, now=1)
    first, second = desk.open(topic="leak").ticket_id, desk.open(now=MORNING + HOUR).ticket_id
    dewi = desk.people["dewi"]
    with desk.database.write() as tx:
        conversation.send_reply(tx, desk.settings, dewi, first, Draft("Baik."), now=MORNING + HOUR // 2)
        conversation.send_reply(
            tx, desk.settings, dewi, second, Draft("Sudah."), then="resolve", now=MORNING + DAY + 3 * HOUR
        )
    caught_up(desk)
    today, tomorrow = day_row(desk), day_row(desk, TODAY + 1)
    assert (today.came, today.solved, today.first_n, today.kept, today.broken, today.present) == (2, 0, 2, 1, 1, 1)
    assert today.data["metrics"] == {"first_response": [1, 1]}
    assert (tomorrow.came, tomorrow.solved, tomorrow.present) == (0, 1, 1)
    with desk.database.write() as tx:
        resolving.reopen(tx, desk.settings, dewi, second, "", now=MORNING + 2 * DAY)
        resolving.merge(tx, desk.settings, dewi, second, first, now=MORNING + 2 * DAY + 1)
    caught_up(desk)
    assert day_row(desk).came == 1  # what was merged never came in
    assert day_row(desk, TODAY + 1).solved == 0


def test_rebuilt_figures_equal_kept_ones(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "EVENTS", 40)  # several pages of the timeline
    with desk.database.write() as tx:
        metrics = {"first_response": {"goal": "PT2H", "limit": "PT3H"}, "next_response": {"goal": "PT4H"}}
        create_policy(tx, SYSTEM, None, {"name": "P", "metrics": {**metrics, "resolution": {"goal": "PT8H"}}}, now=1)
    history, chance = History(desk), random.Random(7)
    for _step in range(60):
        history.step(chance)
        if chance.random() < 0.15:
            caught_up(desk)
    kept = caught_up(desk)
    assert len(kept) > 30
    with desk.database.write() as tx:
        rebuild(tx)
    assert caught_up(desk) == kept
    with desk.database.write() as tx:  # the same events once more: at least once is enough
        tx.execute(update(FigureReader.__table__).values(position_xid=0, position_id=0))
    assert caught_up(desk) == kept


def test_department_moves_to_another_zone(desk: Desk) -> None:
    desk.open(now=begin_of(TODAY, JAKARTA) + HOUR)  # yesterday by Greenwich
    caught_up(desk)
    assert day_row(desk).came == 1
    hours = {"tz": "UTC", "hours": {"mon": [["00:00", "24:00"]]}}
    with desk.database.write() as tx:
        calendar = create_calendar(tx, SYSTEM, "greenwich", hours)
        for department in desk.departments.values():
            change_department(tx, desk.people["mira"], department, {"calendar_id": calendar})
    caught_up(desk)
    assert day_row(desk) is None
    assert day_row(desk, TODAY - 1).came == 1


class History:
    """People and customers act at random, hour after hour."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.now, self.tickets = desk, MORNING, list[int]()
        self.acts: tuple[Callable[[Connection, int, random.Random], None], ...] = (
            self.answer,
            self.answer,
            self.write,
            self.resolve,
            self.resolve,
            self.reopen,
            self.close,
            self.move,
            self.hasten,
            self.merge,
        )

    def step(self, chance: random.Random) -> None:
        self.now += chance.randrange(1, 9) * HOUR // 2
        if len(self.tickets) < 4 or chance.random() < 0.25:
            topic = chance.choice(["leak", "noise", None])
            self.tickets.append(self.desk.open(now=self.now, topic=topic).ticket_id)
            return
        try:
            with self.desk.database.write() as tx:
                chance.choice(self.acts)(tx, chance.choice(self.tickets), chance)
        except CommandError:
            pass  # what cannot be done now is not done

    def answer(self, tx: Connection, ticket: int, chance: random.Random) -> None:
        then = chance.choice(["stay", "wait", "resolve"])
        who = self.desk.people[chance.choice(["dewi", "bagus"])]
        conversation.send_reply(tx, self.desk.settings, who, ticket, Draft("Ya."), then=then, now=self.now)

    def write(self, tx: Connection, ticket: int, _chance: random.Random) -> None:
        conversation.receive_reply(tx, self.desk.settings, SYSTEM, ticket, IncomingMessage("", "Lagi."), now=self.now)

    def resolve(self, tx: Connection, ticket: int, _chance: random.Random) -> None:
        resolving.resolve(tx, self.desk.settings, self.desk.people["dewi"], ticket, "Selesai.", now=self.now)

    def reopen(self, tx: Connection, ticket: int, _chance: random.Random) -> None:
        resolving.reopen(tx, self.desk.settings, self.desk.people["bagus"], ticket, "", now=self.now)

    def close(self, tx: Connection, ticket: int, _chance: random.Random) -> None:
        resolving.close(tx, self.desk.settings, self.desk.people["dewi"], ticket, now=self.now)

    def move(self, tx: Connection, ticket: int, chance: random.Random) -> None:
        team = self.desk.teams[chance.choice(["repair", "invoices"])]
        holding.assign(tx, self.desk.settings, self.desk.people["mira"], ticket, None, team, now=self.now)

    def hasten(self, tx: Connection, ticket: int, chance: random.Random) -> None:
        wish = {"priority": chance.choice(["urgent", "low"])}
        properties.change_ticket(tx, self.desk.settings, self.desk.people["dewi"], ticket, wish, now=self.now)

    def merge(self, tx: Connection, ticket: int, chance: random.Random) -> None:
        into = chance.choice(self.tickets)
        if read(tx, into).unresolved:
            resolving.merge(tx, self.desk.settings, self.desk.people["dewi"], ticket, into, now=self.now)

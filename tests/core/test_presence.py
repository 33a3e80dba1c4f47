"""Whoever's browser has gone for long is offline by itself, with a clock of the test's own: said, rerouted, and undone when they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.actors import SYSTEM
from core.department_changes import change_department
from core.organisation_changes import change_team
from core.presence import MINUTE, SILENT_MS, come_back, keep_seen, let_go
from core.schema import Person
from core.tickets.holding import assign, set_availability
from core.timeline import stream_page
from tests.core.conftest import MORNING

if TYPE_CHECKING:
    from tests.core.conftest import Desk

ALLOWED = 15


class Web:
    """The web with its windows, at moments in minutes after the morning."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def look(self, minute: float, *windows: str) -> None:
        now = MORNING + round(minute * MINUTE)
        with self.desk.database.write() as tx:
            keep_seen(tx, {self.desk.people[nick].id or 0: now for nick in windows}, now)

    def until(self, begin: int, end: int, *windows: str) -> None:
        for minute in range(begin, end + 1):
            self.look(minute, *windows)

    def leave(self, minute: float) -> int:
        return let_go(self.desk.database, self.desk.settings, MORNING + round(minute * MINUTE))

    def back(self, nick: str, minute: float) -> None:
        with self.desk.database.write() as tx:
            come_back(tx, self.desk.settings, self.desk.people[nick], MORNING + round(minute * MINUTE))

    def state(self, nick: str) -> tuple[str, str | None]:
        with self.desk.database.read() as tx:
            query = select(Person.availability, Person.availability_by).where(Person.id == self.desk.people[nick].id)
            row = tx.execute(query).one()
        return row[0], row[1]


def hold(desk: Desk, nick: str) -> int:
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        assign(tx, desk.settings, SYSTEM, ticket, person_id=desk.people[nick].id, now=MORNING)
    return ticket


def test_gone_browser_makes_offline_and_reroutes(desk: Desk) -> None:
    web, dewi, bagus = Web(desk), desk.people["dewi"].id or 0, desk.people["bagus"].id
    with desk.database.write() as tx:
        change_team(tx, desk.settings, SYSTEM, desk.teams["repair"], {"routing": {"when_offline": "reroute"}})
    ticket = hold(desk, "dewi")
    web.until(0, 2, "dewi", "bagus")
    web.until(3, 16, "bagus")
    assert web.leave(16.9) == 0
    web.look(17, "bagus")
    assert web.leave(17) == 1
    assert web.leave(17) == 0
    assert (web.state("dewi"), web.state("bagus")) == (("offline", "itself"), ("online", None))
    assert desk.row(ticket).holder_id == bagus
    with desk.database.read() as tx:
        said = stream_page(tx, "person", dewi)[-1]
    assert (said.kind, said.actor_kind) == ("person.availability", "flow")
    assert said.data == {"v": 1, "from": "online", "to": "offline", "by": "itself"}
    assert web.state("rina") == ("online", None)  # has never used a browser: nobody can say that it has gone


def test_coming_back_draws_the_backlog_unless_by_hand(desk: Desk) -> None:
    web, dewi = Web(desk), desk.people["dewi"]
    with desk.database.write() as tx:
        set_availability(tx, desk.settings, SYSTEM, desk.people["bagus"].id or 0, "offline", now=MORNING)
    web.look(0, "dewi")
    web.until(1, 15)
    assert web.leave(15) == 1
    waiting = desk.open(now=MORNING + 16 * MINUTE).ticket_id
    assert desk.row(waiting).holder_id is None
    web.back("dewi", 17)
    assert web.state("dewi") == ("online", None)
    assert desk.row(waiting).holder_id == dewi.id
    assert web.leave(17) == 0  # she has her whole time again
    with desk.database.write() as tx:
        set_availability(tx, desk.settings, dewi, dewi.id or 0, "offline", now=MORNING + 18 * MINUTE)
    web.back("dewi", 19)
    web.back("bagus", 19)
    assert (web.state("dewi"), web.state("bagus")) == (("offline", None), ("offline", None))


def test_hand_overrules_itself(desk: Desk) -> None:
    web, dewi = Web(desk), desk.people["dewi"]
    web.look(0, "dewi")
    web.until(1, 15)
    assert web.leave(15) == 1
    with desk.database.write() as tx:  # a lead says so, too: coming back changes nothing now
        set_availability(tx, desk.settings, SYSTEM, dewi.id or 0, "offline", now=MORNING + 16 * MINUTE)
    web.back("dewi", 17)
    assert web.state("dewi") == ("offline", None)


def test_minutes_are_the_departments(desk: Desk) -> None:
    web, service = Web(desk), desk.departments["service"]

    def allow(minutes: int) -> Any:
        with desk.database.write() as tx:
            change_department(tx, SYSTEM, service, {"gone_minutes": minutes})

    web.look(0, "dewi", "bagus")
    web.until(1, 40, "bagus")
    allow(0)
    assert web.leave(40) == 0
    allow(41)
    assert web.leave(40) == 0
    allow(5)
    assert web.leave(40) == 1


def test_silent_web_takes_nobody_for_gone(desk: Desk) -> None:
    web = Web(desk)
    web.look(0, "dewi")
    assert web.leave(60) == 0  # the web is away: nobody knows
    web.look(60)
    assert web.leave(60) == 0  # it has just begun to look again: windows need time to come back
    web.until(61, 74)
    assert web.leave(74) == 0
    web.look(75)
    assert web.leave(75) == 1
    assert SILENT_MS < ALLOWED * MINUTE

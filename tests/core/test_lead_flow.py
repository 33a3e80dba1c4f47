"""What comes in and what is solved: read from counted days on both databases; the staffing worked out from counts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.actors import SYSTEM
from core.calendar_reading import built_in
from core.errors import NotFound
from core.figures.keeping import catch_up
from core.figures.reading import Flow, read_sheets
from core.figures.tickets import Wanted, tickets_behind
from core.lead_day import lead_day
from core.lead_flow import lead_flow
from core.lead_staffing import HOUR_MS, staffing
from core.tickets import conversation
from core.tickets.conversation import Draft
from tests.core.conftest import MORNING

if TYPE_CHECKING:
    from core.actors import Actor
    from core.lead_flow import LeadFlow
    from tests.core.conftest import Desk

DAY = 24 * HOUR_MS


def counted(desk: Desk) -> None:
    for _turn in range(50):
        with desk.database.write() as tx:
            if not catch_up(tx):
                return


def flow_of(desk: Desk, now: int, actor: Actor = SYSTEM) -> LeadFlow:
    with desk.database.read() as tx:
        return lead_flow(tx, read_sheets(tx, actor, now), lead_day(tx, actor, now).people, now)


def test_hours_count_beside_opening_time() -> None:
    start = MORNING - MORNING % DAY
    found = staffing(built_in("always"), {9: 30, 10: 10}, {9: 12}, ["Sari"], 6, (start, start + 2 * DAY))
    by_hour = {one.hour: (one.came, one.solved) for one in found.hours if one.came or one.solved}
    assert by_hour == {9: (30, 12), 10: (10, 0)}
    assert found.since == start
    assert found.open_ms == 2 * DAY
    assert found.enough
    assert found.busiest is not None
    assert found.busiest.came == 30
    assert found.busiest.rates == (15.0, 6.0)
    assert round(found.an_hour(found.came), 3) == round(40 / 48, 3)


def test_closed_hours_have_no_rate() -> None:
    start = MORNING - MORNING % DAY
    found = staffing(built_in("id-jakarta"), {9: 1}, {}, [], 0, (start - DAY, start + 7 * DAY))
    assert all((one.rates is None) == (one.open_ms < HOUR_MS) for one in found.hours)
    assert any(one.rates is None for one in found.hours)
    assert not found.enough


def test_nothing_happened_says_nothing() -> None:
    found = staffing(built_in("always"), {}, {}, [], 0, (MORNING, MORNING))
    assert (found.came, found.open_ms, found.an_hour(0), found.enough) == (0, 0, 0.0, False)


def test_days_ends_are_reckoned_back() -> None:
    flow = Flow(100, {100: (3, 1), 99: (0, 2), 98: (4, 0)})
    assert flow.open_at_ends(6, 4) == (2, 6, 4, 6)
    assert flow.within(2) == (3, 3)


def test_flow_is_read_on_both_databases(desk: Desk) -> None:
    first, second = desk.open(now=MORNING, topic="leak").ticket_id, desk.open(now=MORNING + HOUR_MS).ticket_id
    dewi, service = desk.people["dewi"], desk.departments["service"]
    with desk.database.write() as tx:
        at = MORNING + 2 * HOUR_MS
        conversation.send_reply(tx, desk.settings, dewi, first, Draft("Sudah."), then="resolve", now=at)
    counted(desk)
    now = MORNING + 3 * HOUR_MS
    found, later = flow_of(desk, now), flow_of(desk, now + 8 * DAY)
    team = next(one for one in found.teams if one.counts[7][0])
    assert (team.counts, team.growth(7), found.teams[0]) == ({7: (2, 1), 28: (2, 1)}, 1, team)
    assert next(one for one in later.teams if one.id == team.id).counts == {7: (0, 0), 28: (2, 1)}
    holders = [one for one in found.people.values() if one.counts[7] != (0, 0)]
    assert sum(one.counts[7][0] for one in holders) == 2
    assert sum(one.held[-1] for one in holders) == 1
    assert sum(one.staffing.came for one in found.departments) == 2
    assert flow_of(desk, now, desk.people["catherine"]).departments[0].title == "Service"
    with desk.database.read() as tx:
        today = read_sheets(tx, SYSTEM, now).departments[0].today

        def behind(what: str, **more: Any) -> list[int]:
            wanted = Wanted(what, service, today, today, **more)
            found = tickets_behind(tx, desk.people["catherine"], wanted)
            assert found.total == len(found.lines)
            return [one.id for one in found.lines]

        assert behind("came") == [second, first]
        assert behind("solved") == behind("answered") == behind("came", topic="leak") == [first]
        assert behind("came", hour=9) == [first]
        assert behind("came", hour=10) == [second]
        assert behind("came", hour=11) == []
        assert behind("kept", metric="first_response") == [first]
        assert behind("broken") == behind("came", organisation_id=9) == []
        page = tickets_behind(
            tx, SYSTEM, Wanted("came", service, today, today), limit=1, before=(MORNING + HOUR_MS, second)
        )
        assert [one.id for one in page.lines] == [first]
        for wrong in (Wanted("came", desk.departments["billing"], today, today), Wanted("lost", service, today, today)):
            try:
                tickets_behind(tx, desk.people["catherine"], wrong)
            except NotFound:
                continue
            raise AssertionError(wrong)

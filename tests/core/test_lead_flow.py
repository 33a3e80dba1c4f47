"""What comes in and what is solved: counts by team and hour, on both databases; the staffing worked out from counts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actors import SYSTEM
from core.calendar_reading import built_in
from core.lead_flow import flow_tickets, lead_flow
from core.lead_staffing import HOUR_MS, staffing
from tests.core.conftest import MORNING

if TYPE_CHECKING:
    from tests.core.conftest import Desk

QUARTER = 900_000
DAY = 24 * HOUR_MS


def test_hours_count_in_the_local_zone() -> None:
    start = MORNING - MORNING % DAY
    came = {start + 2 * HOUR_MS: 30, start + DAY + 3 * HOUR_MS: 10}
    found = staffing(
        built_in("always"), came, {start + 2 * HOUR_MS: 12}, ["Sari"], 6, (start - 20 * DAY, start + 2 * DAY)
    )
    by_hour = {one.hour: (one.came, one.solved) for one in found.hours if one.came or one.solved}
    zone_hours = 7 if built_in("always").zone == "Asia/Jakarta" else 0
    assert by_hour == {2 + zone_hours: (30, 12), 3 + zone_hours: (10, 0)}
    assert found.since == start + 2 * HOUR_MS
    assert found.open_ms == 2 * DAY - 2 * HOUR_MS
    assert found.enough
    assert found.busiest is not None
    assert found.busiest.came == 30
    assert round(found.an_hour(found.came), 3) == round(40 / 46, 3)


def test_closed_hours_have_no_rate() -> None:
    start = MORNING - MORNING % DAY
    found = staffing(built_in("id-jakarta"), {start: 1}, {}, [], 0, (start - DAY, start + 7 * DAY))
    assert all((one.rates is None) == (one.open_ms < HOUR_MS) for one in found.hours)
    assert any(one.rates is None for one in found.hours)
    assert not found.enough


def test_nothing_happened_says_nothing() -> None:
    found = staffing(built_in("always"), {}, {}, [], 0, (MORNING - DAY, MORNING))
    assert (found.came, found.open_ms, found.an_hour(0), found.enough) == (0, 0, 0.0, False)


def test_flow_counts_on_both_databases(desk: Desk) -> None:
    first, second = desk.open(now=MORNING).ticket_id, desk.open(now=MORNING + HOUR_MS).ticket_id
    desk.sql("UPDATE ticket SET resolved_at = :at WHERE id = :id", at=MORNING + 2 * HOUR_MS, id=first)
    now = MORNING + 3 * HOUR_MS
    with desk.database.read() as tx:
        found = lead_flow(tx, SYSTEM, now)
        later = lead_flow(tx, SYSTEM, now + 8 * DAY)
        team = next(one for one in found.teams if one.counts[7][0])
        assert team.counts == {7: (2, 1), 28: (2, 1)}
        assert team.growth(7) == 1
        assert found.teams[0] == team
        assert next(one for one in later.teams if one.id == team.id).counts == {7: (0, 0), 28: (2, 1)}
        assert [one.id for one in flow_tickets(tx, SYSTEM, "came", team.name, 7, now)[1]] == [second, first]
        assert [one.id for one in flow_tickets(tx, SYSTEM, "solved", team.name, 7, now)[1]] == [first]
    assert sum(one.staffing.came for one in found.departments) == 2


def test_merged_tickets_do_not_count(desk: Desk) -> None:
    desk.open(now=MORNING)
    desk.sql("UPDATE ticket SET closed_at = :at", at=MORNING + HOUR_MS)
    with desk.database.read() as tx:
        assert all(one.counts[28] == (0, 0) for one in lead_flow(tx, SYSTEM, MORNING + DAY).teams)

"""The simulator and a real ticket go the same way, whatever the document and whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core import effects
from core.advance import advance, nudged, standing
from core.database import Database
from core.tickets.settling import settle

from .twins import Twins, live

if TYPE_CHECKING:
    from tests.core.conftest import Desk


def test_ticket_goes_as_simulated(quiet_desk: Desk) -> None:
    for seed in range(20):
        live(Twins(quiet_desk, seed))


def test_walking_again_changes_nothing(quiet_desk: Desk) -> None:
    for seed in range(500, 512):
        live(Twins(quiet_desk, seed, walk_again))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_many_tickets_go_as_simulated(quiet_desk: Desk) -> None:
    for seed in range(1000, 2500):
        live(Twins(quiet_desk, seed, walk_again if seed % 3 == 0 else None), deeds=30)


def walk_again(twins: Twins) -> None:
    """As after a crash: another process, which knows nothing but the rows, hears of old and new nudges twice and in the wrong order."""
    settings, ticket = twins.desk.settings, twins.ticket
    other = Database(settings)
    try:
        with other.read() as tx:
            before = standing(tx, [ticket])[ticket]
            ended = [one.key for one in effects.page(tx, ticket_id=ticket, limit=1000) if one.state == effects.DONE]
        if before.alarm_at is not None and before.alarm_at <= twins.sim.now:
            return  # it has not rung yet: walking now is no repetition
        for _time in range(2):
            for seq in (before.seq, max(0, before.seq - 3)):
                with other.write() as tx:
                    assert advance(tx, settings, ticket, twins.sim.now) == before, twins
                    nudged(tx, [(ticket, seq)])
            with other.write() as tx:
                for key in ended:
                    assert settle(tx, settings, key, effects.FAILED, twins.sim.now) == before, twins
    finally:
        other.close()

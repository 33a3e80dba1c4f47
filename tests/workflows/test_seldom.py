"""Work that looks through a whole table is not done at every commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.upkeep import seldom

if TYPE_CHECKING:
    from core.database import Database


def test_rare_work_waits_when_done(database: Database) -> None:
    left = [2, 1, 0, 5]
    asked: list[int] = []

    def run(_tx: object) -> int:
        asked.append(left.pop(0))
        return asked[-1]

    job = seldom(run)
    with database.read() as tx:
        assert [job(tx) for _ in range(5)] == [2, 1, 0, 0, 0]
    assert asked == [2, 1, 0]

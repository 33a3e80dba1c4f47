"""The firm whose tickets live what was simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.conftest import Desk, make_desk

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings


@pytest.fixture
def quiet_desk(database: Database, settings: Settings) -> Desk:
    """The small firm on SQLite. Its resolved tickets stay open for longer than any simulation goes on: the simulator closes none."""
    desk = make_desk(database, settings)
    desk.sql("UPDATE department SET quiet_hours = 100000")
    return desk

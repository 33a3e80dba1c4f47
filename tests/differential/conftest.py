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
    """The small firm on SQLite. It closes tickets and promises answers later than any simulation goes on: the simulator does neither."""
    desk = make_desk(database, settings)
    desk.sql("UPDATE department SET quiet_hours = 100000, promise_minutes = 1000000")
    return desk

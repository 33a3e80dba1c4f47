"""The ticket page says how its clocks stand and why; the API gives the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from core.advance import advance
from core.schema import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings


def due_of(firm: Database) -> int:
    with firm.read() as tx:
        return int(tx.execute(select(Clock.__table__.c.due_at)).scalar_one())


def test_page_explains_the_clock(
    signed_in: Callable[[str], FlaskClient], firm: Database, settings: Settings, ticket_id: int
) -> None:
    dewi = signed_in("dewi")
    page = dewi.get(f"/tickets/{ticket_id}").text
    assert "First response" in page
    assert f'data-due="{due_of(firm)}"' in page
    assert "The department&#39;s promise: a policy of 480 minutes of opening time" in page
    assert "Started:" in page
    assert "Counted:" in page or "No opening time has passed yet." in page
    with firm.write() as tx:
        advance(tx, settings, ticket_id, due_of(firm))
    story = dewi.get(f"/tickets/{ticket_id}/timeline").text
    assert "is late: it was due" in story
    assert "is nearly due" in story

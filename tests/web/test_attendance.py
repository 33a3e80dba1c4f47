"""Who is there, as the web sees it: open windows and clicks are written down seldom, and a click brings somebody back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from core.moments import now_ms
from core.schema import Person, Presence, Process
from web.attendance import Attendance

from .conftest import IDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.testing import FlaskClient

    from core.database import Database


def test_windows_and_clicks_are_written_down_seldom(firm: Database) -> None:
    def kept() -> dict[int, int]:
        with firm.read() as tx:
            return {row.person_id: row.seen_at for row in tx.execute(select(Presence.__table__))}

    seldom = Attendance(firm)
    seldom.saw(IDS["dewi"])
    seldom.keep([IDS["bagus"]])
    assert kept() == {}  # not yet: at most twice a minute
    often = Attendance(firm, seconds=0)
    begin = now_ms()
    often.saw(IDS["dewi"])
    often.keep([IDS["bagus"]])
    assert set(kept()) == {IDS["dewi"], IDS["bagus"]}
    assert min(kept().values()) >= begin
    first = kept()
    often.keep([])
    assert kept() == first  # nobody was there since, and that somebody looks is noted
    with firm.read() as tx:
        assert tx.execute(select(Process.seen_at).where(Process.name == "presence")).scalar_one() >= begin


def test_click_brings_back_whoever_was_gone(
    app: Flask, signed_in: Callable[[str], FlaskClient], firm: Database
) -> None:
    dewi = signed_in("dewi")

    def be(availability: str, by: str | None) -> None:
        with firm.write() as tx:
            values = {"availability": availability, "availability_by": by, "availability_at": 1}
            tx.execute(update(Person).where(Person.id == IDS["dewi"]).values(values))

    def now() -> tuple[str, str | None]:
        with firm.read() as tx:
            row = tx.execute(select(Person.availability, Person.availability_by).where(Person.id == IDS["dewi"])).one()
        return row[0], row[1]

    be("offline", "itself")
    assert "Offline by itself since" in signed_in("lina").get("/day").text
    assert now() == ("offline", "itself")  # it was not she who clicked
    page = dewi.get("/work").text
    assert "You are online again." in page
    assert now() == ("online", None)
    assert "You are online again." not in dewi.get("/work").text
    be("offline", None)
    dewi.get("/work")
    assert now() == ("offline", None)  # by hand: it stays
    with app.test_request_context():
        assert IDS["dewi"] in app.extensions["estafet"].hub.attendance._seen

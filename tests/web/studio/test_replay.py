"""The replay of the past as a lead reads it: all tickets together, those behind each figure, and one of them side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .replayed_past import make_past

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings


def rows(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'<span><a href="/tickets/(\d+)"', page)]


def test_lead_replays_the_past(signed_in: Callable[[str], FlaskClient], library: Database, settings: Settings) -> None:
    sop, (large, small, still_open) = make_past(library, settings)
    lina, base = signed_in("lina"), f"/studio/{sop}/replay"
    assert f'href="{base}"' in lina.get(f"/studio/{sop}/try").text
    page = lina.get(base).text
    assert rows(page) == [small, large]
    assert "Amount paid: Rp 7.000.000" in page
    assert "2 tickets were looked at." in page
    for figure, tickets in (
        ("same", [small]),
        ("different", [large]),
        ("missed", [small]),
        ("missed-before", []),
        ("less", [large]),
    ):
        if tickets:
            assert f"show={figure}#tickets" in page, figure
        assert rows(lina.get(f"{base}?show={figure}").text) == tickets, figure
    page = lina.get(f"{base}?open=1&last=2").text
    assert rows(page) == [still_open, small]
    assert rows(lina.get(f"{base}?open=1&show=cause-open").text) == [still_open]
    assert rows(lina.get(f"{base}?which=followed").text) == [small, large]
    one = lina.get(f"{base}/{large}").text
    assert "is more than Rp 9.000.000” does not hold" in one
    assert re.search(r'class="apart"><td><div class="strong">Pay it\?', one)
    assert "missed by 1" in lina.get(f"{base}/{small}").text
    assert signed_in("oskar").get(f"{base}/{large}").status_code == 404
    assert rows(signed_in("oskar").get(base).text) == []

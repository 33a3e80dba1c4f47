"""The lead's day: sentences and tables from open tickets, each figure a link to exactly the tickets it counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import text

from core.actors import Actor
from core.lead_day import lead_day
from core.moments import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database


def rows_behind(client: FlaskClient, page: str, link: str) -> int:
    assert f'href="{link}"' in page
    return len(re.findall(r'id="t\d+" data-row', client.get(link.replace("&amp;", "&")).text))


def test_figures_lead_to_their_tickets(signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int) -> None:
    lina, past = signed_in("lina"), now_ms() - 60_000
    with firm.write() as tx:
        tx.execute(text("UPDATE ticket SET due_at = :past, due_kind = 'first_response'"), {"past": past})
        holder = tx.execute(text("SELECT nick FROM person JOIN ticket ON holder_id = person.id")).scalar_one()
    page = lina.get("/day").text
    assert "1 ticket is late" in page
    assert "Nobody has too much." in page
    assert rows_behind(lina, page, "/?view=due&amp;q=late+team:service-team") == 1
    assert rows_behind(lina, page, "/?view=due&amp;q=team:service-team") == 1
    assert rows_behind(lina, page, "/?view=all&amp;q=team:service-team") == 1
    assert rows_behind(lina, page, f"/?view=due&amp;q=late+holder:{holder}") == 1
    assert "Service team,Service,1,0,1,1" in lina.get("/day/teams.csv").text
    assert ticket_id == 1


def test_lead_sees_own_department_only(firm: Database, signed_in: Callable[[str], FlaskClient]) -> None:
    with firm.read() as tx:
        mine = lead_day(tx, Actor("person", 2, "lead", "Lina", 1), now_ms())
        all_of_it = lead_day(tx, Actor("person", 1, "manager", "Mira"), now_ms())
    assert {team.name for team in mine.teams} == {"service-team"}
    assert {team.name for team in all_of_it.teams} == {"service-team", "billing-team"}
    assert signed_in("oskar").get("/day").status_code == 403
    assert "data-row" not in signed_in("lina").get("/?view=all&q=team:billing-team").text


def test_who_is_at_the_limit_has_too_much(firm: Database, signed_in: Callable[[str], FlaskClient]) -> None:
    with firm.write() as tx:
        tx.execute(text("UPDATE membership SET max_open = 1 WHERE person_id = 3"))
        tx.execute(text("UPDATE person_load SET open_n = 1 WHERE person_id = 3"))
    page = signed_in("lina").get("/day").text
    assert "1 colleague has too much:" in page
    assert "too much</span>" in page

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


def test_growth_leads_to_its_tickets(signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int) -> None:
    lina = signed_in("lina")
    page = lina.get("/day").text
    assert rows_behind(lina, page, "/day?what=came&amp;team=service-team&amp;days=7") == 1
    assert "what=solved" not in page
    assert "1 ticket came in within 28 days" in page
    assert "Service team,Service,1,0,1,1,0,1" in lina.get("/day/growth.csv").text
    with firm.write() as tx:
        tx.execute(text("UPDATE ticket SET resolved_at = :now, status = 'resolved'"), {"now": now_ms()})
    page = lina.get("/day").text
    assert rows_behind(lina, page, "/day?what=solved&amp;team=service-team&amp;days=28") == 1
    assert "Service team,Service,1,1,0,1,1,0" in lina.get("/day/growth.csv").text
    assert "data-row" not in lina.get("/day?what=came&team=billing-team&days=7").text
    assert lina.get("/day?what=came&team=nobody&days=7").status_code == 404
    assert ticket_id == 1


def test_staffing_is_said_with_its_numbers(
    signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int
) -> None:
    columns = "customer_id, department_id, team_id, status, priority, vip, channel, subject, language, tags, reopened, last_seq"
    more = "want_seq, nudged_seq, version, entered_at, last_at, created_at, resolved_at"
    copy = text(
        f"INSERT INTO ticket ({columns}, {more}) SELECT {columns}, last_seq, last_seq, 1, :at, :at, :at, :done"
        " FROM ticket WHERE id = 1"
    )
    day, now = 86_400_000, now_ms()
    with firm.write() as tx:
        tx.execute(copy, [{"at": now - n * day // 2, "done": now - day if n % 3 == 0 else None} for n in range(1, 41)])
    lina = signed_in("lina")
    page = lina.get("/day").text
    assert "41 tickets came in and 13 were solved" in page
    assert "are solved. " in page
    assert "Filled: came in. Outlined: solved." in page
    hours = [line.split(",") for line in lina.get("/day/hours.csv").text.splitlines()[1:]]
    assert sum(int(row[2]) for row in hours) == 41
    assert sum(int(row[3]) for row in hours) == 13
    assert ticket_id == 1

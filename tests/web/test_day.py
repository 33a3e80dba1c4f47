"""The lead's day: sentences and tables from open tickets, each figure a link to exactly the tickets it counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import text

from core.actors import SYSTEM, Actor
from core.clocks.policies import create_policy
from core.directory import directory
from core.figures.days import begin_of, date_of, day_of
from core.figures.keeping import catch_up
from core.lead_day import lead_day
from core.moments import now_ms
from core.procedures import publish_library
from core.tickets.conversation import Draft, send_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.resolving import resolve
from tests.web.test_queries import statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings


DEWI = Actor("person", 3, "agent", "Dewi Anggraini", 1)


def counted(database: Database) -> None:
    """What the upkeep does within seconds."""
    for _turn in range(50):
        with database.write() as tx:
            if not catch_up(tx):
                return


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


def test_growth_leads_to_its_tickets(
    signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int, settings: Settings
) -> None:
    counted(firm)
    lina = signed_in("lina")
    page = lina.get("/day").text
    came = re.findall(r'href="(/day/tickets\?what=came&amp;[^"]*team=service-team)"', page)
    assert [rows_behind(lina, page, link) for link in came] == [1, 1]  # of 7 days and of 28
    assert "what=solved" not in page
    assert "1 ticket came in within 28 days" in page
    assert "Service team,Service,1,0,1,1,0,1" in lina.get("/day/growth.csv").text
    with firm.write() as tx:
        resolve(tx, settings, DEWI, ticket_id, "Done.")
    counted(firm)
    page = lina.get("/day").text
    solved = re.findall(r'href="(/day/tickets\?what=solved&amp;[^"]*team=service-team)"', page)
    assert [rows_behind(lina, page, link) for link in solved] == [1, 1]
    assert "Service team,Service,1,1,0,1,1,0" in lina.get("/day/growth.csv").text
    assert lina.get(came[0].replace("&amp;", "&").replace("service", "billing")).status_code == 404
    for wrong in ("team=nobody", "since=yesterday", "what=lost"):
        name = wrong.split("=")[0]
        link = re.sub(rf"{name}=[^&]*", wrong, came[0].replace("&amp;", "&"))
        assert lina.get(link).status_code == 404
    assert lina.get("/day/lost.csv").status_code == 404


def remember_weeks(firm: Database, zone: str) -> int:
    """Nine weeks of six tickets a day, all solved by Dewi but on one day, ten days ago: 24 came about leaks, nobody solved one. That day."""
    with firm.write() as tx:
        today = day_of(now_ms(), zone)
        rows = [
            {
                "at": begin_of(today - ago, zone) + (9 + i % 4) * 3_600_000,
                "topic": "leak" if ago == 10 and i > 5 else "noise",
                "done": None if ago == 10 else begin_of(today - ago, zone) + 15 * 3_600_000,
            }
            for ago in range(1, 64)
            for i in range(24 if ago == 10 else 6)
        ]
        tx.execute(text(_COPY), rows)
        tx.execute(text(_OPENED))
        tx.execute(text(_RESOLVED))
    counted(firm)
    return today - 10


_COPIED = (
    "customer_id, department_id, team_id, holder_id, status, priority, vip, channel, subject, language, tags, reopened"
)
_COPY = (
    f"INSERT INTO ticket ({_COPIED}, last_seq, want_seq, nudged_seq, version, entered_at, last_at, created_at, resolved_at, topic)"
    f" SELECT {_COPIED}, 2, 2, 2, 1, :at, :at, :at, :done, :topic FROM ticket WHERE id = 1"
)
_OPENED = (
    "INSERT INTO event (stream, stream_id, seq, at, kind, actor_kind, data)"
    " SELECT 'ticket', id, 1, created_at, 'ticket.opened', 'customer', '{}' FROM ticket WHERE id > 1"
)
_RESOLVED = (
    "INSERT INTO event (stream, stream_id, seq, at, kind, actor_kind, actor_id, department_id, data)"
    " SELECT 'ticket', id, 2, resolved_at, 'ticket.resolved', 'person', 3, 1, '{}' FROM ticket WHERE id > 1 AND resolved_at > 0"
)


def test_numbers_are_said_and_lead_on(signed_in: Callable[[str], FlaskClient], firm: Database, ticket_id: int) -> None:
    lina = signed_in("lina")
    with firm.read() as tx:
        zone = directory(tx).calendar_of(1).zone
    counted(firm)
    lina.get("/day")
    with statements(firm) as few:
        lina.get("/day")
    day = date_of(unusual := remember_weeks(firm, zone)).isoformat()
    with statements(firm) as many:
        page = lina.get("/day").text
    asked = [[one for one in seen if "figure_day" in one or "ticket" in one] for seen in (few, many)]
    assert asked[0] == asked[1], "the page asks more, the more there are"
    assert "FROM ticket" not in "".join(asked[1]).replace(
        "FROM ticket \nWHERE ticket.due_at <", ""
    )  # only what is late
    assert len(many) <= 9
    # staffing, hour by hour
    assert "181 tickets came in and 156 were solved" in page
    assert "are solved. " in page
    assert "Filled: came in. Outlined: solved." in page
    hours = [line.split(",") for line in lina.get("/day/hours.csv").text.splitlines()[1:]]
    assert sum(int(row[2]) for row in hours) == 181
    assert sum(int(row[3]) for row in hours) == 156
    link = re.search(r'href="(/day/tickets\?what=solved&amp;[^"]*hour=15)"', page)
    assert link
    assert rows_behind(lina, page, link[1]) == 156
    # the unusual day, its reason, and the tickets behind both
    assert "1 unusual day in four weeks" in page
    assert "Came in: 24, far more than usual (usual: 6, from 1 to 11)." in page
    assert "Solved: 0, far less than usual (usual: 6, from 1 to 11)." in page
    assert "Much of it was about “leak”: 18 tickets, usually 0." in page
    assert "Much of it came from Sari Wulandari: 24 tickets, usually 6." in page
    leaks = f"/day/tickets?what=came&amp;department=service&amp;since={day}&amp;until={day}"
    assert rows_behind(lina, page, leaks) == 24
    assert rows_behind(lina, page, leaks + "&amp;topic=leak") == 18
    rows = [line.split(",") for line in lina.get("/day/performance.csv").text.splitlines()]
    assert [row[-2:] for row in rows if row[1] == day] == [
        ["came:above solved:below", "volume staffing customer:Sari Wulandari topic:leak"]
    ]
    assert page.count('class="mark-bad"') == 2
    # a colleague's trend
    assert re.search(r"Held at the end of each day: from \d+ to 1\b", page)
    assert date_of(unusual).isoformat() == day
    assert ticket_id == 1


def test_promises_are_counted_by_kind(
    signed_in: Callable[[str], FlaskClient], firm: Database, settings: Settings
) -> None:
    with firm.write() as tx:
        publish_library(tx, SYSTEM, now_ms())
        create_policy(tx, SYSTEM, None, {"name": "P", "metrics": {"first_response": {"goal": "PT1H"}}}, now=1)
        for i, ago in enumerate((1, 40 * 86_400_000)):
            at = now_ms() - ago
            new = NewTicket(f"Fridge {i}", "It leaks", CustomerRef(f"c{i}@example.com"), department="service")
            opened = open_ticket(tx, settings, SYSTEM, new, now=at).ticket_id
            send_reply(tx, settings, DEWI, opened, Draft("Yes."), now=now_ms() if ago == 1 else at + 14 * 86_400_000)
    counted(firm)
    mira = signed_in("mira")
    page = mira.get("/day").text
    table = mira.get("/day/promises.csv").text.splitlines()
    assert "Service,all,1,0,1,0" in table
    assert "Service,first_response,1,0,1,0" in table
    kept = re.search(r'href="(/day/tickets\?what=kept&amp;[^"]*metric=first_response)"', page)
    assert kept
    assert rows_behind(mira, page, kept[1]) == 1
    with firm.read() as tx:
        zone = directory(tx).calendar_of(1).zone
    first, today = day_of(now_ms(), zone) - 41, day_of(now_ms(), zone)
    answer = mira.get(f"/day/tickets?what=broken&department=service&since={date_of(first)}&until={date_of(today)}").text
    assert "1 promise</p>" in answer
    assert "First response" in answer

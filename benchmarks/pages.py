"""How fast are the pages, with 1,000 and with 1,000,000 tickets? Run: `python -m benchmarks pages`.

Synthetic tickets (a twentieth of the million is open), the application in this process without a socket: milliseconds in the server. Limits: the
queue at a million at most twice the queue at a thousand and 20 ms p95; the ticket page 14/30 ms; a reply 10/20 ms, while the mail server is slow.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, insert, text

from core import procedures
from core.actors import SYSTEM, Actor
from core.actors import customer as as_customer
from core.database import Database
from core.logs import set_up_logs
from core.moments import now_ms
from core.organisation import NewPerson, add_person, create_department, create_team
from core.people import hash_password
from core.schema import Customer, OpenCount, Ticket
from core.settings import read_settings
from core.tickets.conversation import Draft, IncomingMessage, add_comment, receive_reply, send_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.upgrading import upgrade
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.settings import Settings

PASSWORD = "a password for benchmarks"
DAY = 86_400_000
RUNS = 100


def measure(sizes: tuple[int, ...] = (1_000, 1_000_000)) -> dict[str, Any]:
    """p50 and p95 in milliseconds, statements and bytes of each page."""
    set_up_logs("web", level="ERROR")
    figures: dict[str, Any] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            settings = read_settings(
                {"ESTAFET_HOME": folder, "ESTAFET_DEMO": "0", "ESTAFET_MAIL_URL": "smtp://192.0.2.1:25"}
            )
            upgrade(settings)
            figures |= {f"{name}, {size:,} tickets": value for name, value in _measure(settings, size).items()}
    return figures


def _measure(settings: Settings, size: int) -> dict[str, Any]:
    database = Database(settings)
    agent = _firm(database)
    fill(database, size)
    ticket = _long_ticket(database, settings, agent)
    app = create_app(settings, database)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/signin", data={"email": "agent0@example.com", "password": PASSWORD})
    statements: list[str] = []
    for engine in (database._reader, database._writer):  # noqa: SLF001 -- only to count statements
        event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: statements.append(statement))
    found = {
        "queue": _page(client, "/", statements),
        "ticket page": _page(client, f"/tickets/{ticket}", statements),
        "reply (the click)": _times(lambda: _reply(database, settings, agent, ticket)),
    }
    database.close()
    return found


def _firm(database: Database) -> Actor:
    with database.write() as tx:
        procedures.publish_library(tx, SYSTEM, now_ms())
        password = hash_password(PASSWORD)
        for d in range(3):
            department = create_department(tx, SYSTEM, f"department{d}", f"Department {d}", language="en")
            teams = [
                create_team(tx, SYSTEM, department, f"team{d}_{n}", f"Team {d}.{n}", default=n == 0) for n in range(3)
            ]
            for n in range(13):
                new = NewPerson(
                    f"agent{d * 13 + n}@example.com",
                    f"Agent {d * 13 + n}",
                    "agent",
                    department,
                    [teams[n % 3]],
                    language="en",
                    password_hash=password,
                    availability="online",
                )
                add_person(tx, SYSTEM, new)
    return Actor("person", 1, "agent", "Agent 0", 1)


def fill(database: Database, size: int) -> None:
    """`size` tickets over a year, of `size / 5` customers; 605 of a thousand, 49,747 of a million are open (as in docs/scale.md)."""
    chance, now = random.Random(1), now_ms()
    open_ones = min(size, 49_747 if size >= 100_000 else round(size * 0.605))
    customers = max(1, size // 5)
    with database.write() as tx:
        for start in range(0, customers, 20_000):
            tx.execute(
                insert(Customer.__table__),
                [
                    {"email": f"customer{i}@example.com", "name": f"Customer {i}", "language": "id", "created_at": now}
                    for i in range(start, min(customers, start + 20_000))
                ],
            )
    for start in range(0, size, 20_000):
        with database.write() as tx:
            tx.execute(
                insert(Ticket.__table__),
                [
                    _ticket(i, i >= size - open_ones, size, customers, now, chance)
                    for i in range(start, min(size, start + 20_000))
                ],
            )
    with database.write() as tx:
        count = OpenCount.__table__
        tx.execute(
            text(
                f"INSERT INTO {count.name} (department_id, team_id, holder_id, status, priority, vip, n) SELECT department_id, team_id,"
                " coalesce(holder_id, 0), status, priority, vip, count(*) FROM ticket WHERE queue_key IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6"
            )
        )
        tx.execute(text("ANALYZE"))


def _ticket(i: int, is_open: bool, size: int, customers: int, now: int, chance: random.Random) -> dict[str, Any]:
    department = chance.randrange(3)
    team = department * 3 + chance.randrange(3) + 1
    at = now - 365 * DAY + i * 365 * DAY // size
    vip = chance.random() < 0.05
    holder = department * 13 + chance.randrange(13) + 1 if chance.random() < 0.85 else None
    return {
        "customer_id": chance.randrange(customers) + 1,
        "department_id": department + 1,
        "team_id": team,
        "holder_id": holder,
        "status": (("in_progress" if holder else "open") if is_open else "closed"),
        "priority": chance.choice((1, 2, 3, 3, 3, 4)),
        "vip": vip,
        "channel": chance.choice(("email", "email", "form", "phone")),
        "subject": f"Synthetic request {i}",
        "language": "id",
        "tags": [],
        "created_at": at,
        "entered_at": at,
        "last_at": at,
        "queue_key": ((0 if vip else 1) * 10**14 + at) if is_open else None,
        "due_at": at + DAY if is_open else None,
        "due_kind": "step" if is_open else None,
    }


def _long_ticket(database: Database, settings: Settings, agent: Actor) -> int:
    """A real ticket with twenty messages."""
    with database.write() as tx:
        new = NewTicket(
            "A long story",
            "It began so.\n" * 5,
            CustomerRef("long@example.com", "Long"),
            channel="email",
            department="department0",
        )
        opened = open_ticket(tx, settings, SYSTEM, new)
    for n in range(6):
        with database.write() as tx:
            send_reply(tx, settings, agent, opened.ticket_id, Draft("An answer of some length. " * 10))
            add_comment(tx, agent, opened.ticket_id, Draft(f"An internal comment, number {n}."))
            answer = IncomingMessage("", "And an answer to that. " * 10)
            receive_reply(tx, settings, as_customer(opened.customer_id), opened.ticket_id, answer)
    return opened.ticket_id


def _page(client: FlaskClient, path: str, statements: list[str]) -> str:
    def get() -> None:
        statements.clear()
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, answer.status
        sizes.append(len(answer.data))

    sizes: list[int] = []
    said = _times(get)
    return f"{said}, {len(statements)} SQL, {sizes[-1] / 1000:.1f} kB gz"


def _times(act: Callable[[], None]) -> str:
    for _ in range(5):
        act()
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(took, n=20)
    return f"{statistics.median(took):.1f} / {cuts[18]:.1f} ms"


def _reply(database: Database, settings: Settings, agent: Actor, ticket: int) -> None:
    with database.write() as tx:
        send_reply(tx, settings, agent, ticket, Draft("One more answer."))

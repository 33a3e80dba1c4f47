"""How soon are the similar tickets of a new one found? Run: `python -m benchmarks similar`. The limit is 20 ms at 50,000 solved tickets.

Made-up tickets in both languages, each about one of some hundred subjects, with words as frequent as in real ones: a few stand everywhere,
most hardly anywhere.
"""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert, text

from core.actors import SYSTEM
from core.database import Database
from core.learning.similar import similar_tickets
from core.learning.solved import index_solved
from core.learning.words import FILE, read_groups
from core.moments import now_ms
from core.organisation import create_department, create_team
from core.schema import Customer, Message, MessageBody, Ticket
from core.settings import read_settings
from core.upgrading import upgrade

SIZES = (1_000, 50_000)
ASKED = 200


def measure(sizes: tuple[int, ...] = SIZES) -> dict[str, float]:
    """Milliseconds for one new ticket, and how many tickets a second the index takes, for each size."""
    figures: dict[str, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as home:
            settings = read_settings({"ESTAFET_HOME": home, "ESTAFET_DEMO": "0", "ESTAFET_SECRET_KEY": "x" * 40})
            Path(home).mkdir(exist_ok=True)
            upgrade(settings)
            database = Database(settings)
            figures |= _measure(database, size)
            database.close()
    return figures


def _measure(database: Database, size: int) -> dict[str, float]:
    dice = random.Random(7)
    with database.write() as tx:
        _fill(tx, size, dice)
    began, done = time.perf_counter(), 0
    while True:
        with database.write(quietly=True) as tx:
            if not (n := index_solved(tx)):
                break
        done += n
    rate = done / (time.perf_counter() - began)
    times, work = [], []
    with database.read() as tx:
        found = 0
        for ticket in range(size + 1, size + ASKED + 1):
            began, busy = time.perf_counter(), time.process_time()
            found += len(similar_tickets(tx, SYSTEM, ticket))
            times.append((time.perf_counter() - began) * 1000)
            work.append((time.process_time() - busy) * 1000)
    assert found > ASKED
    return {
        f"{size} tickets, p50 ms": statistics.median(times),
        f"{size} tickets, p95 ms": statistics.quantiles(times, n=20)[-1],
        f"{size} tickets, p50 ms of CPU": statistics.median(work),
        f"{size} tickets, first ms": times[0],
        f"{size} tickets, indexed a second": rate,
    }


def _vocabulary(dice: random.Random) -> list[str]:
    groups = [word for group in read_groups(FILE.read_text("utf-8")) for word in group]
    syllables = ["ka", "ri", "to", "mun", "sa", "ber", "lin", "go", "pa", "tek", "nu", "den", "wi", "sor", "ma", "lu"]
    made = {"".join(dice.choices(syllables, k=dice.choice([2, 3, 3, 4]))) for _ in range(12_000)}
    return groups + sorted(made)


def _fill(tx, size: int, dice: random.Random) -> None:
    department = create_department(tx, SYSTEM, "service", "Service", address="service@example.com", language="en")
    team = create_team(tx, SYSTEM, department, "first", "First line", default=True)
    words = _vocabulary(dice)
    weights = [1 / (n + 3) for n in range(len(words))]
    subjects = [dice.sample(words, 20) for _ in range(300)]
    now = now_ms()
    customer = {
        "id": 1,
        "name": "Sari Wulandari",
        "email": "sari@example.com",
        "language": "en",
        "klass": "standard",
        "created_at": now,
    }
    tx.execute(insert(Customer).values(**customer))
    tickets, messages, bodies = [], [], []
    for number in range(1, size + ASKED + 1):
        said = [*dice.sample(dice.choice(subjects), 8), *dice.choices(words, weights, k=37)]
        solved = number <= size
        base = {"id": number, "customer_id": 1, "department_id": department, "team_id": team, "holder_id": None}
        at = now - (size - number) * 60_000
        tickets.append(
            base
            | {
                "status": "closed" if solved else "open",
                "priority": 3,
                "channel": "email",
                "subject": " ".join(said[:5]),
                "language": "en",
                "created_at": at,
                "entered_at": at,
                "last_at": at,
                "resolved_at": at if solved else None,
                "resolution": "It was put right." if solved else None,
            }
        )
        messages.append(
            {
                "id": number,
                "ticket_id": number,
                "seq": 1,
                "direction": "in",
                "author_kind": "customer",
                "author_name": "S",
            }
            | {"subject": "", "at": at, "channel": "email"}
        )
        bodies.append({"message_id": number, "text": "", "visible": " ".join(said[5:])})
    for table, rows in ((Ticket, tickets), (Message, messages), (MessageBody, bodies)):
        for start in range(0, len(rows), 5_000):
            tx.execute(insert(table), rows[start : start + 5_000])
    tx.execute(text("UPDATE message SET indexed = true"))


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))

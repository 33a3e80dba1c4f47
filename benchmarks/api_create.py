"""How many tickets a second does the API open, and what does one cost? Run: `python -m benchmarks api_create`.

A real web server in a process of its own, the engine stopped and then running, each call with its own Idempotency-Key and over a connection that
is kept. PostgreSQL, where it is installed, is a server of its own. More: `python -m benchmarks.api_create [--postgres URL] [--profile]`.
"""

from __future__ import annotations

import argparse
import cProfile
import http.client
import json
import pstats
import statistics
import sys
import tempfile
import threading
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks._house import cpu_ms, home
from benchmarks._postgres import postgres
from core import procedures
from core.actors import SYSTEM
from core.database import Database
from core.moments import now_ms
from core.organisation import NewPerson, add_person, create_department, create_team, issue_token
from core.settings import read_settings
from core.upgrading import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks._house import Home
    from core.settings import Settings

TOKEN = "est_benchmark"
BODY = {"subject": "The printer is broken", "body": "It prints stripes since this morning.\n" * 5}


def prepare(settings: Settings) -> None:
    """A department with three agents, the standard procedure, and a token."""
    upgrade(settings)
    database = Database(settings)
    with database.write() as tx:
        department = create_department(tx, SYSTEM, "service", "Service", address="service@example.com", language="en")
        team = create_team(tx, SYSTEM, department, "first-line", "First line")
        people = [
            add_person(
                tx,
                SYSTEM,
                NewPerson(f"agent{i}@example.com", f"Agent {i}", "agent", department, (team,), availability="online"),
            )
            for i in range(3)
        ]
        procedures.publish_library(tx, SYSTEM, now_ms())
        issue_token(tx, people[0], "benchmark", token=TOKEN)
    database.close()


def client(port: int, n: int, waits: list[float]) -> None:
    """Open `n` tickets, one after another."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for i in range(n):
        body = json.dumps({**BODY, "customer": {"email": f"customer{i % 100}@example.com", "name": "Customer"}})
        headers = {
            "Authorization": f"Bearer {TOKEN}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        began = time.perf_counter()
        connection.request("POST", "/api/v1/tickets", body, headers)
        answer = connection.getresponse()
        answer.read()
        waits.append(time.perf_counter() - began)
        assert answer.status == 201, answer.status


def measure(n: int = 400) -> dict[str, float]:
    """Tickets a second by 1 and 8 clients, p50 and p95 of one, processor milliseconds of the web server for each."""
    figures: dict[str, float] = {}
    with home() as house, serving(house, TOKEN) as (port, pid):
        for clients in (1, 8):
            figures |= _named(f"{clients} clients", created(port, pid, clients, n * min(2, clients)))
        with house.engine():
            figures |= _named("8 clients, engine running", created(port, pid, 8, n))
    with postgres() as url:
        if url is not None:
            with home(ESTAFET_DATABASE_URL=url) as house, serving(house, TOKEN) as (port, pid):
                figures |= _named("8 clients, PostgreSQL", created(port, pid, 8, n * 2))
    return figures


def _named(name: str, row: dict[str, float]) -> dict[str, float]:
    return {f"{figure}, {name}": value for figure, value in row.items() if figure != "clients"}


@contextmanager
def serving(house: Home, token: str) -> Iterator[tuple[int, int]]:
    """A web server on this home; its port and process. The office's manager calls with `token`."""
    with house.database.write() as tx:
        issue_token(tx, house.office.agent.id or 0, "benchmark", token=token)
    port = house.settings.http_port
    with house.process([sys.executable, "-m", "estafet", "web"]) as pid:
        wait_for(port)
        client(port, 100, [])
        yield port, pid


def created(port: int, pid: int, clients: int, n: int) -> dict[str, float]:
    """`n` tickets by so many clients at once."""
    waits: list[float] = []
    threads = [threading.Thread(target=client, args=(port, n // clients, waits)) for _ in range(clients)]
    cpu, began = cpu_ms(pid), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, used = time.perf_counter() - began, cpu_ms(pid) - cpu
    cuts = statistics.quantiles(waits, n=20)
    return {
        "clients": clients,
        "a second": len(waits) / seconds,
        "p50 ms": statistics.median(waits) * 1000,
        "p95 ms": cuts[-1] * 1000,
        "processor ms": used / len(waits),
    }


def profile(settings: Settings, n: int) -> None:
    """What takes the time, call by call, without a server around it."""
    from web.app import create_app

    database = Database(settings)
    app = create_app(settings, database)
    browser = app.test_client()

    def once(i: int) -> None:
        body = {**BODY, "customer": {"email": f"customer{i % 100}@example.com"}}
        headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": uuid.uuid4().hex}
        assert browser.post("/api/v1/tickets", json=body, headers=headers).status_code == 201

    for i in range(100):
        once(i)
    profiler = cProfile.Profile()
    profiler.enable()
    for i in range(n):
        once(i)
    profiler.disable()
    found = pstats.Stats(profiler)
    found.sort_stats("tottime").print_stats(25)
    found.sort_stats("cumtime").print_stats("main/(core|web)", 45)


def main() -> None:
    """Measure 1 and 8 clients and print a JSON line for each."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--postgres", help="SQLAlchemy URL of an empty PostgreSQL database")
    words.add_argument("--profile", action="store_true")
    words.add_argument("-n", type=int, default=1600)
    asked = words.parse_args()
    if asked.profile:
        with tempfile.TemporaryDirectory() as folder:
            settings = read_settings({"ESTAFET_HOME": folder, "ESTAFET_DEMO": "0"})
            prepare(settings)
            profile(settings, 300)
        return
    environ = {"ESTAFET_DATABASE_URL": asked.postgres} if asked.postgres else {}
    with home(**environ) as house, serving(house, TOKEN) as (port, pid):
        for clients in (1, 8):
            print(json.dumps(created(port, pid, clients, asked.n)))


def wait_for(port: int) -> None:
    """Until the server answers."""
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web server did not start")


if __name__ == "__main__":
    main()

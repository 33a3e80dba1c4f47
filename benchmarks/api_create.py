"""How many tickets a second does the API open, and what does one cost? Run: `python benchmarks/api_create.py [--postgres URL] [--profile]`.

A real web server in a process of its own, the engine stopped, each call with its own Idempotency-Key and over a connection that is kept.
"""

from __future__ import annotations

import argparse
import cProfile
import http.client
import json
import multiprocessing
import os
import pstats
import statistics
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

from core import procedures
from core.actors import SYSTEM
from core.database import Database
from core.moments import now_ms
from core.organisation import NewPerson, add_person, create_department, create_team, issue_token
from core.settings import Settings, read_settings
from core.upgrading import upgrade

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


def serve(settings: Settings) -> None:
    """The web server of the product, in this process."""
    from core.logs import set_up_logs
    from estafet.web_server import WebServer

    set_up_logs("web")
    sys.argv = ["estafet"]
    WebServer(settings).run()


def cpu_of_group(pid: int) -> float:
    """CPU seconds of a process and its children, from /proc."""
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(folder.name) == pid or int(fields[1]) == pid:
            total += (int(fields[11]) + int(fields[12])) / ticks
    return total


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


def measure(port: int, pid: int, clients: int, n: int) -> dict[str, float]:
    """`n` tickets by so many clients at once."""
    waits: list[float] = []
    threads = [threading.Thread(target=client, args=(port, n // clients, waits)) for _ in range(clients)]
    cpu, began = cpu_of_group(pid), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, used = time.perf_counter() - began, cpu_of_group(pid) - cpu
    cuts = statistics.quantiles(waits, n=20)
    return {
        "clients": clients,
        "per_second": round(len(waits) / seconds, 1),
        "p50_ms": round(statistics.median(waits) * 1000, 2),
        "p95_ms": round(cuts[-1] * 1000, 2),
        "cpu_ms": round(used / len(waits) * 1000, 2),
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
    with tempfile.TemporaryDirectory() as home:
        from estafet.ports import free_port

        port = free_port()
        environment = {"ESTAFET_HOME": home, "ESTAFET_DEMO": "0", "ESTAFET_HTTP_PORT": str(port)}
        if asked.postgres:
            environment["ESTAFET_DATABASE_URL"] = asked.postgres
        settings = read_settings(environment)
        prepare(settings)
        if asked.profile:
            profile(settings, 300)
            return
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(settings,))
        server.start()
        try:
            wait_for(port)
            client(port, 100, [])
            for clients in (1, 8):
                print(json.dumps(measure(port, server.pid or 0, clients, asked.n)))
        finally:
            server.terminate()
            server.join(10)


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

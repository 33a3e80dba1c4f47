"""Makes the past: a database with open tickets and their workflows' histories, by an earlier commit of this repository.

    python -m tests.upgrade.make COMMIT NAME

checks the commit out beside the repository, runs its own `estafet up` in a temporary home, opens tickets through its mail intake and its
commands, leaves them at different places of their procedure, and writes `tests/upgrade/NAME.sql` (moved into the past by whole weeks, so that
it means the same whenever the test runs) and `tests/upgrade/NAME-*.json` (the histories). What was made once is never made again.

Everything behind `leave` runs with the modules of that commit: only what all commits since c75f4ec have in common is used there.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
SECRET = "a secret for tests, of more than thirty-two bytes"
_WEEK_MS = 7 * 86_400_000
_LATEST_MS = 1_704_672_000_000  # 8 January 2024: everything has happened before
_MOMENT = re.compile(r"\b1[5-9]\d{11}\b")


def make(commit: str, name: str) -> None:
    """Check the commit out, and run `leave` with its modules."""
    target = HERE / f"{name}.sql"
    if target.exists():
        sys.exit(f"{target} is there already. What was made stays as it is: choose another name.")
    with tempfile.TemporaryDirectory() as folder:
        tree, home = Path(folder) / "tree", Path(folder) / "home"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], cwd=HERE, check=True)
        try:
            environ = _environ(home, tree)
            inside = [sys.executable, str(Path(__file__)), "--leave", str(home), name]
            subprocess.run(inside, cwd=tree, env=environ, check=True)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=HERE, check=True)


def _environ(home: Path, tree: Path) -> dict[str, str]:
    with socket.socket() as http, socket.socket() as smtp:
        http.bind(("127.0.0.1", 0))
        smtp.bind(("127.0.0.1", 0))
        ports = {"ESTAFET_HTTP_PORT": str(http.getsockname()[1]), "ESTAFET_SMTP_PORT": str(smtp.getsockname()[1])}
    ours = {key: value for key, value in os.environ.items() if not key.startswith(("ESTAFET_", "TEMPORAL_"))}
    ours |= {"ESTAFET_HOME": str(home), "ESTAFET_DEMO": "0", "ESTAFET_SECRET_KEY": SECRET, "PYTHONPATH": str(tree)}
    return ours | ports


# ---- with the modules of the old commit --------------------------------------------------------------------------------------


def leave(home: Path, name: str) -> None:
    """Run the house, bring tickets to where they are left, and write down what is there then."""
    from core import procedures
    from core.actors import SYSTEM, Actor
    from core.database import Database
    from core.moments import now_ms
    from core.organisation import NewPerson, add_person, create_department, create_team
    from core.settings import read_settings
    from core.upgrading import upgrade

    settings = read_settings()
    upgrade(settings)
    database = Database(settings)
    with database.write() as tx:
        procedures.publish_library(tx, SYSTEM, now_ms())
        department = create_department(
            tx, SYSTEM, "service", "Service", address="service@lentera.example", language="en"
        )
        team = create_team(tx, SYSTEM, department, "repair", "Repair", default=True)
        ani = NewPerson("ani@lentera.example", "Ani", department_id=department, teams=[team], availability="online")
        agent = Actor("person", add_person(tx, SYSTEM, ani), "agent", "Ani", department)
    house = subprocess.Popen([sys.executable, "-m", "estafet", "up"], stdout=subprocess.DEVNULL)
    try:
        _until(lambda: (home / "ready.json").exists(), "the house")
        _live(database, settings, agent)
        address = json.loads((home / "ready.json").read_text())["temporal"]
        asyncio.run(_keep_histories(address, name))
    finally:
        house.send_signal(signal.SIGINT)
        house.wait(60)
    _stop_in_the_middle(database, settings)
    database.close()
    (HERE / f"{name}.sql").write_text("\n".join(_dump(home / "estafet.db")) + "\n", "utf-8")


def _live(database: Any, settings: Any, agent: Any) -> None:
    """1 waits for the customer, 2 for the agent, 3 is resolved and waits to be closed, 4 is closed already."""
    from core.tickets.conversation import Draft, send_reply
    from core.tickets.resolving import resolve

    for number, words in enumerate(("waits", "untouched", "resolved", "closed"), 1):
        _mail(settings, number, words)
        _until(lambda n=number: _count(database, "SELECT count(*) FROM ticket") == n, "the ticket")
    with database.write() as tx:
        send_reply(tx, settings, agent, 1, Draft("Which model is it?"), then="wait")
    for ticket in (3, 4):
        with database.write() as tx:
            resolve(tx, settings, agent, ticket, "A new heater.")
    with database.write() as tx:
        from core.tickets.resolving import close

        close(tx, settings, agent, 4)
    quiet = "SELECT count(*) FROM effect WHERE state <> 'done'"
    _until(lambda: _count(database, quiet) == 0, "the mails")
    _until(lambda: _count(database, "SELECT count(*) FROM ticket WHERE want_seq > nudged_seq") == 0, "the relay")


def _mail(settings: Any, number: int, words: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Sari Wulandari <sari@example.com>", "service@lentera.example"
    mail["Subject"], mail["Message-ID"] = f"Fridge {number}", f"<{number}@example.com>"
    mail.set_content(f"The fridge leaks, number {number}: {words}.")
    with smtplib.SMTP("127.0.0.1", settings.smtp_port, timeout=20) as server:
        server.send_message(mail)


def _stop_in_the_middle(database: Any, settings: Any) -> None:
    """5 was opened when Temporal was away: nothing of it has been done. 6 was stopped while its mail left."""
    from core import effects
    from core.actors import SYSTEM
    from core.moments import now_ms
    from core.tickets.opening import CustomerRef, NewTicket, open_ticket

    for number, words in ((5, "nobody knows of it"), (6, "stopped in the middle")):
        new = NewTicket(f"Fridge {number}", words, CustomerRef("sari@example.com", "Sari"), channel="form")
        with database.write() as tx:
            ticket = open_ticket(tx, settings, SYSTEM, new).ticket_id
            tx.exec_driver_sql("SELECT 1")
    with database.write() as tx:
        query = "SELECT key FROM effect WHERE ticket_id = ? AND state = 'planned'"
        effects.begin(tx, tx.exec_driver_sql(query, (ticket,)).scalar_one(), now_ms())


async def _keep_histories(address: str, name: str) -> None:
    from temporalio.client import Client

    client = await Client.connect(address)
    async for found in client.list_workflows():
        history = await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
        text = json.dumps(json.loads(history.to_json()), indent=1).replace(f"@{socket.gethostname()}", "@recorded")
        (HERE / f"{name}-{found.id}.json").write_text(re.sub(r'[^"\s]*/tree/', "", text) + "\n", "utf-8")


def _dump(file: Path) -> Iterator[str]:
    """The database as statements; an index for search is made empty, as it is filled again by itself. Every moment lies before 2024."""
    with sqlite3.connect(file) as connection:
        newest = connection.execute("SELECT max(at) FROM event").fetchone()[0]
        back = -(-(newest - _LATEST_MS) // _WEEK_MS) * _WEEK_MS
        for line in connection.iterdump():
            if not re.search(r"sqlite_master|writable_schema|\"search\w*\"|'search_\w+'", line):
                yield _MOMENT.sub(lambda found: str(int(found[0]) - back), line)
    connection.close()


def _count(database: Any, query: str) -> int:
    with database.read() as tx:
        return int(tx.exec_driver_sql(query).scalar_one())


def _until(condition: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + 90
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.1)


if __name__ == "__main__":
    if sys.argv[1] == "--leave":
        leave(Path(sys.argv[2]), sys.argv[3])
    else:
        make(*sys.argv[1:])

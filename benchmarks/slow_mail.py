"""Does a slow mail server slow the agent down? Run: `python -m benchmarks slow_mail`. The limits: p50 10 ms, p95 20 ms, every mail once.

An agent answers on the desk while a mail server takes two seconds for each mail; the engine is running. Measured in the application, without a
socket, from the click to its answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from sqlalchemy import update

from benchmarks._house import home, percentile, until
from core.actors import SYSTEM
from core.logs import set_up_logs
from core.people import hash_password
from core.schema import Person
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from estafet.ports import free_port
from web.app import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from benchmarks._house import Home

SECONDS = 2.0
PASSWORD = "a password for benchmarks"


class SlowServer:
    """Takes two seconds for each mail, and remembers it."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        await asyncio.sleep(SECONDS)
        content: bytes = envelope.original_content or b""
        self.taken[next(line for line in content.decode().splitlines() if line.lower().startswith("message-id"))] += 1
        return "250 OK"


def measure(replies: int = 60) -> dict[str, float]:
    """Milliseconds of the click; mails sent more than once."""
    set_up_logs("web", level="ERROR")
    server, port = SlowServer(), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with home(ESTAFET_MAIL_URL=f"smtp://127.0.0.1:{port}") as house, house.engine():
            took = _answer(house, replies)
            until(lambda: len(server.taken) >= 3)
    finally:
        controller.stop()
    return {
        "the click, p50 ms": percentile(took, 0.5),
        "the click, p95 ms": percentile(took, 0.95),
        "mails twice": sum(n > 1 for n in server.taken.values()),
    }


def _answer(house: Home, replies: int) -> list[float]:
    with house.database.write() as tx:
        tx.execute(
            update(Person).where(Person.id == house.office.agent.id).values(password_hash=hash_password(PASSWORD))
        )
        new = NewTicket("Broken", "It does not work.", CustomerRef("c@example.com", "C"), language="en")
        ticket = open_ticket(tx, house.settings, SYSTEM, new).ticket_id
    app = create_app(house.settings, house.database)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/signin", data={"email": "ani@office.example", "password": PASSWORD})
    for n in range(3):
        _click(client, ticket, n)
    took = []
    for n in range(replies):
        began = time.perf_counter()
        _click(client, ticket, n)
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(0.05)
    return took


def _click(client: FlaskClient, ticket: int, n: int) -> None:
    answer = client.post(f"/tickets/{ticket}/reply", data={"body": f"Answer {n}.", "then": "stay"})
    assert answer.status_code in {200, 303}, answer.status


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))

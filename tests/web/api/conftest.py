"""What API tests share: a firm with procedures, on either database, and programs that call for its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from core import procedures
from core.actors import SYSTEM
from core.moments import now_ms
from core.organisation import issue_token
from web.app import create_app

from ..conftest import IDS, fill_firm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from core.database import Database
    from core.settings import Settings

REFUND = """
sop: refund
title: {en: Refund, id: Pengembalian dana}
mode: strict
fields:
  amount: {type: money, label: {en: Amount, id: Jumlah}, currency: IDR}
do:
  - check:
      task: {en: Check the invoice, id: Periksa faktur}
      to: agent:dewi
      require: [fields.amount]
      choices: {pay: {en: Pay, id: Bayar}, refuse: {en: Refuse, id: Tolak}}
  - sign:
      approval: {by: agent:lina, question: Pay this refund?}
      on: {rejected: {then: finish}}
  - ask:
      collaborate: {ask: agent:bagus, question: Which account?}
  - finish:
      resolve: {require: [resolution]}
"""


@dataclass
class Program:
    """A program that calls for one person."""

    app: Flask
    token: str | None

    def call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers.update(more.pop("headers", {}))
        if key := more.pop("key", None):
            headers["Idempotency-Key"] = key
        path = path if path.startswith("/api") else f"/api/v1{path}"
        return self.app.test_client().open(path, method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.call("POST", path, json={} if body is None else body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> Any:
        return self.call("PATCH", path, json=body, **more)


def furnish(tx: Any) -> None:
    """The small firm, the standard procedure, a strict one, and a token for everybody."""
    procedures.publish_library(tx, SYSTEM, now_ms())
    procedures.publish(tx, SYSTEM, REFUND, now=now_ms())
    for nick, person_id in IDS.items():
        issue_token(tx, person_id, nick, token=f"est_{nick}")


@pytest.fixture
def any_app(any_settings: Settings, any_database: Database) -> Iterator[Flask]:
    """The application on SQLite and on PostgreSQL."""
    with any_database.write() as tx:
        fill_firm(tx)
        if not any_database.sqlite:  # ids were given: the sequences must go on behind them
            for table in ("person", "department", "team"):
                tx.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 100)")
        furnish(tx)
    made = create_app(any_settings, any_database)
    yield made
    made.extensions["estafet"].hub.stop()


@pytest.fixture
def any_as(any_app: Flask) -> Callable[[str | None], Program]:
    """`any_as("dewi")`: a program with Dewi's token."""
    return lambda nick: Program(any_app, f"est_{nick}" if nick else None)


@pytest.fixture
def as_(app: Flask, firm: Database) -> Callable[[str | None], Program]:
    """`as_("dewi")`: a program with Dewi's token, on SQLite."""
    with firm.write() as tx:
        furnish(tx)
    return lambda nick: Program(app, f"est_{nick}" if nick else None)


@pytest.fixture
def dewi(as_: Callable[[str], Program]) -> Program:
    return as_("dewi")


@pytest.fixture
def mira(as_: Callable[[str], Program]) -> Program:
    return as_("mira")


def ask(program: Program, subject: str = "Printer", **more: Any) -> dict[str, Any]:
    """A new ticket."""
    body = {
        "subject": subject,
        "body": "It is broken.",
        "customer": {"email": "ana@example.com", "name": "Ana"},
        **more,
    }
    answer = program.post("/tickets", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made

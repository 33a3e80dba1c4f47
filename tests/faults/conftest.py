"""What is broken here, and the doors that are knocked at meanwhile."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from core.database import Database
from core.settings import Settings
from estafet.ports import answers, free_port
from tests.conftest import settings_in, wait_until
from tests.core.conftest import Desk, make_desk
from tests.estafet.conftest import House, house

__all__ = ["House", "house"]

DESK = "service@lentera.example"


def a_mail(words: str, number: int = 1, **headers: str) -> EmailMessage:
    """A mail of a customer of its own."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Sari <sari{number}@example.com>", DESK
    mail["Subject"], mail["Message-ID"] = f"Kulkas {number}", f"<{words}.{number}@example.com>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail


def hand_in(port: int, mail: EmailMessage | bytes, seconds: float = 30, recipients: int = 1) -> tuple[int, str]:
    """(the code, the words) with which the intake answers to the content of this mail."""
    raw = mail if isinstance(mail, bytes) else mail.as_bytes()
    with smtplib.SMTP("127.0.0.1", port, timeout=seconds) as client:
        client.ehlo()
        client.mail("sari@example.com")
        for _n in range(recipients):
            code, words = client.rcpt(DESK)
            if code != 250:
                return code, words.decode()
        code, words = client.data(raw)
        return code, words.decode()


def stored(settings: Settings, words: str) -> int:
    """In how many messages do these words stand?"""
    with closing(sqlite3.connect(settings.home / "estafet.db", timeout=30)) as connection:
        query = "SELECT count(*) FROM message_body WHERE text LIKE ?"
        return int(connection.execute(query, (f"%{words}%",)).fetchone()[0])


def fetch(url: str, data: dict[str, Any] | None = None, token: str = "", seconds: float = 30) -> tuple[int, str]:
    """(status, text) of a page or of a call of the API."""
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"} if body else {})
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@dataclass
class Intake:
    """The mail intake as a process of its own: `start` and `stop` it, as often as needed."""

    settings: Settings
    port: int
    environ: dict[str, str]
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self, **options: Any) -> None:
        with (self.settings.home / "smtp.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "estafet", "smtp"], env=self.environ, stdout=log, stderr=log, **options
            )
        wait_until(lambda: answers(self.port) or self._ended(), 60, "the mail intake")

    def _ended(self) -> bool:
        """Fail at once when it did not start."""
        assert self.process
        if self.process.poll() is not None:
            pytest.fail((self.settings.home / "smtp.log").read_text()[-2_000:])
        return False

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


@pytest.fixture
def intake(database: Database, settings: Settings) -> Iterator[Intake]:
    """Not started yet; its firm is there."""
    make_desk(database, settings)
    port = free_port()
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("ESTAFET_", "TEMPORAL_"))}
    ours |= {"ESTAFET_HOME": str(settings.home), "ESTAFET_SMTP_PORT": str(port), "ESTAFET_DEMO": "0"}
    ours["ESTAFET_SECRET_KEY"] = settings.secret.decode()
    made = Intake(settings, port, ours)
    yield made
    made.stop()


@contextmanager
def locked(home: Path) -> Iterator[Callable[[], None]]:
    """Another program holds the write lock of the database until it is told to let go."""
    with closing(sqlite3.connect(home / "estafet.db", isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        held = [True]

        def let_go() -> None:
            if held:
                held.clear()
                connection.execute("ROLLBACK")

        yield let_go
        let_go()


@pytest.fixture
def office(house: House) -> tuple[House, Desk]:
    """A house that is not started yet, with the small firm in it."""
    settings = settings_in(house.home, **{name: v for name, v in house.environ.items() if name.startswith("ESTAFET_")})
    from core.upgrading import upgrade

    upgrade(settings)
    return house, make_desk(Database(settings), settings)

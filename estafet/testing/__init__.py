"""For tests of plugins: a running desk in one process, values to call a plugin with, a clock that is moved, effects that are recorded, faults.

Write `from estafet.testing import desk` into a test file and ask for the fixture `desk`. No server, no Temporal, no child process: the same
core, with a database of its own in a temporary folder.
"""

from __future__ import annotations

import shutil
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from core import moments, procedures
from core.actors import SYSTEM, Actor
from core.database import Database
from core.moments import now_ms
from core.organisation import NewPerson, add_person, create_department, create_team
from core.plugins import loading
from core.settings import Settings, read_settings
from core.upgrading import upgrade
from estafet.testing.faults import Clock, Faults, Recorded
from estafet.testing.running import Desk, DeskTicket
from estafet.testing.values import make_call, make_customer, make_event, make_ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "Clock",
    "Desk",
    "DeskTicket",
    "Faults",
    "Recorded",
    "desk",
    "make_call",
    "make_customer",
    "make_event",
    "make_ticket",
]


def _settings(home: Path) -> Settings:
    return read_settings({"ESTAFET_HOME": str(home), "ESTAFET_DEMO": "0", "ESTAFET_SECRET_KEY": "x" * 40})


_TEMPLATE = pytest.StashKey["Path"]()


def _template(session: pytest.Session, folders: pytest.TempPathFactory) -> Path:
    """A database of the newest schema, made once and copied by every desk."""
    if _TEMPLATE not in session.stash:
        made = _settings(folders.mktemp("desk-template"))
        upgrade(made)
        session.stash[_TEMPLATE] = made.home / "estafet.db"
    return session.stash[_TEMPLATE]


@pytest.fixture
def desk(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """A running desk: one department with one team, Mira who manages it and Dewi who answers, on the 25th of November 2026, 09:00."""
    settings = replace(_settings(tmp_path / "desk"), public_url="http://desk.example")
    shutil.copy(_template(request.session, tmp_path_factory), settings.home / "estafet.db")
    clock = Clock(datetime(2026, 11, 25, 9, tzinfo=UTC))
    monkeypatch.setattr(moments, "time", SimpleNamespace(time_ns=clock.time_ns))
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGALRM, loading.ring)
    database = Database(settings)
    with database.write() as tx:
        procedures.publish_library(tx, SYSTEM, now_ms())
        department = create_department(tx, SYSTEM, "service", "Service", address="s@example.com", language="en")
        team = create_team(tx, SYSTEM, department, "repair", "Repair", default=True)
        people = {}
        for nick, role in (("mira", "manager"), ("dewi", "agent")):
            new = NewPerson(f"{nick}@example.com", nick.title(), role, department, [team], availability="online")
            people[nick] = Actor("person", add_person(tx, SYSTEM, new), role, nick.title(), department)
    yield Desk(database, settings, clock, people["mira"], people["dewi"])
    loading.forget_all()
    database.close()

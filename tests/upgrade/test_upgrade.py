"""What an early version has left open goes on with this one: its database is brought up to date, and every ticket comes to its end.

How the past was made, and how to make more of it: tests/upgrade/make.py.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from core import configuration, ledger
from core.actors import Actor
from core.database import Database
from core.directory import directory
from core.intake import receive_mail, understand
from core.procedure.walk import walk
from core.procedures import read_run
from core.schema import CaughtMail, Department, Effect, Message, StepVisit, Ticket
from core.tickets.conversation import Draft, send_reply
from core.tickets.resolving import resolve
from core.tickets.rows import read
from core.tickets.steps import complete_step
from core.upgrading import newest, status, upgrade
from core.world import DatabaseWorld
from tests.conftest import wait_until
from workflows.client import connect
from workflows.relay import Relay
from workflows.ticket import TicketWorkflow
from workflows.worker import build_worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.settings import Settings

HERE = Path(__file__).parent
PASTS = sorted(HERE.glob("*.sql"))
ANI = Actor("person", 1, "agent", "Ani", 1)
_t, _e, _m = Ticket.__table__.c, Effect.__table__.c, Message.__table__.c


@pytest.fixture(params=PASTS, ids=lambda file: file.stem)
def upgraded(request: pytest.FixtureRequest, temporal_settings: Settings) -> Iterator[tuple[Settings, Database]]:
    """A database of the past, brought to the newest version; the Temporal of that time is gone."""
    with closing(sqlite3.connect(temporal_settings.home / "estafet.db")) as connection:
        connection.executescript(request.param.read_text("utf-8"))
    upgrade(temporal_settings)
    database = Database(temporal_settings)
    yield temporal_settings, database
    database.close()


def test_database_is_brought_up_to_date(upgraded: tuple[Settings, Database]) -> None:
    settings, database = upgraded
    assert status(settings) == (newest(), newest())
    with database.read() as tx:
        assert dict(tx.execute(select(_t.id, _t.status)).all()) == {
            1: "pending_customer",
            2: "in_progress",
            3: "resolved",
            4: "closed",
            5: "in_progress",
            6: "in_progress",
        }
        assert tx.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_old_ledgers_stay_as_they_are(upgraded: tuple[Settings, Database]) -> None:
    _settings, database = upgraded
    with database.read() as tx:
        for ticket in range(1, 7):
            row = read(tx, ticket)
            assert row.run_id
            run = read_run(tx, row.run_id)
            world = DatabaseWorld(tx, directory(tx), row, run, row.last_at)
            assert walk(run.sop, ledger.load(tx, run.id), world, row.last_at).empty, ticket


def test_answer_to_old_mail_joins(upgraded: tuple[Settings, Database]) -> None:
    settings, database = upgraded
    with database.read() as tx:
        ours = tx.execute(select(_m.message_id).where(_m.ticket_id == 1, _m.direction == "out").limit(1)).scalar_one()
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sari@example.com", "service@lentera.example", "Re: Fridge 1"
    mail["In-Reply-To"] = ours
    mail.set_content("The red one.")
    raw = mail.as_bytes()
    with database.write() as tx:
        fate = receive_mail(
            tx,
            settings,
            raw,
            understand(settings, raw, "sari@example.com"),
            envelope_sender="sari@example.com",
            recipients=["service@lentera.example"],
        )
    assert (fate.fate, fate.ticket_id) == ("joined", 1)
    with database.read() as tx:
        assert read(tx, 1).status == "in_progress"


def test_open_tickets_come_to_their_end(upgraded: tuple[Settings, Database]) -> None:
    """Their workflows are gone; the timers have long passed. Everything is taken up, and nothing is sent twice."""
    settings, database = upgraded
    with database.write() as tx:
        before = tx.execute(select(func.count()).select_from(CaughtMail)).scalar_one()
        tx.execute(update(Department).values(quiet_hours=0))
        configuration.bump(tx)

    def rows(query: Any) -> list[Any]:
        with database.read() as tx:
            return list(tx.execute(query))

    def work() -> None:
        wait_until(lambda: not rows(select(_e.key).where(_e.state.in_(["planned", "attempting"]))), 60, "old mails")
        wait_until(lambda: rows(select(_t.status).where(_t.id == 3)) == [("closed",)], 60, "the resolved one")
        step = StepVisit.__table__.c
        for ticket in (1, 2, 5, 6):
            query = select(step.id).where(step.ticket_id == ticket, step.state == "open", step.name == "work")
            [[visit]] = wait_until(lambda query=query: rows(query), 60, f"the step of ticket {ticket}")
            with database.write() as tx:
                send_reply(tx, settings, ANI, ticket, Draft("We have a new heater for you."))
            with database.write() as tx:
                complete_step(tx, settings, ANI, ticket, visit, choice="solved")
            with database.write() as tx:
                resolve(tx, settings, ANI, ticket, "A new heater.")
        wait_until(lambda: {row[0] for row in rows(select(_t.status))} == {"closed"}, 60, "the end")
        wait_until(lambda: not rows(select(_t.id).where(_t.want_seq > _t.nudged_seq)), 60, "the relay")

    async def body() -> None:
        client = await connect(settings)
        relay = Relay(settings, database, client)
        relaying = asyncio.create_task(relay.run())
        async with build_worker(settings, database, client):
            await asyncio.to_thread(work)
            relay.stop.set()
            await relaying

    asyncio.run(body())
    assert {row[0] for row in rows(select(_e.state))} == {"done"}
    mails = rows(select(CaughtMail.__table__.c.key))
    assert len(mails) == len(set(mails))
    assert len(mails) >= before + 10  # two first answers, four replies, four resolutions


@pytest.mark.parametrize("file", sorted(HERE.glob("*.json")), ids=lambda file: file.stem)
def test_old_history_replays(file: Path) -> None:
    history = WorkflowHistory.from_json("ticket-" + file.stem.rpartition("-")[2], file.read_text("utf-8"))
    asyncio.run(Replayer(workflows=[TicketWorkflow]).replay_workflow(history))

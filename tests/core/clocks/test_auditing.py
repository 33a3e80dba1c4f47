"""A provable clock: whatever happens to tickets, their clocks follow from the timelines alone."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from core.actors import SYSTEM
from core.actors import customer as as_customer
from core.advance import advance, walk_on
from core.clocks.auditing import audit
from core.clocks.policies import change_policy, create_policy
from core.clocks.reckoning import reckon
from core.department_changes import change_department
from core.organisation import create_calendar
from core.organisation_changes import change_calendar
from core.tickets.conversation import Draft, IncomingMessage, receive_reply, send_reply
from core.tickets.properties import change_ticket
from core.tickets.resolving import reopen, resolve
from core.tickets.rows import PRIORITIES, change, lock
from core.timeline import append
from estafet.command import cli
from tests.core.clocks.conftest import POLICY, add_policy
from tests.core.conftest import HOUR, MORNING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.core.conftest import Desk

HOURS: dict[str, Any] = {
    "tz": "Europe/Berlin",  # it changes to summer time within the history
    "hours": {day: [["08:00", "12:00"], ["13:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    | {"sat": [["22:00", "04:00"]]},
    "holidays": ["2026-12-25", "2027-01-01"],
}
OWN = {
    "goal": "PT90M",
    "start": ["comment.added"],
    "stop": ["message.sent"],
    "pause": ["ticket.assigned"],
    "resume": ["customer.replied"],
}
RICH: dict[str, Any] = {
    "name": "Rich",
    "priorities": ["urgent", "high"],
    "metrics": {
        "first_response": {
            "goal": {"urgent": "PT1H", "high": "PT3H"},
            "limit": {"urgent": "PT2H"},
            "warnings": [50, "PT10M"],
        },
        "resolution": {
            "goal": "PT12H",
            "escalations": [
                {"at": "breach", "do": "raise_priority", "to": "urgent"},
                {"at": "breach", "do": "reassign", "to": "team:invoices"},
            ],
        },
        "triage": OWN,
    },
}


def act(tx: Connection, desk: Desk, ticket: int, dice: random.Random, now: int) -> None:
    """Something happens to the ticket: the event, its change, and the walk behind it, as every command does it."""
    row = lock(tx, ticket)
    dewi, them = desk.people["dewi"], as_customer(row.customer_id)
    what = dice.choice(
        ["reply", "reply", "write", "write", "status", "priority", "comment", "assign", "resolve", "reopen", "move"]
    )
    if not row.unresolved and what not in {"reopen", "comment"}:
        what = "reopen"
    match what:
        case "reply":
            append(tx, ticket, "message.sent", dewi, {}, at=now)
            change(
                tx,
                row,
                first_response_at=row.first_response_at or now,
                status=dice.choice(["in_progress", "pending_customer"]),
            )
        case "write":
            append(tx, ticket, "customer.replied", them, {}, at=now)
            change(tx, row, status="in_progress")
        case "status":
            append(tx, ticket, "ticket.changed", dewi, {"properties": ["status"]}, at=now)
            change(tx, row, status=dice.choice(["open", "in_progress", "pending_customer", "pending_third_party"]))
        case "priority":
            append(tx, ticket, "ticket.changed", dewi, {"properties": ["priority"]}, at=now)
            change(tx, row, priority=dice.choice(list(PRIORITIES.values())))
        case "comment":
            append(tx, ticket, "comment.added", dewi, {}, at=now)
            return  # nobody walks behind a comment
        case "assign":
            append(tx, ticket, "ticket.assigned", dewi, {}, at=now)
        case "resolve":
            append(tx, ticket, "ticket.resolved", dewi, {}, at=now)
            change(tx, row, status="resolved", resolved_at=now)
        case "reopen" if not row.unresolved:
            append(tx, ticket, "ticket.reopened", dewi, {}, at=now)
            change(tx, row, status="open", resolved_at=None, closed_at=None)
        case "move":
            team = dice.choice(list(desk.teams.values()))
            department = desk.departments["service" if team == desk.teams["repair"] else "billing"]
            append(tx, ticket, "ticket.assigned", dewi, {"team": team}, at=now)
            change(tx, row, team_id=team, department_id=department, holder_id=None)
    walk_on(tx, desk.settings, lock(tx, ticket), now)


def history(desk: Desk, events: int, seed: int, tickets: int) -> None:
    """A random life of a firm: tickets, people, policies and calendars change, alarms ring in time or hours too late."""
    dice, now = random.Random(seed), MORNING
    with desk.database.write() as tx:
        calendar = create_calendar(tx, SYSTEM, "berlin", HOURS)
        policy = create_policy(tx, SYSTEM, None, POLICY)
        create_policy(tx, SYSTEM, desk.departments["service"], RICH)
        change_department(tx, SYSTEM, desk.departments["billing"], {"calendar_id": calendar})
    opened = [
        desk.open(f"Nomor {n}", now=now, priority=dice.choice(list(PRIORITIES))).ticket_id for n in range(tickets)
    ]
    desk.sql("UPDATE ticket SET run_id = NULL")  # the procedure has its own tests; here the clocks run alone
    done = len(opened)
    while done < events:
        with desk.database.write() as tx:
            for _act in range(min(25, events - done)):
                now += dice.choice([0, 1, 999, 60_000, 400_000, 3_000_000])
                act(tx, desk, dice.choice(opened), dice, now)
                done += 1
            if dice.random() < 0.7:  # else the worker is away, and the alarms ring late
                _ring(tx, desk, now)
            if dice.random() < 0.05:
                changed = {**POLICY["metrics"]["resolution"], "goal": dice.choice(["PT5H", "PT30H"])}
                change_policy(
                    tx, SYSTEM, policy, {**POLICY, "metrics": {**POLICY["metrics"], "resolution": changed}}, now=now
                )
            elif dice.random() < 0.05:
                change_calendar(tx, SYSTEM, calendar, {**HOURS, "tz": dice.choice(["Asia/Jayapura", "Europe/Berlin"])})
            if dice.random() < 0.2:
                while reckon(tx, desk.settings, now):
                    pass


def _ring(tx: Connection, desk: Desk, now: int) -> None:
    from sqlalchemy import text

    from core.tickets.rows import flush

    flush(tx)
    due = text("SELECT id FROM ticket WHERE alarm_at <= :now ORDER BY alarm_at")
    for ticket in tx.execute(due, {"now": now}).scalars().all():
        advance(tx, desk.settings, ticket, now)


def check(desk: Desk, events: int) -> None:
    with desk.database.read() as tx:
        found = audit(tx)
    assert found.differences == []
    assert found.events >= events
    assert found.clocks > events // 20
    states = dict(desk.sql("SELECT state, count(*) FROM clock GROUP BY state"))
    assert {"running", "met", "breached", "cancelled"} <= states.keys()
    assert desk.sql("SELECT count(*) FROM event WHERE kind = 'clock.policy'")[0][0] > 0


def test_random_history_can_be_audited(desk: Desk) -> None:
    history(desk, 600, 1, 30)
    check(desk, 600)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [2])
def test_long_random_history_can_be_audited(sqlite_desk: Desk, seed: int) -> None:
    history(sqlite_desk, 10_000, seed, 120)
    check(sqlite_desk, 10_000)


def test_peoples_commands_can_be_audited(desk: Desk) -> None:
    """The same through the doors that people use, with their procedures."""
    add_policy(desk, RICH, desk.departments["service"])
    add_policy(desk)
    dewi, settings = desk.people["dewi"], desk.settings
    for n in range(4):
        ticket, now = desk.open(f"Nomor {n}", priority="high", department="service").ticket_id, MORNING
        with desk.database.write() as tx:
            send_reply(tx, settings, dewi, ticket, Draft("Baik."), then="wait", now=now + HOUR)
            receive_reply(tx, settings, as_customer(1), ticket, IncomingMessage("", "Halo?"), now=now + 2 * HOUR)
        with desk.database.write() as tx:
            change_ticket(tx, settings, dewi, ticket, {"priority": ("low", "urgent")[n % 2]}, now=now + 3 * HOUR)
            resolve(tx, settings, dewi, ticket, "Selesai.", now=now + 30 * HOUR)
        with desk.database.write() as tx:
            reopen(tx, settings, dewi, ticket, now=now + 31 * HOUR)
            advance(tx, settings, ticket, now + 80 * HOUR)
    with desk.database.read() as tx:
        found = audit(tx)
    assert found.differences == []
    assert found.clocks >= 8


def test_command_finds_what_was_tampered_with(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESTAFET_HOME", str(sqlite_desk.settings.home))
    ticket = sqlite_desk.open().ticket_id
    runner = CliRunner()
    assert runner.invoke(cli, ["clocks", "audit"]).exit_code == 0
    sqlite_desk.sql("UPDATE clock SET due_at = due_at + 1000")
    found = runner.invoke(cli, ["clocks", "audit", "--ticket", str(ticket)])
    assert found.exit_code == 1
    assert "due_at" in found.output

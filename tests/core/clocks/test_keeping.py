"""Clocks move with their ticket: they start, pause, stop, warn and break in the transaction of whoever moved it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.actors import SYSTEM
from core.actors import customer as as_customer
from core.advance import advance
from core.clocks.policies import change_policy
from core.clocks.reckoning import recent, reckon
from core.department_changes import change_department
from core.organisation import create_calendar
from core.organisation_changes import change_calendar
from core.service_class import change_class
from core.tickets.conversation import Draft, IncomingMessage, receive_reply, send_reply
from core.tickets.holding import assign
from core.tickets.properties import change_ticket
from core.tickets.resolving import close, merge, reopen, resolve
from tests.core.clocks.conftest import POLICY, add_policy, clocks, states
from tests.core.conftest import HOUR, MORNING

if TYPE_CHECKING:
    from tests.core.conftest import Desk

MINUTE = 60_000
NEXT_DAY = 15 * HOUR  # from 17:00 to 08:00


def wind(desk: Desk, ticket: int, at: int) -> None:
    with desk.database.write() as tx:
        advance(tx, desk.settings, ticket, at)


def reply(desk: Desk, ticket: int, at: int, then: str = "stay") -> None:
    with desk.database.write() as tx:
        send_reply(tx, desk.settings, desk.people["dewi"], ticket, Draft("Baik."), then=then, now=at)


def writes(desk: Desk, ticket: int, at: int) -> None:
    with desk.database.write() as tx:
        receive_reply(tx, desk.settings, as_customer(1), ticket, IncomingMessage("", "Halo?"), now=at)


def told(desk: Desk, ticket: int, kind: str) -> list[tuple[str, int, int | None]]:
    return [(e.data["metric"], e.data["due_at"], e.data.get("tier")) for e in desk.events(ticket) if e.kind == kind]


def test_standard_policy_is_the_promise(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    first = clocks(desk, ticket)["first_response"]
    assert (first.state, first.due_at, first.next_at) == ("running", MORNING + 8 * HOUR, MORNING + 6 * HOUR)
    row = desk.row(ticket)
    assert (row.due_at, row.due_kind, row.promised_at) == (first.due_at, "first_response", first.due_at)
    assert row.alarm_at == first.next_at
    reply(desk, ticket, MORNING + HOUR)
    done = clocks(desk, ticket)["first_response"]
    assert (done.state, done.ended_at, done.used) == ("met", MORNING + HOUR, HOUR)
    assert (desk.row(ticket).alarm_at or 0) > first.next_at  # what is left is a step of the procedure


def test_warning_and_breach_are_called_once(desk: Desk) -> None:
    add_policy(desk)
    ticket = desk.open().ticket_id
    for at in (MORNING + HOUR, MORNING + HOUR, MORNING + 105 * MINUTE, MORNING + 2 * HOUR, MORNING + 4 * HOUR + 5):
        assert desk.row(ticket).alarm_at is not None
        wind(desk, ticket, at)
    assert told(desk, ticket, "clock.warned") == [
        ("first_response", MORNING + HOUR, None),
        ("first_response", MORNING + 105 * MINUTE, None),
    ]
    assert told(desk, ticket, "clock.breached") == [
        ("first_response", MORNING + 2 * HOUR, 1),
        ("first_response", MORNING + 4 * HOUR, 2),
    ]
    assert clocks(desk, ticket)["first_response"].tiers == 2
    reply(desk, ticket, MORNING + 5 * HOUR)
    late = clocks(desk, ticket)["first_response"]
    assert (late.state, late.ended_at) == ("breached", MORNING + 5 * HOUR)


def test_late_breach_is_called_by_whoever_comes_first(desk: Desk) -> None:
    """Temporal was away: the reply itself finds that the time was over, and says so once."""
    add_policy(desk)
    ticket = desk.open().ticket_id
    reply(desk, ticket, MORNING + 3 * HOUR)
    assert told(desk, ticket, "clock.breached") == [("first_response", MORNING + 2 * HOUR, 1)]
    wind(desk, ticket, MORNING + 4 * HOUR)
    assert len(told(desk, ticket, "clock.breached")) == 1
    assert states(desk, ticket)["first_response"] == "breached"


def test_answer_at_the_due_moment_is_in_time(desk: Desk) -> None:
    add_policy(desk)
    ticket = desk.open().ticket_id
    reply(desk, ticket, MORNING + 2 * HOUR)
    assert states(desk, ticket)["first_response"] == "met"


def test_next_response_runs_for_each_question(desk: Desk) -> None:
    add_policy(desk)
    ticket = desk.open().ticket_id
    writes(desk, ticket, MORNING + HOUR // 2)
    assert "next_response" not in clocks(desk, ticket)  # the first answer is still owed
    reply(desk, ticket, MORNING + HOUR)
    writes(desk, ticket, MORNING + 2 * HOUR)
    assert clocks(desk, ticket)["next_response"].due_at == MORNING + 5 * HOUR
    reply(desk, ticket, MORNING + 3 * HOUR)
    writes(desk, ticket, MORNING + 4 * HOUR)
    again = clocks(desk, ticket)["next_response"]
    assert (again.visit, again.state, again.due_at) == (2, "running", MORNING + 7 * HOUR)


def test_waiting_for_customer_moves_the_clock(desk: Desk) -> None:
    add_policy(desk)
    ticket = desk.open().ticket_id
    before = clocks(desk, ticket)["resolution"].due_at
    assert before == MORNING + 2 * (9 + 15) * HOUR  # 18 hours of opening time: two days later, the same hour
    with desk.database.write() as tx:
        change_ticket(
            tx, desk.settings, desk.people["dewi"], ticket, {"status": "pending_customer"}, now=MORNING + HOUR
        )
    paused = clocks(desk, ticket)["resolution"]
    assert (paused.state, paused.due_at, paused.next_at, paused.used) == ("paused", None, None, HOUR)
    writes(desk, ticket, MORNING + 3 * HOUR)
    resumed = clocks(desk, ticket)["resolution"]
    assert (resumed.state, resumed.due_at) == ("running", before + 2 * HOUR)
    assert [(p.since, p.until) for p in resumed.pauses] == [(MORNING + HOUR, MORNING + 3 * HOUR)]


def test_priority_decides_again(desk: Desk) -> None:
    add_policy(desk)
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        change_ticket(tx, desk.settings, desk.people["dewi"], ticket, {"priority": "urgent"}, now=MORNING + HOUR)
    assert clocks(desk, ticket)["resolution"].due_at == MORNING + 4 * HOUR  # from the opening, by the new goal
    with desk.database.write() as tx:
        change_ticket(tx, desk.settings, desk.people["dewi"], ticket, {"priority": "low"}, now=MORNING + 2 * HOUR)
    assert states(desk, ticket)["resolution"] == "cancelled"  # nothing is promised for low ones


def test_another_policy_is_shown_as_a_change(desk: Desk) -> None:
    common = add_policy(desk)
    urgent = add_policy(
        desk,
        {"name": "Quick", "priorities": ["urgent"], "metrics": {"first_response": {"goal": "PT30M"}}},
        desk.departments["service"],
    )
    ticket = desk.open(department="service").ticket_id
    assert clocks(desk, ticket)["first_response"].policy == f"{common}.1/0.1"
    with desk.database.write() as tx:
        change_ticket(tx, desk.settings, desk.people["dewi"], ticket, {"priority": "urgent"}, now=MORNING + 10 * MINUTE)
    change = next(e for e in desk.events(ticket) if e.kind == "clock.policy")
    assert (change.data["from"], change.data["policy"]) == (f"{common}.1/0.1", f"{urgent}.1/0.1")
    first = clocks(desk, ticket)["first_response"]
    assert (first.policy, first.due_at) == (f"{urgent}.1/0.1", MORNING + 30 * MINUTE)
    assert states(desk, ticket)["resolution"] == "cancelled"
    with desk.database.write() as tx:
        assign(
            tx, desk.settings, desk.people["mira"], ticket, team_id=desk.teams["invoices"], now=MORNING + 20 * MINUTE
        )
    assert desk.row(ticket).policy == f"{common}.1/0.1"
    assert clocks(desk, ticket)["first_response"].due_at == MORNING + 2 * HOUR


def test_class_and_channel_choose_the_policy(desk: Desk) -> None:
    vip = add_policy(desk, {"name": "VIP", "classes": ["vip"], "metrics": {"first_response": {"goal": "PT1H"}}})
    chat = add_policy(desk, {"name": "Chat", "channels": ["chat"], "metrics": {"first_response": {"goal": "PT5M"}}})
    ticket = desk.open(channel="chat").ticket_id
    assert desk.row(ticket).policy == f"{chat}.1/0.1"
    desk.sql("UPDATE customer SET klass = 'vip'")
    assert desk.row(desk.open(channel="chat").ticket_id).policy == f"{vip}.1/0.1"


def test_changed_class_decides_again(desk: Desk) -> None:
    vip = add_policy(desk, {"name": "VIP", "classes": ["vip"], "metrics": {"first_response": {"goal": "PT1H"}}})
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        change_class(tx, desk.people["mira"], 1, "vip", MORNING + MINUTE)
    row = desk.row(ticket)
    assert (row.policy, row.due_at, row.alarm_at) == (f"{vip}.1/0.1", MORNING + HOUR, MORNING + HOUR)
    assert row.want_seq > row.nudged_seq


def test_reopening_promises_anew(desk: Desk) -> None:
    add_policy(desk)
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], ticket, "Selesai.", now=MORNING + HOUR)
    assert states(desk, ticket) == {"first_response": "met", "resolution": "met"}
    with desk.database.write() as tx:
        reopen(tx, desk.settings, desk.people["dewi"], ticket, now=MORNING + 2 * HOUR)
    again = clocks(desk, ticket)["resolution"]
    assert (again.visit, again.state, again.started_at) == (2, "running", MORNING + 2 * HOUR)


def test_end_of_ticket_cancels(desk: Desk) -> None:
    add_policy(desk)
    first, second = desk.open().ticket_id, desk.open("Lagi").ticket_id
    with desk.database.write() as tx:
        close(tx, desk.settings, desk.people["dewi"], first, now=MORNING + HOUR)
    assert states(desk, first) == {"first_response": "cancelled", "resolution": "cancelled"}
    with desk.database.write() as tx:
        merge(tx, desk.settings, desk.people["dewi"], second, _third(desk, tx), now=MORNING + HOUR)
    assert states(desk, second) == {"first_response": "cancelled", "resolution": "cancelled"}


def _third(desk: Desk, tx: Any) -> int:
    from core.tickets.opening import CustomerRef, NewTicket, open_ticket

    new = NewTicket("Lain", "Tolong.", CustomerRef("sari@example.com", "Sari"), channel="form")
    return open_ticket(tx, desk.settings, SYSTEM, new, now=MORNING).ticket_id


def test_own_metric_follows_events(desk: Desk) -> None:
    metric = {
        "goal": "PT1H",
        "start": ["customer.replied"],
        "stop": [{"event": "ticket.changed", "if": "'topic' in result.properties"}],
        "pause": [{"event": "ticket.assigned", "if": "result.actor == 'person'"}],
        "resume": ["message.sent"],
    }
    add_policy(desk, {"name": "Own", "metrics": {"triage": metric}})
    ticket = desk.open().ticket_id
    assert clocks(desk, ticket) == {}
    writes(desk, ticket, MORNING + HOUR)
    assert clocks(desk, ticket)["triage"].due_at == MORNING + 2 * HOUR
    with desk.database.write() as tx:
        assign(
            tx, desk.settings, desk.people["dewi"], ticket, desk.people["bagus"].id, now=MORNING + HOUR + 20 * MINUTE
        )
    assert states(desk, ticket) == {"triage": "paused"}
    reply(desk, ticket, MORNING + 5 * HOUR)
    assert clocks(desk, ticket)["triage"].due_at == MORNING + 5 * HOUR + 40 * MINUTE
    with desk.database.write() as tx:
        change_ticket(tx, desk.settings, desk.people["dewi"], ticket, {"topic": "kulkas"}, now=MORNING + 5 * HOUR)
    assert states(desk, ticket) == {"triage": "met"}


def test_changed_policy_is_reckoned_in_background(desk: Desk) -> None:
    policy = add_policy(desk)
    tickets = [desk.open(f"Nomor {n}").ticket_id for n in range(3)]
    with desk.database.write() as tx:
        while reckon(tx, desk.settings, MORNING):
            pass
        change_policy(
            tx, desk.people["mira"], policy, {**POLICY, "metrics": {"first_response": {"goal": "PT6H"}}}, now=MORNING
        )
    assert clocks(desk, tickets[0])["first_response"].due_at == MORNING + 2 * HOUR  # not yet
    with desk.database.write() as tx:
        while reckon(tx, desk.settings, MORNING + 5):
            pass
        newest = recent(tx)[0]
    assert (newest.cause, newest.ref_id, newest.total, newest.done, newest.changed) == ("policy", policy, 3, 3, 3)
    assert newest.ended_at == MORNING + 5
    for ticket in tickets:
        first = clocks(desk, ticket)["first_response"]
        assert (first.policy, first.due_at) == (f"{policy}.2/0.1", MORNING + 6 * HOUR)


def test_changed_calendar_is_reckoned_with_its_version(desk: Desk) -> None:
    """The zone of a running clock may change: it is reckoned anew from its start by the new hours."""
    hours = {"tz": "Asia/Jakarta", "hours": {"tue": [["09:00", "12:00"]], "wed": [["09:00", "12:00"]]}}
    with desk.database.write() as tx:
        calendar = create_calendar(tx, SYSTEM, "short", hours)
        change_department(tx, SYSTEM, desk.departments["service"], {"calendar_id": calendar, "promise_minutes": 240})
    ticket = desk.open(department="service").ticket_id
    first = clocks(desk, ticket)["first_response"]
    assert (first.policy, first.due_at) == (f"0.240/{calendar}.1", MORNING + 25 * HOUR)  # Wednesday, ten o'clock
    with desk.database.write() as tx:
        change_calendar(
            tx, SYSTEM, calendar, {**hours, "tz": "Asia/Jayapura"}
        )  # two hours ahead: from 07:00 in Jakarta
    with desk.database.write() as tx:
        while reckon(tx, desk.settings, MORNING + MINUTE):
            pass
    moved = clocks(desk, ticket)["first_response"]
    # one hour is left on Tuesday (to 10:00 in Jakarta), the other three fill Wednesday
    assert (moved.policy, moved.due_at) == (f"0.240/{calendar}.2", MORNING + 25 * HOUR)


ESCALATING: dict[str, Any] = {
    "name": "Escalating",
    "metrics": {
        "first_response": {
            "goal": "PT2H",
            "warnings": [50],
            "escalations": [
                {"at": "warning", "do": "raise_priority", "to": "high"},
                {"at": "warning", "do": "tell", "to": "holder"},
                {"at": "breach", "do": "add_watcher", "to": "lead"},
                {"at": "breach", "do": "tell", "to": "lead"},
                {"at": "breach", "do": "reassign", "to": "team:invoices"},
            ],
        }
    },
}


def test_escalations_happen_once(desk: Desk) -> None:
    add_policy(desk, ESCALATING)
    ticket = desk.open(department="service").ticket_id
    for hours in (1, 1, 2, 2, 3):
        wind(desk, ticket, MORNING + hours * HOUR)
    row = desk.row(ticket)
    assert (row.priority, row.team_id, row.holder_id) == (2, desk.teams["invoices"], None)
    assert row.department_id == desk.departments["billing"]
    assert desk.sql("SELECT person_id FROM watcher") == [(desk.people["catherine"].id,)]
    notices = [e.data["people"] for e in desk.events(ticket) if e.kind == "notice.sent"]
    assert len(notices) == 2
    assert notices[1] == [desk.people["catherine"].id]
    desk.perform_all(ticket)
    mails = [mail for mail in desk.caught() if mail.subject.startswith("A promise needs you: Kulkas bocor")]
    assert len(mails) == 2
    assert "catherine" in str(mails[1].recipients)
    assert "First response" in mails[1].raw
    assert "is late." in mails[1].raw
    why = [e.data["why"]["metric"] for e in desk.events(ticket) if e.data.get("why", {}).get("by") == "escalation"]
    assert why == ["first_response"] * 5


STEPS = """sop: late
title: Late
do:
  - look:
      task: Look at it
      to: team:repair
  - hurry:
      task: Hurry up
      to: team:repair
"""
HEARING = """sop: hearing
title: Hearing
on:
  clock.breached:
    do:
      - ring:
          task: Ring the customer
          to: lead
do:
  - look:
      task: Look at it
      to: team:repair
"""


def test_breach_can_start_a_step(desk: Desk) -> None:
    desk.publish(STEPS)
    step = {"at": "breach", "do": "start_step", "to": "hurry"}
    add_policy(desk, {"name": "Step", "metrics": {"first_response": {"goal": "PT1H", "escalations": [step]}}})
    ticket = desk.open(sop="late").ticket_id
    assert desk.open_step(ticket).name == "look"
    wind(desk, ticket, MORNING + HOUR)
    assert desk.open_step(ticket).name == "hurry"


def test_procedure_hears_the_breach(desk: Desk) -> None:
    desk.publish(HEARING)
    ticket = desk.open(sop="hearing").ticket_id
    wind(desk, ticket, MORNING + 8 * HOUR)
    with desk.database.read() as tx:
        from sqlalchemy import select

        from core.schema import StepVisit

        names = set(tx.execute(select(StepVisit.name).where(StepVisit.state == "open")).scalars())
    assert {"look", "ring"} <= names


def test_ticket_from_before_gets_its_clocks(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    desk.sql("DELETE FROM clock")
    desk.sql("UPDATE ticket SET policy = NULL")
    wind(desk, ticket, MORNING + HOUR)
    first = clocks(desk, ticket)["first_response"]
    assert (first.started_at, first.due_at) == (MORNING, MORNING + 8 * HOUR)

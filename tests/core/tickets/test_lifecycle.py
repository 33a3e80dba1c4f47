"""A ticket from its first word to its end, through the commands people give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.actors import SYSTEM, customer
from core.advance import advance
from core.errors import Conflict, Forbidden, HeldBack, Invalid, Refused
from core.tickets.conversation import Draft, IncomingMessage, add_comment, receive_reply, send_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.resolving import close, merge, reopen, resolve
from core.tickets.steps import complete_step, decide_document, skip_step

if TYPE_CHECKING:
    from tests.core.conftest import Desk

MORNING, HOUR, DAY = 1_795_485_600_000, 3_600_000, 86_400_000


def reply(desk: Desk, ticket: int, body: str = "Halo", who: str = "dewi", **values: object) -> None:
    then = str(values.pop("then", "stay"))
    now = int(str(values.pop("now", MORNING + HOUR)))
    with desk.database.write() as tx:
        send_reply(tx, desk.settings, desk.people[who], ticket, Draft(body, **values), then=then, now=now)  # type: ignore[arg-type]


def test_new_ticket_has_holder(desk: Desk) -> None:
    opened = desk.open()
    row = desk.row(opened.ticket_id)
    assert row.holder_id in {desk.people["dewi"].id, desk.people["bagus"].id}
    assert row.status == "in_progress"
    assert desk.open_step(opened.ticket_id).name == "work"


def test_new_ticket_promises_an_answer(desk: Desk) -> None:
    opened = desk.open()
    assert desk.row(opened.ticket_id).promised_at == MORNING + 8 * HOUR
    desk.perform_all(opened.ticket_id)
    mail = desk.caught()[0]
    assert mail.recipients == ["sari@example.com"]
    assert "8 working hours" in mail.raw.replace("=\r\n", "")


def test_timeline_has_no_gaps(desk: Desk) -> None:
    opened = desk.open()
    reply(desk, opened.ticket_id)
    assert [event.seq for event in desk.events(opened.ticket_id)] == list(
        range(1, desk.row(opened.ticket_id).last_seq + 1)
    )


def test_walking_again_changes_nothing(desk: Desk) -> None:
    opened = desk.open()
    before = desk.row(opened.ticket_id)
    with desk.database.write() as tx:
        advance(tx, desk.settings, opened.ticket_id, MORNING)
    assert desk.row(opened.ticket_id) == before


def test_nobody_online_waits_in_backlog(desk: Desk) -> None:
    desk.sql("UPDATE person SET availability = 'offline'")
    row = desk.row(desk.open().ticket_id)
    assert (row.holder_id, row.team_id, row.status) == (None, desk.teams["repair"], "open")


def test_tickets_go_to_least_busy(desk: Desk) -> None:
    holders = [desk.row(desk.open(now=MORNING + i).ticket_id).holder_id for i in range(4)]
    assert holders.count(desk.people["dewi"].id) == holders.count(desk.people["bagus"].id) == 2


def test_reply_and_wait_for_customer(desk: Desk) -> None:
    opened = desk.open()
    reply(desk, opened.ticket_id, then="wait")
    assert desk.row(opened.ticket_id).status == "pending_customer"
    with desk.database.write() as tx:
        receive_reply(
            tx,
            desk.settings,
            customer(opened.customer_id),
            opened.ticket_id,
            IncomingMessage("", "Ini fotonya"),
            now=MORNING + 2 * HOUR,
        )
    assert desk.row(opened.ticket_id).status == "in_progress"
    assert desk.open_step(opened.ticket_id).path == "work#2"


def test_reply_is_held_back(desk: Desk) -> None:
    opened = desk.open()
    with desk.database.write() as tx:
        newer = receive_reply(
            tx,
            desk.settings,
            customer(opened.customer_id),
            opened.ticket_id,
            IncomingMessage("", "Sebentar!"),
            now=MORNING + 1,
        )
    with pytest.raises(HeldBack) as held:
        reply(desk, opened.ticket_id, seen_message_id=opened.message_id)
    assert held.value.newest_id == newer.message_id
    assert len(desk.messages(opened.ticket_id)) == 3


def test_first_answer_is_measured(desk: Desk) -> None:
    opened = desk.open()
    reply(desk, opened.ticket_id, now=MORNING + 3 * HOUR)
    assert desk.row(opened.ticket_id).first_response_ms == 3 * HOUR


def test_steps_lead_to_article(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    dewi = desk.people["dewi"]
    with desk.database.write() as tx:
        complete_step(tx, desk.settings, dewi, ticket, desk.open_step(ticket).id, choice="solved", now=MORNING + HOUR)
    assert desk.open_step(ticket).name == "finish"
    with desk.database.write() as tx:
        complete_step(
            tx,
            desk.settings,
            dewi,
            ticket,
            desk.open_step(ticket).id,
            fields={"resolution": "Seal pintu diganti."},
            now=MORNING + HOUR,
        )
    row = desk.row(ticket)
    assert (row.status, row.resolution) == ("resolved", "Seal pintu diganti.")
    with desk.database.write() as tx:
        article = decide_document(tx, desk.settings, dewi, ticket, desk.open_step(ticket).id, True, now=MORNING + HOUR)
    assert article
    assert desk.kinds(ticket).count("sop.ended") == 1


def test_resolution_is_needed(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        complete_step(tx, desk.settings, desk.people["dewi"], ticket, desk.open_step(ticket).id, choice="solved")
    with desk.database.write() as tx, pytest.raises(Invalid) as wrong:
        complete_step(tx, desk.settings, desk.people["dewi"], ticket, desk.open_step(ticket).id)
    assert wrong.value.errors[0].pointer == "/fields/resolution"


def test_second_completion_learns_who(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    step = desk.open_step(ticket).id
    with desk.database.write() as tx:
        complete_step(tx, desk.settings, desk.people["dewi"], ticket, step, choice="solved")
    with desk.database.write() as tx, pytest.raises(Conflict, match="Dewi"):
        complete_step(tx, desk.settings, desk.people["bagus"], ticket, step, choice="solved")


def test_resolved_by_hand_deviates(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], ticket, "Sudah dijelaskan lewat telepon.")
    assert desk.row(ticket).status == "resolved"
    assert "sop.deviated" in desk.kinds(ticket)


def test_customer_reopens_by_writing(desk: Desk) -> None:
    opened = desk.open()
    holder = desk.row(opened.ticket_id).holder_id
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], opened.ticket_id, "Selesai.", now=MORNING + HOUR)
    with desk.database.write() as tx:
        receive_reply(
            tx,
            desk.settings,
            customer(opened.customer_id),
            opened.ticket_id,
            IncomingMessage("", "Masih bocor"),
            now=MORNING + 2 * HOUR,
        )
    row = desk.row(opened.ticket_id)
    assert (row.status, row.reopened, row.holder_id) == ("in_progress", 1, holder)
    assert desk.open_step(opened.ticket_id).name == "work"


def test_machine_mail_does_not_reopen(desk: Desk) -> None:
    opened = desk.open()
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], opened.ticket_id, "Selesai.", now=MORNING + HOUR)
    with desk.database.write() as tx:
        away = IncomingMessage("", "Saya sedang cuti.", automatic="auto-reply")
        receive_reply(tx, desk.settings, SYSTEM, opened.ticket_id, away, now=MORNING + 2 * HOUR)
    assert desk.row(opened.ticket_id).status == "resolved"


def test_quiet_ticket_closes_itself(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], ticket, "Selesai.", now=MORNING)
    assert desk.row(ticket).alarm_at == MORNING + 3 * DAY
    with desk.database.write() as tx:
        assert not advance(tx, desk.settings, ticket, MORNING + 3 * DAY - 1).ended
    with desk.database.write() as tx:
        assert advance(tx, desk.settings, ticket, MORNING + 3 * DAY).ended
    row = desk.row(ticket)
    assert (row.status, row.alarm_at, row.want_seq) == ("closed", None, row.last_seq)


def test_closed_by_hand_ends_run(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        close(tx, desk.settings, desk.people["dewi"], ticket)
    assert desk.row(ticket).status == "closed"
    with desk.database.write() as tx, pytest.raises(Refused):
        send_reply(tx, desk.settings, desk.people["dewi"], ticket, Draft("Halo"))
    with desk.database.write() as tx:
        reopen(tx, desk.settings, desk.people["dewi"], ticket)
    assert desk.row(ticket).unresolved


def test_merged_ticket_lives_in_other(desk: Desk) -> None:
    first, second = desk.open("Kulkas bocor"), desk.open("Kulkas bocor lagi", now=MORNING + 1)
    with desk.database.write() as tx:
        merge(tx, desk.settings, desk.people["dewi"], second.ticket_id, first.ticket_id)
    assert desk.row(second.ticket_id).merged_into == first.ticket_id
    assert {message.subject for message in desk.messages(first.ticket_id)} >= {"Kulkas bocor", "Kulkas bocor lagi"}
    assert "ticket.merged" in desk.kinds(first.ticket_id)


def test_light_agents_only_comment(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    wati = desk.people["wati"]
    with desk.database.write() as tx:
        add_comment(tx, wati, ticket, Draft("Stok di gudang masih dua."))
    with desk.database.write() as tx, pytest.raises(Forbidden):
        send_reply(tx, desk.settings, wati, ticket, Draft("Halo"))
    with desk.database.write() as tx, pytest.raises(Forbidden):
        skip_step(tx, desk.settings, wati, ticket, desk.open_step(ticket).id)


def test_every_wrong_value_is_named(desk: Desk) -> None:
    new = NewTicket(" ", "", CustomerRef("not an address"), channel="pigeon", department="nowhere", priority="soon")
    with desk.database.write() as tx, pytest.raises(Invalid) as wrong:
        open_ticket(tx, desk.settings, SYSTEM, new)
    assert {error.pointer for error in wrong.value.errors} == {
        "/subject",
        "/body",
        "/customer/email",
        "/channel",
        "/department",
        "/priority",
    }


def test_counts_follow_the_tickets(desk: Desk) -> None:
    tickets = [desk.open(now=MORNING + i).ticket_id for i in range(5)]
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], tickets[0], "Selesai.")
    counted = {
        tuple(row[:3]): row.n
        for row in desk.sql("SELECT department_id, team_id, holder_id, sum(n) AS n FROM open_count GROUP BY 1, 2, 3")
    }
    true = {
        tuple(row[:3]): row.n
        for row in desk.sql(
            "SELECT department_id, team_id, coalesce(holder_id, 0), count(*) AS n FROM ticket WHERE queue_key IS NOT NULL GROUP BY 1, 2, 3"
        )
    }
    assert {key: n for key, n in counted.items() if n} == true
    loads = {row.person_id: row.open_n for row in desk.sql("SELECT person_id, open_n FROM person_load")}
    assert sum(loads.values()) == 4

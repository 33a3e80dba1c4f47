"""What must hold, always: one function for each promise of DESIGN.md. It fails when the promise is broken, whoever broke it."""

from __future__ import annotations

import asyncio
import json
import smtplib
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from email import message_from_string
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

import workflows.ticket
from core import ledger, performing
from core.actors import customer
from core.effects import ALIVE_MS
from core.errors import Conflict
from core.links import request_link
from core.moments import now_ms
from core.schema import Customer, Effect, Message, PersonLoad, Ticket
from core.tickets import rows
from core.tickets.conversation import Draft, IncomingMessage, add_comment, receive_reply, send_reply
from core.tickets.holding import accept_baton, assign, offer_baton
from core.tickets.opening import CustomerRef
from core.tickets.resolving import merge
from core.tickets.steps import complete_step
from tests.core.test_intake import arrive, letter
from tests.ledgers.recording import HERE as LEDGERS
from tests.ledgers.recording import walk_again
from tests.web.conftest import post

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.database import Database
    from tests.core.conftest import Desk

    from .conftest import Stage

_t = Ticket.__table__.c
HISTORIES = Path(__file__).parents[1] / "histories"


# ---- 1: what is acknowledged is there --------------------------------------------------------------------------------------


def mail_is_answered_after_its_commit(stage: Stage) -> None:
    """As long as nothing can be committed, the sender keeps the mail; when it is taken, it is there."""
    mail = letter("Kulkas", "kata-kunci-surat", Message_ID="<proof@example.com>")
    with stage.mail_door() as port, ThreadPoolExecutor(1) as pool:
        with stage.nobody_commits():
            answer = pool.submit(_hand_in, port, mail)
            assert not wait([answer], timeout=1.0).done, "answered while nothing could be committed"
        assert answer.result(timeout=30) == {}
        assert stage.stored("kata-kunci-surat") == 1


def _hand_in(port: int, mail: EmailMessage) -> dict[str, Any]:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        return client.send_message(mail, "sari@example.com", ["service@lentera.example"])


def answered_request_is_stored(stage: Stage) -> None:
    """A click, a form and a call that were answered are in the database at that moment."""
    opened = stage.desk.open()
    clicked = post(stage.agent, f"/tickets/{opened.ticket_id}/reply", {"body": "kata-kunci-klik", "then": "stay"})
    assert clicked.status_code == 303
    assert stage.stored("kata-kunci-klik") == 1
    form = {"email": "sari@example.com", "name": "Sari", "subject": "Kulkas", "message": "kata-kunci-formulir"}
    browser = stage.browser()
    form["form_token"] = _hidden(browser.get("/help").text, "form_token")
    assert browser.post("/help", data=form).status_code == 303
    assert stage.stored("kata-kunci-formulir") == 1
    ask = {"subject": "Kulkas", "body": "kata-kunci-program", "customer": {"email": "sari@example.com"}}
    heading = {"Authorization": f"Bearer {stage.token}"}
    assert stage.browser().post("/api/v1/tickets", json=ask, headers=heading).status_code == 201
    assert stage.stored("kata-kunci-program") == 1


def _hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"')[0]


# ---- 2: nothing leaves twice, nothing is guessed ---------------------------------------------------------------------------


class Killed(BaseException):
    """The process dies here."""


def interrupted_mail_leaves_once(stage: Stage) -> None:
    """The process dies when the mail has left and nobody knows yet: it is never sent again, and a person sees that it is unknown."""
    desk = stage.desk
    opened = desk.open()
    with desk.database.write() as tx:
        sent = send_reply(tx, desk.settings, desk.people["dewi"], opened.ticket_id, Draft("Halo"))
    key = f"{opened.ticket_id}/message/{sent.message_id}"

    def die(*_args: object, **_named: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(performing, "_end", die)
        with pytest.raises(Killed):
            performing.perform(desk.database, stage.sending, key)
    assert len(stage.sink.mails) == 1
    performing.perform(desk.database, stage.sending, key, now=now_ms() + ALIVE_MS + 1)
    assert len(stage.sink.mails) == 1, "the mail was sent again"
    with desk.database.read() as tx:
        state = tx.execute(select(Effect.__table__.c.state).where(Effect.key == key)).scalar_one()
    assert state == "unknown"
    assert "effect.unknown" in desk.kinds(opened.ticket_id)


# ---- 3: exactly one holder -------------------------------------------------------------------------------------------------


def baton_is_accepted_once(stage: Stage) -> None:
    """An offer that was accepted, or overtaken because the ticket was given to somebody else, cannot be accepted any more."""
    desk = stage.desk
    lead, dewi, bagus = (desk.people[nick] for nick in ("catherine", "dewi", "bagus"))
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        assign(tx, desk.settings, lead, ticket, dewi.id)
        offer = offer_baton(tx, desk.settings, dewi, ticket, bagus.id or 0)
        assign(tx, desk.settings, lead, ticket, lead.id)
    _refused(desk, lambda tx: accept_baton(tx, desk.settings, bagus, offer))
    assert desk.row(ticket).holder_id == lead.id
    with desk.database.write() as tx:
        offer = offer_baton(tx, desk.settings, lead, ticket, bagus.id or 0)
        accept_baton(tx, desk.settings, bagus, offer)
    _refused(desk, lambda tx: accept_baton(tx, desk.settings, bagus, offer))
    assert desk.kinds(ticket).count("baton.accepted") == 1
    with desk.database.read() as tx:
        loads = dict(tx.execute(select(PersonLoad.person_id, PersonLoad.open_n)).all())
    assert {person: n for person, n in loads.items() if n} == {bagus.id: 1}


def _refused(desk: Desk, act: Callable[[Any], object]) -> None:
    try:
        with desk.database.write() as tx:
            act(tx)
    except Conflict:
        return
    raise AssertionError("a second holder was accepted")


def race_has_one_winner(team: Desk) -> None:
    """Two people complete one step at the same instant: one has done it, the other learns that, and it is told once."""
    ticket = team.open().ticket_id
    step = team.open_step(ticket).id

    def complete(nick: str) -> Callable[[Any], object]:
        return lambda tx: complete_step(tx, team.settings, team.people[nick], ticket, step, choice="solved")

    with _meeting(ledger, "load"):
        ends = _at_once(team, complete("dewi"), complete("bagus"))
    assert sorted(ends) == ["Conflict", "done"], ends
    assert team.kinds(ticket).count("task.completed") == 1


def writers_of_a_ticket_queue(team: Desk) -> None:
    """Two people write on one ticket at the same instant: both are on the timeline, numbered without a gap and without a twin."""
    ticket = team.open().ticket_id

    def comment(nick: str) -> Callable[[Any], object]:
        return lambda tx: add_comment(tx, team.people[nick], ticket, Draft(f"Dari {nick}."))

    with _meeting(rows, "_found"):
        ends = _at_once(team, comment("dewi"), comment("bagus"))
    assert ends == ["done", "done"], ends
    seqs = [happening.seq for happening in team.events(ticket)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert team.kinds(ticket).count("comment.added") == 2


def _at_once(team: Desk, *acts: Callable[[Any], object]) -> list[str]:
    def run(act: Callable[[Any], object]) -> str:
        try:
            with team.database.write() as tx:
                act(tx)
        except Exception as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@contextmanager
def _meeting(module: Any, name: str) -> Iterator[None]:
    """Whoever has read the ticket waits a moment for the other: if both can have read it, both have."""
    real, both = getattr(module, name), threading.Barrier(2)

    def read_and_wait(*args: Any) -> Any:
        found = real(*args)
        with suppress(threading.BrokenBarrierError):  # the other one is kept out, as it should be
            both.wait(0.7)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, read_and_wait)
        yield


# ---- 4: histories and ledgers stay what they are ---------------------------------------------------------------------------


def recorded_ledgers_stay_as_they_are(_stage: Stage) -> None:
    """Walking what real tickets have left behind opens nothing, ends nothing, wants nothing."""
    for file in sorted(LEDGERS.glob("*/refund-*.json")):
        move, _stood = walk_again(file)
        assert move.empty, (file.name, move)


def recorded_histories_replay(_stage: Stage) -> None:
    """The workflow of today decides the same as the one that was recorded."""
    for name in ("simple_life_stays_cheap", "earlier_alarm_rings_first"):
        history = WorkflowHistory.from_json("ticket-1", (HISTORIES / f"{name}.json").read_text())
        replayer = Replayer(workflows=[workflows.ticket.TicketWorkflow], workflow_runner=UnsandboxedWorkflowRunner())
        try:
            asyncio.run(replayer.replay_workflow(history))
        except Exception as error:
            raise AssertionError(f"{name} does not replay: {error}") from error


# ---- 5: nobody sees what is not theirs -------------------------------------------------------------------------------------


def customer_reads_only_their_own(stage: Stage) -> None:
    """The request page shows what was said with this customer: no comment, no other customer's words, no other ticket."""
    desk = stage.desk
    mine = desk.open("Kulkas bocor", body="kata-sari", customer=CustomerRef("sari@example.com", "Sari"))
    other = desk.open("TV mati", body="kata-budi", customer=CustomerRef("budi@example.com", "Budi"))
    third = desk.open("Radio", body="kata-tono", customer=CustomerRef("tono@example.com", "Tono"))
    with desk.database.write() as tx:
        add_comment(tx, desk.people["dewi"], mine.ticket_id, Draft("rahasia-dapur"))
        receive_reply(tx, desk.settings, customer(other.customer_id), other.ticket_id, IncomingMessage("", "budi-lagi"))
        epochs = dict(tx.execute(select(Customer.id, Customer.link_epoch)).all())

    def page(ticket: int, customer_id: int) -> Any:
        return stage.browser().get(request_link(desk.settings, ticket, customer_id, epochs[customer_id]))

    def is_all_sari_reads() -> None:
        shown = page(mine.ticket_id, mine.customer_id)
        assert shown.status_code == 200
        assert "kata-sari" in shown.text
        for foreign in ("rahasia-dapur", "kata-budi", "budi-lagi"):
            assert foreign not in shown.text, f"{foreign} is shown"

    is_all_sari_reads()
    with desk.database.write() as tx:
        merge(tx, desk.settings, desk.people["dewi"], other.ticket_id, mine.ticket_id)
    is_all_sari_reads()
    merged = page(other.ticket_id, other.customer_id)
    assert "kata-budi" in merged.text
    assert "kata-sari" not in merged.text
    stranger = page(mine.ticket_id, third.customer_id)
    assert stranger.status_code == 404
    assert "kata-sari" not in stranger.text


def stranger_joins_no_thread(stage: Stage) -> None:
    """Whoever got hold of a ticket's token without having a part in it opens a ticket of their own."""
    desk = stage.desk
    opened = arrive(desk, letter(Message_ID="<1@example.com>"))
    assert opened.ticket_id
    desk.perform_all(opened.ticket_id)
    answer = next(mail for mail in desk.caught() if mail.recipients == ["sari@example.com"])
    subject = "Re: " + " ".join(str(message_from_string(answer.raw)["Subject"]).split())
    assert "[#" in subject
    mail = letter(subject, "Saya mau ikut.", sender="orang@lain.example", Message_ID="<2@lain.example>")
    came = arrive(desk, mail, "orang@lain.example")
    assert (came.fate, came.ticket_id) == ("opened", opened.ticket_id + 1)
    assert "Saya mau ikut." not in _words(desk.database, opened.ticket_id)


def _words(database: Database, ticket_id: int) -> str:
    with database.read() as tx:
        query = (
            "SELECT group_concat(text) FROM message_body b JOIN message m ON m.id = b.message_id WHERE m.ticket_id = ?"
        )
        return str(tx.exec_driver_sql(query, (ticket_id,)).scalar())


# ---- 6: bad input is explained, and what was typed is still there ----------------------------------------------------------


def refused_forms_keep_their_words(stage: Stage) -> None:
    """The form for help, a reply and a step: each says what was wrong and shows what was typed."""
    browser = stage.browser()
    form = {"email": "sari@", "name": "Sari Wulandari", "subject": "Kulkas bocor", "message": "Air di mana-mana."}
    form["form_token"] = _hidden(browser.get("/help").text, "form_token")
    answer = browser.post("/help?lang=en", data=form)
    assert answer.status_code == 422
    for words in ("sari@", "Sari Wulandari", "Kulkas bocor", "Air di mana-mana."):
        assert words in answer.text, f"{words} was dropped"
    assert "name@example.com" in answer.text

    desk, opened = stage.desk, stage.desk.open()
    with desk.database.read() as tx:
        seen = tx.execute(select(Message.id).where(Message.ticket_id == opened.ticket_id)).scalars().first()
    with desk.database.write() as tx:
        receive_reply(
            tx, desk.settings, customer(opened.customer_id, "Sari"), opened.ticket_id, IncomingMessage("", "Lagi.")
        )
    reply = {"body": "Kami datang hari Jumat.", "then": "wait", "seen": str(seen)}
    held = post(stage.agent, f"/tickets/{opened.ticket_id}/reply", reply)
    assert held.status_code == 409
    assert "Kami datang hari Jumat." in held.text, "the reply was dropped"
    assert "Your reply was held back." in held.text

    asked = {"subject": 7, "customer": {"email": "sari@"}}
    heading = {"Authorization": f"Bearer {stage.token}"}
    problem = stage.browser().post("/api/v1/tickets", json=asked, headers=heading)
    assert problem.status_code == 422
    assert {"/subject", "/body"} <= {wrong["pointer"] for wrong in json.loads(problem.text)["errors"]}


# ---- 7: no list asks the database for each row -----------------------------------------------------------------------------

LISTS = ("/", "/?view=all", "/?view=last", "/work", "/search?q=kulkas", "/customers/1")


def lists_ask_once(stage: Stage) -> None:
    """A page runs as many statements for sixteen tickets as for two."""
    counted = []
    for more in (2, 14):
        for _ in range(more):
            stage.desk.open()
        for path in LISTS:
            stage.agent.get(path)  # documents are kept from the first visit on
        counted.append({path: _statements(stage, path) for path in LISTS})
    assert counted[0] == counted[1]


def _statements(stage: Stage, path: str) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = stage.desk.database._reader
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert stage.agent.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)

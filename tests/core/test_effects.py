"""No outside effect happens twice; what nobody can know is shown, not guessed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError

from core import effects, performing
from core.effects import ALIVE_MS
from core.mail.sending import NotSent, OutcomeUnknown
from core.performing import TryLater, give_up, perform
from core.tickets.conversation import Draft, send_reply
from core.tickets.settling import answer_unknown, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import MailSink
    from tests.core.conftest import Desk

MORNING = 1_795_485_600_000


def plan_reply(desk: Desk) -> tuple[int, str]:
    opened = desk.open()
    desk.perform_all(opened.ticket_id)
    with desk.database.write() as tx:
        sent = send_reply(tx, desk.settings, desk.people["dewi"], opened.ticket_id, Draft("Halo"))
    return opened.ticket_id, f"{opened.ticket_id}/message/{sent.message_id}"


def with_server(desk: Desk) -> Desk:
    return replace(desk, settings=replace(desk.settings, mail_url="smtp://mail.example.com"))


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[], None]) -> list[bytes]:
    sent: list[bytes] = []

    def deliver(
        _server: object,
        _sender: str,
        _recipients: object,
        raw: bytes,
        timeout: float,
        before_last_word: Callable[[], None],
    ) -> None:
        before_last_word()
        answer()
        sent.append(raw)

    monkeypatch.setattr("core.performing.deliver", deliver)
    return sent


def fail(error: Exception) -> Callable[[], None]:
    def answer() -> None:
        raise error

    return answer


def test_performing_twice_sends_once(desk: Desk) -> None:
    _ticket, key = plan_reply(desk)
    perform(desk.database, desk.settings, key)
    perform(desk.database, desk.settings, key)
    assert [mail.key for mail in desk.caught()].count(key) == 1


def test_delivery_shows_at_message(desk: Desk) -> None:
    ticket, key = plan_reply(desk)
    assert desk.messages(ticket)[-1].delivery == "queued"
    perform(desk.database, desk.settings, key)
    assert desk.messages(ticket)[-1].delivery == "sent"
    assert "effect.done" in desk.kinds(ticket)


def test_temporary_refusal_is_planned_again(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = with_server(sqlite_desk)
    ticket, key = plan_reply(sqlite_desk)
    answering(monkeypatch, fail(NotSent("recipient", "try later", temporary=True, code=451)))
    with pytest.raises(TryLater):
        perform(desk.database, desk.settings, key)
    assert [e.state for e in desk.effects(ticket) if e.key == key] == ["planned"]
    sent = answering(monkeypatch, lambda: None)
    perform(desk.database, desk.settings, key)
    assert len(sent) == 1


def test_permanent_refusal_shows_words(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = with_server(sqlite_desk)
    ticket, key = plan_reply(sqlite_desk)
    answering(monkeypatch, fail(NotSent("recipient", "no such user", temporary=False, code=550)))
    perform(desk.database, desk.settings, key)
    message = desk.messages(ticket)[-1]
    assert message.delivery == "failed"
    assert "no such user" in message.delivery_detail


def test_unknown_is_never_sent_again(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = with_server(sqlite_desk)
    ticket, key = plan_reply(sqlite_desk)
    answering(monkeypatch, fail(OutcomeUnknown("no answer after the content")))
    perform(desk.database, desk.settings, key)
    sent = answering(monkeypatch, lambda: None)
    perform(desk.database, desk.settings, key)
    assert not sent
    assert desk.messages(ticket)[-1].delivery == "unknown"


def test_interrupted_attempt_is_not_taken_up_early(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first attempt may still be alive until its own limit is over; only then its outcome is unknown."""
    desk = with_server(sqlite_desk)
    ticket, key = plan_reply(sqlite_desk)
    with desk.database.write() as tx:
        effects.begin(tx, key, MORNING)
    sent = answering(monkeypatch, lambda: None)
    with pytest.raises(TryLater) as early:
        perform(desk.database, desk.settings, key, now=MORNING + 1000)
    assert early.value.wait_s == pytest.approx(ALIVE_MS / 1000 - 1, abs=0.5)
    perform(desk.database, desk.settings, key, now=MORNING + ALIVE_MS)
    assert not sent
    assert desk.messages(ticket)[-1].delivery == "unknown"


class Killed(BaseException):
    """The process dies here."""


def die() -> None:
    raise Killed


def test_kill_before_the_last_word_leaves_nothing_unknown(
    sqlite_desk: Desk, smtp_sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole content has gone out, but not its last line: the server cannot have taken it, so it is simply sent again."""
    desk = replace(sqlite_desk, settings=replace(sqlite_desk.settings, mail_url=smtp_sink.url))
    ticket, key = plan_reply(sqlite_desk)
    with monkeypatch.context() as patch:
        patch.setattr(performing._Sending, "_mark", lambda _self: die())
        with pytest.raises(Killed):
            perform(desk.database, desk.settings, key)
    assert smtp_sink.mails == []
    perform(desk.database, desk.settings, key)
    assert len(smtp_sink.mails) == 1
    assert desk.messages(ticket)[-1].delivery == "sent"


def test_of_two_attempts_one_says_the_last_word(sqlite_desk: Desk, smtp_sink: MailSink) -> None:
    """Two workers are told of the same mail: both connect, one of them sends it."""
    desk = replace(sqlite_desk, settings=replace(sqlite_desk.settings, mail_url=smtp_sink.url))
    ticket, key = plan_reply(sqlite_desk)
    smtp_sink.delay = 0.3
    with ThreadPoolExecutor(4) as workers:
        attempts = [workers.submit(perform, desk.database, desk.settings, key) for _n in range(4)]
        outcomes = {type(one.exception(timeout=30)) for one in attempts}
    assert outcomes <= {type(None), TryLater}
    assert len(smtp_sink.mails) == 1
    assert desk.messages(ticket)[-1].delivery == "sent"


def test_known_outcome_outlasts_a_busy_database(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail was taken, and the database is locked at that moment: what is known is not made unknown."""
    desk = with_server(sqlite_desk)
    ticket, key = plan_reply(sqlite_desk)
    answering(monkeypatch, lambda: None)
    refusals = [1, 2]

    def busy(*given: Any, **more: Any) -> Any:
        if refusals:
            refusals.pop()
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return settle(*given, **more)

    monkeypatch.setattr(performing, "settle", busy)
    perform(desk.database, desk.settings, key)
    assert desk.messages(ticket)[-1].delivery == "sent"


def test_attempt_that_ends_late_still_counts(sqlite_desk: Desk) -> None:
    """The other side finished after our limit: the late news turns unknown into done, once."""
    ticket, key = plan_reply(sqlite_desk)
    with sqlite_desk.database.write() as tx:
        effects.begin(tx, key, MORNING)
        settle(tx, sqlite_desk.settings, key, "unknown", MORNING)
    with sqlite_desk.database.write() as tx:
        settle(tx, sqlite_desk.settings, key, "done", MORNING + 1)
        settle(tx, sqlite_desk.settings, key, "done", MORNING + 2)
    assert sqlite_desk.kinds(ticket).count("effect.done") == 2  # the receipt, and this one


def test_catcher_is_looked_up_after_crash(desk: Desk) -> None:
    ticket, key = plan_reply(desk)
    with desk.database.write() as tx:
        effects.begin(tx, key, MORNING)
    perform(desk.database, desk.settings, key, now=MORNING + ALIVE_MS)
    assert [mail.key for mail in desk.caught()].count(key) == 1
    assert desk.messages(ticket)[-1].delivery == "sent"


def test_person_answers_unknown(desk: Desk) -> None:
    ticket, key = plan_reply(desk)
    with desk.database.write() as tx:
        settle(tx, desk.settings, key, "unknown", MORNING)
    with desk.database.write() as tx:
        answer_unknown(tx, desk.settings, desk.people["dewi"], key, "again")
    assert desk.messages(ticket)[-1].delivery == "queued"
    perform(desk.database, desk.settings, key)
    assert desk.messages(ticket)[-1].delivery == "sent"


def test_giving_up_is_shown(desk: Desk) -> None:
    ticket, key = plan_reply(desk)
    give_up(desk.database, desk.settings, key, "the server was away for four days")
    assert desk.messages(ticket)[-1].delivery_detail == "the server was away for four days"

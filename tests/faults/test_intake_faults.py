"""The mail intake when the disk is full, the database is locked, or the mail is hostile: it answers, says why, and loses nothing."""

from __future__ import annotations

import os
import resource
import smtplib
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import pytest

from estafet.smtp_server import LARGEST, MOST_RECIPIENTS

from .conftest import a_mail, hand_in, locked, stored
from .hostile import HEAD, hostile_mails

if TYPE_CHECKING:
    from .conftest import Intake

SECONDS = 5.0  # each hostile mail is answered within one; a busy machine is given more


def test_full_disk_refuses_for_now(intake: Intake) -> None:
    """No file may grow beyond two megabytes: a large mail is kept by its sender, and taken when there is room again."""
    room = 2_000_000

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    intake.start(preexec_fn=little_room)
    large = a_mail("surat-besar")
    large.add_attachment(os.urandom(2_500_000), maintype="application", subtype="octet-stream", filename="a.bin")
    code, words = hand_in(intake.port, large)
    assert code == 451, words
    assert "send it again later" in words
    assert stored(intake.settings, "surat-besar") == 0
    assert hand_in(intake.port, a_mail("surat-kecil", 2))[0] == 250  # it lives on
    intake.stop()
    intake.start()
    assert hand_in(intake.port, large)[0] == 250
    assert hand_in(intake.port, large)[0] == 250  # and once more: the sender did not hear the answer
    assert stored(intake.settings, "surat-besar") == 1


def test_locked_database_keeps_mail_waiting(intake: Intake) -> None:
    """Nothing is acknowledged while nothing can be committed; then everything is, once."""
    intake.start()
    with locked(intake.settings.home) as let_go, ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(hand_in, intake.port, a_mail("surat-antre", n)) for n in range(12)]
        assert not wait(answers, timeout=1.5).done
        assert stored(intake.settings, "surat-antre") == 0
        let_go()
        assert {answer.result(timeout=60)[0] for answer in answers} == {250}
    assert stored(intake.settings, "surat-antre") == 12


def test_hostile_mails_are_answered_quickly(intake: Intake) -> None:
    """Two hundred of them, one after the other: each has its answer, and after them the intake takes an ordinary mail."""
    intake.start()
    slowest, codes = 0.0, []
    for mail in hostile_mails():
        began = time.monotonic()
        code, words = hand_in(intake.port, mail)
        took = time.monotonic() - began
        assert took < SECONDS, f"{took:.1f} s: {mail[:200]!r}"
        assert code == 250, f"{code} {words}: {mail[:200]!r}"
        slowest = max(slowest, took)
        codes.append(code)
    print(f"{len(codes)} hostile mails, the slowest took {slowest:.2f} s")  # noqa: T201 (the count is for the reader)
    assert len(codes) == 200
    assert hand_in(intake.port, a_mail("surat-biasa"))[0] == 250
    assert stored(intake.settings, "surat-biasa") == 1


def test_limits_say_why(intake: Intake) -> None:
    """Too large, too many recipients: refused with a reason; what is only unusual is taken."""
    intake.start()
    with smtplib.SMTP("127.0.0.1", intake.port, timeout=30) as client:
        client.ehlo()
        code, words = client.mail("sari@example.com", [f"SIZE={LARGEST + 1}"])
        assert code == 552, words
        assert b"exceeds" in words
    code, words = hand_in(intake.port, a_mail("surat-ramai"), recipients=MOST_RECIPIENTS + 1)
    assert code == 452, words
    assert str(MOST_RECIPIENTS) in words
    long_line = (
        HEAD % 2
        + b"Subject: long line\r\nContent-Type: text/html\r\n\r\n<p>surat-panjang "
        + b"y" * 200_000
        + b"</p>\r\n"
    )
    assert hand_in(intake.port, long_line)[0] == 250
    assert (
        hand_in(
            intake.port,
            long_line.replace(b"\r\n", b"\n").replace(b"panjang", b"tanpa-cr").replace(b"<h2@", b"<h3@") + b"\r\n",
        )[0]
        == 250
    )
    assert (stored(intake.settings, "surat-panjang"), stored(intake.settings, "surat-tanpa-cr")) == (1, 1)


@pytest.mark.slow
def test_undeclared_size_is_refused_too(intake: Intake) -> None:
    intake.start()
    large = HEAD % 1 + b"Subject: large\r\n\r\n" + (b"x" * 998 + b"\r\n") * (LARGEST // 1_000 + 1_000)
    code, words = hand_in(intake.port, large, seconds=60)
    assert code == 552, words

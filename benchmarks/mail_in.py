"""How many mails a second become tickets? Run: `python -m benchmarks mail_in`. The limits: 150 a second, 3 ms of processor time each.

The SMTP intake in a process of its own on SQLite, the engine stopped and then running. Every mail is acknowledged after its commit, so an
answer is a ticket.
"""

from __future__ import annotations

import smtplib
import statistics
import sys
import threading
import time
from email.message import EmailMessage

from benchmarks._house import cpu_ms, home, until
from estafet.ports import answers


def measure(mails: int = 400) -> dict[str, float]:
    """Mails a second with 1 and 8 senders, p50 and p95 of one, processor milliseconds of the intake for each."""
    figures: dict[str, float] = {}
    with home() as house, house.process([sys.executable, "-m", "estafet", "smtp"]) as pid:
        port = house.settings.smtp_port
        until(lambda: answers(port))
        _send(port, 0, 20, [])  # warm
        for senders in (1, 8):
            figures |= _named(f"{senders} senders", _round(port, pid, senders, 0, mails))
        with house.engine():
            figures |= _named("8 senders, engine running", _round(port, pid, 8, 1, mails))
    return figures


def _named(name: str, row: dict[str, float]) -> dict[str, float]:
    return {f"{figure}, {name}": value for figure, value in row.items()}


def _round(port: int, pid: int, senders: int, series: int, mails: int) -> dict[str, float]:
    took: list[float] = []
    cpu, began = cpu_ms(pid), time.perf_counter()
    each = mails // senders
    threads = [
        threading.Thread(
            target=_send, args=(port, series * 1_000_000 + senders * 100_000 + n * 10_000 + 1000, each, took)
        )
        for n in range(senders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    return {
        "a second": each * senders / seconds,
        "p50 ms": statistics.median(took),
        "p95 ms": statistics.quantiles(took, n=20)[18],
        "processor ms": (cpu_ms(pid) - cpu) / (each * senders),
    }


def _send(port: int, first: int, n: int, took: list[float]) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        for i in range(first, first + n):
            mail = EmailMessage()
            mail["From"] = f"Customer {i} <customer{i}@example.com>"
            mail["To"] = "service@example.com"
            mail["Subject"] = f"The printer is broken, number {i}"
            mail["Message-ID"] = f"<{i}@example.com>"
            mail.set_content("It prints stripes since this morning.\n" * 10)
            began = time.perf_counter()
            client.send_message(mail)
            took.append((time.perf_counter() - began) * 1000)

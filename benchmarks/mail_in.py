"""How many mails a second become tickets? Run: `python -m benchmarks mail_in`. The limits: 150 a second, 3 ms of processor time each.

The SMTP intake in a process of its own on SQLite, the engine stopped; every mail is acknowledged after its commit, so an answer is a ticket.
"""

from __future__ import annotations

import os
import smtplib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from email.message import EmailMessage
from pathlib import Path

from core.database import Database
from core.settings import read_settings
from estafet.chaos.people import set_up_office
from estafet.ports import answers, free_port
from estafet.preparing import prepare


def measure(mails: int = 400) -> dict[str, float]:
    """Mails a second with 1 and 8 senders, p50 and p95 of one, processor milliseconds of the intake for each."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environ = {
            **os.environ,
            "ESTAFET_HOME": folder,
            "ESTAFET_DEMO": "0",
            "ESTAFET_SMTP_PORT": str(port),
            "ESTAFET_LOG_LEVEL": "ERROR",
        }
        settings = read_settings(environ)
        prepare(settings)
        database = Database(settings)
        set_up_office(database)
        database.close()
        intake = subprocess.Popen([sys.executable, "-m", "estafet", "smtp"], env=environ)
        try:
            while not answers(port):
                time.sleep(0.02)
            _send(port, 0, 20, [])  # warm
            return {
                f"{name}, {senders} senders": value
                for senders in (1, 8)
                for name, value in _round(port, intake.pid, senders, mails).items()
            }
        finally:
            intake.terminate()
            intake.wait(20)


def _round(port: int, pid: int, senders: int, mails: int) -> dict[str, float]:
    took: list[float] = []
    cpu, began = _cpu(pid), time.perf_counter()
    each = mails // senders
    threads = [
        threading.Thread(target=_send, args=(port, senders * 100_000 + n * 10_000 + 1000, each, took))
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
        "processor ms": (_cpu(pid) - cpu) / (each * senders),
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


def _cpu(pid: int) -> float:
    """Milliseconds of processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

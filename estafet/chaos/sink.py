"""The customers' mail server of the fault suite: it takes its time, so that kills fall into the middle of a delivery, and forgets nothing."""

from __future__ import annotations

import asyncio
import random
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

SLOWEST = 0.25  # seconds before a recipient is accepted
SLOWEST_TO_KEEP = 0.05  # seconds before a mail is kept, and twice as many until it says so


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail as the customer's side got it."""

    message_id: str
    recipient: str
    subject: str


@dataclass
class Sink:
    """Counts what arrived; `refused` tells how often it said “later”, which must lead to another attempt."""

    port: int
    seed: int
    arrived: list[Arrived] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 (chance, not secrecy)
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    def mails(self) -> list[Arrived]:
        with self._lock:
            return list(self.arrived)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        await asyncio.sleep(self._dice.random() * SLOWEST)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        await asyncio.sleep(self._dice.random() * SLOWEST_TO_KEEP)
        if self._dice.random() < 0.03:
            self.refused += 1
            return "451 4.3.0 later, please"
        mail = message_from_bytes(envelope.original_content, policy=default)
        with self._lock:
            self.arrived.append(Arrived(str(mail["Message-ID"]).strip(), envelope.rcpt_tos[0], str(mail["Subject"])))
        await asyncio.sleep(self._dice.random() * SLOWEST_TO_KEEP * 2)
        return "250 taken"

"""A plugin host that makes one call is killed in the middle of it: between the vendor's commit and our note, or anywhere."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.effects import ALIVE_MS, ATTEMPTING, DONE, PLANNED
from core.performing import TryLater
from tests.conftest import wait_until

HELD_SECONDS = 4.0  # so long the vendor keeps its answer back
HERE = Path(__file__).parents[2]


@dataclass
class Killing:
    """Kills the host that calls `action` for a new ticket. `committed` counts what the vendor has."""

    host: Any
    action: str
    given: str
    committed: Callable[[], int]
    hold: Callable[[], None]  # the vendor keeps its next answer back
    lag: float
    dice: random.Random = field(default_factory=random.Random)
    between: int = 0
    elsewhere: int = 0
    _hosts: subprocess.Popen[str] | None = None

    def once(self) -> None:
        """One call, one kill, and what comes after it."""
        ticket = self.host.open(self.action, self.given)
        if self.dice.random() < 0.8:
            self._kill_between(ticket)
        else:
            self._kill_anywhere(ticket)
        self._take_up(ticket)

    def _kill_between(self, ticket: int) -> None:
        before = self.committed()
        self.hold()
        pid = self._start(ticket)
        wait_until(lambda: self.committed() > before or not lives(pid), seconds=100, what="the vendor's commit")
        time.sleep(self.dice.uniform(0, 0.4))
        kill(pid)
        if self.committed() > before and self.host.effect(ticket).state == ATTEMPTING:
            self.between += 1
        else:  # on a machine that is too slow for the limits of a call, it ended by itself
            self.elsewhere += 1

    def _kill_anywhere(self, ticket: int) -> None:
        pid = self._start(ticket)
        wait_until(lambda: self.host.effect(ticket).state != PLANNED or not lives(pid), seconds=100, what="the attempt")
        time.sleep(self.dice.uniform(0, 0.6))
        kill(pid)
        self.elsewhere += 1

    def _start(self, ticket: int) -> int:
        """The pid of a host that makes the call of this ticket."""
        if self._hosts is None:
            settings = self.host.settings
            environ = {**os.environ, "ESTAFET_HOME": str(settings.home), "ESTAFET_SECRET_KEY": settings.secret.decode()}
            command = [sys.executable, "-m", "tests.plugins.one_call"]
            self._hosts = subprocess.Popen(
                command, env=environ, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert self._hosts.stdin
        assert self._hosts.stdout
        self._hosts.stdin.write(f"{self.host.key(ticket)}\n")
        self._hosts.stdin.flush()
        return int(self._hosts.stdout.readline())

    def close(self) -> None:
        """No more hosts."""
        if self._hosts is not None:
            self._hosts.communicate()

    def _take_up(self, ticket: int) -> None:
        """Later, when the attempt is surely over, another host takes the call up."""
        for _turn in range(10):
            effect = self.host.effect(ticket)
            if effect.state == DONE:
                return
            now = (effect.attempted_at or 0) + ALIVE_MS + int(self.lag * 1000) + 1
            try:
                self.host.call(ticket, now=max(now, int(time.time() * 1000)))
            except TryLater:
                continue
        raise AssertionError(f"not done: {self.host.effect(ticket)}")


def lives(pid: int) -> bool:
    """Is there such a process?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kill(pid: int) -> None:
    """kill -9 of the host alone, and wait until its attempt is surely over.

    A child that was just being started may outlive its host and still make the call. The product waits 45 seconds for that (ALIVE_MS), which
    this test leaves out: it waits for the child's end instead.
    """
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not _group(pid), seconds=60, what="the end of a killed host and its children")


def _group(leader: int) -> list[str]:
    """Processes of a group that are not dead yet."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, group = path.read_text().rpartition(")")[2].split()[:3]
            if int(group) == leader and state != "Z":
                found.append(path.parent.name)
    return found

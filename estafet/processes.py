"""A child process that is watched: started again when it ends, and never left behind.

A child is another program, or a fork of this one that goes on as a command of ours with everything that is loaded already.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Protocol

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

log = structlog.get_logger()

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_LOG_LIMIT = 20_000_000
FIRST_WAIT, LONGEST_WAIT, STEADY = 0.2, 10.0, 3.0  # seconds


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies, even by kill -9 (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _leave_parent(name: str, output: int) -> None:
    """In a fork: a session, a name, an output and signals of its own, as a program that was just started has them."""
    os.setsid()
    die_with_parent()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, f"estafet-{name}".encode())
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))


def spare_the_collector() -> None:
    """What is loaded now stays until the end: Python need not look through it for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


class Running(Protocol):
    """What is asked of a process that was started, as of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def terminate(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Forked:
    """A fork of this process that does `work`. Nobody may fork who has threads: locks that they hold would never be free in the fork."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._process = multiprocessing.get_context("fork").Process(target=work)
        # Until the fork has its own answer to a signal, it must not give ours.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self, timeout: float | None = None) -> int:
        """How it ended; `subprocess.TimeoutExpired` when it has not by then."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self._process.exitcode) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("fork", timeout or 0)
            # `Process.join` would wait for a pipe that forks of the fork, such as the web's workers, keep open.
            time.sleep(0.01)
        return code


@dataclass
class Child:
    """One process of the house. `ready` tells whether it answers; its output goes to `log_file`.

    `work`: what a fork of this process does; without it, `command` is run as a program of its own.
    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log_file: Path
    ready: Callable[[], bool]
    work: Callable[[], object] | None = None
    process: Running | None = None
    restarts: int = 0
    _started: float = 0.0
    _wait: float = field(default=FIRST_WAIT)
    _not_before: float = 0.0

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def start(self) -> None:
        """Start it in a session of its own: the terminal's Ctrl-C is for the parent, which stops its children in order."""
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_LIMIT:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        with self.log_file.open("ab") as output:
            self.process = self._forked(output.fileno()) if self.work else self._program(output)
        self._started = time.monotonic()

    def _program(self, output: IO[bytes]) -> Running:
        return subprocess.Popen(  # noqa: S603 (our own commands)
            self.command,
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def _forked(self, output: int) -> Running:
        def become() -> None:
            _leave_parent(self.name, output)
            os.environ.clear()
            os.environ.update(self.environ)
            assert self.work
            self.work()

        return Forked(become)

    def watch(self) -> bool:
        """True when it had ended and was started again; it waits longer after each quick death."""
        assert self.process
        code = self.process.poll()
        if code is None:
            return False
        now = time.monotonic()
        if not self._not_before:
            if now - self._started > STEADY:
                self._wait = FIRST_WAIT
            self._not_before = now + self._wait
            self._wait = min(self._wait * 2, LONGEST_WAIT)
            log.warning("process ended", name=self.name, code=code)
        if now < self._not_before:
            return False
        self._not_before = 0.0
        self.restarts += 1
        self.start()
        return True

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self, seconds: float) -> None:
        """Ask it to end, and make it end when it has not after `seconds`."""
        self.ask_to_stop()
        if not self.process:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def last_words(self) -> str:
        """The end of its log, for the message that it did not start."""
        try:
            return self.log_file.read_text(errors="replace")[-1500:]
        except OSError:
            return ""

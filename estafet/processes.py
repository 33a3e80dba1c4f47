"""A child process that is watched: started again when it ends, and never left behind."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

log = structlog.get_logger()

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 20_000_000
FIRST_WAIT, LONGEST_WAIT, STEADY = 0.2, 10.0, 3.0  # seconds


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies, even by kill -9 (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def spare_the_collector() -> None:
    """What is loaded now stays until the end: Python need not look through it for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@dataclass
class Child:
    """One process of the house. `ready` tells whether it answers; its output goes to `log_file`."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log_file: Path
    ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
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
            self.process = subprocess.Popen(  # noqa: S603 (our own commands)
                self.command,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self._started = time.monotonic()

    def watch(self) -> bool:
        """True when it had ended and was started again; it waits longer after each quick death."""
        assert self.process
        if self.process.poll() is None:
            return False
        now = time.monotonic()
        if not self._not_before:
            if now - self._started > STEADY:
                self._wait = FIRST_WAIT
            self._not_before = now + self._wait
            self._wait = min(self._wait * 2, LONGEST_WAIT)
            log.warning("process ended", name=self.name, code=self.process.returncode)
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

"""A house of the test's own: `estafet up` in a temporary home, on free ports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from estafet.ports import free_port


@dataclass
class House:
    """`start` and `stop` it; `ready` is what ready.json says."""

    home: Path
    environ: dict[str, str]
    process: subprocess.Popen[str] | None = None
    output: list[str] = field(default_factory=list)

    @property
    def ready(self) -> dict:
        return json.loads((self.home / "ready.json").read_text())

    def launch(self) -> subprocess.Popen[str]:
        """Start it and do not wait."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "estafet", "up"],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self.process

    def start(self, seconds: float = 60) -> None:
        self.launch()
        end = time.monotonic() + seconds
        while not (self.home / "ready.json").exists():
            assert self.process
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < end, "not ready in time"
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """(exit code, what it said)"""
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(number)
        output = self.process.communicate(timeout=40)[0]
        return self.process.returncode, output

    def refuse(self) -> tuple[int, str]:
        """Start it where it cannot run: (exit code, what it said)."""
        done = subprocess.run(
            [sys.executable, "-m", "estafet", "up"], env=self.environ, capture_output=True, text=True, timeout=60
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Not started yet."""
    home = tmp_path / "home"
    made = House(
        home,
        {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ESTAFET_", "TEMPORAL_"))},
            "ESTAFET_HOME": str(home),
            "ESTAFET_HTTP_PORT": str(free_port()),
            "ESTAFET_SMTP_PORT": str(free_port()),
            "ESTAFET_DEMO": "0",
            "LANG": "en_US.UTF-8",
        },
    )
    yield made
    if made.process and made.process.poll() is None:
        made.stop()

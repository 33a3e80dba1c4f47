"""How is the Temporal server started that comes along? Its flags as measured on small machines (docs/running.md)."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

_DYNAMIC = (
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "matching.enableFairness=true",
    'history.timerProcessorMaxTimeShift="50ms"',  # alarms ring 0.1 s late instead of 0.2 s
)


def temporal_binary() -> Path | None:
    """Temporal's command line: the one installed with us, else the one on the PATH."""
    beside = Path(sys.executable).parent / "temporal"
    if beside.is_file():
        return beside
    found = shutil.which("temporal")
    return Path(found) if found else None


def dev_server_command(binary: Path, *, file: Path, port: int, ui_port: int | None = None) -> list[str]:
    """The command that serves Temporal on loopback `port` with its data in `file`; with pages when `ui_port` is given."""
    command = [str(binary), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    command += ["--db-filename", str(file), "--sqlite-pragma", "journal_mode=WAL"]
    command += ["--headless"] if ui_port is None else ["--ui-port", str(ui_port)]
    for value in _DYNAMIC:
        command += ["--dynamic-config-value", value]
    return command

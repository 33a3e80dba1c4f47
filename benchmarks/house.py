"""How soon is `estafet up` ready, and what does it weigh idle? Run: `python -m benchmarks house`. The limits are 5 s warm and 600 MiB."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._house import mib, own_mib
from estafet.ports import free_port


def measure() -> dict[str, float]:
    """Seconds until ready.json for a new home and for a known one; MiB of all processes after five idle seconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        figures = {"first start, s": 0.0, "second start, s": 0.0}
        for name in figures:
            environ = {
                **os.environ,
                "ESTAFET_HOME": str(home),
                "ESTAFET_HTTP_PORT": str(free_port()),
                "ESTAFET_SMTP_PORT": str(free_port()),
            }
            began = time.perf_counter()
            house = subprocess.Popen([sys.executable, "-m", "estafet", "up"], env=environ, stdout=subprocess.DEVNULL)
            while not (home / "ready.json").exists():
                assert house.poll() is None, "it did not start"
                time.sleep(0.02)
            figures[name] = time.perf_counter() - began
            time.sleep(5)
            pids = json.loads((home / "ready.json").read_text())["pids"]
            weights = {one: mib(number) for one, number in pids.items() if one != "up"}
            weights["up"] = own_mib(pids["up"])
            house.send_signal(signal.SIGINT)
            house.wait(30)
        return (
            figures
            | {f"{one}, MiB": weight for one, weight in weights.items()}
            | {"together, MiB": sum(weights.values())}
        )


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))

"""A vendor's own description of its interface, served by Stoplight Prism: it refuses what does not fit, and answers with its examples."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from estafet.ports import answers, free_port
from tests.conftest import wait_until

PRISM = Path(__file__).parents[2] / "vendor" / "node_modules" / ".bin" / "prism"


@contextmanager
def prism(name: str, folder: Path) -> Iterator[str]:
    """The address of a mock of the vendor's description `name`; skips with a reason when something is not installed."""
    specs = os.environ.get("ESTAFET_VENDOR_SPECS")
    if not specs:
        pytest.skip("ESTAFET_VENDOR_SPECS does not name a folder with the vendors' descriptions")
    if not PRISM.exists() or not shutil.which("node"):
        pytest.skip("Prism is not installed (npm ci in vendor/)")
    port = free_port()
    # Without --errors: it refuses requests that do not fit all the same, but also answers with examples that the vendor itself got wrong.
    command = [str(PRISM), "mock", "-h", "127.0.0.1", "-p", str(port), str(Path(specs) / name)]
    log = folder / "prism.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: answers(port) or process.poll() is not None, seconds=120, what="Prism")
        assert process.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)

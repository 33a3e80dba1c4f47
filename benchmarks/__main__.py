"""Runs every benchmark of this folder (or those named), prints one table, and keeps the figures as JSON under bench-results/.

Each module offers `measure()`, which answers with figures by name, or with a list of such rows.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks._targets import target

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    """0, or 1 when a benchmark failed."""
    results: dict[str, Any] = {}
    table = Table(
        "benchmark",
        "figure",
        "value",
        "target",
        title=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    )
    for name in names or sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_")):
        began = time.perf_counter()
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            results[name] = importlib.import_module(f"benchmarks.{name}").measure()
        except Exception as error:
            results[name] = {"error": f"{type(error).__name__}: {error}"}
        for figure, value in _rows(results[name]):
            table.add_row(name, figure, value, target(name, figure))
        table.add_section()
        print(f"{name}: {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    folder = HERE.parent / "bench-results"
    folder.mkdir(exist_ok=True)
    file = folder / f"{time.strftime('%Y-%m-%dT%H%M%S')}.json"
    file.write_text(
        json.dumps(
            {"machine": {"cores": os.cpu_count(), "python": platform.python_version()}, "results": results}, indent=2
        )
    )
    print(f"kept in {file.relative_to(HERE.parent)}")
    return int(any("error" in result for result in results.values() if isinstance(result, dict)))


def _rows(result: Any) -> list[tuple[str, str]]:
    if isinstance(result, dict):
        return [(str(name), _said(value)) for name, value in result.items()]
    return [(", ".join(f"{k}" for k in row), ", ".join(_said(v) for v in row.values())) for row in result]


def _said(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

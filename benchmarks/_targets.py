"""Which figures have a target? Beside each in the table; the reasons are in docs/numbers.md."""

from __future__ import annotations

TARGETS = {
    "api_create": {
        "a second, 8 clients, PostgreSQL": "≥ 400",
        "a second, 8 clients, engine": "",
        "a second, 8 clients": "≥ 250",
        "processor ms": "≤ 3.5",
    },
    "mail_in": {"a second, 8 senders, engine": "", "a second": "≥ 150", "processor ms": "≤ 3"},
    "lifecycles": {"lifecycles/s": "≥ 13", "Temporal actions": "≤ 8"},
    "reaction": {"idle, p50": "≤ 35", "idle, p99": "≤ 100", "half load, p99": "≤ 250"},
    "slow_mail": {"the click, p50": "≤ 10", "the click, p95": "≤ 20", "mails twice": "0"},
    "house": {"second start": "≤ 5", "together": "≤ 600"},
    "pages": {
        "queue": "≤ 10 / 20 ms, ≤ 6 SQL, ≤ 15 kB",
        "ticket page": "≤ 14 / 30 ms, ≤ 12 SQL, ≤ 20 kB",
        "reply": "≤ 10 / 20 ms",
    },
    "replay": {"tickets a second of processor": "≥ 200", "tickets a second": "", "ms of processor": "≤ 5"},
    "similar": {"50000 tickets, p95": "≤ 20"},
    "sop_checking": {"steps": "see limit_ms"},
}


def target(benchmark: str, figure: str) -> str:
    """The target of a figure, found by how its name begins; the first that fits counts."""
    return next((value for name, value in TARGETS.get(benchmark, {}).items() if figure.startswith(name)), "")

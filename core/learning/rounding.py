"""How long may it take next time? What it took, rounded up to what people say: half an hour, four working hours, two working days."""

from __future__ import annotations

from typing import Any

_STEPS = (15 * 60, 30 * 60, 3600, 2 * 3600, 4 * 3600, 8 * 3600)
_DAYS = (1, 2, 3, 5, 10, 15, 20)
DAY = 86_400
_WAITS = (2, 3, 5, 7, 10, 14, 21, 30)


def due_for(seconds: int, working_day: int = 8 * 3600) -> dict[str, Any]:
    """`{business: PT2H}` for opening time that was taken; more than a working day is written in working days."""
    for step in _STEPS:
        if seconds <= step and step <= max(working_day, _STEPS[0]):
            return {"business": f"PT{step // 60}M" if step < 3600 else f"PT{step // 3600}H"}
    days = -(-seconds // max(working_day, 1))
    return {"business": f"P{next((n for n in _DAYS if days <= n), 30)}D"}


def wait_for(seconds: int) -> str:
    """How long to wait for a customer who took so long: at least two days, and some days more than they took."""
    days = -(-seconds * 3 // (2 * DAY))
    return f"P{next((n for n in _WAITS if days <= n), 60)}D"

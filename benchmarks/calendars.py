"""How many working time computations a second? Run: `python benchmarks/calendars.py`."""

from __future__ import annotations

import json
import random
import time

from core.calendar_reading import moment_of, read_calendar

HOURS = {
    "tz": "Europe/Berlin",
    "hours": {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}


def measure(rounds: int = 20_000) -> dict[str, float]:
    """Computations a second: `add` and `between` over ten days, and `between` over ten years."""
    hours, dice = read_calendar(HOURS | {"holidays": ["2026-12-25"]}), random.Random(1)
    base, day = moment_of("2026-11-23T09:00:00+01:00"), 86_400_000
    starts = [base + dice.randrange(100 * day) for _ in range(rounds)]
    rates: dict[str, float] = {}
    for name, once in (
        ("add, ten days", lambda start: hours.add(start, 8 * 8 * 3600)),
        ("between, ten days", lambda start: hours.between(start, start + 10 * day)),
        ("between, ten years", lambda start: hours.between(start, start + 3650 * day)),
    ):
        some = starts if "days" in name else starts[:500]
        began = time.perf_counter()
        for start in some:
            once(start)
        rates[name] = round(len(some) / (time.perf_counter() - began))
    return rates


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))

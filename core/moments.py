"""What time is it? Milliseconds since 1970 in UTC, the one form in which the database keeps a moment."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """The present moment."""
    return time.time_ns() // 1_000_000


def to_datetime(ms: int) -> datetime:
    """The moment as an aware datetime in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """The aware `moment` in milliseconds."""
    return round(moment.timestamp() * 1000)


def rfc3339(ms: int | None) -> str | None:
    """`2026-11-24T09:00:00.000Z`, as the API writes times."""
    return None if ms is None else to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")

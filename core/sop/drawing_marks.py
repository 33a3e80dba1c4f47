"""Where is a ticket in its procedure? The visits of its ledger as marks for the drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.procedure.values import Visit

_NOT_DRAWN = frozenset({"sop", "event"})


def marks_of(visits: Iterable[Visit], now: int) -> dict[str, str]:
    """By the names of steps: `now`, `late` (open past its due moment), `done`, `skip`. Visits come in the order of their opening."""
    found: dict[str, str] = {}
    for visit in visits:
        if visit.kind in _NOT_DRAWN:
            continue
        if visit.visit == 0:
            found.setdefault(visit.name, "skip")
        elif visit.open:
            found[visit.name] = "late" if visit.due_at is not None and visit.due_at < now else "now"
        elif str(visit.state) == "skipped":
            found[visit.name] = "skip"
        elif str(visit.state) != "cancelled" or visit.name not in found:
            found[visit.name] = "done" if str(visit.state) != "cancelled" else "skip"
    return found

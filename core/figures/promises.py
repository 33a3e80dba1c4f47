"""How many promised dates were kept and broken, of each promise and altogether: sums over counted days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.figures.reading import Sheet


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """(kept, broken) by how many days; `metric` None: all promises of the department."""

    metric: str | None
    counts: dict[int, tuple[int, int]]

    def share(self, days: int) -> float | None:
        """How many were kept of those whose moment came, 0 to 1."""
        kept, broken = self.counts[days]
        return kept / (kept + broken) if kept + broken else None


def promises(sheet: Sheet, spans: Iterable[int]) -> tuple[PromiseLine, ...]:
    """The line of all promises, then one for each of them that ended in the longest of the spans."""
    spans = tuple(spans)
    days = sheet.last(max(spans))
    metrics = sorted({metric for one in days for metric in one.data.get("metrics", {})})
    return tuple(
        PromiseLine(metric, {span: _sum(sheet, span, metric) for span in spans}) for metric in (None, *metrics)
    )


def _sum(sheet: Sheet, span: int, metric: str | None) -> tuple[int, int]:
    days = sheet.last(span)
    if metric is None:
        return sum(one.kept for one in days), sum(one.broken for one in days)
    found = [one.data.get("metrics", {}).get(metric, (0, 0)) for one in days]
    return sum(kept for kept, _broken in found), sum(broken for _kept, broken in found)

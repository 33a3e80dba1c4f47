"""Why was a day unusual? What else was not as usual on it: more tickets, fewer people, one customer, one topic. A pure function."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from core.figures.usual import ABOVE, BELOW, CAME, ENOUGH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.figures.usual import Day, Judged

VOLUME, CALM, STAFFING, PACE = "volume", "calm", "staffing", "pace"
ORGANISATION, CUSTOMER, TOPIC, NOTHING = "organisation", "customer", "topic", "nothing"
SHARES = {ORGANISATION: "organisations", CUSTOMER: "customers", TOPIC: "topics"}
QUARTER, LEAST_MORE = (
    0.25,
    3,
)  # a share stands out when a quarter of the day's tickets, and at least three, are more than usual of it
FEWER_PEOPLE, SLOWER = 0.75, 0.7  # of what is usual


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that was not as usual: `now` against `usual`; `ref` is the topic's name, or the id of the customer or organisation."""

    kind: str
    now: float
    usual: float
    ref: str = ""


def causes(judged: Judged) -> tuple[Cause, ...]:
    """Everything that speaks for itself; `nothing` when no single thing does, empty when the day is as usual."""
    if not judged.sides:
        return ()
    found = [*_volume(judged), *_staffing(judged)]
    if judged.sides.get(CAME) != BELOW:
        found += _shares(judged)
    return tuple(found) or (Cause(NOTHING, 0, 0),)


def _volume(judged: Judged) -> Iterator[Cause]:
    """Said where it explains something else: that more came in than usual is no cause of itself."""
    common, side = judged.usual[CAME], judged.sides.get(CAME)
    if common is not None and side is not None and set(judged.sides) != {CAME}:
        yield Cause(VOLUME if side == ABOVE else CALM, judged.day.came, common.median)


def _staffing(judged: Judged) -> Iterator[Cause]:
    if set(judged.sides) <= {CAME} or not judged.day.over:
        return
    day, before = judged.day, [one.present for one in judged.same if one.present]
    if len(before) < ENOUGH:
        return
    common = median(before)
    if day.present <= common - 1 and day.present <= FEWER_PEOPLE * common:
        yield Cause(STAFFING, day.present, common)
    rates = [_pace(one) for one in judged.same if one.present]
    if day.present and _pace(day) <= SLOWER * median(rates):
        yield Cause(PACE, _pace(day), median(rates))


def _pace(day: Day) -> float:
    """What each of those who worked that day solved."""
    return day.solved / day.present


def _shares(judged: Judged) -> Iterator[Cause]:
    """One organisation, one customer, one topic that brought much more than usual; a customer only when the organisation does not say it."""
    found = {kind: _share(judged, kind) for kind in SHARES}
    if found[ORGANISATION] is not None and found[CUSTOMER] is not None:
        del found[CUSTOMER]
    yield from (one for one in found.values() if one is not None)


def _share(judged: Judged, kind: str) -> Cause | None:
    counts: dict[str, int] = judged.day.data.get(SHARES[kind], {})
    best: Cause | None = None
    for ref, n in counts.items():
        before = [one.data.get(SHARES[kind], {}).get(ref, 0) for one in judged.same]
        common = float(median(before)) if before else 0.0
        more = n - common
        if more >= max(LEAST_MORE, QUARTER * judged.day.came) and (best is None or more > best.now - best.usual):
            best = Cause(kind, n, common, ref)
    return best

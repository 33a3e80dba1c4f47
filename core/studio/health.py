"""How are procedures used? How often they ran, how long they took, and at which step they are left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import select

from core.schema import Run, SopVersion, StepVisit

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOOKED_AT = 5_000  # the newest runs: a list must stay fast at a million tickets
_FINISHED = frozenset({"completed", "ended"})  # by the end of its steps, or by an `end` with an outcome of its own
_LEFT = frozenset({"closed", "switched", "attention"})
_r, _v, _step = Run.__table__.c, SopVersion.__table__.c, StepVisit.__table__.c
_NEWEST = (
    select(_r.id, _v.sop_id, _r.state, _r.opened_at, _r.ended_at)
    .join(SopVersion.__table__, _v.id == _r.version_id)
    .order_by(_r.id.desc())
    .limit(LOOKED_AT)
)


@dataclass(slots=True)
class Health:
    """Among the newest runs: how many of this SOP, the median time of those that completed, and where others were left."""

    runs: int = 0
    completed: int = 0
    median_ms: int | None = None
    left_at: tuple[tuple[str, int], ...] = ()
    times: list[int] = field(default_factory=list)


def health(tx: Connection) -> dict[int, Health]:
    """The health of every SOP that ran lately, by its id."""
    found: dict[int, Health] = {}
    left: dict[int, int] = {}
    for run_id, sop_id, state, opened_at, ended_at in tx.execute(_NEWEST):
        one = found.setdefault(sop_id, Health())
        one.runs += 1
        if state in _FINISHED and ended_at is not None:
            one.completed += 1
            one.times.append(ended_at - opened_at)
        elif state in _LEFT and len(left) < 500:
            left[run_id] = sop_id
    for one in found.values():
        one.median_ms = round(median(one.times)) if one.times else None
    for sop_id, steps in _where_left(tx, left).items():
        found[sop_id].left_at = tuple(steps.most_common(2))
    return found


def _where_left(tx: Connection, left: dict[int, int]) -> dict[int, Counter[str]]:
    """The last step that was withdrawn when such a run ended."""
    last: dict[int, tuple[int, str]] = {}
    rows = select(_step.run_id, _step.place, _step.name).where(
        _step.run_id.in_(left),
        _step.state.in_(["cancelled", "open"]),
        _step.kind.not_in(["sop", "switch", "fork", "do"]),
    )
    for run_id, place, name in tx.execute(rows) if left else ():
        last[run_id] = max(last.get(run_id, (-1, "")), (place, name))
    found: dict[int, Counter[str]] = {}
    for run_id, (_place, name) in last.items():
        found.setdefault(left[run_id], Counter())[name] += 1
    return found

"""When will the customer hear from us? From the real history where there is enough of it, else the department's promise."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core.database import database_of
from core.schema import Ticket
from core.texts import ngettext

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Directory

_ENOUGH = 20  # answered tickets before history is believed
_LOOK_BACK = 200
_KEEP_S = 60.0
_SHARE = 0.75  # "usually": three of four were answered within this time

_t = Ticket.__table__.c
_RECENT = (
    select(_t.first_response_ms)
    .where(_t.department_id == bindparam("department"), _t.first_response_ms.is_not(None))
    .order_by(_t.created_at.desc())
    .limit(_LOOK_BACK)
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`seconds` of opening time; `measured` says whether history or the promise speaks."""

    seconds: int
    measured: bool

    def say(self) -> str:
        """One sentence in the current language."""
        minutes = max(1, round(self.seconds / 60))
        if minutes <= 45:
            return ngettext(
                "We usually answer within %(n)s working minute.",
                "We usually answer within %(n)s working minutes.",
                _rounded(minutes, 5),
            )
        hours = max(1, round(minutes / 60))
        if hours < 16:
            return ngettext(
                "We usually answer within %(n)s working hour.", "We usually answer within %(n)s working hours.", hours
            )
        return ngettext(
            "We usually answer within %(n)s working day.",
            "We usually answer within %(n)s working days.",
            -(-hours // 9),
        )


def _rounded(value: int, step: int) -> int:
    return max(step, -(-value // step) * step)


_known: dict[tuple[str, int], tuple[float, Estimate]] = {}


def first_answer(tx: Connection, firm: Directory, department_id: int) -> Estimate:
    """How long customers of this department wait for a first answer by a person."""
    where = (database_of(tx), department_id)
    kept = _known.get(where)
    if kept and time.monotonic() - kept[0] < _KEEP_S:
        return kept[1]
    waits = sorted(tx.execute(_RECENT, {"department": department_id}).scalars())
    if len(waits) >= _ENOUGH:
        found = Estimate(max(60, waits[int(len(waits) * _SHARE)] // 1000), measured=True)
    else:
        found = Estimate(firm.departments[department_id].promise_minutes * 60, measured=False)
    _known[where] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Measure anew at the next question."""
    _known.clear()

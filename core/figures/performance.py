"""How did a department do, day by day, against what is usual for it? Each day judged, and the unusual ones explained by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.figures.explaining import CUSTOMER, ORGANISATION, Cause, causes
from core.figures.reading import SHOWN
from core.figures.usual import Judged, judge
from core.schema import Customer, Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from core.figures.reading import Sheet

_u, _o = Customer.__table__.c, Organisation.__table__.c
_NAMES = {
    CUSTOMER: select(_u.id, _u.name).where(_u.id.in_(bindparam("ids", expanding=True))),
    ORGANISATION: select(_o.id, _o.name).where(_o.id.in_(bindparam("ids", expanding=True))),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a day was unusual, with the name of the customer or organisation, or the topic."""

    cause: Cause
    name: str


@dataclass(frozen=True, slots=True)
class DayJudged:
    """A day, what is usual for it, and (when it is unusual) why."""

    judged: Judged
    causes: tuple[Explained, ...]


@dataclass(frozen=True, slots=True)
class Performance:
    """The last days of a department, the newest first."""

    sheet: Sheet
    days: tuple[DayJudged, ...]

    @property
    def unusual(self) -> tuple[DayJudged, ...]:
        return tuple(one for one in self.days if one.judged.sides)


def performance(tx: Connection, sheet: Sheet, days: int = SHOWN) -> Performance:
    """Nothing is read but the names of those whom the explanations speak of."""
    judged = [judge(one, sheet.days) for one in sheet.last(days)]
    found = [(one, causes(one)) for one in judged]
    names = _names(tx, [cause for _one, why in found for cause in why])
    return Performance(
        sheet,
        tuple(
            DayJudged(one, tuple(Explained(cause, names.get((cause.kind, cause.ref), cause.ref)) for cause in why))
            for one, why in found
        ),
    )


def _names(tx: Connection, found: Iterable[Cause]) -> dict[tuple[str, str], str]:
    names: dict[tuple[str, str], str] = {}
    wanted = [cause for cause in found if cause.kind in _NAMES]
    for kind, query in _NAMES.items():
        ids = sorted({int(cause.ref) for cause in wanted if cause.kind == kind})
        rows: Iterable[Any] = tx.execute(query, {"ids": ids}) if ids else ()
        names |= {(kind, str(row.id)): row.name for row in rows}
    return names

"""The clocks of a held ticket as rows: read once, written where they have changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from core.clocks.folding import Clock, Folding, Pause
from core.prepared import Prepared
from core.schema import Clock as ClockTable

if TYPE_CHECKING:
    from sqlalchemy import Connection

_c = ClockTable.__table__.c
COLUMNS = (
    "metric",
    "visit",
    "policy",
    "started_at",
    "started_by",
    "state",
    "pauses",
    "ended_at",
    "ended_by",
    "used",
    "since",
    "fired",
    "tiers",
    "due_at",
    "limit_at",
    "next_at",
    "broken_at",
)
READ = select(_c.ticket_id, *(_c[name] for name in COLUMNS), _c.id)
_OF_TICKET = Prepared(READ.where(_c.ticket_id == bindparam("ticket")).order_by(_c.id))
_INSERT = Prepared(insert(ClockTable.__table__), ["ticket_id", *COLUMNS])
_UPDATE = Prepared(
    update(ClockTable.__table__)
    .where(_c.id == bindparam("b_id"))
    .values({name: bindparam(f"v_{name}", type_=_c[name].type) for name in COLUMNS[2:]})
)


@dataclass(slots=True)
class Kept:
    """The clocks of one held ticket: as the database has them, and as they are to be."""

    ticket_id: int
    stored: list[Clock]
    folding: Folding

    @property
    def open(self) -> list[Clock]:
        return [clock for clock in self.folding.clocks if clock.open]

    def store(self, tx: Connection) -> None:
        """Write what has changed: one statement for the new clocks, one for each that moved."""
        known = {(c.metric, c.visit): c for c in self.stored}
        new = [c for c in self.folding.clocks if (c.metric, c.visit) not in known]
        if new:
            _INSERT.run_many(tx, [{"ticket_id": self.ticket_id, **columns(c)} for c in new])
        for clock in self.folding.clocks:
            before = known.get((clock.metric, clock.visit))
            if before is not None and before != clock:
                values = {f"v_{name}": value for name, value in columns(clock).items()}
                if clock.id:
                    _UPDATE.run(tx, {"b_id": clock.id, **values})
                else:
                    _rewrite(tx, self.ticket_id, clock)
        self.stored = list(self.folding.clocks)


def _rewrite(tx: Connection, ticket_id: int, clock: Clock) -> None:
    """A clock that this transaction has inserted and not read back."""
    tx.execute(
        update(ClockTable.__table__)
        .where(_c.ticket_id == ticket_id, _c.metric == clock.metric, _c.visit == clock.visit)
        .values(columns(clock))
    )


def columns(clock: Clock) -> dict[str, Any]:
    """The clock as its row's columns."""
    found = {name: getattr(clock, name) for name in COLUMNS}
    found["pauses"] = [[p.since, p.by, p.until, p.until_by] for p in clock.pauses]
    return found


def clock_of(row: Any) -> Clock:
    """A row (`READ`) as a clock."""
    values = {name: getattr(row, name) for name in COLUMNS}
    values["pauses"] = tuple(Pause(*pause) for pause in row.pauses)
    return Clock(**values, id=row.id)


def clocks_of(tx: Connection, ticket_id: int) -> list[Clock]:
    """All clocks of a ticket, the oldest first."""
    return [clock_of(row) for row in _OF_TICKET.all(tx, {"ticket": ticket_id})]

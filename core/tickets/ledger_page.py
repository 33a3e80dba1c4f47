"""The step ledger of a ticket as programs read it: every visit of every run, in the order of opening."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.errors import NotFound
from core.schema import Run, StepVisit
from core.texts import _
from core.tickets.relay import StepRow

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

_s, _r = StepVisit.__table__.c, Run.__table__.c
_FRAMES = ("sop", "event")  # rows of the walk itself: they are no step of the document
_ROWS: Select[Any] = (
    select(*(_s[name] for name in StepRow.__slots__), _r.version_id)
    .join(Run.__table__, _r.id == _s.run_id)
    .where(_s.ticket_id == bindparam("ticket"), _s.kind.not_in(_FRAMES))
)
_PAGE = _ROWS.where(_s.id > bindparam("after")).order_by(_s.id).limit(bindparam("n"))
_ONE = _ROWS.where(_s.id == bindparam("step"))


def steps_page(tx: Connection, ticket_id: int, *, after: int = 0, limit: int = 50) -> list[tuple[StepRow, int]]:
    """Visits behind the one with the id `after`, each with the version whose document it belongs to."""
    rows = tx.execute(_PAGE, {"ticket": ticket_id, "after": after, "n": limit})
    return [(StepRow(*tuple(row)[:-1]), row.version_id) for row in rows]


def one_step(tx: Connection, ticket_id: int, step_id: int) -> tuple[StepRow, int]:
    """One visit of the ticket, with its version. NotFound when it is not this ticket's."""
    row = tx.execute(_ONE, {"ticket": ticket_id, "step": step_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such step on this ticket."))
    return StepRow(*tuple(row)[:-1]), row.version_id

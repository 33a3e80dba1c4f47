"""Which surveys have asked the customer of a ticket, and what did they answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from core.errors import NotFound
from core.prepared import Prepared
from core.schema import Customer, MessageBody, Survey
from core.texts import _
from core.tickets.rows import CLOSED

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.links import SurveyTarget
    from core.tickets.rows import TicketRow

CHANGEABLE_MS = 14 * 86_400_000
_s, _c, _b = Survey.__table__.c, Customer.__table__.c, MessageBody.__table__.c
_KEEP = Prepared(insert(Survey.__table__), ["step_id", "ticket_id", "customer_id", "step", "type", "asked_at"])


@dataclass(frozen=True, slots=True)
class Asked:
    """One survey: what was asked when, and what the customer has answered. `comment` is their newest words."""

    step_id: int
    ticket_id: int
    customer_id: int
    step: str
    type: str
    asked_at: int
    rated_at: int | None
    score: int | None
    message_id: int | None
    comment: str = ""

    def changeable(self, status: str, now: int) -> bool:
        """May it be answered or changed? Until the request is closed, and at least for two weeks."""
        return status != CLOSED or now < self.asked_at + CHANGEABLE_MS


_ASKED: Select[Any] = select(
    *(_s[name] for name in Asked.__slots__ if name != "comment"), _b.visible.label("comment")
).outerjoin(MessageBody.__table__, _b.message_id == _s.message_id)
_ONE = _ASKED.where(_s.step_id == bindparam("step"))
_OF_TICKET = _ASKED.where(_s.ticket_id == bindparam("ticket")).order_by(_s.asked_at, _s.step_id)
_EPOCH = select(_c.link_epoch).where(_c.id == bindparam("customer"))


def ask(tx: Connection, row: TicketRow, step_id: int, step: str, kind: str, now: int) -> None:
    """Note that a survey asks the customer; the link in its mail answers this very one."""
    values = {"step_id": step_id, "ticket_id": row.id, "customer_id": row.customer_id}
    _KEEP.run(tx, {**values, "step": step, "type": kind, "asked_at": now})


def _asked(row: Any) -> Asked:
    return Asked(**{**row._asdict(), "comment": row.comment or ""})


def find_survey(tx: Connection, step_id: int) -> Asked:
    """One survey. NotFound when nothing like it was asked."""
    row = tx.execute(_ONE, {"step": step_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such survey."))
    return _asked(row)


def surveys_of(tx: Connection, ticket_id: int) -> list[Asked]:
    """Every survey that was asked about a ticket, the oldest first."""
    return [_asked(row) for row in tx.execute(_OF_TICKET, {"ticket": ticket_id})]


def survey_behind(tx: Connection, target: SurveyTarget | None) -> Asked:
    """The survey that a link opens. NotFound when the link was forged or revoked, or is somebody else's."""
    if target is not None:
        found = find_survey(tx, target.step_id)
        epoch = tx.execute(_EPOCH, {"customer": found.customer_id}).scalar_one()
        if (found.customer_id, epoch) == (target.customer_id, target.epoch):
            return found
    raise NotFound(_("This link does not work any more."))

"""May this person know of this ticket? Asked before every read and every command on one ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, exists, literal, or_, select

from core.directory import directory
from core.errors import NotFound
from core.permissions import require, sees_all_departments
from core.schema import Handover, StepDuty, Ticket
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

_t, _d, _h = Ticket.__table__.c, StepDuty.__table__.c, Handover.__table__.c
_WHERE = select(_t.department_id, _t.holder_id).where(_t.id == bindparam("ticket"))
_ASKED = select(
    or_(
        exists(
            select(literal(1)).where(
                _d.ticket_id == bindparam("ticket"),
                or_(
                    and_(_d.party_kind == "person", _d.party_id == bindparam("me")),
                    and_(_d.party_kind == "team", _d.party_id.in_(bindparam("teams", expanding=True))),
                    and_(_d.party_kind == "department", _d.party_id == bindparam("department")),
                ),
            )
        ),
        exists(
            select(literal(1)).where(
                _h.ticket_id == bindparam("ticket"), _h.to_id == bindparam("me"), _h.state == literal("offered")
            )
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ticket stands."""

    department_id: int
    holder_id: int | None


def know(tx: Connection, actor: Actor, ticket_id: int) -> Place:
    """Where the ticket stands, if it is of the person's department, held by them, or asks something of them. Else NotFound."""
    require(actor, "read_tickets")
    row = tx.execute(_WHERE, {"ticket": ticket_id}).one_or_none()
    if row is not None and (
        sees_all_departments(actor)
        or row.department_id == actor.department_id
        or row.holder_id == actor.id
        or _asked(tx, actor, ticket_id)
    ):
        return Place(*row)
    raise NotFound(_("Ticket %(id)s was not found, or it belongs to a department that you are not in.", id=ticket_id))


def _asked(tx: Connection, actor: Actor, ticket_id: int) -> bool:
    teams = [team.id for team in directory(tx).teams.values() if actor.id in team.members]
    values = {"ticket": ticket_id, "me": actor.id or 0, "teams": teams, "department": actor.department_id or 0}
    return bool(tx.execute(_ASKED, values).scalar_one())

"""What waits for one person? Batons offered to them, and the open steps that are theirs, their team's or their department's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from core.schema import Customer, Handover, Person, Run, StepDuty, StepVisit, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

_t, _c, _p, _s, _r = (
    Ticket.__table__.c,
    Customer.__table__.c,
    Person.__table__.c,
    StepVisit.__table__.c,
    Run.__table__.c,
)
_h, _d = Handover.__table__.c, StepDuty.__table__.c


_MY_DEPARTMENT = select(_p.department_id).where(_p.id == bindparam("me")).scalar_subquery()


def mine_duty() -> ColumnElement[bool]:
    """Rows of `step_duty` for the person `me`, one of their `teams`, or their department."""
    return or_(
        and_(_d.party_kind == "department", _d.party_id == _MY_DEPARTMENT),
        and_(_d.party_kind == "person", _d.party_id == bindparam("me")),
        and_(_d.party_kind == "team", _d.party_id.in_(bindparam("teams", expanding=True))),
    )


# ---- batons offered ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """A baton that waits to be accepted."""

    id: int
    ticket_id: int
    subject: str
    language: str
    giver: str | None
    note: str
    offered_at: int


_OFFERS: Select[Any] = (
    select(_h.id, _h.ticket_id, _t.subject, _t.language, _p.name, _h.note, _h.offered_at)
    .join(Ticket.__table__, _t.id == _h.ticket_id)
    .outerjoin(Person.__table__, _p.id == _h.from_id)
    .where(_h.to_id == bindparam("me"), _h.state == "offered")
    .order_by(_h.offered_at)
    .limit(20)
)


def offers(tx: Connection, person_id: int) -> list[Offer]:
    """The batons offered to this person, oldest first."""
    return [Offer(*row) for row in tx.execute(_OFFERS, {"me": person_id})]


# ---- my work -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duty:
    """An open step that waits for this person, a team of theirs (`party_kind` says which), or their department."""

    step_id: int
    ticket_id: int
    subject: str
    language: str
    customer: str
    vip: bool
    name: str
    path: str
    kind: str
    due_at: int | None
    opened_at: int
    version_id: int
    party_kind: str
    status: str
    fields: dict[str, Any]


_DUTIES: Select[Any] = (
    select(
        _s.id,
        _t.id,
        _t.subject,
        _t.language,
        _c.name,
        _t.vip,
        _s.name,
        _s.path,
        _s.kind,
        _s.due_at,
        _s.opened_at,
        _r.version_id,
        func.max(_d.party_kind),
        _t.status,
        _r.fields,
        _s.marks,
    )
    .select_from(StepDuty.__table__)
    .join(StepVisit.__table__, _s.id == _d.step_id)
    .join(Ticket.__table__, _t.id == _s.ticket_id)
    .join(Customer.__table__, _c.id == _t.customer_id)
    .join(Run.__table__, _r.id == _s.run_id)
    .where(mine_duty(), _s.state == "open")
    .group_by(_s.id, _t.id, _c.id, _r.id)
    .order_by(_s.due_at.is_(None), _s.due_at, _s.id)
    .limit(200)
)


def duties(tx: Connection, person_id: int, teams: tuple[int, ...]) -> list[Duty]:
    """The person's open steps over all tickets, the most urgent first; not those on which they have said their word, or may not."""
    rows = tx.execute(_DUTIES, {"me": person_id, "teams": list(teams)})
    return [Duty(*row[:-1]) for row in rows if not _has_spoken(row.marks, str(person_id))]


def _has_spoken(marks: dict[str, Any], person: str) -> bool:
    return any(person in (marks.get(name) or ()) for name in ("votes", "answers", "excluded"))

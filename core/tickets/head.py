"""The head of a ticket: its own row with the names of what it refers to, and whether this person may know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, func, literal, or_, select

from core.errors import NotFound
from core.permissions import sees_all_departments
from core.schema import (
    Article,
    Customer,
    Department,
    Handover,
    Organisation,
    Person,
    Run,
    Sop,
    SopVersion,
    StepDuty,
    Team,
    Ticket,
)
from core.schema.tickets import ChildTicket
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.actors import Actor

_t, _c, _o, _p = Ticket.__table__.c, Customer.__table__.c, Organisation.__table__.c, Person.__table__.c
_r, _v, _sop = Run.__table__.c, SopVersion.__table__.c, Sop.__table__.c
_h, _d, _art = Handover.__table__.c, StepDuty.__table__.c, Article.__table__.c
_child = ChildTicket.__table__.c
_me = Person.__table__.alias("me").c
_dep, _team = Department.__table__.c, Team.__table__.c


@dataclass(frozen=True, slots=True)
class Head:
    """The ticket with the names of what it refers to."""

    id: int
    subject: str
    language: str
    status: str
    priority: int
    vip: bool
    channel: str
    topic: str | None
    product: str | None
    tags: list[str]
    created_at: int
    last_at: int
    first_response_at: int | None
    resolved_at: int | None
    closed_at: int | None
    resolution: str | None
    promised_at: int | None
    due_at: int | None
    due_kind: str | None
    attention: str | None
    upset: str | None
    merged_into: int | None
    last_message_id: int | None
    version: int
    department_id: int
    department: str
    team_id: int
    team: str
    holder_id: int | None
    holder: str | None
    customer_id: int
    customer: str
    customer_email: str | None
    customer_phone: str | None
    customer_language: str
    customer_class: str
    organisation: str | None
    run_id: int | None
    run_state: str | None
    run_outcome: str | None
    run_fields: dict[str, Any] | None
    version_id: int | None
    sop_id: int | None
    sop: str | None
    sop_number: int | None
    article_id: int | None
    parent_id: int | None
    mine: bool


_NAMED = (
    select(
        *(
            _t[name]
            for name in [
                "id",
                "subject",
                "language",
                "status",
                "priority",
                "vip",
                "channel",
                "topic",
                "product",
                "tags",
                "created_at",
                "last_at",
                "first_response_at",
                "resolved_at",
                "closed_at",
                "resolution",
                "promised_at",
                "due_at",
                "due_kind",
                "attention",
                "upset",
                "merged_into",
                "last_message_id",
                "version",
                "department_id",
            ]
        ),
        _dep.title,
        _t.team_id,
        _team.title,
        _t.holder_id,
        _p.name,
        _c.id,
        _c.name,
        _c.email,
        _c.phone,
        _c.language,
        _c.klass,
        _o.name,
        _r.id,
        _r.state,
        _r.outcome,
        _r.fields,
        _r.version_id,
        _sop.id,
        _sop.name,
        _v.number,
        select(func.max(_art.id)).where(_art.ticket_id == _t.id).scalar_subquery(),
        select(func.max(_child.parent_id)).where(_child.child_id == _t.id).scalar_subquery(),
        or_(
            exists(
                select(literal(1)).where(
                    _d.ticket_id == _t.id,
                    or_(
                        and_(_d.party_kind == "person", _d.party_id == bindparam("me")),
                        and_(_d.party_kind == "team", _d.party_id.in_(bindparam("teams", expanding=True))),
                        and_(
                            _d.party_kind == "department",
                            _d.party_id == select(_me.department_id).where(_me.id == bindparam("me")).scalar_subquery(),
                        ),
                    ),
                )
            ),
            exists(
                select(literal(1)).where(
                    _h.ticket_id == _t.id, _h.to_id == bindparam("me"), _h.state == literal("offered")
                )
            ),
        ),
    )
    .select_from(Ticket.__table__)
    .join(Customer.__table__, _c.id == _t.customer_id)
    .join(Department.__table__, _dep.id == _t.department_id)
    .join(Team.__table__, _team.id == _t.team_id)
    .outerjoin(Organisation.__table__, _o.id == _c.organisation_id)
    .outerjoin(Person.__table__, _p.id == _t.holder_id)
    .outerjoin(Run.__table__, _r.id == _t.run_id)
    .outerjoin(SopVersion.__table__, _v.id == _r.version_id)
    .outerjoin(Sop.__table__, _sop.id == _v.sop_id)
)
_HEAD: Select[Any] = _NAMED.where(_t.id == bindparam("ticket"))


def ticket_head(tx: Connection, actor: Actor, ticket_id: int, teams: tuple[int, ...] = ()) -> Head:
    """The ticket, if this person may know of it: their department's, held by them, or with work for them. Else NotFound."""
    row = tx.execute(_HEAD, {"ticket": ticket_id, "me": actor.id or 0, "teams": list(teams)}).one_or_none()
    head = Head(*row) if row is not None else None
    if head is None or not (
        sees_all_departments(actor)
        or head.department_id == actor.department_id
        or head.holder_id == actor.id
        or head.mine
    ):
        raise NotFound(
            _(
                "Ticket %(id)s was not found, or it belongs to a department you are not in. If someone sent you the link, ask them to invite you.",
                id=ticket_id,
            )
        )
    return head

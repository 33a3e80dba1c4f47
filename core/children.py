"""A ticket that a step of another one has opened tells it when it ends. Told by an effect: tickets are locked in the order of their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, literal, or_, select, update

from core import effects
from core.schema import Ticket
from core.schema.tickets import ChildTicket

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.tickets.rows import TicketRow

TELL_PARENT = "tell_parent"
DEEPEST = 5
_c, _t = ChildTicket.__table__.c, Ticket.__table__.c
_PARENT = select(_c.parent_id, _c.run_id, _c.path, _c.awaited).where(_c.child_id == bindparam("child"))
_TAKEN = select(
    or_(
        exists(select(literal(1)).where(_c.child_id == bindparam("target"))),
        exists(select(literal(1)).where(_c.child_id == bindparam("child"), _c.parent_id == bindparam("target"))),
    )
)
_CHILDREN = (
    select(_c.child_id, _t.subject, _t.language, _t.status, _c.path, _c.awaited)
    .join(Ticket, _t.id == _c.child_id)
    .where(_c.parent_id == bindparam("parent"))
    .order_by(_c.child_id)
    .limit(100)
)


@dataclass(frozen=True, slots=True)
class Parent:
    """Whose child a ticket is, and of which visit of which run."""

    ticket_id: int
    run_id: int
    path: str
    awaited: bool


@dataclass(frozen=True, slots=True)
class Child:
    """A child ticket as its parent's page shows it."""

    ticket_id: int
    subject: str
    language: str
    status: str
    path: str
    awaited: bool


def parent_of(tx: Connection, ticket_id: int) -> Parent | None:
    """The ticket whose step opened this one."""
    row = tx.execute(_PARENT, {"child": ticket_id}).one_or_none()
    return Parent(*row) if row is not None else None


def children_of(tx: Connection, ticket_id: int) -> list[Child]:
    """The tickets that steps of this one have opened."""
    return [Child(*row) for row in tx.execute(_CHILDREN, {"parent": ticket_id})]


def depth_of(tx: Connection, ticket_id: int) -> int:
    """How many tickets stand above this one."""
    depth, parent = 0, parent_of(tx, ticket_id)
    while parent is not None and depth <= DEEPEST:
        depth, parent = depth + 1, parent_of(tx, parent.ticket_id)
    return depth


def plan_telling(tx: Connection, row: TicketRow, now: int) -> bool:
    """A ticket has just been resolved or closed: its parent is to be told. One that was merged goes on as the other ticket."""
    parent = parent_of(tx, row.id)
    if parent is None or not parent.awaited:
        return False
    if row.merged_into is not None and not tx.execute(_TAKEN, {"child": row.id, "target": row.merged_into}).scalar():
        tx.execute(update(ChildTicket.__table__).where(_c.child_id == row.id).values(child_id=row.merged_into))
        return False
    payload = {"parent": parent.ticket_id, "run": parent.run_id, "path": parent.path}
    effects.plan(tx, row.id, f"{row.id}/parent/{row.reopened}", TELL_PARENT, "parent", payload, at=now)
    return True

"""Tables of service levels: policies and calendars with their versions, the clocks of tickets, who watches a ticket, recomputations."""

from __future__ import annotations

import json

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Items, Moment, Ref

EVERYTHING = ["replied", "resolved", "reopened"]  # what a watcher may hear of


class Policy(Base):
    """What is promised where its conditions hold; the first one by `place` holds, a department's own before common ones (NULL)."""

    __tablename__ = "policy"
    id: Mapped[Id]
    department_id: Mapped[Ref | None] = mapped_column(ForeignKey("department.id"), index=True)
    name: Mapped[Code]
    place: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    data: Mapped[Data]  # the form of docs/clocks.md


class PolicyVersion(Base):
    """One version of a policy; never changed, because clocks name it."""

    __tablename__ = "policy_version"
    policy_id: Mapped[Ref] = mapped_column(ForeignKey("policy.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[Data]
    author_id: Mapped[Ref | None]
    at: Mapped[Moment]


class CalendarVersion(Base):
    """One version of a calendar; never changed, because clocks name it."""

    __tablename__ = "calendar_version"
    calendar_id: Mapped[Ref] = mapped_column(ForeignKey("calendar.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[Data]
    author_id: Mapped[Ref | None]
    at: Mapped[Moment]


class Clock(Base):
    """One metric running on one ticket. `policy` names policy and calendar with their versions; the columns are `core.clocks.folding.Clock`."""

    __tablename__ = "clock"
    __table_args__ = (UniqueConstraint("ticket_id", "metric", "visit"),)
    id: Mapped[Id]
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"))
    metric: Mapped[Code]
    visit: Mapped[int]
    policy: Mapped[Code]
    started_at: Mapped[Moment]
    started_by: Mapped[int]
    state: Mapped[Code]  # running | paused | met | breached | cancelled
    pauses: Mapped[Items] = mapped_column(default=list)  # [[since, by, until, until_by]]
    ended_at: Mapped[Moment | None]
    ended_by: Mapped[int | None]
    used: Mapped[Moment]
    since: Mapped[Moment]
    fired: Mapped[int] = mapped_column(default=0)
    tiers: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Moment | None]
    limit_at: Mapped[Moment | None]
    next_at: Mapped[Moment | None]
    broken_at: Mapped[Moment | None]  # when its goal had passed


Index(
    "ix_clock_kept",  # what the figures of a day count
    Clock.ended_at,
    Clock.ticket_id,
    sqlite_where=text("state = 'met'"),
    postgresql_where=text("state = 'met'"),
)
Index(
    "ix_clock_broken",
    Clock.broken_at,
    Clock.ticket_id,
    sqlite_where=text("state = 'breached'"),
    postgresql_where=text("state = 'breached'"),
)
Index(
    "ix_clock_due",
    Clock.due_at,
    Clock.ticket_id,
    sqlite_where=text("ended_at IS NULL AND due_at IS NOT NULL"),
    postgresql_where=text("ended_at IS NULL AND due_at IS NOT NULL"),
)


class Watcher(Base):
    """A colleague who is told what becomes of a ticket that somebody else holds: of what (`hears`), and how."""

    __tablename__ = "watcher"
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    by: Mapped[Code]  # hand | escalation
    at: Mapped[Moment]
    hears: Mapped[Items] = mapped_column(default=EVERYTHING, server_default=text(f"'{json.dumps(EVERYTHING)}'"))
    how: Mapped[Code] = mapped_column(default="page", server_default="page")  # page | mail | digest


class Reckoning(Base):
    """Open clocks are reckoned anew, because a calendar, a policy or a department's promise changed: how far it has come."""

    __tablename__ = "reckoning"
    id: Mapped[Id]
    cause: Mapped[Code]  # calendar | policy | department
    ref_id: Mapped[Ref]
    department_id: Mapped[Ref | None]
    actor_id: Mapped[Ref | None]
    at: Mapped[Moment]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[Ref] = mapped_column(default=0)  # the last ticket that was looked at
    ended_at: Mapped[Moment | None]
    note: Mapped[str | None] = mapped_column(String(500))


Index(
    "ix_reckoning_open",
    Reckoning.id,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

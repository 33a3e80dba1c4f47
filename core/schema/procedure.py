"""Tables of procedures: SOPs and their versions, runs, the step ledger, the effect ledger."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Items, Moment, Ref


class Sop(Base):
    """Identity of a procedure inside its department."""

    __tablename__ = "sop"
    __table_args__ = (UniqueConstraint("department_id", "name"),)
    id: Mapped[Id]
    department_id: Mapped[Ref | None] = mapped_column(ForeignKey("department.id"))
    name: Mapped[Code]
    published_version_id: Mapped[Ref | None]


class SopVersion(Base):
    """`state`: draft, in_review, published, deprecated, retired. A published text never changes; `number` is NULL while a draft."""

    __tablename__ = "sop_version"
    id: Mapped[Id]
    sop_id: Mapped[Ref] = mapped_column(ForeignKey("sop.id"), index=True)
    number: Mapped[int | None]
    state: Mapped[Code]
    text: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[Ref | None]
    created_at: Mapped[Moment]
    published_at: Mapped[Moment | None]
    note: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")  # of a draft: rises with every save
    cases: Mapped[str] = mapped_column(Text, default="", server_default="")  # its test cases, kept with it
    base_id: Mapped[Ref | None]  # the version a draft was begun from
    changed_at: Mapped[Moment | None]
    changed_by_id: Mapped[Ref | None]  # who saved the draft last
    asked_by_id: Mapped[Ref | None]  # who asked for its review
    published_by_id: Mapped[Ref | None]
    coverage: Mapped[int | None]  # percent its cases walked when it was published


Index("uq_sop_version_number", SopVersion.sop_id, SopVersion.number, unique=True)
Index(
    "uq_sop_version_draft",  # one draft (or review) for each SOP
    SopVersion.sop_id,
    unique=True,
    sqlite_where=text("state IN ('draft', 'in_review')"),
    postgresql_where=text("state IN ('draft', 'in_review')"),
)


class Run(Base):
    """One ticket following one version. `state`: running, completed, ended, merged, switched, closed, attention."""

    __tablename__ = "run"
    id: Mapped[Id]
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), index=True)
    version_id: Mapped[Ref] = mapped_column(ForeignKey("sop_version.id"))
    state: Mapped[Code]
    outcome: Mapped[Code | None]
    opened_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    fields: Mapped[Data] = mapped_column(default=dict)
    vars: Mapped[Data] = mapped_column(default=dict)


Index("ix_run_version", Run.version_id, Run.id)  # the newest runs of a version
Index(
    "ix_run_running",
    Run.version_id,
    sqlite_where=text("state = 'running'"),
    postgresql_where=text("state = 'running'"),
)


class StepVisit(Base):
    """One row of the step ledger (see `core.procedure.values.Visit`)."""

    __tablename__ = "step"
    __table_args__ = (UniqueConstraint("run_id", "path"),)
    id: Mapped[Id]
    run_id: Mapped[Ref] = mapped_column(ForeignKey("run.id"))
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"))
    path: Mapped[str] = mapped_column(String(500))
    name: Mapped[Code]
    visit: Mapped[int]
    kind: Mapped[Code]
    state: Mapped[Code]
    outcome: Mapped[Code | None]
    result: Mapped[Data | None]
    why: Mapped[Data | None]
    assignees: Mapped[Items] = mapped_column(default=list)  # [{kind, id}]
    opened_at: Mapped[Moment]
    due_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    ended_by: Mapped[Code | None]
    awaits: Mapped[Items] = mapped_column(default=list)
    effect: Mapped[bool] = mapped_column(default=False)
    marks: Mapped[Data] = mapped_column(default=dict)
    place: Mapped[int] = mapped_column(default=0)  # order of opening within the run
    draft: Mapped[Data | None]  # what somebody has typed into its form and not sent yet


Index("ix_step_ticket", StepVisit.ticket_id, StepVisit.id)
Index(
    "ix_step_open",
    StepVisit.ticket_id,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)


class Survey(Base):
    """One visit of a `survey` step that has asked the customer, and what they answered; their words are in a message."""

    __tablename__ = "survey"
    step_id: Mapped[Ref] = mapped_column(primary_key=True, autoincrement=False)
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), index=True)
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("customer.id"))
    step: Mapped[Code]
    type: Mapped[Code]  # csat | ces | nps
    asked_at: Mapped[Moment]
    rated_at: Mapped[Moment | None]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    message_id: Mapped[Ref | None]  # the newest comment


class StepDuty(Base):
    """Whose open work is what: one row for each person or team an open step of people waits for (my work)."""

    __tablename__ = "step_duty"
    step_id: Mapped[Ref] = mapped_column(ForeignKey("step.id"), primary_key=True)
    party_kind: Mapped[Code] = mapped_column(primary_key=True)  # person | team | customer
    party_id: Mapped[Ref] = mapped_column(primary_key=True)
    ticket_id: Mapped[Ref]
    due_at: Mapped[Moment | None]


Index("ix_step_duty_party", StepDuty.party_kind, StepDuty.party_id, StepDuty.due_at)


class Effect(Base):
    """One outbound effect. `state`: planned, attempting, done, failed, unknown. The key is fixed by (ticket, step visit, action)."""

    __tablename__ = "effect"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"))
    run_id: Mapped[Ref | None]
    step_id: Mapped[Ref | None]
    kind: Mapped[Code]  # send_mail | call_plugin | …
    title: Mapped[Code]  # names its step in Temporal's UI; never anybody's text
    state: Mapped[Code]
    attempts: Mapped[int] = mapped_column(default=0)
    planned_at: Mapped[Moment]
    next_at: Mapped[Moment | None]  # while planned or attempting: when it is overdue
    attempted_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    payload: Mapped[Data] = mapped_column(default=dict)  # ids and codes only
    result: Mapped[Data | None]
    detail: Mapped[str | None] = mapped_column(Text)  # the other side's words
    plugin: Mapped[Code | None]  # which plugin performs it; while that one is off, the effect waits


Index("ix_effect_ticket", Effect.ticket_id, Effect.state)
Index("ix_effect_state", Effect.state, Effect.key)
Index(
    "ix_effect_plugin",
    Effect.plugin,
    sqlite_where=text("plugin IS NOT NULL AND ended_at IS NULL"),
    postgresql_where=text("plugin IS NOT NULL AND ended_at IS NULL"),
)
Index(
    "ix_effect_next",
    Effect.next_at,
    sqlite_where=text("next_at IS NOT NULL"),
    postgresql_where=text("next_at IS NOT NULL"),
)

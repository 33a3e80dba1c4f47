"""Tables of alerts: rules with their versions, what was called out, who was told, how tickets and backlogs stand."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, Index, String, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Moment, Ref


class AlertRule(Base):
    """When somebody is told of what. Of a team, else of a department, else (both NULL) of the whole firm; `data` is the form of docs/alerts.md."""

    __tablename__ = "alert_rule"
    id: Mapped[Id]
    department_id: Mapped[Ref | None] = mapped_column(ForeignKey("department.id"), index=True)
    team_id: Mapped[Ref | None] = mapped_column(ForeignKey("team.id"))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[Code]
    version: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    data: Mapped[Data]


class AlertRuleVersion(Base):
    """One text of a rule; never changed, because alerts name it."""

    __tablename__ = "alert_rule_version"
    rule_id: Mapped[Ref] = mapped_column(ForeignKey("alert_rule.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[Code]
    data: Mapped[Data]
    author_id: Mapped[Ref | None]
    at: Mapped[Moment]


class Alert(Base):
    """Something that was called out, once: `key` names rule, what it is about and the cause. `facts` is what the rule saw, under 1 kB.

    Without a rule it is the news of a watched ticket; without a ticket it is about a backlog.
    """

    __tablename__ = "alert"
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[Code]
    rule_id: Mapped[Ref | None]
    rule_version: Mapped[int | None]
    ticket_id: Mapped[Ref | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    team_id: Mapped[Ref | None]
    department_id: Mapped[Ref | None]
    at: Mapped[Moment]
    facts: Mapped[Data] = mapped_column(default=dict)


class AlertNotice(Base):
    """An alert for one person. `mail` is the key of the mail that tells it, an effect's or a digest's; NULL: only the page does."""

    __tablename__ = "alert_notice"
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    alert_id: Mapped[Ref] = mapped_column(ForeignKey("alert.id"), primary_key=True, autoincrement=False)
    read_at: Mapped[Moment | None]
    mail: Mapped[str | None] = mapped_column(String(200), index=True)


_unread = text("read_at IS NULL")
Index("ix_alert_notice_unread", AlertNotice.person_id, sqlite_where=_unread, postgresql_where=_unread)


class AlertState(Base):
    """How a ticket stands for alerts: when somebody last did something, the next moment to look, and whether it is silenced."""

    __tablename__ = "alert_state"
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    deed_at: Mapped[Moment]
    next_at: Mapped[Moment | None]
    silenced_at: Mapped[Moment | None]
    silenced_by: Mapped[Ref | None]


class AlertLevel(Base):
    """Is a backlog above what its rule allows? `spell` counts how often it has come to be."""

    __tablename__ = "alert_level"
    rule_id: Mapped[Ref] = mapped_column(ForeignKey("alert_rule.id"), primary_key=True, autoincrement=False)
    above: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    spell: Mapped[int] = mapped_column(default=0)

"""Tables of the platform: what was received, idempotency, settings, what processes say of themselves, the mail catcher."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Items, Moment, Ref


class MailReceived(Base):
    """Every mail that was acknowledged, once: which message or ticket it became, or why it became none."""

    __tablename__ = "mail_received"
    id: Mapped[Id]
    fingerprint: Mapped[str] = mapped_column(String(200), unique=True)
    received_at: Mapped[Moment]
    sender: Mapped[str | None] = mapped_column(String(254))
    recipient: Mapped[str | None] = mapped_column(String(254))
    raw: Mapped[str] = mapped_column(String(64), ForeignKey("blob.sha256"))
    fate: Mapped[Code]  # opened | joined | bounce | auto_reply | own | list | …
    ticket_id: Mapped[Ref | None]
    message_id: Mapped[Ref | None]
    times: Mapped[int] = mapped_column(default=1)  # how often the same mail was delivered


class Idempotency(Base):
    """The answer to a POST with an Idempotency-Key, given again for the same key and body."""

    __tablename__ = "idempotency"
    owner: Mapped[Code] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    answer: Mapped[Data]
    at: Mapped[Moment]


class Setting(Base):
    """One setting of the installation. The row `config_version` rises with every change of any."""

    __tablename__ = "setting"
    name: Mapped[Code] = mapped_column(primary_key=True)
    value: Mapped[Data]


class Process(Base):
    """What a process says of itself: last sign of life and small facts (the relay: is Temporal reachable, since when not)."""

    __tablename__ = "process"
    name: Mapped[Code] = mapped_column(primary_key=True)
    pid: Mapped[int]
    seen_at: Mapped[Moment]
    facts: Mapped[Data] = mapped_column(default=dict)


class CaughtMail(Base):
    """A mail that would have left the house: kept here when no outgoing server is set."""

    __tablename__ = "caught_mail"
    id: Mapped[Id]
    at: Mapped[Moment]
    sender: Mapped[str]
    recipients: Mapped[Items]
    subject: Mapped[str]
    raw: Mapped[str] = mapped_column(Text)
    ticket_id: Mapped[Ref | None]
    key: Mapped[str | None] = mapped_column(String(200), unique=True)


class PersonMail(Base):
    """A mail to a person that belongs to no ticket (a forgotten password). `state` as of an effect: planned, attempting, done, failed, unknown.

    What it says is made when it is sent, so that a secret is never kept here; only a template's trial brings its `words`: {subject, text, html}.
    """

    __tablename__ = "person_mail"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    notice: Mapped[Code]
    epoch: Mapped[int]  # the person's sessions then: when it has risen, the mail is not needed any more
    state: Mapped[Code]
    planned_at: Mapped[Moment]
    next_at: Mapped[Moment | None]  # while planned or attempting: not before
    ended_at: Mapped[Moment | None]
    detail: Mapped[str | None] = mapped_column(Text)  # the other side's words
    words: Mapped[Data | None]


Index(
    "ix_person_mail_next",
    PersonMail.next_at,
    sqlite_where=text("next_at IS NOT NULL"),
    postgresql_where=text("next_at IS NOT NULL"),
)

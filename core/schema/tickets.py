"""Tables of tickets and of what is said on them; indexes as measured (docs/scale.md)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Items, Moment, Ref


class Ticket(Base):
    """`queue_key` is its place in the order of its department's queue (NULL once closed); `team_id` is set always, `holder_id` when a person does.

    `last_seq` counts its timeline; Temporal is nudged while `want_seq` is ahead of `nudged_seq`; `alarm_at` is the moment to walk again by itself.
    """

    __tablename__ = "ticket"
    id: Mapped[Id]
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("customer.id"))
    department_id: Mapped[Ref] = mapped_column(ForeignKey("department.id"))
    team_id: Mapped[Ref] = mapped_column(ForeignKey("team.id"))
    holder_id: Mapped[Ref | None] = mapped_column(ForeignKey("person.id"))
    status: Mapped[Code]
    priority: Mapped[int] = mapped_column(SmallInteger)  # 1 urgent, 2 high, 3 medium, 4 low: sorts by urgency
    vip: Mapped[bool] = mapped_column(Boolean, default=False)
    channel: Mapped[Code]
    subject: Mapped[str]
    topic: Mapped[Code | None]
    product: Mapped[Code | None]
    language: Mapped[Code]
    tags: Mapped[Items] = mapped_column(default=list)
    created_at: Mapped[Moment]
    entered_at: Mapped[Moment]
    last_at: Mapped[Moment]
    first_response_at: Mapped[Moment | None]
    first_response_ms: Mapped[int | None]  # opening time until the first answer by a person
    last_customer_at: Mapped[Moment | None]
    resolved_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    reopened: Mapped[int] = mapped_column(default=0)
    resolution: Mapped[str | None] = mapped_column(Text)
    promised_at: Mapped[Moment | None]  # until when the customer was told to expect an answer
    queue_key: Mapped[Moment | None]
    due_at: Mapped[Moment | None]
    due_kind: Mapped[Code | None]  # step, or the metric of the clock
    step_id: Mapped[Ref | None]  # the open step that the queue shows
    run_id: Mapped[Ref | None]
    merged_into: Mapped[Ref | None]
    attention: Mapped[Code | None]  # why a person must look at the run
    upset: Mapped[Code | None]  # why the customer seems upset: codes of reasons, with spaces between them
    last_seq: Mapped[int] = mapped_column(default=0)
    want_seq: Mapped[int] = mapped_column(default=0)
    nudged_seq: Mapped[int] = mapped_column(default=0)
    alarm_at: Mapped[Moment | None]
    last_message_id: Mapped[Ref | None]
    policy: Mapped[Code | None]  # which promise holds: see `core.clocks.book`
    version: Mapped[int] = mapped_column(default=1)
    mailbox: Mapped[str | None] = mapped_column(
        String(254)
    )  # the address of ours the customer wrote to last: answers leave from it


_t = Ticket.__table__.c


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


_queued = _where("queue_key IS NOT NULL")
_unheld = _where("queue_key IS NOT NULL AND holder_id IS NULL")
_due = _where("due_at IS NOT NULL")
Index(
    "ix_ticket_queue_department", _t.department_id, _t.queue_key, _t.id, _t.status, _t.holder_id, _t.priority, **_queued
)
Index("ix_ticket_queue_team", _t.team_id, _t.queue_key, _t.id, _t.status, _t.holder_id, _t.priority, **_queued)
Index("ix_ticket_queue_holder", _t.holder_id, _t.queue_key, _t.id, _t.status, **_queued)
Index("ix_ticket_queue", _t.queue_key, _t.id, **_queued)
Index("ix_ticket_unheld", _t.department_id, _t.queue_key, _t.id, **_unheld)
Index("ix_ticket_due_department", _t.department_id, _t.due_at, _t.id, **_due)
Index("ix_ticket_due_team", _t.team_id, _t.due_at, _t.id, **_due)
Index("ix_ticket_due_holder", _t.holder_id, _t.due_at, _t.id, **_due)
Index("ix_ticket_last", _t.department_id, _t.last_at, _t.id)
Index("ix_ticket_last_queued", _t.department_id, _t.last_at, _t.id, **_queued)
Index("ix_ticket_customer", _t.customer_id, _t.id)
Index("ix_ticket_wanted", _t.id, **_where("want_seq > nudged_seq"))
Index("ix_ticket_alarm", _t.alarm_at, **_where("alarm_at IS NOT NULL"))
Index("ix_ticket_created", _t.created_at, _t.department_id, _t.team_id, _t.first_response_ms)
Index(
    "ix_ticket_resolved",
    _t.resolved_at,
    _t.department_id,
    _t.team_id,
    **_where("resolved_at IS NOT NULL"),
)


class ChildTicket(Base):
    """A ticket that a step of another one has opened; `awaited`: that step is open until this ticket is resolved."""

    __tablename__ = "child_ticket"
    child_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    parent_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), index=True)
    run_id: Mapped[Ref]
    path: Mapped[str] = mapped_column(String(500))
    awaited: Mapped[bool] = mapped_column(Boolean)


class OpenCount(Base):
    """How many tickets are not closed, by what the sidebar asks; `holder_id` 0 is nobody."""

    __tablename__ = "open_count"
    department_id: Mapped[Ref] = mapped_column(primary_key=True)
    team_id: Mapped[Ref] = mapped_column(primary_key=True)
    holder_id: Mapped[Ref] = mapped_column(primary_key=True, index=True)
    status: Mapped[Code] = mapped_column(primary_key=True)
    priority: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    vip: Mapped[bool] = mapped_column(Boolean, primary_key=True)
    n: Mapped[int] = mapped_column(default=0)


class Message(Base):
    """`direction`: in (customer), out (to the customer), internal (a comment). `seq` is its event's; `delivery` tells how an `out` fared."""

    __tablename__ = "message"
    id: Mapped[Id]
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"))
    seq: Mapped[int]
    direction: Mapped[Code]
    author_kind: Mapped[Code]  # customer | person | flow | system
    author_id: Mapped[Ref | None]
    author_name: Mapped[str]
    author_email: Mapped[str | None] = mapped_column(String(254))
    to: Mapped[Items] = mapped_column(default=list)  # [{name, email}]
    cc: Mapped[Items] = mapped_column(default=list)
    subject: Mapped[str]
    at: Mapped[Moment]
    channel: Mapped[Code]
    automatic: Mapped[Code | None]
    template: Mapped[Code | None]
    message_id: Mapped[str | None] = mapped_column(String(998), index=True)  # RFC 5322, with angle brackets
    raw: Mapped[str | None] = mapped_column(String(64))  # blob of the mail as it came
    delivery: Mapped[Code | None]  # queued | sent | failed | undelivered | unknown
    delivery_detail: Mapped[str | None]
    effect_key: Mapped[str | None] = mapped_column(String(200))
    indexed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))


Index("ix_message_ticket", Message.ticket_id, Message.id)
Index(
    "ix_message_unindexed",
    Message.id,
    **_where("NOT indexed"),
)


class MessageBody(Base):
    """What was written. `visible` is it without quotation and signature, `folded` the rest."""

    __tablename__ = "message_body"
    message_id: Mapped[Ref] = mapped_column(ForeignKey("message.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    visible: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text, default="")


class Attachment(Base):
    __tablename__ = "attachment"
    id: Mapped[Id]
    message_id: Mapped[Ref | None] = mapped_column(ForeignKey("message.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), ForeignKey("blob.sha256"))
    content_id: Mapped[str | None]
    inline: Mapped[bool] = mapped_column(Boolean, default=False)


class Blob(Base):
    """Bytes kept once, by their hash; `refs` counts who needs them. In the database, so that they commit with what names them."""

    __tablename__ = "blob"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    refs: Mapped[int] = mapped_column(default=1)
    packed: Mapped[bool] = mapped_column(Boolean)  # zlib
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Handover(Base):
    """The baton offered: state offered, accepted, returned, withdrawn. Until accepted its giver holds the ticket."""

    __tablename__ = "handover"
    id: Mapped[Id]
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), index=True)
    from_id: Mapped[Ref | None]
    to_id: Mapped[Ref]
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[Code]
    offered_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]


Index(
    "ix_handover_offered",
    Handover.to_id,
    **_where("state = 'offered'"),
)


class Article(Base):
    """What was learnt: its newest text. `state`: draft, published; `visibility`: internal, public; made from `ticket_id`.

    `published_version` is the version that is read by whoever only reads: a newer text waits until it is published, too.
    """

    __tablename__ = "article"
    id: Mapped[Id]
    department_id: Mapped[Ref] = mapped_column(ForeignKey("department.id"), index=True)
    ticket_id: Mapped[Ref | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    language: Mapped[Code]
    visibility: Mapped[Code]
    state: Mapped[Code]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    author_id: Mapped[Ref | None]
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(default=1)
    marks: Mapped[Data] = mapped_column(default=dict)  # what a person should look at before publishing
    published_version: Mapped[int | None]
    indexed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))


Index("ix_article_unindexed", Article.id, **_where("NOT indexed"))


class ArticleVersion(Base):
    """One text of an article as it was saved; never changed."""

    __tablename__ = "article_version"
    article_id: Mapped[Ref] = mapped_column(ForeignKey("article.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
    visibility: Mapped[Code]
    language: Mapped[Code]
    author_id: Mapped[Ref | None]
    at: Mapped[Moment]


class Solved(Base):
    """A solved ticket that can be found by likeness; only the newest ones are kept (see `core.learning.solved`)."""

    __tablename__ = "solved"
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    resolved_at: Mapped[Moment]
    words: Mapped[Items] = mapped_column(default=list)  # what it was counted under, to be taken back


Index("ix_solved_resolved", Solved.resolved_at, Solved.ticket_id)


class SolvedWord(Base):
    """In how many of these tickets a word stands: rare words say most."""

    __tablename__ = "solved_word"
    word: Mapped[Code] = mapped_column(primary_key=True)
    n: Mapped[int]

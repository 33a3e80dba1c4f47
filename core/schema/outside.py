"""Tables of what is outside: linked things, webhooks that came, conversations on plugins' channels, content kept for panels."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Moment, Ref


class Link(Base):
    """A thing outside that is linked to a ticket, by a step (`run_id`, `path`; else 0 and "") or by hand.

    `step` names the step it stands for; `known_at` is the other side's moment of what is known, `seen_at` when we last heard of it.
    """

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("plugin", "ref", "ticket_id", "run_id", "path"),)
    id: Mapped[Id]
    plugin: Mapped[Code]
    ref: Mapped[str] = mapped_column(String(200))
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"))
    run_id: Mapped[Ref] = mapped_column(default=0)
    path: Mapped[str] = mapped_column(String(500), default="")
    step: Mapped[Code] = mapped_column(default="")
    url: Mapped[str | None] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(200), default="")
    known: Mapped[Data] = mapped_column(default=dict)  # the newest values
    open: Mapped[bool] = mapped_column(default=True)
    known_at: Mapped[Moment | None]
    seen_at: Mapped[Moment]
    made_at: Mapped[Moment]


Index("ix_link_ticket", Link.ticket_id, Link.id)
Index("ix_link_open", Link.plugin, Link.seen_at, sqlite_where=text("open"), postgresql_where=text("open"))


class LinkComment(Base):
    """A comment made outside that has become one on the ticket: each does so once."""

    __tablename__ = "link_comment"
    plugin: Mapped[Code] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(200), primary_key=True)
    outside_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), primary_key=True)


class WebhookDelivery(Base):
    """What came through a plugin's webhook. `state`: new, done, parked; `key` tells a repetition."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (UniqueConstraint("plugin", "webhook", "key"),)
    id: Mapped[Id]
    plugin: Mapped[Code]
    webhook: Mapped[Code]
    key: Mapped[str] = mapped_column(String(200))
    headers: Mapped[Data] = mapped_column(default=dict)
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[Moment]
    state: Mapped[Code]
    tries: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(Text, default="")


Index(
    "ix_webhook_delivery_new",
    WebhookDelivery.plugin,
    WebhookDelivery.id,
    sqlite_where=text("state <> 'done'"),
    postgresql_where=text("state <> 'done'"),
)


class WebhookState(Base):
    """How a webhook fares: what was taken, what was refused, and why the last time."""

    __tablename__ = "webhook_state"
    plugin: Mapped[Code] = mapped_column(primary_key=True)
    webhook: Mapped[Code] = mapped_column(primary_key=True)
    taken: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[Moment | None]
    refused: Mapped[int] = mapped_column(default=0)
    refused_at: Mapped[Moment | None]
    refused_why: Mapped[Code | None]


class ChannelThread(Base):
    """A conversation on a plugin's channel: whose it is, and which ticket continues it."""

    __tablename__ = "channel_thread"
    plugin: Mapped[Code] = mapped_column(primary_key=True)
    channel: Mapped[Code] = mapped_column(primary_key=True)
    thread: Mapped[str] = mapped_column(String(200), primary_key=True)
    sender: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[Ref] = mapped_column(ForeignKey("customer.id"))
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), index=True)


Index("ix_channel_thread_sender", ChannelThread.plugin, ChannelThread.channel, ChannelThread.sender)


class ChannelMessage(Base):
    """A message that came through a plugin's channel: each is taken once."""

    __tablename__ = "channel_message"
    plugin: Mapped[Code] = mapped_column(primary_key=True)
    channel: Mapped[Code] = mapped_column(primary_key=True)
    outside_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    message_id: Mapped[Ref]


class PanelKept(Base):
    """What a plugin last said for a box of a page. `subject`: ticket or customer; `wanted_at`: somebody looks and waits for news."""

    __tablename__ = "panel_kept"
    plugin: Mapped[Code] = mapped_column(primary_key=True)
    panel: Mapped[Code] = mapped_column(primary_key=True)
    subject: Mapped[Code] = mapped_column(primary_key=True)
    subject_id: Mapped[Ref] = mapped_column(primary_key=True)
    content: Mapped[Data | None]
    at: Mapped[Moment | None]  # of the content
    wanted_at: Mapped[Moment | None]
    failed_at: Mapped[Moment | None]
    failure: Mapped[str | None] = mapped_column(Text)


Index(
    "ix_panel_kept_wanted",
    PanelKept.plugin,
    PanelKept.wanted_at,
    sqlite_where=text("wanted_at IS NOT NULL"),
    postgresql_where=text("wanted_at IS NOT NULL"),
)

"""Tables of plugins: what each registered, its switch and settings, how it fares, and the events that it could not take."""

from __future__ import annotations

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Items, Moment, Ref


class Plugin(Base):
    """What the plugin host published. A plugin works while it is `present`, `enabled` and has no `error`.

    `settings` are its plain values, `secrets` the encrypted ones; `off_reason` is a code when the host itself switched it off.
    """

    __tablename__ = "plugin"
    name: Mapped[Code] = mapped_column(primary_key=True)
    version: Mapped[Code] = mapped_column(default="")
    source: Mapped[Data] = mapped_column(default=dict)
    present: Mapped[bool] = mapped_column(default=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    off_reason: Mapped[Code | None]
    error: Mapped[str | None] = mapped_column(Text)  # why it could not be loaded, in one line
    actions: Mapped[Items] = mapped_column(default=list)
    declared: Mapped[Items] = mapped_column(default=list)  # the settings it asks for
    hooks: Mapped[Items] = mapped_column(default=list)  # names of the hooks it implements
    offers: Mapped[Data] = mapped_column(default=dict, server_default="{}")  # webhooks, channels, panels, templates …
    settings: Mapped[Data] = mapped_column(default=dict)
    secrets: Mapped[Data] = mapped_column(default=dict)
    published_at: Mapped[Moment]


class PluginState(Base):
    """How a plugin fares, and how far it has come in the timeline (`core.timeline.Position`)."""

    __tablename__ = "plugin_state"
    name: Mapped[Code] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(default=0)
    errors: Mapped[int] = mapped_column(default=0)
    recent_ms: Mapped[Items] = mapped_column(default=list)  # how long the newest calls took
    replaced: Mapped[Items] = mapped_column(default=list)  # moments at which a process of it had to be replaced
    last_error: Mapped[str | None] = mapped_column(Text)
    last_error_at: Mapped[Moment | None]
    last_error_ticket: Mapped[Ref | None]
    position_xid: Mapped[Ref] = mapped_column(default=0)
    position_id: Mapped[Ref] = mapped_column(default=0)
    trying: Mapped[Ref | None]  # the event that it did not take at once
    tries: Mapped[int] = mapped_column(default=0)
    check_asked_at: Mapped[Moment | None]
    checked_at: Mapped[Moment | None]
    check_ok: Mapped[bool | None]
    check_words: Mapped[str | None] = mapped_column(Text)
    keep_at: Mapped[Moment | None]  # when its webhooks at the other side are looked after next
    keep_tries: Mapped[int] = mapped_column(default=0, server_default="0")  # in vain since it last went well
    kept_at: Mapped[Moment | None]
    keep_ok: Mapped[bool | None]
    keep_words: Mapped[str | None] = mapped_column(Text)


class PluginParked(Base):
    """An event that a plugin did not take after all its tries. `again`: a person wants it sent once more."""

    __tablename__ = "plugin_parked"
    __table_args__ = (UniqueConstraint("plugin", "event_id"),)
    id: Mapped[Id]
    plugin: Mapped[Code]
    event_id: Mapped[Ref]
    ticket_id: Mapped[Ref | None]
    kind: Mapped[Code]
    at: Mapped[Moment]
    detail: Mapped[str] = mapped_column(Text)
    again: Mapped[bool] = mapped_column(default=False)


Index("ix_plugin_parked_plugin", PluginParked.plugin, PluginParked.id)

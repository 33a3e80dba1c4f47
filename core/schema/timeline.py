"""The one log: events of every stream."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Moment, Ref


class Event(Base):
    """What happened. `stream`: ticket, person, customer, organisation, sop, article, system; `seq` has no gaps within one stream.

    `data` is small and typed by `kind`, with its version under "v": ids, codes and numbers, nobody's text. `department_id` is the ticket's at that
    moment, so that a live stream needs no join. On PostgreSQL a column `xid` is added, below which readers stop (`core.timeline`).
    """

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("stream", "stream_id", "seq"), {"sqlite_autoincrement": True})
    id: Mapped[Id]
    stream: Mapped[Code]
    stream_id: Mapped[Ref]
    seq: Mapped[int]
    at: Mapped[Moment]
    kind: Mapped[Code]
    actor_kind: Mapped[Code]  # person | customer | flow | system | plugin
    actor_id: Mapped[Ref | None]
    cause: Mapped[Ref | None]  # id of the event that led to it
    department_id: Mapped[Ref | None]
    data: Mapped[Data] = mapped_column(default=dict)


Index(
    "ix_event_deviated",  # where a procedure was not followed, by ticket
    Event.stream_id,
    sqlite_where=text("kind = 'sop.deviated'"),
    postgresql_where=text("kind = 'sop.deviated'"),
)


class StreamHead(Base):
    """The newest seq of a stream that is not a ticket (a ticket's is on its row)."""

    __tablename__ = "stream_head"
    stream: Mapped[Code] = mapped_column(primary_key=True)
    stream_id: Mapped[Ref] = mapped_column(primary_key=True)
    last_seq: Mapped[int]

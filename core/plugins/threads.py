"""On which way is a customer answered who wrote through a plugin's channel? Back through it, to the same conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core.plugins.registry import plugin, plugins
from core.schema import ChannelThread
from core.sop.code_words import CHANNELS

if TYPE_CHECKING:
    from sqlalchemy import Connection

SEND = "send_message"  # the kind of effect that hands an answer to a plugin's channel
_t = ChannelThread.__table__.c


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation, and the plugin whose channel it is on."""

    plugin: str
    channel: str
    thread: str
    sender: str
    customer_id: int
    ticket_id: int


THREADS = select(*(_t[name] for name in Thread.__slots__))
_OF_TICKET = THREADS.where(_t.ticket_id == bindparam("ticket")).limit(1)


def thread_of(tx: Connection, ticket_id: int) -> Thread | None:
    """The conversation that a ticket continues, when there is one."""
    row = tx.execute(_OF_TICKET, {"ticket": ticket_id}).one_or_none()
    return Thread(*row) if row else None


def answering_plugin(tx: Connection, channel: str) -> str | None:
    """The plugin that hands answers to this channel; None: it is one of the product's own, or answers go by mail."""
    if channel in CHANNELS:
        return None
    for row in plugins(tx):
        if any(one["name"] == channel and one["replies"] for one in row.offered("channels")):
            return row.name
    return None


def way_back(tx: Connection, ticket_id: int) -> Thread | None:
    """The conversation on which the customer of this ticket is answered; None: by mail, or on their page."""
    thread = thread_of(tx, ticket_id)
    owner = plugin(tx, thread.plugin) if thread else None
    if thread is None or owner is None:
        return None
    replies = any(one["name"] == thread.channel and one["replies"] for one in owner.offered("channels"))
    return thread if replies else None

"""Customers who write through a plugin's channel: their messages open a ticket, or join the one of their conversation."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from core.actors import SYSTEM, customer
from core.database import is_sqlite
from core.plugins.labels import said
from core.plugins.registry import plugin
from core.plugins.threads import THREADS, Thread
from core.schema import ChannelMessage, ChannelThread
from core.texts import _
from core.tickets.conversation import IncomingMessage, receive_reply
from core.tickets.messages import NewAttachment
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.settings import Settings

LONGEST_SUBJECT = 80
_t, _m = ChannelThread.__table__.c, ChannelMessage.__table__.c


_KEY = (_t.plugin == bindparam("b_plugin"), _t.channel == bindparam("b_channel"))
_ONE = THREADS.where(*_KEY, _t.thread == bindparam("thread"))
_OF_SENDER = THREADS.where(*_KEY, _t.sender == bindparam("sender")).limit(1)
_TAKE_SQLITE = sqlite.insert(ChannelMessage.__table__).on_conflict_do_nothing().returning(_m.outside_id)
_TAKE_POSTGRES = postgresql.insert(ChannelMessage.__table__).on_conflict_do_nothing().returning(_m.outside_id)


def take_message(tx: Connection, settings: Settings, name: str, news: Mapping[str, Any], now: int) -> int | None:
    """A customer wrote: the message joins the ticket of its conversation, or opens one. None: it was taken before."""
    key = {"plugin": name, "channel": news["channel"], "outside_id": str(news["id"])[:200]}
    taken = tx.execute(_TAKE_SQLITE if is_sqlite(tx) else _TAKE_POSTGRES, {**key, "message_id": 0})
    if taken.first() is None:
        return None
    place = {"b_plugin": name, "b_channel": news["channel"]}
    known = tx.execute(_ONE, {**place, "thread": str(news["thread"])[:200]}).one_or_none()
    ticket_id, message_id = (
        _join(tx, settings, Thread(*known), news, now) if known else _open(tx, settings, name, news, now)
    )
    where = [_m[column] == value for column, value in key.items()]
    tx.execute(update(ChannelMessage.__table__).where(*where).values(message_id=message_id))
    return ticket_id


def _join(tx: Connection, settings: Settings, thread: Thread, news: Mapping[str, Any], now: int) -> tuple[int, int]:
    files = _files(news)
    incoming = IncomingMessage(
        "", news["text"], attachments=files, channel=thread.channel, author_name=news["name"] or thread.sender
    )
    them = customer(thread.customer_id, news["name"])
    return thread.ticket_id, receive_reply(tx, settings, them, thread.ticket_id, incoming, now=now).message_id


def _open(tx: Connection, settings: Settings, name: str, news: Mapping[str, Any], now: int) -> tuple[int, int]:
    owner = plugin(tx, name)
    titles = {one["name"]: said(one["title"]) for one in owner.offered("channels")} if owner else {}
    if news["channel"] not in titles:
        raise ValueError(f"there is no channel '{news['channel']}': add it to register_channels")
    place = {"b_plugin": name, "b_channel": news["channel"]}
    before = tx.execute(_OF_SENDER, {**place, "sender": news["sender"][:200]}).first()
    ref = CustomerRef(id=before.customer_id) if before else CustomerRef(name=news["name"], phone=news["sender"][:60])
    first = (news["text"].strip().splitlines() or [""])[0]
    new = NewTicket(
        subject=first[:LONGEST_SUBJECT] or _("Message through %(channel)s", channel=titles[news["channel"]]),
        body=news["text"],
        customer=ref,
        channel=news["channel"],
        department=news.get("department"),
        attachments=_files(news),
    )
    opened = open_ticket(tx, settings, SYSTEM, new, now=now)
    values = {"plugin": name, "channel": news["channel"], "thread": str(news["thread"])[:200]}
    tx.execute(
        insert(ChannelThread.__table__).values(
            **values, sender=news["sender"][:200], customer_id=opened.customer_id, ticket_id=opened.ticket_id
        )
    )
    return opened.ticket_id, opened.message_id


def _files(news: Mapping[str, Any]) -> tuple[NewAttachment, ...]:
    try:
        return tuple(
            NewAttachment(one["name"], one["content_type"], b64decode(one["content"], validate=True))
            for one in news.get("attachments", ())
        )
    except binascii.Error as error:
        raise ValueError(f"a file's content must be base64: {error}") from error

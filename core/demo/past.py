"""Time passes in the demo: timers ring at their moments, and mails that were due are in the catcher at theirs, so that nothing old is sent later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select

from core import effects
from core.advance import advance, nudged
from core.effects import DONE, FAILED, PLANNED
from core.mailing import NoRecipient, NotNeeded, letter_of
from core.schema import CaughtMail, Effect, Ticket
from core.texts import _
from core.tickets.rows import CLOSED, flush
from core.tickets.settling import settle

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.settings import Settings

_t, _e = Ticket.__table__.c, Effect.__table__.c
_NEXT_ALARM = (
    select(_t.id, _t.alarm_at)
    .where(_t.alarm_at.is_not(None), _t.alarm_at <= bindparam("until"))
    .order_by(_t.alarm_at, _t.id)
    .limit(1)
)
_PLANNED = select(_e.key, _e.planned_at).where(_e.state == PLANNED).order_by(_e.planned_at, _e.key)
_CLOSED = select(_t.id, _t.want_seq).where(_t.status == CLOSED)
_TRANSIT_MS = 1400  # how long a mail takes to leave


def let_time_pass(tx: Connection, settings: Settings, until: int, *, last: bool = False) -> None:
    """Ring every timer up to the moment `until` and let every mail leave. At the `last` moment closed tickets want nothing more."""
    _mails_leave(tx, settings, until)
    while (due := _next_alarm(tx, until)) is not None:
        advance(tx, settings, due.id, due.alarm_at)
        _mails_leave(tx, settings, until)
    if last:
        nudged(tx, [(row.id, row.want_seq) for row in tx.execute(_CLOSED)])


def _next_alarm(tx: Connection, until: int) -> Any:
    flush(tx)  # tickets that this transaction holds are written at its end; this query must see them now
    return tx.execute(_NEXT_ALARM, {"until": until}).one_or_none()


def _mails_leave(tx: Connection, settings: Settings, until: int) -> None:
    for key, planned_at in tx.execute(_PLANNED).all():
        _leave(tx, settings, key, min(planned_at + _TRANSIT_MS, max(until, planned_at)))


def _leave(tx: Connection, settings: Settings, key: str, at: int) -> None:
    """One effect of the past, as it would have gone without an outgoing server: into the catcher, at its own time."""
    effect = effects.begin(tx, key, at)
    assert effect is not None
    if effect.kind != "send_mail":
        action = effect.payload.get("action", effect.kind)
        settle(tx, settings, key, FAILED, at, detail=_("No plugin offers the action “%(name)s”.", name=action))
        return
    try:
        letter = letter_of(tx, settings, effect)
    except NotNeeded:
        settle(tx, settings, key, DONE, at)
        return
    except NoRecipient:
        settle(tx, settings, key, FAILED, at, detail=_("There is no address to write to."))
        return
    tx.execute(
        insert(CaughtMail).values(
            at=at,
            sender=letter.sender,
            recipients=list(letter.recipients),
            subject=letter.subject,
            raw=letter.raw.decode("latin-1"),
            ticket_id=letter.ticket_id,
            key=key,
        )
    )
    settle(tx, settings, key, DONE, at, message_id=letter.message_id)

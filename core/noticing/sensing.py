"""A customer's message arrives: do they seem upset? Then the ticket says so and becomes more urgent; a person can say no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from core.actors import FLOW
from core.advance import walk_on
from core.directory import directory
from core.moments import now_ms
from core.noticing.message import own_words, raise_priority
from core.noticing.upset import Signs, codes, mood_of, rating_matters, read_signs, upset
from core.permissions import require
from core.prepared import Prepared
from core.schema import Message, Survey, Ticket
from core.surveys import SCALES
from core.tickets.rows import PRIORITIES, PRIORITY_NAMES, change, held, lock
from core.timeline import append, happened

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.noticing.upset import Mood, Watch
    from core.settings import Settings
    from core.tickets.messages import NewMessage
    from core.tickets.rows import TicketRow

UPSET, DENIED = "customer.upset", "upset.denied"
_m, _s, _t = Message.__table__.c, Survey.__table__.c, Ticket.__table__.c
_ANSWERED = (
    select(func.coalesce(func.max(_m.id), 0))
    .where(_m.ticket_id == bindparam("ticket"), _m.direction == "out", _m.author_kind == "person")
    .scalar_subquery()
)
_UNANSWERED = Prepared(
    select(func.count()).where(
        _m.ticket_id == bindparam("ticket"), _m.direction == "in", _m.automatic.is_(None), _m.id > _ANSWERED
    )
)
_RATED = (
    select(_s.type, _s.score)
    .join(Ticket.__table__, _t.id == _s.ticket_id)
    .where(_t.customer_id == bindparam("customer"), _s.rated_at.is_not(None))
    .order_by(_s.rated_at.desc())
    .limit(1)
)


def sense(tx: Connection, row: TicketRow, message: NewMessage, now: int, *, first: bool = False) -> TicketRow:
    """Look for signs that the customer is upset. A first message asks the database nothing, unless an earlier rating would decide."""
    watch = directory(tx).departments[row.department_id].upset
    if message.automatic or row.upset is not None or not watch.threshold:
        return row
    signs = read_signs(watch, message.subject if first else "", own_words(message))
    if not first and watch.mails:
        signs = _with(signs, unanswered=_UNANSWERED.scalar(tx, {"ticket": row.id}))
    mood = mood_of(signs, watch)
    if rating_matters(mood, watch):
        signs = _with(signs, rating=_rating(tx, row.customer_id))
        mood = mood_of(signs, watch)
    return mark(tx, row, mood_of(signs, watch, _denied(tx, row.id)), watch, now) if upset(mood, watch) else row


def _with(signs: Signs, **values: Any) -> Signs:
    return Signs(**{**{name: getattr(signs, name) for name in Signs.__slots__}, **values})


def _rating(tx: Connection, customer_id: int) -> int | None:
    """What the customer gave last, in percent of the best."""
    found = tx.execute(_RATED, {"customer": customer_id}).one_or_none()
    if found is None or found.type not in SCALES or found.score is None:
        return None
    return round(100 * int(found.score) / SCALES[found.type].most)


def _denied(tx: Connection, ticket_id: int) -> set[str]:
    """The reasons to which a person has said no."""
    return {str(key) for event in happened(tx, ticket_id, DENIED, 0) for key in event.data.get("keys", ())}


def mark(tx: Connection, row: TicketRow, mood: Mood, watch: Watch, now: int) -> TicketRow:
    """Say that the customer seems upset, if it is enough without what was denied; the caller walks."""
    if not upset(mood, watch):
        return row
    wanted = PRIORITIES[watch.priority] if watch.priority else row.priority
    data: dict[str, Any] = {
        "reasons": mood.reasons,
        "points": mood.points,
        "threshold": watch.threshold,
        "message": row.last_message_id,
        "keys": mood.keys,
    }
    if wanted < row.priority:
        data["priority"] = [PRIORITY_NAMES[row.priority], PRIORITY_NAMES[wanted]]
    seq = append(tx, row.id, UPSET, FLOW, data, at=now).seq
    change(tx, held(tx, row.id).row, upset=codes(list(mood.reasons)))
    if wanted < row.priority:
        raise_priority(tx, row.id, wanted, {"upset": mood.points, "seq": seq}, seq, now)
    return held(tx, row.id).row


def judged(tx: Connection, settings: Settings, row: TicketRow, by: str, points: int, now: int) -> None:
    """A plugin has judged the newest message: its points count alone, for what the words did not say."""
    watch = directory(tx).departments[row.department_id].upset
    if row.upset is not None or not watch.threshold or not row.unresolved:
        return
    mood = mood_of(Signs(judges={by: points}), watch, _denied(tx, row.id))
    marked = mark(tx, row, mood, watch, now)
    if marked.upset is not None:
        walk_on(tx, settings, marked, now)


def say_no(tx: Connection, settings: Settings, actor: Actor, ticket_id: int, *, now: int | None = None) -> None:
    """“No, not upset”: the mark goes, and does not come back for the same reasons.

    The priority is what it was before, unless it has been changed since.
    """
    require(actor, "change_ticket")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    if row.upset is None:
        return
    said = happened(tx, ticket_id, UPSET, 0)[-1]
    cause = append(tx, ticket_id, DENIED, actor, {"keys": said.data.get("keys", []), "cause": said.seq}, at=now).seq
    row = change(tx, held(tx, ticket_id).row, upset=None)
    pair = said.data.get("priority")
    if pair and row.priority == PRIORITIES[pair[1]] and not _changed_since(tx, ticket_id, said.seq):
        row = change(tx, row, priority=PRIORITIES[pair[0]])
        data = {"properties": ["priority"], "priority": [pair[1], pair[0]]}
        append(tx, ticket_id, "ticket.changed", actor, data, at=now, cause=cause)
        row = held(tx, ticket_id).row
    walk_on(tx, settings, row, now, cause=cause)


def _changed_since(tx: Connection, ticket_id: int, seq: int) -> bool:
    """Has anybody or anything else changed the priority since?"""
    changes = happened(tx, ticket_id, "ticket.changed", 0)
    return any(one.seq > seq and one.cause != seq and "priority" in one.data for one in changes)

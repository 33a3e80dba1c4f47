"""The clocks of a ticket move with it, in the transaction of whoever moved it: its new events are folded, what has passed is called out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import timeline
from core.actors import FLOW
from core.clocks.book import DatabaseBook
from core.clocks.escalating import escalate
from core.clocks.folding import (
    BREACHED_EVENT,
    NOTED_EVENT,
    POLICY_EVENT,
    WARNED_EVENT,
    Folding,
    Mark,
    Standing,
    Told,
    matters,
)
from core.clocks.kept import Kept, clocks_of
from core.clocks.policy import LIMIT, WARNING
from core.requesters import requester
from core.tickets.rows import PRIORITY_NAMES, Held, TicketRow, change, held

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_ROUNDS = 5  # an escalation may change the promise, which may be broken at once, and so on


def keep(tx: Connection, ticket_id: int, now: int, *, passing: bool = True, again: bool = False) -> bool:
    """Fold what is new; True when anything was called out.

    With `passing`, what is due up to `now` is called out and escalated; with `again`, it is decided anew which policy holds.
    """
    called = False
    for round_ in range(MOST_ROUNDS):
        mine = held(tx, ticket_id)
        kept = _kept(tx, mine)
        _note_standing(tx, mine, kept, now, again=again and round_ == 0)
        news, mine.news = mine.news, []
        for event in news:
            kept.folding.fold(told(event))
        if passing:
            kept.folding.let_pass(now)
        fired, kept.folding.fired = kept.folding.fired, []
        for mark in fired:
            _call(tx, ticket_id, mark, now)
        called = called or bool(fired)
        if not held(tx, ticket_id).news:
            break
    return called


def keep_rest(tx: Connection, ticket_id: int) -> None:
    """At the end of a transaction: fold the events behind which nobody has walked (a comment may start a clock, too), and note what is due."""
    mine = held(tx, ticket_id)
    if mine.news and (mine.clocks is not None or _concerns(tx, mine)):
        keep(tx, ticket_id, max(event["at"] for event in mine.news), passing=False)
    mine.news = []
    if mine.clocks is None or not mine.row.unresolved:
        return
    alarm = next_alarm(mine)
    if alarm is not None and (mine.row.alarm_at is None or alarm < mine.row.alarm_at):
        change(tx, mine.row, alarm_at=alarm, want_seq=mine.row.last_seq)
    moments = due_moments(mine)
    if mine.row.due_kind == "step" and mine.row.due_at is not None:
        moments.append((mine.row.due_at, "step"))
    due_at, due_kind = min(moments, default=(None, None))
    change(tx, mine.row, due_at=due_at, due_kind=due_kind)


def _concerns(tx: Connection, mine: Held) -> bool:
    """Is anything new that the clocks must see? Most comments, drafts and offers are not, and cost nothing."""
    if mine.row.policy is None:
        return False
    before = mine.began
    if (before.status, before.priority, before.department_id) != (
        mine.row.status,
        mine.row.priority,
        mine.row.department_id,
    ):
        return True
    book = DatabaseBook(tx)
    return any(matters(book, mine.row.policy, told(event)) for event in mine.news)


def next_alarm(mine: Held) -> int | None:
    """The next moment at which one of the ticket's clocks has something to say."""
    if mine.clocks is None:
        return None
    return min((c.next_at for c in mine.clocks.open if c.next_at is not None), default=None)


def due_moments(mine: Held) -> list[tuple[int, str]]:
    """(moment, metric) of the clocks that run: what the queue shows as due."""
    if mine.clocks is None:
        return []
    return [(c.due_at, c.metric) for c in mine.clocks.open if c.due_at is not None]


def told(event: dict[str, Any]) -> Told:
    """An event that is about to be written, as the clocks see it."""
    return Told(event["seq"], event["at"], event["kind"], event["actor_kind"], event["data"])


def _kept(tx: Connection, mine: Held) -> Kept:
    if mine.clocks is None:
        began = mine.began
        born = began.last_seq == 0
        clocks = [] if born else clocks_of(tx, began.id)
        mine.clocks = Kept(began.id, clocks, Folding(DatabaseBook(tx), _standing(began, born), list(clocks)))
    kept: Kept = mine.clocks
    return kept


def _standing(row: TicketRow, born: bool) -> Standing:
    if born or row.policy is None:
        return Standing()
    return Standing(
        row.policy,
        row.status,
        PRIORITY_NAMES[row.priority],
        row.department_id,
        row.channel,
        row.created_at,
        row.first_response_at is not None,
    )


def _note_standing(tx: Connection, mine: Held, kept: Kept, now: int, *, again: bool) -> None:
    """Put on the timeline what the ticket is now, where its events do not say so already: a clock must follow from the timeline alone."""
    row, known = mine.row, kept.folding.standing
    if row.policy is None and not row.unresolved:
        return
    stands: dict[str, Any] = {
        "status": row.status,
        "priority": PRIORITY_NAMES[row.priority],
        "department": row.department_id,
        "channel": row.channel,
    }
    if row.policy is None and mine.began.last_seq:  # it was opened before there were clocks
        stands |= {"opened_at": row.created_at, "answered": row.first_response_at is not None}
    else:
        stands = {name: value for name, value in stands.items() if getattr(known, name) != value}
    applied = row.policy
    if applied is None or again or stands.keys() & {"priority", "department"}:
        applied = DatabaseBook(tx).decide(
            row.department_id, PRIORITY_NAMES[row.priority], requester(tx, row.customer_id).klass, row.channel
        )
    if applied != row.policy:
        _decide(tx, mine, applied, stands, now)
    elif stands and not _stamped(mine, {"stands": stands}):
        timeline.append(tx, row.id, NOTED_EVENT, FLOW, {"stands": stands}, at=now)


def _decide(tx: Connection, mine: Held, applied: str, stands: dict[str, Any], now: int) -> None:
    """Another promise holds: said by the opening itself, or by an event of its own that shows the change."""
    row = mine.row
    opening = next((event for event in mine.events if event["kind"] == "ticket.opened"), None)
    change(tx, row, policy=applied)
    if row.policy is None and mine.began.last_seq == 0 and opening is not None:
        opening["data"] = {**opening["data"], "policy": applied, "stands": stands}
        return
    data = {"policy": applied, "from": row.policy, "stands": stands}
    timeline.append(tx, row.id, POLICY_EVENT, FLOW, data, at=now)


def _stamped(mine: Held, data: dict[str, Any]) -> bool:
    """Let the newest event say it, too, unless it is written already."""
    if not mine.news or not mine.events or mine.events[-1] is not mine.news[-1]:
        return False
    event = mine.news[-1]
    event["data"] = {**event["data"], **data}
    return True


def _call(tx: Connection, ticket_id: int, mark: Mark, now: int) -> None:
    """Call a warning or breach out on the timeline, and escalate."""
    clock = mark.clock
    data: dict[str, Any] = {
        "metric": clock.metric,
        "visit": clock.visit,
        "due_at": mark.at,
        "policy_code": clock.policy,
    }
    if mark.what != WARNING:
        data["tier"] = 2 if mark.what == LIMIT else 1
    event = timeline.append(tx, ticket_id, WARNED_EVENT if mark.what == WARNING else BREACHED_EVENT, FLOW, data, at=now)
    escalate(tx, ticket_id, mark, event.seq, now)

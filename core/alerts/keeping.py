"""Alerts of a ticket move with it, in the transaction of whoever moved it: its rules are judged, and the next moment to look is its alarm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from core.alerts import calling, store
from core.alerts.hearing import ending, unheard
from core.alerts.rules import IDLE, OVERDUE, RATED_EVENT, REOPENED_EVENT, SOON, Deadline, Facts, Rated, judge
from core.alerts.watching import tell_watchers
from core.clocks.kept import clocks_of
from core.database import is_sqlite
from core.directory import directory
from core.prepared import Prepared
from core.schema import AlertState, Event
from core.tickets.rows import PRIORITY_NAMES, TicketRow, change, flush, held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.alerts.rules import Rule

_s, _e = AlertState.__table__.c, Event.__table__.c
DOERS = ("person", "customer", "plugin")  # the procedure and the clocks are not somebody
NO_DEEDS = ("watcher.added", "watcher.removed", "alert.silenced", "alert.heard")
_READ = Prepared(
    select(_s.deed_at, _s.next_at, _s.silenced_at, _s.silenced_by).where(_s.ticket_id == bindparam("ticket"))
)
_DEED = select(func.max(_e.at)).where(
    _e.stream == "ticket",
    _e.stream_id == bindparam("ticket"),
    _e.actor_kind.in_(DOERS),
    _e.kind.not_in(NO_DEEDS),
)


@dataclass(frozen=True, slots=True)
class State:
    """What is kept of a ticket. `deed_at` 0: not known, nobody has asked yet."""

    deed_at: int = 0
    next_at: int | None = None
    silenced_at: int | None = None
    silenced_by: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Did the judging leave mails to be sent, and when is time to judge again?"""

    planned: bool = False
    next_at: int | None = None


def keep(
    tx: Connection, ticket_id: int, now: int, *, news: Sequence[dict[str, Any]] | None = None, again: bool = False
) -> Kept:
    """Judge the ticket's rules at the moment `now` (ms). With `again`, also what is kept of it is worked out anew.

    `news` are the events that nobody has judged yet, when the caller has them.
    """
    news = unheard(tx, ticket_id) if news is None else news
    row = held(tx, ticket_id).row
    told = tell_watchers(tx, row, news, now)
    rules = [rule for rule in store.current(tx).tickets if rule.concerns(row.department_id, row.team_id)]
    if not rules:
        if again:
            _put(tx, ticket_id, State(), replace(state_of(tx, ticket_id), next_at=None, deed_at=0))
        return Kept(told)
    known = state_of(tx, ticket_id)
    if known.silenced_at is not None:
        state = replace(known, next_at=None, deed_at=0)
        _put(tx, ticket_id, known, state)
        return Kept(told)
    state = replace(known, deed_at=_deed(tx, row, 0 if again else known.deed_at, rules, news))
    facts = facts_of(tx, row, state.deed_at or row.created_at, rules, news, now)
    judged = [(rule, judge(rule, facts)) for rule in rules]
    told = calling.call_new(tx, row, [(rule, cause) for rule, one in judged for cause in one.causes], now) or told
    state = replace(state, next_at=min((one.next_at for _r, one in judged if one.next_at is not None), default=None))
    _put(tx, ticket_id, known, state)
    return Kept(told, state.next_at)


def keep_rest(tx: Connection, news: Mapping[int, Sequence[dict[str, Any]]]) -> None:
    """When the command is over: judge what happened behind the last walk, and see which backlogs have moved."""
    for ticket_id in sorted(news):
        if news[ticket_id]:
            look(tx, ticket_id, max(event["at"] for event in news[ticket_id]), news=news[ticket_id])
        _note_backlog(tx, ticket_id)


def look(
    tx: Connection, ticket_id: int, now: int, *, news: Sequence[dict[str, Any]] | None = None, again: bool = False
) -> None:
    """Judge without a walk, and let the ticket's alarm ring in time."""
    kept = keep(tx, ticket_id, now, news=news, again=again)
    mine = held(tx, ticket_id)
    alarm = mine.row.alarm_at
    if kept.next_at is not None and (alarm is None or kept.next_at < alarm):
        change(tx, mine.row, alarm_at=kept.next_at, want_seq=mine.row.last_seq)
    elif kept.planned:
        change(tx, mine.row, want_seq=mine.row.last_seq)


def _note_backlog(tx: Connection, ticket_id: int) -> None:
    if not store.current(tx).backlogs:
        return
    mine = held(tx, ticket_id)
    was = None if mine.began.last_seq == 0 else _waits_in(mine.began)
    now = _waits_in(mine.row)
    if was != now:
        ending(tx).places.update(place for place in (was, now) if place)


def _waits_in(row: TicketRow) -> tuple[int, int] | None:
    """The backlog in which it is: nobody holds it, and it is not resolved."""
    return (row.department_id, row.team_id) if row.unresolved and row.holder_id is None else None


# ---- what a rule sees ----------------------------------------------------------------------------------------------------


def facts_of(
    tx: Connection,
    row: TicketRow,
    deed_at: int,
    rules: Sequence[Rule],
    news: Sequence[Mapping[str, Any]],
    now: int,
) -> Facts:
    """How the ticket stands. `news`: the events that may be a cause (reopened, rated)."""
    kinds = {rule.kind for rule in rules}
    return Facts(
        now=now,
        status=row.status,
        priority=PRIORITY_NAMES[row.priority],
        vip=row.vip,
        deed_at=deed_at,
        calendar=directory(tx).calendar_of(row.department_id),
        deadlines=_deadlines(tx, row) if kinds & {SOON, OVERDUE} and row.unresolved else (),
        reopened=row.reopened,
        reopening=next((int(e["seq"]) for e in reversed(news) if e["kind"] == REOPENED_EVENT), None),
        rated=next((found for e in reversed(news) if (found := rated_by(e))), None),
    )


def rated_by(event: Mapping[str, Any]) -> Rated | None:
    """What a customer gave, if that is what this event tells."""
    if event["kind"] != RATED_EVENT:
        return None
    score, most = event["data"].get("score"), event["data"].get("max")
    if not isinstance(score, int) or not isinstance(most, int) or most <= 0:
        return None
    return Rated(int(event["seq"]), score, most)


def _deadlines(tx: Connection, row: TicketRow) -> tuple[Deadline, ...]:
    """The clocks that run, and the open step that is due first."""
    kept = held(tx, row.id).clocks
    clocks = kept.folding.clocks if kept is not None else clocks_of(tx, row.id)
    found = [Deadline(c.metric, c.visit, c.due_at) for c in clocks if c.open and c.due_at is not None]
    if row.due_kind == "step" and row.due_at is not None and row.step_id is not None:
        found.append(Deadline("step", row.step_id, row.due_at))
    return tuple(found)


def _deed(tx: Connection, row: TicketRow, known: int, rules: Sequence[Rule], news: Sequence[Mapping[str, Any]]) -> int:
    """When somebody last did something; 0 while no rule asks."""
    if not any(rule.kind == IDLE for rule in rules):
        return 0
    newest = max((int(e["at"]) for e in news if e["actor_kind"] in DOERS and e["kind"] not in NO_DEEDS), default=0)
    if known == 0 and held(tx, row.id).began.last_seq:
        flush(tx)
        known = deed_of(tx, row.id)
    return max(known, newest, row.created_at)


def deed_of(tx: Connection, ticket_id: int) -> int:
    """When somebody last did something, as the timeline tells; 0 when nobody ever did."""
    return int(tx.execute(_DEED, {"ticket": ticket_id}).scalar() or 0)


# ---- what is kept ----------------------------------------------------------------------------------------------------------


def state_of(tx: Connection, ticket_id: int) -> State:
    """What is kept of the ticket."""
    row = _READ.first(tx, {"ticket": ticket_id})
    return State(*row) if row else State()


def _put(tx: Connection, ticket_id: int, known: State, state: State) -> None:
    if state == known:
        return
    if state == State():
        tx.execute(delete(AlertState.__table__).where(_s.ticket_id == ticket_id))
        return
    values = {name: getattr(state, name) for name in State.__slots__}
    dialect = sqlite if is_sqlite(tx) else postgresql
    upsert = dialect.insert(AlertState.__table__).values(ticket_id=ticket_id, **values)
    tx.execute(upsert.on_conflict_do_update(index_elements=["ticket_id"], set_=values))


def set_silence(tx: Connection, ticket_id: int, by: int | None, at: int | None) -> None:
    """Silence the ticket from this moment, or (None) let it be heard again. The caller says so on the timeline."""
    known = state_of(tx, ticket_id)
    _put(tx, ticket_id, known, replace(known, silenced_at=at, silenced_by=by if at else None, next_at=None))

"""Alerts as pages and programs show them: one's own with what is unread, and those of a ticket with what was not called out, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update

from core.alerts import store
from core.alerts.calling import tell_windows
from core.alerts.keeping import deed_of, facts_of, state_of
from core.alerts.rules import RATED_EVENT, REOPENED_EVENT, Part, judge
from core.alerts.watching import WatcherRow
from core.directory import directory
from core.schema import Alert, AlertNotice, AlertState, Customer, Event, Ticket, Watcher
from core.tickets.rows import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.alerts.rules import Rule

_a, _n, _t, _c = Alert.__table__.c, AlertNotice.__table__.c, Ticket.__table__.c, Customer.__table__.c
_e, _s, _w = Event.__table__.c, AlertState.__table__.c, Watcher.__table__.c
_COLUMNS = (_a.id, _a.kind, _a.rule_id, _a.rule_version, _a.ticket_id, _a.team_id, _a.department_id, _a.at, _a.facts)
_MINE = (
    select(*_COLUMNS, _n.read_at, _t.subject, _t.language, _c.name, _s.silenced_at)
    .select_from(AlertNotice.__table__)
    .join(Alert.__table__, _a.id == _n.alert_id)
    .outerjoin(Ticket.__table__, _t.id == _a.ticket_id)
    .outerjoin(Customer.__table__, _c.id == _t.customer_id)
    .outerjoin(AlertState.__table__, _s.ticket_id == _a.ticket_id)
    .where(_n.person_id == bindparam("person"), _n.alert_id < bindparam("before"))
    .order_by(_n.alert_id.desc())
    .limit(bindparam("limit"))
)
_UNREAD = _MINE.where(_n.read_at.is_(None))
_COUNT = select(func.count()).where(_n.person_id == bindparam("person"), _n.read_at.is_(None))
_OF_TICKET = (
    select(*_COLUMNS).where(_a.ticket_id == bindparam("ticket"), _a.rule_id.is_not(None)).order_by(_a.id.desc())
)
_EVENTS = (
    select(_e.seq, _e.kind, _e.data)
    .where(_e.stream == "ticket", _e.stream_id == bindparam("ticket"), _e.kind.in_((REOPENED_EVENT, RATED_EVENT)))
    .order_by(_e.seq)
)
_MOST = 2**62


@dataclass(frozen=True, slots=True)
class Mine:
    """An alert in somebody's list. Without a ticket it is about a backlog."""

    id: int
    kind: str
    rule_id: int | None
    rule_version: int | None
    ticket_id: int | None
    team_id: int | None
    department_id: int | None
    at: int
    facts: dict[str, Any]
    read_at: int | None
    subject: str | None
    language: str | None
    customer: str | None
    silenced_at: int | None


@dataclass(frozen=True, slots=True)
class Called:
    """An alert of a ticket, and the rule in the version that called it out."""

    id: int
    kind: str
    at: int
    facts: dict[str, Any]
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class NotCalled:
    """A rule that did not call, with the condition that was false."""

    rule: Rule
    part: Part


@dataclass(frozen=True, slots=True)
class OfTicket:
    """Everything about a ticket's alerts. `next_at`: when it is looked at again, if nothing happens."""

    called: tuple[Called, ...]
    not_called: tuple[NotCalled, ...]
    silenced_at: int | None
    silenced_by: int | None
    next_at: int | None


def mine(
    tx: Connection, person_id: int, *, unread: bool = False, before: int | None = None, limit: int = 50
) -> list[Mine]:
    """The person's alerts, the newest first; those behind the alert `before`."""
    values = {"person": person_id, "before": before or _MOST, "limit": limit}
    query: Any = _UNREAD if unread else _MINE
    return [Mine(*row) for row in tx.execute(query, values)]


def unread_count(tx: Connection, person_id: int) -> int:
    """How many alerts the person has not read."""
    return int(tx.execute(_COUNT, {"person": person_id}).scalar_one())


def mark_read(tx: Connection, person_id: int, alert_ids: Sequence[int] | None, now: int) -> int:
    """Note that these (None: all) have been read; says how many were not. The person's other windows count again."""
    chosen = [_n.person_id == person_id, _n.read_at.is_(None)]
    if alert_ids is not None:
        chosen.append(_n.alert_id.in_(list(alert_ids)))
    done = tx.execute(update(AlertNotice.__table__).where(*chosen).values(read_at=now)).rowcount
    if done:
        tell_windows(tx, [(person_id, now)], "alert.read")
    return done


def mark_ticket_read(tx: Connection, person_id: int, ticket_id: int, now: int) -> int:
    """The same for everything about one ticket."""
    ids = tx.execute(select(_a.id).where(_a.ticket_id == ticket_id)).scalars().all()
    return mark_read(tx, person_id, ids, now)


_BESIDE = (
    select(_w.person_id, _w.by, _w.at, _w.hears, _w.how, _s.silenced_at)
    .select_from(Ticket.__table__)
    .outerjoin(Watcher.__table__, _w.ticket_id == _t.id)
    .outerjoin(AlertState.__table__, _s.ticket_id == _t.id)
    .where(_t.id == bindparam("ticket"))
    .order_by(_w.at, _w.person_id)
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the ticket's page shows of it: who watches, and whether it is silenced."""

    watchers: tuple[WatcherRow, ...] = ()
    silenced_at: int | None = None

    def of(self, person_id: int) -> WatcherRow | None:
        """How this person watches; None: they do not."""
        return next((one for one in self.watchers if one.person_id == person_id), None)


def beside(tx: Connection, ticket_id: int) -> Beside:
    """Watchers and silence of a ticket, in one statement."""
    rows = tx.execute(_BESIDE, {"ticket": ticket_id}).all()
    found = tuple(WatcherRow(row.person_id, row.by, row.at, tuple(row.hears), row.how) for row in rows if row.person_id)
    return Beside(found, rows[0].silenced_at if rows else None)


def of_ticket(tx: Connection, ticket_id: int, now: int) -> OfTicket:
    """What was called out about a ticket, and of every other rule of its department the condition that is false at this moment."""
    rows = tx.execute(_OF_TICKET, {"ticket": ticket_id}).all()
    called = tuple(
        Called(row.id, row.kind, row.at, row.facts, store.rule_version(tx, row.rule_id, row.rule_version))
        for row in rows
    )
    state = state_of(tx, ticket_id)
    not_called = tuple(_not_called(tx, ticket_id, {row.rule_id for row in rows}, state.silenced_at, now))
    return OfTicket(called, not_called, state.silenced_at, state.silenced_by, state.next_at)


def _not_called(tx: Connection, ticket_id: int, called: set[int], silenced_at: int | None, now: int) -> list[NotCalled]:
    row, firm = read(tx, ticket_id), directory(tx)
    rules = [
        rule
        for rule in store.current(tx).tickets
        if rule.id not in called and rule.department_id in {None, row.department_id}
    ]
    events = [{"seq": e.seq, "kind": e.kind, "data": e.data} for e in tx.execute(_EVENTS, {"ticket": ticket_id})]
    facts = facts_of(tx, row, _deed_at(tx, row.id, row.created_at), rules, events, now)
    found = []
    for rule in rules:
        if not rule.concerns(row.department_id, row.team_id):
            found.append(NotCalled(rule, Part("place", False, {"team": firm.teams[rule.team_id or 0].title})))
        elif silenced_at is not None:
            found.append(NotCalled(rule, Part("silenced", False)))
        elif (part := judge(rule, facts).missing) is not None:
            found.append(NotCalled(rule, part))
    return found


def _deed_at(tx: Connection, ticket_id: int, created_at: int) -> int:
    return state_of(tx, ticket_id).deed_at or deed_of(tx, ticket_id) or created_at

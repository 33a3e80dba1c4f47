"""The clocks of tickets as pages and programs show them: how much time is left, by which promise, and which hours counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam

from core.clocks.book import DatabaseBook, calendar_of, policy_of
from core.clocks.kept import READ, clock_of, clocks_of
from core.schema import Clock as ClockTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.calendars import Interval
    from core.clocks.folding import Clock

SHOWN = 12  # intervals that are told one by one; what lies before is told as a sum
_c = ClockTable.__table__.c
_OF_TICKETS = READ.where(_c.ticket_id.in_(bindparam("tickets", expanding=True))).order_by(_c.ticket_id, _c.id)


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock with everything that explains it. `used` and `left` are opening time (ms) at the moment of asking."""

    clock: Clock
    policy_id: int
    policy: str
    version: int
    calendar: str
    calendar_version: int
    goal: int
    limit: int | None
    used: int
    counted: tuple[Interval, ...]
    earlier: int  # ms that were counted before the first of `counted`

    @property
    def left(self) -> int:
        """Opening time until the goal; negative when it is over."""
        return self.goal - self.used


def clock_lines(tx: Connection, ticket_id: int, priority: str, now: int) -> list[ClockLine]:
    """The newest clock of every metric of a ticket, those that run first."""
    newest = {clock.metric: clock for clock in clocks_of(tx, ticket_id)}
    lines = [line(tx, clock, priority, now) for clock in newest.values()]
    return sorted(lines, key=lambda one: (not one.clock.open, one.clock.due_at or 2**62))


def line(tx: Connection, clock: Clock, priority: str, now: int) -> ClockLine:
    """A clock, explained at the moment `now`."""
    book = DatabaseBook(tx)
    policy, calendar = book.policy(clock.policy), book.calendar(clock.policy)
    policy_id, version = policy_of(clock.policy)
    calendar_id, calendar_version = calendar_of(clock.policy)
    names = {id_: name for name, (id_, _version) in book.current().calendars.items()}
    metric = policy.metric(clock.metric)
    goal = metric.goal_for(priority) if metric else None
    counted = [piece for start, end in clock.running(now) for piece in calendar.explain(start, end)]
    shown = counted[-SHOWN:]
    return ClockLine(
        clock=clock,
        policy_id=policy_id,
        policy=policy.name,
        version=version,
        calendar=names.get(calendar_id, "?"),
        calendar_version=calendar_version,
        goal=goal.goal if goal else 0,
        limit=goal.limit if goal else None,
        used=sum(piece.end - piece.start for piece in counted),
        counted=tuple(shown),
        earlier=sum(piece.end - piece.start for piece in counted[: -len(shown)]) if len(counted) > SHOWN else 0,
    )


def clocks_of_tickets(tx: Connection, ticket_ids: Sequence[int]) -> dict[int, list[Clock]]:
    """The clocks of several tickets, in one statement."""
    if len(ticket_ids) == 1:
        return {ticket_ids[0]: clocks_of(tx, ticket_ids[0])}
    found: dict[int, list[Clock]] = {ticket: [] for ticket in ticket_ids}
    if ticket_ids:
        for row in tx.execute(_OF_TICKETS, {"tickets": list(ticket_ids)}):
            found[row.ticket_id].append(clock_of(row))
    return found

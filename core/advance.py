"""What is next on this ticket? The walk, in the transaction of whoever moved it: its decisions become rows, events and wanted effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, select, update

from core import children, effects, ledger, timeline
from core.actors import FLOW, SYSTEM
from core.alerts import keeping as alerts
from core.applying import apply_effect, apply_order
from core.clocks import keeping as clocks
from core.directory import directory
from core.duty_mails import tell_people, waiting_for
from core.effects import OVERDUE_MS, Wanted
from core.prepared import Prepared
from core.procedure.values import ROOT
from core.procedure.walk import walk
from core.procedures import ATTENTION, RUNNING, change_run, read_run
from core.routing.draining import has_room
from core.schema import StepVisit, Ticket
from core.tickets.rows import CLOSED, RESOLVED, TicketRow, change, flush, held, lock
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.procedure.values import Change, Move
    from core.procedures import RunRow
    from core.settings import Settings

MOST_WALKS = (
    5  # an order (somebody was assigned, it was resolved) may set the next step off; then the next alarm goes on
)

_t, _s = Ticket.__table__.c, StepVisit.__table__.c
_HUMAN = ("task", "approval", "collaborate", "resolve", "document")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket stands after its last walk: what Temporal has to do for it. Ids and codes only."""

    ticket_id: int
    seq: int
    effects: tuple[Wanted, ...] = ()
    alarm_at: int | None = None
    ended: bool = False
    open_steps: tuple[str, ...] = ()


def advance(tx: Connection, settings: Settings, ticket_id: int, now: int) -> Standing:
    """Walk the ticket at the moment `now` (ms), under its row's lock; an unchanged ticket stays as it is."""
    row = walk_on(tx, settings, lock(tx, ticket_id), now)
    return standing(tx, [row.id])[row.id]


def walk_on(
    tx: Connection,
    settings: Settings,
    row: TicketRow,
    now: int,
    *,
    cause: int | None = None,
    run: RunRow | None = None,
) -> TicketRow:
    """Walk a ticket whose row this transaction has locked; every command that moves a ticket ends here. `run`: one that has just begun."""
    before = held(tx, row.id).stored
    called = clocks.keep(tx, row.id, now)  # what is due is called out first: the procedure may listen to it
    row = held(tx, row.id).row
    run_alarm, planned = None, False
    begun = run is not None
    if run is None and row.run_id is not None:
        run = read_run(tx, row.run_id)
    if run is not None and run.state in {RUNNING, ATTENTION}:
        visits = ledger.Visits(run.id) if begun else ledger.load(tx, run.id)
        row, run_alarm, planned = _walk_run(tx, settings, row, run, visits, now, cause)
    else:
        row = _show_next(tx, row, ledger.Visits(0), now)
    _close_when_quiet(tx, row, now)
    clocks.keep(tx, row.id, now, passing=False)
    alerted = alerts.keep(tx, row.id, now)
    row = held(tx, row.id).row
    if before.unresolved and before.holder_id and (not row.unresolved or row.holder_id != before.holder_id):
        has_room(tx, settings, before.holder_id, now)
    if before.unresolved and not row.unresolved:
        planned = children.plan_telling(tx, row, now) or planned
    planned = planned or called or alerted.planned  # an escalation or an alert may have planned a mail
    return _set_alarm(tx, before, row, (run_alarm, alerted.next_at), now, planned=planned)


def _walk_run(
    tx: Connection,
    settings: Settings,
    row: TicketRow,
    run: RunRow,
    visits: ledger.Visits,
    now: int,
    cause: int | None,
) -> tuple[TicketRow, int | None, bool]:
    firm = directory(tx)
    planned = False
    move, more_at = None, None
    before, touched = waiting_for(visits), list[str]()
    for _ in range(MOST_WALKS):
        world = DatabaseWorld(tx, firm, row, run, now)
        move = walk(run.sop, visits, world, now)
        if move.empty:
            break
        ledger.store(tx, row.id, visits, move.visits)
        touched += [one.visit.path for one in move.visits]
        _tell(tx, row, move.visits, now, cause)
        begun = held(tx, row.id).row.last_seq
        for order in move.orders:
            row, run = apply_order(tx, world, row, run, order, visits, now)
            world = replace(world, row=row, run=run)
        for effect in move.effects:
            planned = apply_effect(tx, settings, world, effect, visits, now) or planned
        row = held(tx, row.id).row
        if not (_awaited(tx, row, run, visits, begun) or _told_at_once(move, visits)):
            break
    else:
        more_at = now  # there may be more to do: the alarm rings at once
    assert move is not None
    if touched:
        planned = tell_people(tx, DatabaseWorld(tx, firm, row, run, now), visits, before, touched) or planned
    row = _end_run(tx, row, run, move, now)
    goes_on = run.state == RUNNING and move.ended is None and move.attention is None
    held(tx, row.id).walked = (run, visits) if goes_on else None
    return _show_next(tx, row, visits, now), move.alarm_at if more_at is None else more_at, planned


def _awaited(tx: Connection, row: TicketRow, run: RunRow, visits: ledger.Visits, since: int) -> bool:
    """Does the procedure wait for one of the events that its own orders have just caused?"""
    caused = {event["kind"] for event in held(tx, row.id).events if event["seq"] > since}
    listening = {on.event for on in run.sop.on}
    for visit in visits.values():
        if visit.open:
            listening.update(visit.awaits)
    return bool(caused & listening) or ("*" in listening and bool(caused))


def _told_at_once(move: Move, visits: ledger.Visits) -> bool:
    """Did an awaited notice need no mail, so that its step is over already?"""
    notices = [effect for effect in move.effects if effect.kind == "notify" and effect.payload["await"]]
    return any(not visits[effect.path].effect for effect in notices)


def _tell(tx: Connection, row: TicketRow, changes: Sequence[Change], now: int, cause: int | None) -> None:
    """One event for each change of the ledger that people see."""
    events: list[tuple[str, dict[str, Any]]] = []
    for one in changes:
        visit = one.visit
        if visit.name == ROOT or visit.path.endswith(ROOT) or one.op == "changed":
            continue
        data = {"step": visit.name, "path": visit.path, "kind": visit.kind}
        if one.op == "opened":
            events.append(("step.opened", data))
        else:
            events.append(
                ("step.done", {**data, "state": visit.state.value, "outcome": visit.outcome, "by": visit.ended_by})
            )
    for kind, told in events:
        timeline.append(tx, row.id, kind, FLOW, told, at=now, cause=cause)


def _end_run(tx: Connection, row: TicketRow, run: RunRow, move: Move, now: int) -> TicketRow:
    if move.ended:
        change_run(
            tx,
            run.id,
            state="completed" if move.ended.outcome == "completed" else "ended",
            outcome=move.ended.outcome,
            ended_at=now,
        )
        timeline.append(tx, row.id, "sop.ended", FLOW, {"run": run.id, "outcome": move.ended.outcome}, at=now)
        return change(tx, row, attention=None)
    code = move.attention.code if move.attention else None
    if code and row.attention != code:
        change_run(tx, run.id, state=ATTENTION)
        assert move.attention is not None
        timeline.append(tx, row.id, "run.attention", FLOW, {"code": code, "path": move.attention.path}, at=now)
    elif code is None and run.state == ATTENTION:
        change_run(tx, run.id, state=RUNNING)
    return change(tx, row, attention=code)


def _show_next(tx: Connection, row: TicketRow, visits: ledger.Visits, now: int) -> TicketRow:
    """The queue shows the open step of people that is due first, and the nearest due moment of steps and clocks."""
    clocks.keep(tx, row.id, now, passing=False)
    row = held(tx, row.id).row
    waiting = [v for v in visits.values() if v.open and v.kind in _HUMAN] or [
        v for v in visits.values() if v.open and v.kind == "wait"
    ]
    first = min(waiting, key=lambda v: (v.due_at or 2**62, v.opened_at), default=None)
    step_id = visits.ids[first.path] if first else None
    moments = []
    if row.unresolved:
        moments += clocks.due_moments(held(tx, row.id))
        if first and first.due_at:
            moments.append((first.due_at, "step"))
    due_at, due_kind = min(moments, default=(None, None))
    return change(tx, row, step_id=step_id, due_at=due_at, due_kind=due_kind)


def _close_when_quiet(tx: Connection, row: TicketRow, now: int) -> None:
    closing = closing_time(tx, row)
    if closing is not None and closing <= now:
        timeline.append(tx, row.id, "ticket.closed", SYSTEM, {"by": "quiet_time"}, at=now)
        change(tx, row, status=CLOSED, closed_at=now)


def closing_time(tx: Connection, row: TicketRow) -> int | None:
    """When a resolved ticket is closed by itself."""
    if row.status != RESOLVED or row.resolved_at is None:
        return None
    return row.resolved_at + directory(tx).departments[row.department_id].quiet_hours * 3_600_000


def _set_alarm(
    tx: Connection, before: TicketRow, row: TicketRow, alarms: tuple[int | None, ...], now: int, *, planned: bool
) -> TicketRow:
    """Note the next moment to walk by itself. Temporal is told only of what leaves it something to do."""
    alarm = min(
        (at for at in (*alarms, closing_time(tx, row), clocks.next_alarm(held(tx, row.id))) if at is not None),
        default=None,
    )
    row = change(tx, row, alarm_at=alarm)
    ended = row.status == CLOSED and alarm is None  # what waits behind the resolution outlasts the closing
    had_ended = before.status == CLOSED and before.alarm_at is None
    earlier = alarm is not None and (before.alarm_at is None or alarm < before.alarm_at or before.alarm_at <= now)
    if planned or earlier or (ended and not had_ended) or row.run_id != before.run_id:
        want(tx, row.id)
    return row


def want(tx: Connection, ticket_id: int) -> None:
    """Temporal has something to do for this ticket."""
    mine = held(tx, ticket_id)
    change(tx, mine.row, want_seq=mine.row.last_seq)


def needs_attention(tx: Connection, ticket_id: int, code: str, now: int) -> None:
    """The ticket cannot go on by itself: a person must look."""
    row = lock(tx, ticket_id)
    if row.attention != code:
        timeline.append(tx, ticket_id, "run.attention", SYSTEM, {"code": code}, at=now)
        change(tx, row, attention=code, alarm_at=None)


# ---- what the relay reads ----------------------------------------------------------------------------------------------

_TICKETS = select(_t.id, _t.last_seq, _t.alarm_at, _t.status)
_STANDING = _TICKETS.where(_t.id.in_(bindparam("tickets", expanding=True)))
_ONE_STANDING = Prepared(_TICKETS.where(_t.id == bindparam("ticket")))
_STEPS = (
    select(_s.ticket_id, _s.name)
    .where(_s.state == "open", and_(*(_s.kind != kind for kind in ("sop", "event", "switch", "fork", "do"))))
    .order_by(_s.place)
)
_OPEN = _STEPS.where(_s.ticket_id.in_(bindparam("tickets", expanding=True)))
_ONE_OPEN = Prepared(_STEPS.where(_s.ticket_id == bindparam("ticket")))
_WANTED = (
    select(_t.id, _t.want_seq, _t.nudged_seq)
    .where(_t.want_seq > _t.nudged_seq)
    .order_by(_t.id)
    .limit(bindparam("limit"))
)
_NUDGED = Prepared(
    update(Ticket.__table__)
    .where(_t.id == bindparam("b_ticket"), _t.nudged_seq < bindparam("b_seq"))
    .values(nudged_seq=bindparam("b_seq"))
)
_LATE = (
    select(_t.id)
    .where(_t.alarm_at.is_not(None), _t.alarm_at < bindparam("before"))
    .order_by(_t.alarm_at)
    .limit(bindparam("limit"))
)


def standing(tx: Connection, ticket_ids: Sequence[int]) -> dict[int, Standing]:
    """How tickets stand after their last walk; three statements for all of them."""
    if not ticket_ids:
        return {}
    flush(tx)
    # The rows first: on PostgreSQL each statement sees its own moment, and effects may be newer than their seq, never older.
    rows, steps = _rows_of(tx, ticket_ids)
    names: dict[int, list[str]] = {}
    for ticket, name in steps:
        names.setdefault(ticket, []).append(name)
    wanted = effects.due(tx, ticket_ids)
    return {
        row.id: Standing(
            row.id,
            row.last_seq,
            wanted.get(row.id, ()),
            row.alarm_at,
            row.status == CLOSED and row.alarm_at is None,
            tuple(names.get(row.id, ())[:20]),
        )
        for row in rows
    }


def _rows_of(tx: Connection, ticket_ids: Sequence[int]) -> tuple[Sequence[Any], Sequence[Any]]:
    """The tickets' rows and then their open steps. One ticket is by far the most frequent case."""
    if len(ticket_ids) == 1:
        which = {"ticket": ticket_ids[0]}
        return _ONE_STANDING.all(tx, which), _ONE_OPEN.all(tx, which)
    several = {"tickets": list(ticket_ids)}
    return tx.execute(_STANDING, several).all(), tx.execute(_OPEN, several).all()


def wanted(tx: Connection, limit: int) -> list[tuple[int, int, int]]:
    """(ticket, want_seq, nudged_seq) of tickets that want Temporal."""
    return [(row[0], row[1], row[2]) for row in tx.execute(_WANTED, {"limit": limit})]


def nudged(tx: Connection, marks: Sequence[tuple[int, int]]) -> None:
    """Temporal knows of these tickets up to these seqs."""
    for ticket, seq in sorted(marks):
        _NUDGED.run(tx, {"b_ticket": ticket, "b_seq": seq})


def overdue(tx: Connection, now: int, limit: int = 200) -> list[int]:
    """Tickets whose alarm or effect is overdue by a minute: Temporal lost them, or their nudge was lost."""
    late = list(tx.execute(_LATE, {"before": now - OVERDUE_MS, "limit": limit}).scalars())
    return list(dict.fromkeys(late + effects.overdue_tickets(tx, now, limit)))


def lag(tx: Connection) -> tuple[int, int | None]:
    """(how many tickets want Temporal, the moment the oldest of them last moved)."""
    n, oldest = tx.execute(select(func.count(), func.min(_t.last_at)).where(_t.want_seq > _t.nudged_seq)).one()
    return int(n), oldest

"""What would the rules make of many tickets that are there? Read for all of them at once; a preview and the job that follows it ask the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, func, literal, select
from sqlalchemy.dialects import postgresql

from core.database import is_sqlite
from core.directory import directory
from core.procedure.strictness import is_kept, kept_names
from core.procedures import ATTENTION, RUNNING
from core.routing.deciding import ROUTED, decide
from core.schema import Customer, Event, Message, Run, SopVersion, Ticket
from core.sop.reading import load
from core.tickets.barring import following
from core.tickets.rerouting import ASKER, Outcome, asked_with, outcome_of
from core.tickets.rows import PRIORITY_NAMES, read_these

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Select

    from core.routing.deciding import Asked
    from core.tickets.rows import TicketRow

_t, _c, _m, _e, _r, _v = (
    Ticket.__table__.c,
    Customer.__table__.c,
    Message.__table__.c,
    Event.__table__.c,
    Run.__table__.c,
    SopVersion.__table__.c,
)
_ASKERS = ASKER.add_columns(_c.id).where(_c.id.in_(bindparam("customers", expanding=True)))
_FIRST_IDS = (
    select(func.min(_m.id)).where(_m.ticket_id.in_(bindparam("tickets", expanding=True))).group_by(_m.ticket_id)
)
_FIRSTS = select(_m.ticket_id, _m.to).where(_m.id.in_(_FIRST_IDS))
_DECIDED = (
    select(_e.stream_id, _e.data)
    .where(_e.stream == "ticket", _e.kind == ROUTED, _e.stream_id.in_(bindparam("tickets", expanding=True)))
    .order_by(_e.seq)
)
_RUNS = (
    select(_r.id, _v.text)
    .join(SopVersion.__table__, _v.id == _r.version_id)
    .where(_r.id.in_(bindparam("runs", expanding=True)), _r.state.in_([RUNNING, ATTENTION]))
)
_GUARDED = frozenset(
    {"ticket.topic", "ticket.priority", "ticket.tags"}
)  # what a procedure may keep to its own steps; where a ticket lies, it never does


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which open tickets meet the rules again. What is None (or "") may be anything."""

    department_id: int | None = None
    team_id: int | None = None
    channel: str = ""
    tag: str = ""
    unassigned: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one ticket: `moves` by name (before, after), or nothing.

    `kept` are those that its strict procedure decides by steps of its own: then it is left alone. `beside` a guided one they are moved, too.

    The move `holder` says who would get it: a colleague whom the rule names, or 0 for whoever routing finds.
    """

    row: TicketRow
    found: Outcome | None
    moves: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Would something change, but may not?"""
        return bool(self.moves and self.kept)

    @property
    def rule_id(self) -> int | None:
        """The rule that matches."""
        return self.found.decision.data.get("rule") if self.found else None


def ids_after(
    tx: Connection, chosen: Chosen, cursor: int, limit: int, *, upto: int = 2**62, locked: bool = False
) -> list[int]:
    """The next chosen tickets behind `cursor`, by id. `locked`: nobody else changes them until this transaction ends."""
    query = _query(
        chosen.department_id is not None, chosen.team_id is not None, bool(chosen.channel), chosen.unassigned
    )
    values = {"department": chosen.department_id, "team": chosen.team_id, "channel": chosen.channel}
    query = _tagged(tx, query, chosen.tag).limit(limit)
    if locked and not is_sqlite(tx):
        query = query.with_for_update(of=Ticket.__table__)
    known = {name: value for name, value in values.items() if value not in (None, "")}
    return list(tx.execute(query, {**known, "cursor": cursor, "upto": upto}).scalars())


def count(tx: Connection, chosen: Chosen) -> tuple[int, int]:
    """How many there are, and the newest of them."""
    query = _query(
        chosen.department_id is not None, chosen.team_id is not None, bool(chosen.channel), chosen.unassigned
    )
    found = _tagged(tx, query, chosen.tag).order_by(None).subquery()
    values = {"department": chosen.department_id, "team": chosen.team_id, "channel": chosen.channel}
    known = {name: value for name, value in values.items() if value not in (None, "")}
    n, newest = tx.execute(select(func.count(), func.max(found.c.id)), {**known, "cursor": 0, "upto": 2**62}).one()
    return int(n), int(newest or 0)


@lru_cache
def _query(department: bool, team: bool, channel: bool, unassigned: bool) -> Select[Any]:
    query = select(_t.id).where(_t.queue_key.is_not(None), _t.id > bindparam("cursor"), _t.id <= bindparam("upto"))
    if department:
        query = query.where(_t.department_id == bindparam("department"))
    if team:
        query = query.where(_t.team_id == bindparam("team"))
    if channel:
        query = query.where(_t.channel == bindparam("channel"))
    if unassigned:
        query = query.where(_t.holder_id.is_(None))
    return query.order_by(_t.id)


def _tagged(tx: Connection, query: Select[Any], tag: str) -> Select[Any]:
    if not tag:
        return query
    if is_sqlite(tx):
        each = func.json_each(_t.tags).table_valued("value")
        return query.where(exists(select(literal(1)).select_from(each).where(each.c.value == tag)))
    return query.where(_t.tags.cast(postgresql.JSONB).contains([tag]))


def verdicts(tx: Connection, tickets: Sequence[int], now: int) -> list[Verdict]:
    """What would become of these tickets, in their order; the number of statements does not depend on how many they are.

    Only where a procedure decides something itself, that ticket's own steps are looked at beside.
    """
    rows = read_these(tx, tickets)
    if not rows:
        return []
    asked, decided, guarded = _asked(tx, rows), _decided(tx, rows), _guarded(tx, rows)
    firm = directory(tx)
    found = []
    for row in rows:
        decision = decide(tx, firm, asked[row.id], now)
        one = None if decision is None else outcome_of(row, decision)
        moves = {} if one is None else _moves(tx, row, one, decided.get(row.id))
        mode, may_keep = guarded.get(row.run_id or 0, ("", frozenset()))
        touched = [name for name in moves if f"ticket.{name}" in may_keep]
        names = _kept(tx, row, touched) if touched else ()
        found.append(Verdict(row, one, moves, names if mode == "strict" else (), names if mode == "guided" else ()))
    return found


def _asked(tx: Connection, rows: Sequence[TicketRow]) -> dict[int, Asked]:
    firm = directory(tx)
    them = {one.id: one for one in tx.execute(_ASKERS, {"customers": sorted({row.customer_id for row in rows})})}
    unknown = [row.id for row in rows if row.mailbox is None]
    to = {ticket: sent or [] for ticket, sent in tx.execute(_FIRSTS, {"tickets": unknown})} if unknown else {}
    return {row.id: asked_with(firm, row, them[row.customer_id], to.get(row.id, [])) for row in rows}


def _decided(tx: Connection, rows: Sequence[TicketRow]) -> dict[int, tuple[Any, Any]]:
    """(rule, version) of the newest decision over those that nobody holds: another rule may wish for somebody else."""
    waiting = [row.id for row in rows if row.holder_id is None]
    if not waiting:
        return {}
    rows_of = tx.execute(_DECIDED, {"tickets": waiting})
    return {ticket: (data.get("rule"), data.get("version")) for ticket, data in rows_of}


def _guarded(tx: Connection, rows: Sequence[TicketRow]) -> dict[int, tuple[str, frozenset[str]]]:
    """The runs under way whose procedure may keep something to its own steps: its mode, and the names."""
    runs = [row.run_id for row in rows if row.run_id is not None]
    sops = {run: load(text) for run, text in tx.execute(_RUNS, {"runs": runs})} if runs else {}
    known = {id(sop): (sop.mode, kept_names(sop) & _GUARDED) for sop in sops.values() if sop.mode != "advisory"}
    return {run: known[id(sop)] for run, sop in sops.items() if id(sop) in known and known[id(sop)][1]}


def _moves(
    tx: Connection, row: TicketRow, found: Outcome, decided: tuple[Any, Any] | None
) -> dict[str, tuple[Any, Any]]:
    """What would be different, by name."""
    places = {
        "department": (row.department_id, found.department_id),
        "team": (row.team_id, found.team_id),
        "priority": (PRIORITY_NAMES[row.priority], PRIORITY_NAMES[found.priority]),
        "topic": (row.topic, found.topic),
    }
    moves = {name: pair for name, pair in places.items() if pair[0] != pair[1]}
    added = sorted(set(found.tags) - set(row.tags))
    if added:
        moves["tags"] = (None, added)
    firm = directory(tx)
    now = (found.decision.data.get("rule"), found.decision.data.get("version"))
    if (row.holder_id is None and ("team" in moves or now != decided)) or found.hands_on(firm, row):
        moves["holder"] = (row.holder_id, found.agent(firm) or 0)
    return moves


def _kept(tx: Connection, row: TicketRow, names: Sequence[str]) -> tuple[str, ...]:
    """What of it the ticket's procedure decides by a step of its own that is not open now."""
    now = following(tx, row)
    return tuple(name for name in names if now is not None and is_kept(now.run.sop, now.visits, f"ticket.{name}"))

"""Reads what is known of the past out of the database: the runs of many tickets at once, each only up to a size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, not_, select

from core import ledger
from core.procedures import read_by_hash
from core.schema import Effect, Event
from core.studio.past import Past, heard_by
from core.timeline import Happening

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from core.procedure.values import Visit
    from core.procedures import RunRow
    from core.sop.document import Sop

MOST_EVENTS, MOST_VISITS = 5_000, 1_000
_KINDS = frozenset({
    "task.completed", "step.done", "step.voted", "step.answered", "step.decided", "sop.deviated", "run.moved", "run.led",
    "ticket.opened", "ticket.assigned", "ticket.changed", "ticket.closed", "ticket.reopened", "ticket.merged", "message.sent",
})  # fmt: skip
_e, _f = Event.__table__.c, Effect.__table__.c
_EVENTS = (
    select(_e.id, _e.stream, _e.stream_id, _e.seq, _e.at, _e.kind, _e.actor_kind, _e.actor_id, _e.cause, _e.department_id, _e.data)
    .where(
        _e.stream == "ticket",
        _e.stream_id.in_(bindparam("tickets", expanding=True)),
        _e.seq <= bindparam("most"),
        _e.kind.in_(bindparam("kinds", expanding=True)),
        not_(and_(_e.kind == "step.done", _e.actor_kind == "flow")),
    )
    .order_by(_e.stream_id, _e.seq)
)  # fmt: skip
_CALLS = (
    select(_f.run_id, _f.payload, _f.state, _f.result)
    .where(_f.run_id.in_(bindparam("runs", expanding=True)), _f.kind == "call_plugin")
    .order_by(_f.planned_at, _f.key)
)


def read_pasts(
    tx: Connection,
    runs: Sequence[RunRow],
    until: Mapping[int, int],
    *,
    heard: frozenset[str] = frozenset(),
    most_events: int = MOST_EVENTS,
) -> dict[int, Past]:
    """What is known of each run, by its id: its ledger, and what happened from its beginning to the moment `until` says for it.

    `heard`: kinds of events that are read besides those of these documents.
    """
    ids = [run.id for run in runs]
    visits = ledger.load_many(tx, ids, MOST_VISITS)
    subs = _sub_sops(tx, runs, visits)
    kinds = _KINDS.union(heard, *(heard_by(sop) for sop in {id(run.sop): run.sop for run in runs}.values()))
    kinds = kinds.union(*map(heard_by, subs.values()))
    events = events_of(tx, {run.ticket_id for run in runs}, kinds, most_events)
    answers = _answers(tx, ids)
    return {
        run.id: Past(
            run.sop,
            tuple(subs[hash_] for hash_ in _hashes(visits[run.id].values()) if hash_ in subs),
            visits[run.id],
            [e for e in events.get(run.ticket_id, ()) if run.opened_at <= e.at <= until[run.id]],
            answers.get(run.id, {}),
            whole=len(visits[run.id]) < MOST_VISITS,
        )
        for run in runs
    }


def events_of(
    tx: Connection, tickets: Iterable[int], kinds: Iterable[str], most: int = MOST_EVENTS
) -> dict[int, list[Happening]]:
    """The events of these kinds on the timelines of tickets, among the first `most` of each."""
    found: dict[int, list[Happening]] = {}
    values = {"tickets": list(tickets), "kinds": list(kinds), "most": most}
    for row in tx.execute(_EVENTS, values) if values["tickets"] else ():
        found.setdefault(row.stream_id, []).append(Happening(*row))
    return found


def _hashes(visits: Iterable[Visit]) -> list[str]:
    return list(dict.fromkeys(str(one.marks["hash"]) for one in visits if "hash" in one.marks))


def _sub_sops(tx: Connection, runs: Sequence[RunRow], visits: Mapping[int, Mapping[str, Visit]]) -> dict[str, Sop]:
    """The documents of the sub-SOPs that were run, by their hash."""
    own = {run.sop.hash for run in runs}
    wanted = {hash_ for rows in visits.values() for hash_ in _hashes(rows.values())} - own
    return {hash_: sop for hash_ in wanted if (sop := read_by_hash(tx, hash_)) is not None}


def _answers(tx: Connection, run_ids: Sequence[int]) -> dict[int, dict[str, list[Any]]]:
    """How the calls of each action came back, in their order."""
    found: dict[int, dict[str, list[Any]]] = {}
    for run_id, payload, state, result in tx.execute(_CALLS, {"runs": list(run_ids)}) if run_ids else ():
        answer = (result or {}) if state == "done" else {"error": "unknown" if state == "unknown" else "failed"}
        found.setdefault(run_id, {}).setdefault(str(payload.get("action")), []).append(answer)
    return found

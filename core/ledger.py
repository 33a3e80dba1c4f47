"""The step ledger in the database: one row for each visit of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from core.procedure.values import Party, State, Visit
from core.schema import StepDuty, StepVisit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.procedure.values import Change

_s = StepVisit.__table__.c
_FIELDS = (
    _s.id,
    _s.path,
    _s.name,
    _s.visit,
    _s.kind,
    _s.state,
    _s.opened_at,
    _s.outcome,
    _s.result,
    _s.why,
    _s.assignees,
    _s.due_at,
    _s.ended_at,
    _s.ended_by,
    _s.awaits,
    _s.effect,
    _s.marks,
)
_OF_RUN = select(*_FIELDS).where(_s.run_id == bindparam("run")).order_by(_s.place, _s.id)
_ONE = select(*_FIELDS, _s.run_id, _s.ticket_id).where(_s.id == bindparam("step"))
_INSERT = insert(StepVisit)
_UPDATE = (
    update(StepVisit)
    .where(_s.run_id == bindparam("b_run"), _s.path == bindparam("b_path"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "state",
                "outcome",
                "result",
                "why",
                "assignees",
                "due_at",
                "ended_at",
                "ended_by",
                "awaits",
                "effect",
                "marks",
            )
        }
    )
)
_END_OPEN = _UPDATE.where(_s.state == State.OPEN.value)
_DUTIES = {"person", "team", "customer", "role", "department", "skill"}


def load(tx: Connection, run_id: int) -> dict[str, Visit]:
    """All visits of a run by path, in the order of their opening."""
    return {row.path: to_visit(row) for row in tx.execute(_OF_RUN, {"run": run_id})}


def to_visit(row: Any) -> Visit:
    """A row of the table as the procedure's value."""
    return Visit(
        path=row.path,
        name=row.name,
        visit=row.visit,
        kind=row.kind,
        state=State(row.state),
        opened_at=row.opened_at,
        outcome=row.outcome,
        result=row.result,
        why=row.why,
        assignees=tuple(Party(kind, name) for kind, name in row.assignees),
        due_at=row.due_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        awaits=tuple(row.awaits),
        effect=row.effect,
        marks=row.marks,
    )


def find(tx: Connection, step_id: int) -> Any | None:
    """One row with `run_id` and `ticket_id`, or None."""
    return tx.execute(_ONE, {"step": step_id}).one_or_none()


def _values(visit: Visit) -> dict[str, Any]:
    row = visit.to_json()
    return {
        name: row[name]
        for name in (
            "state",
            "outcome",
            "result",
            "why",
            "assignees",
            "due_at",
            "ended_at",
            "ended_by",
            "awaits",
            "effect",
            "marks",
        )
    }


def store(tx: Connection, run_id: int, ticket_id: int, changes: Sequence[Change], placed: int) -> None:
    """Write a Move's changes of the ledger; `placed` visits stand there already."""
    new: dict[str, dict[str, Any]] = {}
    for change in changes:
        visit = change.visit
        if change.op in {"opened", "decided"} or visit.path in new:
            base = new.get(visit.path) or {
                "run_id": run_id,
                "ticket_id": ticket_id,
                "path": visit.path,
                "name": visit.name,
                "visit": visit.visit,
                "kind": visit.kind,
                "opened_at": visit.opened_at,
                "place": placed + len(new),
            }
            new[visit.path] = {**base, **_values(visit)}
        else:
            tx.execute(_UPDATE, {"b_run": run_id, "b_path": visit.path, **_values(visit)})
    if new:
        tx.execute(_INSERT, list(new.values()))
    _keep_duties(tx, run_id, ticket_id, [change.visit for change in changes])


def end_open(tx: Connection, run_id: int, visit: Visit) -> bool:
    """Write what a person or an effect did to an open visit; False when somebody else has ended it first."""
    won = tx.execute(_END_OPEN, {"b_run": run_id, "b_path": visit.path, **_values(visit)}).rowcount == 1
    if won:
        row = tx.execute(select(_s.ticket_id).where(_s.run_id == run_id, _s.path == visit.path)).one()
        _keep_duties(tx, run_id, row.ticket_id, [visit])
    return won


def _keep_duties(tx: Connection, run_id: int, ticket_id: int, visits: Sequence[Visit]) -> None:
    """Keep `step_duty` in step: rows only while a visit is open and waits for people."""
    paths = {visit.path: visit for visit in visits if visit.assignees}
    if not paths:
        return
    ids = {
        row.path: row.id for row in tx.execute(select(_s.id, _s.path).where(_s.run_id == run_id, _s.path.in_(paths)))
    }
    tx.execute(delete(StepDuty).where(StepDuty.step_id.in_(ids.values())))
    rows = {
        (ids[path], party.kind, int(party.id)): visit.due_at
        for path, visit in paths.items()
        if visit.open and path in ids
        for party in visit.assignees
        if party.kind in _DUTIES and party.id.isdecimal()
    }
    if rows:
        tx.execute(
            insert(StepDuty),
            [
                {"step_id": step, "party_kind": kind, "party_id": party, "ticket_id": ticket_id, "due_at": due}
                for (step, kind, party), due in rows.items()
            ],
        )

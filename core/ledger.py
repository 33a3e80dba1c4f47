"""The step ledger in the database: one row for each visit of a step."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from core.prepared import Prepared
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
_OF_RUN = Prepared(select(*_FIELDS).where(_s.run_id == bindparam("run")).order_by(_s.place, _s.id))
_OF_RUNS = (
    select(*_FIELDS, _s.run_id)
    .where(_s.run_id.in_(bindparam("runs", expanding=True)), _s.place < bindparam("most"))
    .order_by(_s.run_id, _s.place, _s.id)
)
_ONE = select(*_FIELDS, _s.run_id, _s.ticket_id).where(_s.id == bindparam("step"))
_CHANGING = (
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
_NEW = ("run_id", "ticket_id", "path", "name", "visit", "kind", "opened_at", "place", *_CHANGING)
_MOST_AT_ONCE = 16
_CHANGE = (
    update(StepVisit.__table__)
    .where(_s.id == bindparam("b_id"))
    .values({name: bindparam(name, type_=_s[name].type) for name in _CHANGING})
)
_UPDATE = Prepared(_CHANGE)
_END_OPEN = Prepared(_CHANGE.where(_s.state == State.OPEN.value))
_DUTY = Prepared(insert(StepDuty.__table__), ["step_id", "party_kind", "party_id", "ticket_id", "due_at"])
_NO_DUTY = Prepared(delete(StepDuty.__table__).where(StepDuty.__table__.c.step_id == bindparam("step")))
_DUTIES = {"person", "team", "customer", "role", "department", "skill"}


class Visits(dict[str, Visit]):
    """The visits of a run by path, in the order of their opening; `ids` has the id of each one's row."""

    def __init__(self, run_id: int) -> None:
        super().__init__()
        self.run_id = run_id
        self.ids: dict[str, int] = {}


def load(tx: Connection, run_id: int) -> Visits:
    """All visits of a run."""
    visits = Visits(run_id)
    for row in _OF_RUN.all(tx, {"run": run_id}):
        visits[row.path] = to_visit(row)
        visits.ids[row.path] = row.id
    return visits


def load_many(tx: Connection, run_ids: Sequence[int], most: int) -> dict[int, dict[str, Visit]]:
    """The visits of several runs, to be read only: the first `most` of each."""
    found: dict[int, dict[str, Visit]] = {run_id: {} for run_id in run_ids}
    for row in tx.execute(_OF_RUNS, {"runs": list(run_ids), "most": most}) if run_ids else ():
        found[row.run_id][row.path] = to_visit(row)
    return found


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
    return {name: row[name] for name in _CHANGING}


def store(tx: Connection, ticket_id: int, visits: Visits, changes: Sequence[Change]) -> None:
    """Write changes of the ledger, and keep `visits` as they are then."""
    new: dict[str, dict[str, Any]] = {}
    for change in changes:
        visit = change.visit
        if visit.path in visits.ids:
            _UPDATE.run(tx, {"b_id": visits.ids[visit.path], **_values(visit)})
        else:
            place = new[visit.path]["place"] if visit.path in new else len(visits.ids) + len(new)
            new[visit.path] = {
                "run_id": visits.run_id,
                "ticket_id": ticket_id,
                "path": visit.path,
                "name": visit.name,
                "visit": visit.visit,
                "kind": visit.kind,
                "opened_at": visit.opened_at,
                "place": place,
                **_values(visit),
            }
        visits[visit.path] = visit
    known = set(visits.ids)
    rows = list(new.values())
    for first in range(0, len(rows), _MOST_AT_ONCE):
        some = rows[first : first + _MOST_AT_ONCE]
        values = {f"{name}_{i}": row[name] for i, row in enumerate(some) for name in _NEW}
        visits.ids.update((path, id_) for id_, path in _insert(len(some)).all(tx, values))
    _keep_duties(tx, ticket_id, visits, dict.fromkeys(change.visit.path for change in changes), known)


@cache
def _insert(n: int) -> Prepared:
    """So many new visits in one statement; it answers with their ids by path."""
    rows = [{name: bindparam(f"{name}_{i}", type_=_s[name].type) for name in _NEW} for i in range(n)]
    return Prepared(insert(StepVisit.__table__).values(rows).returning(_s.id, _s.path))


def end_open(tx: Connection, ticket_id: int, visits: Visits, visit: Visit) -> bool:
    """Write what a person or an effect did to an open visit; False when somebody else has ended it first."""
    won = _END_OPEN.run(tx, {"b_id": visits.ids[visit.path], **_values(visit)}) == 1
    if won:
        visits[visit.path] = visit
        _keep_duties(tx, ticket_id, visits, {visit.path: None}, set(visits.ids))
    return won


def _keep_duties(tx: Connection, ticket_id: int, visits: Visits, paths: dict[str, None], known: set[str]) -> None:
    """Keep `step_duty` in step: rows only while a visit is open and waits for people."""
    touched = [path for path in paths if visits[path].assignees]
    for path in touched:
        if path in known:
            _NO_DUTY.run(tx, {"step": visits.ids[path]})
    rows = {
        (visits.ids[path], party.kind, int(party.id)): visits[path].due_at
        for path in touched
        if visits[path].open
        for party in visits[path].assignees
        if party.kind in _DUTIES and party.id.isdecimal()
    }
    if rows:
        _DUTY.run_many(
            tx,
            [
                {"step_id": step, "party_kind": kind, "party_id": party, "ticket_id": ticket_id, "due_at": due}
                for (step, kind, party), due in rows.items()
            ],
        )

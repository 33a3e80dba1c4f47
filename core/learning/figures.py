"""How does a version of a procedure fare? For each of its steps: visits, times, skips, deviations, and where tickets wait now.

Read from the step ledger of the newest tickets that follow the version: a bounded piece of work however often it ran.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, or_, select

from core.permissions import require, sees_all_departments
from core.schema import Event, Run, SopVersion, StepVisit, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Select

    from core.actors import Actor

LOOKED_AT = 1_000  # the newest tickets of the version
LISTED = 100
WHATS = ("visits", "skipped", "not_needed", "again", "late", "timeout", "failed", "deviated", "waiting")
_r, _s, _t, _e, _v = (
    Run.__table__.c,
    StepVisit.__table__.c,
    Ticket.__table__.c,
    Event.__table__.c,
    SopVersion.__table__.c,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """One step among the newest tickets of a version. Times are elapsed milliseconds of visits that were completed; None: none were.

    `visits` were opened, `again` are those beyond a ticket's first; `not_needed`: passed over because of its condition; `skipped` by a person.
    """

    visits: int = 0
    done: int = 0
    median_ms: int | None = None
    p90_ms: int | None = None
    skipped: int = 0
    not_needed: int = 0
    again: int = 0
    late: int = 0
    timeout: int = 0
    failed: int = 0
    deviated: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A ticket behind a figure."""

    id: int
    subject: str
    language: str
    status: str
    opened_at: int
    ended_at: int | None


def _newest(limit: int = LOOKED_AT) -> Any:
    return select(_r.id).where(_r.version_id == bindparam("version")).order_by(_r.id.desc()).limit(limit).subquery()


_runs = _newest()
_ROWS: Select[Any] = (
    select(_s.name, _s.visit, _s.state, _s.opened_at, _s.ended_at, _s.ended_by, _s.due_at)
    .join(_runs, _runs.c.id == _s.run_id)
    .where(_s.kind != "sop")
)
_DEVIATED: Select[Any] = (
    select(_e.data)
    .select_from(_runs)
    .join(Run.__table__, _r.id == _runs.c.id)
    .join(Event.__table__, and_(_e.stream_id == _r.ticket_id, _e.stream == "ticket", _e.kind == "sop.deviated"))
    .limit(10 * LOOKED_AT)
)
_WAITING: Select[Any] = (
    select(_s.name, func.count())
    .join(Run.__table__, _r.id == _s.run_id)
    .where(
        _r.version_id == bindparam("version"),
        _r.state == "running",
        _s.state == "open",
        _s.kind.not_in(["sop", "do", "fork"]),
    )
    .group_by(_s.name)
)
_COUNT: Select[Any] = select(func.count()).select_from(_runs)


def looked_at(tx: Connection, version_id: int) -> int:
    """On how many tickets the figures of this version rest."""
    return int(tx.execute(_COUNT, {"version": version_id}).scalar_one())


def figures(tx: Connection, version_id: int) -> dict[str, Figures]:
    """The figures of every step that was reached, by its name."""
    found: dict[str, list[Any]] = {}
    for row in tx.execute(_ROWS, {"version": version_id}):
        found.setdefault(row.name, []).append(row)
    waiting = {row[0]: int(row[1]) for row in tx.execute(_WAITING, {"version": version_id})}
    deviated: dict[str, int] = {}
    for (data,) in tx.execute(_DEVIATED, {"version": version_id}):
        step = str(data.get("step") or "")
        deviated[step] = deviated.get(step, 0) + 1
    names = dict.fromkeys([*found, *waiting])
    return {name: _of(found.get(name, ()), waiting.get(name, 0), deviated.get(name, 0)) for name in names}


def _of(rows: Sequence[Any], waiting: int, deviated: int) -> Figures:
    opened = [row for row in rows if row.visit]
    times = sorted(row.ended_at - row.opened_at for row in opened if row.state == "done" and row.ended_at is not None)
    cut = quantiles(times, n=10, method="inclusive") if len(times) > 1 else [*times] * 9
    return Figures(
        visits=len(opened),
        done=len(times),
        median_ms=round(cut[4]) if cut else None,
        p90_ms=round(cut[8]) if cut else None,
        skipped=sum(row.state == "skipped" for row in opened),
        not_needed=len(rows) - len(opened),
        again=sum(row.visit > 1 for row in opened),
        late=sum(row.due_at is not None and row.ended_at is not None and row.ended_at > row.due_at for row in opened),
        timeout=sum(row.state == "expired" for row in opened),
        failed=sum(row.state == "failed" for row in opened),
        deviated=deviated,
        waiting=waiting,
    )


# ---- down to the tickets -----------------------------------------------------------------------------------------------

_BEHIND: dict[str, Any] = {
    "visits": _s.visit > 0,
    "skipped": and_(_s.state == "skipped", _s.visit > 0),
    "not_needed": _s.visit == 0,
    "again": _s.visit > 1,
    "late": and_(_s.due_at.is_not(None), _s.ended_at > _s.due_at),
    "timeout": _s.state == "expired",
    "failed": _s.state == "failed",
    "waiting": and_(_s.state == "open", _r.state == "running"),
}
_TICKETS: Select[Any] = (
    select(_t.id, _t.subject, _t.language, _t.status, func.max(_s.opened_at).label("opened"), func.max(_s.ended_at))
    .select_from(StepVisit.__table__)
    .join(Run.__table__, _r.id == _s.run_id)
    .join(Ticket.__table__, _t.id == _r.ticket_id)
    .where(
        _s.name == bindparam("step"),
        or_(bindparam("department") == 0, _t.department_id == bindparam("department")),
    )
    .group_by(_t.id)
    .order_by(func.max(_s.opened_at).desc(), _t.id.desc())
    .limit(LISTED)
)
_OF_NEWEST = _r.id.in_(select(_runs.c.id))
_LEFT = (
    select(_t.id, _t.subject, _t.language, _t.status, func.max(_e.at), func.max(_t.closed_at))
    .select_from(Run.__table__)
    .join(Ticket.__table__, _t.id == _r.ticket_id)
    .join(Event.__table__, and_(_e.stream_id == _t.id, _e.stream == "ticket", _e.kind == "sop.deviated"))
    .where(
        _OF_NEWEST,
        _e.data["step"].as_string() == bindparam("step"),
        or_(bindparam("department") == 0, _t.department_id == bindparam("department")),
    )
    .group_by(_t.id)
    .order_by(_t.id.desc())
    .limit(LISTED)
)


def tickets_behind(tx: Connection, actor: Actor, version_id: int, step: str, what: str) -> list[TicketLine]:
    """The tickets behind one figure, of those the actor may read; the newest hundred."""
    require(actor, "read_tickets")
    department = 0 if sees_all_departments(actor) else actor.department_id or 0
    values = {"version": version_id, "step": step, "department": department}
    if what == "deviated":
        query = _LEFT
    else:
        of_version = _r.version_id == bindparam("version") if what == "waiting" else _OF_NEWEST
        query = _TICKETS.where(of_version, _BEHIND[what if what in _BEHIND else "visits"])
    return [TicketLine(*row) for row in tx.execute(query, values)]


def slowest(found: dict[str, Figures], names: Iterable[str]) -> set[str]:
    """The steps in which tickets spend most of their time: a fifth of it or more, all their visits together."""
    times = {name: (found[name].median_ms or 0) * found[name].done for name in names if name in found}
    total = sum(times.values())
    return {name for name, took in times.items() if took > 60_000 and took * 5 >= total}

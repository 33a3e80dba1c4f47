"""What would a draft have done with the tickets of the past? The same acts at the same times, played on the draft, beside what happened.

Honest about its limits: people might have acted otherwise, and only the last value of a field is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.calendars import CalendarError
from core.directory import directory
from core.moments import to_datetime
from core.procedure import deeds
from core.procedure.acting import Refused
from core.procedure.case_reading import Deed
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation, SimulationError
from core.schema import Customer, Run, SopVersion, StepVisit, Ticket
from core.sop.document import Call, Wait
from core.sop.expressions import ExpressionError
from core.sop.reading import SopError, load
from core.sop.shapes import humanised
from core.texts import _
from core.tickets.rows import PRIORITY_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from core.sop.document import Sop

    Find = Callable[[str], Sop | None]

MOST = 50
_r, _v, _s, _t, _c = (
    Run.__table__.c,
    SopVersion.__table__.c,
    StepVisit.__table__.c,
    Ticket.__table__.c,
    Customer.__table__.c,
)
_RUNS = (
    select(
        _r.id, _r.ticket_id, _r.opened_at, _r.ended_at, _r.fields, _v.text, _v.number, _t.topic, _t.channel, _t.priority, _t.product,
        _t.language, _t.tags, _t.department_id, _t.team_id, _t.created_at, _c.klass, _c.verified, _c.language.label("speaks"),
    )
    .join(SopVersion.__table__, _v.id == _r.version_id)
    .join(Ticket.__table__, _t.id == _r.ticket_id)
    .join(Customer.__table__, _c.id == _t.customer_id)
    .where(_v.sop_id == bindparam("sop"), _r.state != "running")
    .order_by(_r.id.desc())
    .limit(bindparam("most"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Replay:
    """One ticket of the past beside the draft. `told` says what would differ first; "" means nothing."""

    ticket_id: int
    number: int | None
    before: tuple[str, ...]
    after: tuple[str, ...]
    told: str


def replay(tx: Connection, sop_id: int, draft: Sop, find: Find | None = None, *, most: int = MOST) -> list[Replay]:
    """The newest tickets that followed this SOP to their end, played on the draft."""
    runs = tx.execute(_RUNS, {"sop": sop_id, "most": most}).all()
    rows: dict[int, list[Any]] = {run.id: [] for run in runs}
    visits = (
        select(
            _s.run_id,
            _s.path,
            _s.name,
            _s.visit,
            _s.kind,
            _s.state,
            _s.outcome,
            _s.result,
            _s.opened_at,
            _s.ended_at,
            _s.ended_by,
        )
        .where(_s.run_id.in_(rows))
        .order_by(_s.run_id, _s.place, _s.id)
    )
    for row in tx.execute(visits) if rows else ():
        rows[row.run_id].append(row)
    firm = directory(tx)
    found = []
    for run in runs:
        team = firm.teams.get(run.team_id)
        places = {"department": firm.departments[run.department_id].name, "team": team.name if team else None}
        given = _given(run, places, firm.calendar_of(run.department_id))
        found.append(_one(run, rows[run.id], draft, given, find))
    return found


def _given(run: Any, places: dict[str, str | None], calendar: Any) -> Given:
    """The ticket as it is known now; what it was when it started is not kept."""
    ticket = {
        "topic": run.topic,
        "channel": run.channel,
        "priority": PRIORITY_NAMES[run.priority],
        "tags": list(run.tags),
    }
    ticket |= {"product": run.product, "language": run.language, "created_at": to_datetime(run.created_at), **places}
    return Given(
        start=run.opened_at,
        ticket={key: value for key, value in ticket.items() if value is not None},
        customer={"class": run.klass, "verified": run.verified, "language": run.speaks},
        calendar=calendar,
    )


def _one(run: Any, rows: Sequence[Any], draft: Sop, given: Given, find: Find | None) -> Replay:
    try:
        old = load(run.text)
    except SopError:
        return Replay(run.ticket_id, run.number, (), (), _("the old version can no longer be read"))
    calls = [step for sop in (old, draft) for step in sop.steps()]
    examples = {step.what.action: _result(rows, step.name) for step in calls if isinstance(step.what, Call)}
    sim = Simulation(draft, given, find, examples)
    told = ""
    try:
        sim.begin()
        for deed in _deeds(run, rows, old):
            sim.advance(deed.at)
            try:
                deeds.do(sim, deed)
            except (deeds.NobodyWaits, Refused):
                told = _(
                    "at “%(step)s” somebody acted, and the draft does not wait for that",
                    step=humanised(str(deed.target)),
                )
                break
        if not told and run.ended_at:
            sim.advance(run.ended_at)
    except (SimulationError, ExpressionError, CalendarError) as error:
        told = str(error)
    before = tuple(row.name for row in rows if row.visit and row.kind not in ("sop", "event"))
    after = tuple(entry.what.partition("@")[0] for entry in sim.log.opened)
    return Replay(run.ticket_id, run.number, before, after, _different(before, after) or told)


def _result(rows: Sequence[Any], name: str) -> Any:
    return next((row.result for row in rows if row.name == name and row.result is not None), {})


def _deeds(run: Any, rows: Sequence[Any], old: Sop) -> list[Deed]:
    """What people and customers did, in the order of time. Fields are filled in with the first act, because only their last value is kept."""
    waits = {step.name: step.what for step in old.steps() if isinstance(step.what, Wait)}
    found = []
    fields = dict((run.fields or {}).get("", {}))
    for row in sorted((row for row in rows if row.ended_at and row.visit), key=lambda row: row.ended_at):
        verb, target, details = _deed(row, waits)
        if not verb:
            continue
        if verb == "complete" and fields:
            details, fields = details | {"fields": fields}, {}
        found.append(Deed(verb, target, row.ended_at, 0, details))
    return found


def _deed(row: Any, waits: dict[str, Wait]) -> tuple[str, str, dict[str, Any]]:
    by = {"by": row.ended_by or "somebody"}
    if row.ended_by in ("flow", "clock") or row.state in ("cancelled", "expired"):
        return "", "", {}
    match row.kind:
        case "task" | "resolve" if row.state == "skipped":
            return "skip", row.name, by | {"reason": "as before"}
        case "task" | "resolve":
            return (
                "complete",
                row.name,
                by | ({"choice": row.outcome} if row.outcome not in ("completed", None) else {}),
            )
        case "approval":
            return str(row.outcome), row.name, by
        case "collaborate":
            return "answer", row.name, by
        case "document":
            return ("accept" if row.outcome == "accepted" else "decline"), row.name, by
        case "wait" if row.outcome == "event" and (what := waits.get(row.name)) and what.event:
            return "event", what.event, by
    return "", "", {}


def _different(before: Sequence[str], after: Sequence[str]) -> str:
    """The first difference between the ways, in a sentence."""
    for n, name in enumerate(before):
        if n >= len(after):
            return _("it would still stand before “%(step)s”", step=humanised(name))
        if after[n] != name:
            return _("“%(new)s” instead of “%(old)s”", new=humanised(after[n]), old=humanised(name))
    if len(after) > len(before):
        return _("it would go on to “%(step)s”", step=humanised(after[len(before)]))
    return ""

"""What happens when a clock warns or breaks, beside saying so: priority, watchers, mails, another holder, a step of the procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from core import effects, ledger, timeline
from core.actors import FLOW
from core.clocks.book import DatabaseBook
from core.database import is_sqlite
from core.directory import directory
from core.meant import Place, meant
from core.procedure import happenings
from core.procedure.acting import Refused
from core.procedures import RUNNING, read_run
from core.schema import Watcher
from core.tickets.rows import PRIORITIES, PRIORITY_NAMES, change, flush, held

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from core.clocks.folding import Mark
    from core.clocks.policy import Escalation

_w = Watcher.__table__.c


def escalate(tx: Connection, ticket_id: int, mark: Mark, cause: int, now: int) -> None:
    """Do what the metric says for this mark. A mark passes once, so each of these happens once."""
    metric = DatabaseBook(tx).policy(mark.clock.policy).metric(mark.clock.metric)
    for i, one in enumerate(metric.escalations if metric else ()):
        if one.at == mark.what:
            _DO[one.do](tx, ticket_id, one, mark, cause, now, i)


def _why(mark: Mark) -> dict[str, Any]:
    return {"by": "escalation", "policy_code": mark.clock.policy, "metric": mark.clock.metric, "at": mark.what}


def _raise_priority(
    tx: Connection, ticket_id: int, one: Escalation, mark: Mark, cause: int, now: int, _place: int
) -> None:
    row, wanted = held(tx, ticket_id).row, PRIORITIES[one.to]
    if wanted >= row.priority:
        return  # it is that urgent already
    pair = [PRIORITY_NAMES[row.priority], one.to]
    data = {"properties": ["priority"], "priority": pair, "why": _why(mark)}
    change(tx, row, priority=wanted)
    timeline.append(tx, ticket_id, "ticket.changed", FLOW, data, at=now, cause=cause)


def people_meant(tx: Connection, ticket_id: int, to: str) -> list[int]:
    """Who is meant by lead, manager, holder, watchers, team:x, agent:x: the ids of people who are here."""
    row = held(tx, ticket_id).row
    place = Place(row.department_id, row.team_id, row.holder_id, lambda: watchers(tx, ticket_id))
    return meant(directory(tx), to, place)


def watchers(tx: Connection, ticket_id: int) -> tuple[int, ...]:
    """Who watches this ticket."""
    return tuple(tx.execute(select(_w.person_id).where(_w.ticket_id == ticket_id).order_by(_w.person_id)).scalars())


def watch(tx: Connection, ticket_id: int, person_id: int, by: str, now: int) -> bool:
    """Let somebody watch; False when they do already."""
    dialect = sqlite if is_sqlite(tx) else postgresql
    added = tx.execute(
        dialect.insert(Watcher.__table__)
        .values(ticket_id=ticket_id, person_id=person_id, by=by, at=now)
        .on_conflict_do_nothing()
        .returning(_w.person_id)
    ).first()
    return added is not None


def _add_watcher(
    tx: Connection, ticket_id: int, one: Escalation, mark: Mark, cause: int, now: int, _place: int
) -> None:
    flush(tx)  # the ticket may have been opened in this very transaction
    added = [
        person for person in people_meant(tx, ticket_id, one.to) if watch(tx, ticket_id, person, "escalation", now)
    ]
    if added:
        data = {"people": added, "why": _why(mark)}
        timeline.append(tx, ticket_id, "watcher.added", FLOW, data, at=now, cause=cause)


def _tell(tx: Connection, ticket_id: int, one: Escalation, mark: Mark, cause: int, now: int, place: int) -> None:
    people = people_meant(tx, ticket_id, one.to)
    if not people:
        return
    clock = mark.clock
    payload = {"notice": "clock", "people": people, "metric": clock.metric, "what": mark.what, "due_at": mark.at}
    key = f"{ticket_id}/clock/{clock.metric}/{clock.visit}/{mark.number}/{place}"
    effects.plan(tx, ticket_id, key, "send_mail", clock.metric, payload, at=now)
    data = {"template": "clock", "step": None, "people": people, "why": _why(mark)}
    timeline.append(tx, ticket_id, "notice.sent", FLOW, data, at=now, cause=cause)
    row = held(tx, ticket_id).row
    change(tx, row, want_seq=row.last_seq)


def _reassign(tx: Connection, ticket_id: int, one: Escalation, mark: Mark, cause: int, now: int, _place: int) -> None:
    """To a person, or to a team's backlog; its lead gets it when a role is named."""
    firm, row = directory(tx), held(tx, ticket_id).row
    team = firm.team(one.to.removeprefix("team:")) if one.to.startswith("team:") else None
    people = [] if team else people_meant(tx, ticket_id, one.to)
    person = people[0] if people else None
    if (team is None and person is None) or (team is None and person == row.holder_id):
        return
    team_id = team.id if team else team_with(tx, row.team_id, row.department_id, person)
    to = {"kind": "team", "id": team_id} if person is None else {"kind": "person", "id": person}
    data = {"to": to, "team": team_id, "from": row.holder_id, "why": _why(mark)}
    change(tx, row, holder_id=person, team_id=team_id, department_id=firm.teams[team_id].department_id)
    timeline.append(tx, ticket_id, "ticket.assigned", FLOW, data, at=now, cause=cause)


def team_with(tx: Connection, team_id: int, department_id: int, person: int | None) -> int:
    """The ticket's team while the person is in it, else a team of theirs in the department."""
    teams = directory(tx).teams
    if person in teams[team_id].members:
        return team_id
    return next((t.id for t in teams.values() if t.department_id == department_id and person in t.members), team_id)


def _start_step(tx: Connection, ticket_id: int, one: Escalation, mark: Mark, cause: int, now: int, _place: int) -> None:
    """The flow is sent to a top-level step of the procedure that runs; what the document has not is said and left."""
    row = held(tx, ticket_id).row
    run = read_run(tx, row.run_id) if row.run_id is not None else None
    if run is None or run.state != RUNNING:
        return
    visits = ledger.load(tx, run.id)
    try:
        changes = happenings.moved(run.sop, visits, one.to, "clock", now)
    except Refused:
        data = {"what": "moved", "to": one.to, "refused": True, "why": _why(mark)}
        timeline.append(tx, ticket_id, "run.led", FLOW, data, at=now, cause=cause)
        return
    ledger.store(tx, ticket_id, visits, changes)
    data = {"what": "moved", "to": one.to, "why": _why(mark)}
    timeline.append(tx, ticket_id, "run.led", FLOW, data, at=now, cause=cause)


_DO: dict[str, Callable[[Connection, int, Escalation, Mark, int, int, int], None]] = {
    "raise_priority": _raise_priority,
    "add_watcher": _add_watcher,
    "tell": _tell,
    "reassign": _reassign,
    "start_step": _start_step,
}

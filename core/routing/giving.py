"""A ticket of the backlog gets a holder, goes back to routing, or waits: what routing does beside the steps of a procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from core.actors import FLOW
from core.advance import walk_on
from core.database import is_sqlite
from core.directory import directory
from core.ledger import load
from core.procedures import find_step, read_run
from core.routing.asking import ask_plugin
from core.routing.assigning import assign_now
from core.routing.candidates import picked
from core.schema import Unplaced
from core.sop.document import Assign
from core.tickets.rows import change
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Team
    from core.routing.choosing import Choice
    from core.settings import Settings
    from core.tickets.rows import TicketRow

_u = Unplaced.__table__.c
_PLACED = delete(Unplaced.__table__).where(_u.ticket_id == bindparam("b_ticket"))


def spec_of(tx: Connection, row: TicketRow) -> tuple[Assign, Team]:
    """What the step that waits for a holder wishes, and of which team; a ticket without such a step takes anybody of its team."""
    firm = directory(tx)
    if row.run_id is not None:
        run = read_run(tx, row.run_id)
        visits = load(tx, run.id)
        waiting = next((visit for visit in visits.values() if visit.open and visit.kind == "assign"), None)
        step = find_step(tx, run, visits, waiting) if waiting else None
        if step is not None and isinstance(step.what, Assign):
            return _plain(step.what), firm.teams[row.team_id]  # it went into the backlog of the step's team
    return Assign(), firm.teams[row.team_id]


def _plain(spec: Assign) -> Assign:
    """Without what an expression would give: whoever wrote it meant the moment when the step began."""
    values = {name: getattr(spec, name) for name in ("skill", "tier", "cap")}
    kept = {name: value for name, value in values.items() if "${" not in str(value)}
    return Assign(by=spec.by, availability=spec.availability, backlog=spec.backlog, **kept)


def try_to_place(tx: Connection, settings: Settings, row: TicketRow, now: int, *, actor: Actor = FLOW) -> str | None:
    """Give a ticket that nobody holds to somebody who has room: `given`, `asked` (a plugin is to say who), or None: there is nobody."""
    spec, team = spec_of(tx, row)
    choice = assign_now(tx, directory(tx), row, team, spec, now)
    if choice.asks is not None:
        return "asked" if ask_plugin(tx, row, choice, spec, now, drain=True) else None
    if choice.person is None:
        return None
    give(tx, settings, row, team.id, choice, now, actor=actor)
    return "given"


def give(
    tx: Connection, settings: Settings, row: TicketRow, team_id: int, choice: Choice, now: int, *, actor: Actor = FLOW
) -> None:
    """Make the choice true."""
    data: dict[str, Any] = {
        "to": {"kind": "person", "id": choice.person},
        "team": team_id,
        "from": row.holder_id,
        "why": choice.why,
    }
    event = append(tx, row.id, "ticket.assigned", actor, data, at=now)
    row = change(tx, row, holder_id=choice.person, team_id=team_id)
    assert choice.person is not None
    picked(tx, team_id, choice.person, now)
    placed(tx, row.id)
    walk_on(tx, settings, row, now, cause=event.seq)


def unplaced(tx: Connection, ticket_id: int, now: int) -> None:
    """Nobody could take it: it waits in the backlog, and routing gives it to the first one who has room."""
    dialect = sqlite if is_sqlite(tx) else postgresql
    tx.execute(dialect.insert(Unplaced.__table__).values(ticket_id=ticket_id, at=now).on_conflict_do_nothing())


def placed(tx: Connection, ticket_id: int) -> None:
    """Somebody has it: it waits no longer."""
    tx.execute(_PLACED, {"b_ticket": ticket_id})


def give_back(
    tx: Connection, settings: Settings, actor: Actor, row: TicketRow, why: str, now: int, *, stand_in: int | None = None
) -> int | None:
    """Take the ticket from its holder and let routing choose anew; returns the new holder (None: the backlog)."""
    firm = directory(tx)
    team = firm.teams[row.team_id]
    gives = {"agent": stand_in} if stand_in is not None else None
    choice = assign_now(tx, firm, row, team, Assign(), now, gives=gives)
    if choice.person == row.holder_id:
        return row.holder_id
    if choice.person is not None:
        choice.why["because"] = why
        give(tx, settings, row, team.id, choice, now, actor=actor)
        return choice.person
    data = {
        "to": {"kind": "team", "id": team.id},
        "team": team.id,
        "from": row.holder_id,
        "why": {**choice.why, "because": why},
    }
    event = append(tx, row.id, "ticket.assigned", actor, data, at=now)
    row = change(tx, row, holder_id=None)
    unplaced(tx, row.id, now)
    if choice.asks is not None:
        ask_plugin(tx, row, choice, Assign(), now, because=why, **({} if gives is None else {"gives": gives}))
    walk_on(tx, settings, row, now, cause=event.seq)
    return None

"""A plugin has said who shall get a ticket, or has not: in a transaction of its own the colleague is looked at again, and the ticket is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import effects, ledger
from core.actors import FLOW
from core.advance import Standing, standing, walk_on
from core.directory import directory
from core.effects import DONE
from core.ledger import load
from core.procedures import read_run
from core.routing.asking import Answered, overdue, unpacked
from core.routing.assigning import assign_now
from core.routing.draining import drain_team
from core.routing.giving import give
from core.tickets.rows import flush, lock
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.database import Database
    from core.effects import EffectRow
    from core.routing.choosing import Choice
    from core.settings import Settings
    from core.tickets.rows import TicketRow


def take_answer(tx: Connection, settings: Settings, key: str, answered: Answered, now: int) -> Standing:
    """Use the answer: the colleague if they can still take it, else whom the built-in way finds. A question that has ended is left alone."""
    known = effects.read(tx, key)
    if known is None:
        raise LookupError(key)
    row = lock(tx, known.ticket_id)
    told = {"how": answered.how, "person": answered.person}
    ended = effects.finish(tx, key, DONE, now, result=told)
    if ended is not None:
        if _still_wanted(row, ended):
            _give(tx, settings, row, ended, answered, now)
        else:
            walk_on(tx, settings, row, now)
    return standing(tx, [known.ticket_id])[known.ticket_id]


def _still_wanted(row: TicketRow, asked: EffectRow) -> bool:
    """Somebody may have taken the ticket meanwhile, or it went elsewhere: then the answer has come too late."""
    return row.holder_id is None and row.unresolved and row.team_id == asked.payload["team"]


def _give(tx: Connection, settings: Settings, row: TicketRow, asked: EffectRow, answered: Answered, now: int) -> None:
    firm, payload = directory(tx), asked.payload
    team, spec = firm.teams[row.team_id], unpacked(payload.get("spec", {}))
    choice = assign_now(tx, firm, row, team, spec, now, gives=payload.get("gives"), answered=answered)
    if "because" in payload:
        choice.why["because"] = payload["because"]
    if choice.person is not None:
        give(tx, settings, row, team.id, choice, now)
    else:
        _leave(tx, settings, row, asked, choice, now)
    if payload.get("drain"):
        flush(tx)
        drain_team(tx, settings, team.id, now, behind=row.id if choice.person is None else None)


def _leave(tx: Connection, settings: Settings, row: TicketRow, asked: EffectRow, choice: Choice, now: int) -> None:
    """Nobody gets it now. Who reads the ticket is told why once; a step that wants no backlog has failed."""
    if not asked.payload.get("drain"):
        data: dict[str, Any] = {"to": {"kind": "team", "id": row.team_id}, "team": row.team_id, "from": None}
        append(tx, row.id, "ticket.assigned", FLOW, {**data, "why": choice.why}, at=now)
    if asked.payload.get("strict") and asked.run_id is not None:
        visits = load(tx, read_run(tx, asked.run_id).id)
        visit = visits.get(asked.payload["path"])
        if visit is not None and visit.open:
            failed = visit.copy()
            failed.marks["error"] = {"code": "nobody"}
            ledger.end_open(tx, row.id, visits, failed)
    walk_on(tx, settings, row, now)


def answer_overdue(database: Database, settings: Settings, now: int) -> int:
    """Nobody waits for a plugin: what it has not answered in time is decided without it. Returns how many tickets that were."""
    with database.read() as tx:
        late = overdue(tx, now)
    for one in late:
        with database.write() as tx:
            by = str(getattr(effects.read(tx, one.key), "payload", {}).get("action", "."))
            take_answer(tx, settings, one.key, Answered(by, "silent" if one.works else "off"), now)
    return len(late)

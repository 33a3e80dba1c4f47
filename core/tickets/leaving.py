"""Somebody has left: the tickets they held find another holder or wait in the backlog, and the steps that waited for them follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from core import ledger
from core.advance import walk_on, want
from core.directory import directory
from core.duty_mails import tell_people, waiting_for
from core.procedure.kinds import BEHAVIOURS
from core.procedure.record import Record
from core.procedure.seeing import Facts
from core.procedure.values import Change, Party
from core.procedures import document_of, find_step
from core.schema import Handover, StepDuty, Ticket
from core.tickets.barring import following
from core.tickets.holding import give_tickets_back
from core.tickets.rows import flush, lock
from core.timeline import append
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedure.values import Visit
    from core.settings import Settings
    from core.sop.document import Step
    from core.tickets.barring import Following
    from core.tickets.rows import TicketRow

_t, _d, _h = Ticket.__table__.c, StepDuty.__table__.c, Handover.__table__.c
_ASKED = (
    select(_d.ticket_id)
    .where(_d.party_kind == "person", _d.party_id == bindparam("who"))
    .distinct()
    .order_by(_d.ticket_id)
)
_WITHDRAW = (
    update(Handover.__table__)
    .where(_h.to_id == bindparam("b_who"), _h.state == "offered")
    .values(state="withdrawn", ended_at=bindparam("b_now"))
)


def hand_on(tx: Connection, settings: Settings, actor: Actor, person_id: int, now: int) -> int:
    """The person works here no more (the directory says so already): nothing may go on waiting for them.

    Returns how many tickets went back to routing.
    """
    tx.execute(_WITHDRAW, {"b_who": person_id, "b_now": now})
    given = give_tickets_back(tx, settings, actor, person_id, "left", now)
    flush(tx)
    for ticket_id in tx.execute(_ASKED, {"who": person_id}).scalars().all():
        _ask_others(tx, settings, actor, lock(tx, ticket_id), person_id, now)
    return given


def _ask_others(tx: Connection, settings: Settings, actor: Actor, row: TicketRow, person_id: int, now: int) -> None:
    """The open steps that name the person find out anew whom they ask; nobody found: the lead."""
    at = following(tx, row)
    if at is None:
        return
    world = DatabaseWorld(tx, directory(tx), row, at.run, now)
    gone, before = Party("person", str(person_id)), waiting_for(at.visits)
    changes = []
    for visit in list(at.visits.values()):
        step = find_step(tx, at.run, at.visits, visit) if visit.open and gone in visit.assignees else None
        if step is not None:
            changed = visit.copy()
            changed.assignees = _anew(tx, world, at, visit, step, gone)
            changes.append(Change("changed", changed))
            append(tx, row.id, "step.moved", actor, {"step": visit.name, "path": visit.path, "from": person_id}, at=now)
    ledger.store(tx, row.id, at.visits, changes)
    if tell_people(tx, world, at.visits, before, [change.visit.path for change in changes]):
        want(tx, row.id)
    walk_on(tx, settings, lock(tx, row.id), now)


def _anew(
    tx: Connection, world: DatabaseWorld, at: Following, visit: Visit, step: Step, gone: Party
) -> tuple[Party, ...]:
    """Those who are asked besides, and whoever the step's words find now. Words that an expression gave have found their person already."""
    frame, sop = document_of(tx, at.run, at.visits, visit.path)
    told = ("lead",) if visit.marks.get("asked") else BEHAVIOURS[step.kind].told(step)
    scope = Facts(world).scope(Record(at.visits, world.now), frame, sop, world.calendar(sop.calendar))
    left = [party for party in visit.assignees if party != gone]
    words = tuple(word for word in told if "${" not in word)
    found = [] if left and not words else [party for party in world.resolve(words, scope) if party != gone]
    return tuple(dict.fromkeys((*left, *found)))

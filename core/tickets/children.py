"""A step opens a child ticket in its own transaction, and ends when that ticket is resolved or closed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from core import children, effects, ledger, timeline
from core.actors import FLOW
from core.advance import Standing, standing, walk_on
from core.database import scratch
from core.effects import DONE
from core.errors import CommandError, Refused
from core.procedure import acting
from core.procedure.frames import steps_by_name
from core.procedure.record import Record
from core.procedure.seeing import Facts
from core.procedure.values import Change
from core.procedures import document_of
from core.requesters import CustomerRef
from core.schema.tickets import ChildTicket
from core.sop.document import Run
from core.sop.expressions import ExpressionError, fill
from core.spoken import say_value
from core.texts import _, speaking
from core.tickets.opening import NewTicket, open_ticket
from core.tickets.rows import lock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from core.effects import EffectRow
    from core.ledger import Visits
    from core.procedure.values import Effect
    from core.settings import Settings
    from core.world import DatabaseWorld

_DEPTH = "child_depth"
_NAMES = ("department", "topic", "product", "priority", "sop", "language")


def open_child(
    tx: Connection, settings: Settings, world: DatabaseWorld, effect: Effect, visits: Visits, now: int
) -> None:
    """Open the child ticket that a `run: {ticket: …}` step wants. What cannot be opened is a failure of the step."""
    visit = visits[effect.path]
    try:
        new = _new_ticket(tx, world, effect, visits, now)
        with _one_deeper(tx, world.row.id):
            child = open_ticket(tx, settings, FLOW, new, now=now).ticket_id
    except (CommandError, ExpressionError) as error:
        timeline.append(tx, world.row.id, "child.ended", FLOW, {"step": visit.name, "failed": True}, at=now)
        if visit.open:
            changed = visit.copy()
            changed.marks["error"] = {"code": "child", "detail": str(error)[:500]}
            ledger.store(tx, world.row.id, visits, [Change("changed", changed)])
        return
    tx.execute(
        insert(ChildTicket.__table__).values(
            child_id=child,
            parent_id=world.row.id,
            run_id=world.run.id,
            path=visit.path,
            awaited=bool(effect.payload.get("await")),
        )
    )
    timeline.append(tx, world.row.id, "child.opened", FLOW, {"ticket": child, "step": visit.name}, at=now)


@contextmanager
def _one_deeper(tx: Connection, ticket_id: int) -> Iterator[None]:
    """A child that opens may open its own in the same breath, before anything links them: the transaction remembers how deep it is."""
    kept = scratch(tx)
    around = kept.get(_DEPTH)
    depth = children.depth_of(tx, ticket_id) if around is None else around
    if depth >= children.DEEPEST:
        raise Refused(_("Tickets that open tickets stand at most %(n)s deep.", n=children.DEEPEST))
    kept[_DEPTH] = depth + 1
    try:
        yield
    finally:
        kept[_DEPTH] = around


def _new_ticket(tx: Connection, world: DatabaseWorld, effect: Effect, visits: Visits, now: int) -> NewTicket:
    """What the step says about the child, with its expressions filled; the requester is the parent's."""
    row, visit = world.row, visits[effect.path]
    frame, sop = document_of(tx, world.run, visits, visit.path)
    what = steps_by_name(sop)[visit.name].what
    assert isinstance(what, Run)
    assert what.ticket is not None
    scope = Facts(world).scope(Record(visits, now), frame, sop, world.calendar(sop.calendar))
    given: Mapping[str, Any] = fill(dict(what.ticket), scope, lambda value: say_value(value, row.language))
    with speaking(row.language):
        body = _("Opened by ticket %(n)s: %(subject)s", n=row.id, subject=row.subject)
    named: dict[str, Any] = {name: str(given[name]) for name in _NAMES if given.get(name) not in (None, "")}
    fields = given.get("fields")
    new = NewTicket(
        subject=str(given.get("subject") or row.subject),
        body=str(given.get("body") or given.get("text") or body),
        customer=CustomerRef(id=row.customer_id),
        channel="api",
        fields=dict(fields) if isinstance(fields, dict) else {},
        tags=tuple(str(tag) for tag in given.get("tags") or ()),
        department=world.firm.departments[row.department_id].name,
        language=row.language,
    )
    return replace(new, **named)


def tell_parent(tx: Connection, settings: Settings, effect: EffectRow, now: int) -> Standing:
    """The child has ended: the step that waits for it ends, and its procedure goes on. Done once, however often it is called."""
    told = effect.payload
    rows = {ticket: lock(tx, ticket) for ticket in sorted((int(told["parent"]), effect.ticket_id))}
    parent, child = rows[int(told["parent"])], rows[effect.ticket_id]
    if effects.finish(tx, effect.key, DONE, now) is not None and not child.unresolved:
        visits = ledger.load(tx, int(told["run"]))
        visit = visits.get(str(told["path"]))
        data = {"ticket": child.id, "step": visit.name if visit else None}
        event = timeline.append(tx, parent.id, "child.ended", FLOW, data, at=now)
        if visit is not None and visit.open and parent.run_id == visits.run_id:
            changed = acting.child_ended(visit, "resolved", {"ticket": child.id}, now)
            ledger.end_open(tx, parent.id, visits, changed)
        walk_on(tx, settings, parent, now, cause=event.seq)
    return standing(tx, [child.id])[child.id]

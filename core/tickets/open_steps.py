"""A step that somebody acts on: found with its ticket locked, changed conditionally, and then the procedure goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import ledger
from core.advance import walk_on
from core.directory import directory
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.permissions import may
from core.procedure import acting
from core.procedure.frames import steps_by_name
from core.procedures import RunRow, document_of, read_run
from core.sop.titles import bare_title
from core.texts import _
from core.tickets.barring import open_now
from core.tickets.messages import INTERNAL, NewMessage, write_message
from core.tickets.refusals import as_refusal
from core.tickets.rows import TicketRow, lock
from core.timeline import append

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedure.values import Party, Visit
    from core.settings import Settings
    from core.sop.document import Sop, Step


@dataclass(slots=True)
class OpenStep:
    """A step that somebody acts on, with everything needed to do so; its ticket's row is locked."""

    row: TicketRow
    run: RunRow
    visits: ledger.Visits
    visit: Visit
    sop: Sop
    step: Step
    frame: str


def find_step(tx: Connection, actor: Actor, ticket_id: int, step_id: int) -> OpenStep:
    """The visit `step_id` of the ticket. NotFound when it is not this ticket's."""
    row = lock(tx, ticket_id)
    found = ledger.find(tx, step_id)
    if found is None or found.ticket_id != ticket_id:
        raise NotFound(_("There is no such step on this ticket."))
    run = read_run(tx, found.run_id)
    visits = ledger.load(tx, run.id)
    visit = visits[found.path]
    frame, sop = document_of(tx, run, visits, visit.path)
    step = steps_by_name(sop).get(visit.name)
    if step is None:
        raise Refused(_("Step “%(step)s” is not part of the document any more.", step=visit.name))
    if run.id != row.run_id:
        raise Conflict(_("This step belongs to a procedure that the ticket no longer follows."))
    return OpenStep(row, run, visits, visit, sop, step, frame)


def may_act(tx: Connection, actor: Actor, one: OpenStep) -> None:
    """Whoever the step waits for may act; agents may complete any step, light agents only their own."""
    if actor.kind == "customer":
        if any(party.kind == "customer" for party in one.visit.assignees):
            return
        raise Forbidden(_("This step is not yours."))
    if may(actor, "complete_any_step") or _is_asked(tx, actor, one.visit.assignees):
        return
    raise Forbidden(
        _("Step “%(step)s” waits for somebody else. Ask them, or comment on the ticket.", step=title_of(one))
    )


def _is_asked(tx: Connection, actor: Actor, assignees: tuple[Party, ...]) -> bool:
    firm = directory(tx)
    for party in assignees:
        if party.kind == "person" and party.id == str(actor.id):
            return True
        if party.kind == "team" and actor.id in firm.teams[int(party.id)].members:
            return True
        if party.kind == "department" and actor.department_id == int(party.id):
            return True
    return False


def title_of(one: OpenStep) -> str:
    return bare_title(one.step, one.sop)


def carry_out(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    one: OpenStep,
    act: Callable[[], Visit],
    kind: str,
    data: dict[str, Any],
    now: int,
) -> None:
    """Change the row conditionally, write the event, walk on. The loser of a race learns who ended the step."""
    if not one.visit.open:
        raise Conflict(ended_by(tx, one))
    with as_refusal(lambda: open_now(tx, one.run, one.visits)):
        changed = act()
    if not ledger.end_open(tx, one.row.id, one.visits, changed):
        raise Conflict(_("Somebody else has ended this step meanwhile. Look at the ticket again; nothing was changed."))
    event = append(tx, one.row.id, kind, actor, {"step": one.visit.name, "path": one.visit.path, **data}, at=now)
    walk_on(tx, settings, one.row, now, cause=event.seq)


def ended_by(tx: Connection, one: OpenStep) -> str:
    """How a step that is not open any more stands."""
    visit = one.visit
    person = directory(tx).people.get(int(visit.ended_by)) if visit.ended_by and visit.ended_by.isdecimal() else None
    if person:
        return _(
            "%(name)s completed “%(step)s” first. What you typed has not been used.",
            name=person.name,
            step=title_of(one),
        )
    return _(
        "Step “%(step)s” is no longer open: it is %(state)s.", step=title_of(one), state=acting.state_in_words(visit)
    )


def note(tx: Connection, actor: Actor, one: OpenStep, text: str, now: int) -> int:
    """What somebody wrote beside a step is kept as an internal comment: texts live in messages, never in events."""
    event = append(tx, one.row.id, "comment.added", actor, {"step": one.visit.name}, at=now)
    message = NewMessage(INTERNAL, "person", actor.id, actor.name, text, one.row.subject, "desk")
    message_id, one.row = write_message(tx, one.row, message, event.seq, now)
    return message_id

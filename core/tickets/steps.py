"""People act on the open steps of a procedure: complete, skip, vote, answer, accept. The first commit wins; the loser learns who won."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, update

from core import articles, ledger
from core.advance import walk_on
from core.directory import directory
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refused
from core.moments import now_ms
from core.permissions import may, require
from core.procedure import acting
from core.procedure.frames import steps_by_name
from core.procedures import RunRow, change_run, document_of, read_run
from core.schema import StepVisit
from core.texts import _, language
from core.tickets.messages import INTERNAL, NewMessage, write_message
from core.tickets.refusals import as_refusal
from core.tickets.rows import TicketRow, lock
from core.timeline import append
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedure.values import Party, Visit
    from core.settings import Settings
    from core.sop.document import Sop, Step

_s = StepVisit.__table__.c
_KEEP_DRAFT = (
    update(StepVisit.__table__)
    .where(_s.id == bindparam("b_step"), _s.ticket_id == bindparam("b_ticket"), _s.state == "open")
    .values(draft=bindparam("b_draft"))
)


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


def _may_act(tx: Connection, actor: Actor, one: OpenStep) -> None:
    """Whoever the step waits for may act; agents may complete any step, light agents only their own."""
    if actor.kind == "customer":
        if any(party.kind == "customer" for party in one.visit.assignees):
            return
        raise Forbidden(_("This step is not yours."))
    if may(actor, "complete_any_step") or _is_asked(tx, actor, one.visit.assignees):
        return
    raise Forbidden(_("Step “%(step)s” waits for somebody else. Ask them, or comment on the ticket.", step=_title(one)))


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


def _title(one: OpenStep) -> str:
    return one.step.title.say(language())


def _carry_out(
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
        raise Conflict(_ended_by(tx, one, acting.NotOpen(one.visit)))
    with as_refusal():
        changed = act()
    if not ledger.end_open(tx, one.row.id, one.visits, changed):
        raise Conflict(_("Somebody else has ended this step meanwhile. Look at the ticket again; nothing was changed."))
    event = append(tx, one.row.id, kind, actor, {"step": one.visit.name, "path": one.visit.path, **data}, at=now)
    walk_on(tx, settings, one.row, now, cause=event.seq)


def _ended_by(tx: Connection, one: OpenStep, late: acting.NotOpen) -> str:
    visit = late.visit or one.visit
    person = directory(tx).people.get(int(visit.ended_by)) if visit.ended_by and visit.ended_by.isdecimal() else None
    if person:
        return _(
            "%(name)s completed “%(step)s” first. What you typed has not been used.", name=person.name, step=_title(one)
        )
    return late.message


def complete_step(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    step_id: int,
    *,
    fields: dict[str, Any] | None = None,
    choice: str | None = None,
    result: Any = None,
    now: int | None = None,
) -> None:
    """Complete a task or `resolve` with typed values. Invalid: every wrong field at once. Conflict: somebody was first."""
    now = now or now_ms()
    one = find_step(tx, actor, ticket_id, step_id)
    _may_act(tx, actor, one)
    by = str(actor.id) if actor.is_person else actor.kind

    def act() -> Visit:
        present = one.run.fields.get(one.frame, {})
        values = acting.check(one.sop, one.visit, one.step, fields or {}, present)
        own = {**values, **(result if isinstance(result, dict) else {})}
        changed = acting.complete(one.visit, one.step, choice, own or None, by, now)
        if values:
            merged = {**one.run.fields, one.frame: {**present, **values}}
            change_run(tx, one.run.id, fields=merged)
        return changed

    kind = "task.completed" if one.visit.kind == "task" else "step.done"
    data = {"kind": one.visit.kind, "state": "done", "outcome": choice or "completed", "by": by}
    _carry_out(tx, settings, actor, one, act, kind, data, now)


def skip_step(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    step_id: int,
    *,
    reason: str = "",
    now: int | None = None,
) -> None:
    """Skip an open step; where the SOP does not foresee it, that is a deviation (refused when it is strict)."""
    require(actor, "skip_step")
    now = now or now_ms()
    one = find_step(tx, actor, ticket_id, step_id)
    deviation = False

    def act() -> Visit:
        nonlocal deviation
        changed, deviation = acting.skip(one.visit, one.step, one.run.sop.mode, reason, str(actor.id), now)
        changed.marks["reason"] = bool(reason.strip())
        return changed

    data = {"kind": one.visit.kind, "state": "skipped", "outcome": "skipped", "by": str(actor.id)}
    _carry_out(tx, settings, actor, one, act, "step.done", data, now)
    if reason.strip():
        _note(
            tx, actor, one, _("Step “%(step)s” was skipped: %(reason)s", step=_title(one), reason=reason.strip()), now
        )
    if deviation:
        append(tx, one.row.id, "sop.deviated", actor, {"step": one.visit.name, "what": "skipped"}, at=now)


def _note(tx: Connection, actor: Actor, one: OpenStep, text: str, now: int) -> int:
    """What somebody wrote beside a step is kept as an internal comment: texts live in messages, never in events."""
    event = append(tx, one.row.id, "comment.added", actor, {"step": one.visit.name}, at=now)
    message = NewMessage(INTERNAL, "person", actor.id, actor.name, text, one.row.subject, "desk")
    message_id, one.row = write_message(tx, one.row, message, event.seq, now)
    return message_id


def vote(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    step_id: int,
    choice: str,
    *,
    comment: str = "",
    now: int | None = None,
) -> None:
    """Approve or reject; one vote a person, the newest counts."""
    now = now or now_ms()
    one = find_step(tx, actor, ticket_id, step_id)
    members = _members(tx, one, now)
    if comment.strip():
        _note(tx, actor, one, comment.strip(), now)
    _carry_out(
        tx,
        settings,
        actor,
        one,
        lambda: acting.vote(one.visit, choice, _voter(actor), members),
        "step.voted",
        {"choice": choice},
        now,
    )


def answer_step(
    tx: Connection, settings: Settings, actor: Actor, ticket_id: int, step_id: int, text: str, *, now: int | None = None
) -> None:
    """Answer a question of `collaborate`; the answer lands on the ticket as an internal comment."""
    now = now or now_ms()
    if not text.strip():
        raise Invalid(FieldError("/text", _("The answer is empty. Write what you know.")))
    one = find_step(tx, actor, ticket_id, step_id)
    members = _members(tx, one, now)
    if not one.visit.open:
        raise Conflict(_ended_by(tx, one, acting.NotOpen(one.visit)))
    reference = _note(tx, actor, one, text.strip(), now)
    _carry_out(
        tx,
        settings,
        actor,
        one,
        lambda: acting.answer(one.visit, _voter(actor), members, reference),
        "step.answered",
        {},
        now,
    )


def _voter(actor: Actor) -> str:
    """Who votes or answers, by the ids that `DatabaseWorld.members` gives."""
    return f"customer:{actor.id}" if actor.kind == "customer" else str(actor.id)


def _members(tx: Connection, one: OpenStep, now: int) -> set[str]:
    world = DatabaseWorld(tx, directory(tx), one.row, one.run, now)
    return {member for party in one.visit.assignees for member in world.members(party) or ()}


def decide_document(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    step_id: int,
    accept: bool,
    *,
    now: int | None = None,
) -> int | None:
    """Accept the drafts a `document` step offers (an article is drafted; its id is returned), or decline them."""
    now = now or now_ms()
    one = find_step(tx, actor, ticket_id, step_id)
    _may_act(tx, actor, one)
    outcome = "accepted" if accept else "declined"
    article: int | None = None

    def act() -> Visit:
        nonlocal article
        changed = acting.decide_document(one.visit, one.step, outcome, str(actor.id), now)
        if accept and getattr(one.step.what, "article", "none") != "none":
            article = articles.draft_from_ticket(tx, actor, ticket_id, now=now)
            changed.result = {"article": article}
        return changed

    data = {"kind": "document", "state": "done", "outcome": outcome, "by": str(actor.id)}
    _carry_out(tx, settings, actor, one, act, "step.done", data, now)
    return article


def decide_error(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    step_id: int,
    choice: str,
    *,
    result: Any = None,
    now: int | None = None,
) -> None:
    """Say what happens to a step that failed: `retry`, `by_hand` with the result typed in, `skip`, `end`."""
    require(actor, "complete_any_step")
    now = now or now_ms()
    one = find_step(tx, actor, ticket_id, step_id)
    _carry_out(
        tx,
        settings,
        actor,
        one,
        lambda: acting.decide_error(one.visit, choice, str(actor.id), now, result),
        "step.decided",
        {"choice": choice},
        now,
    )


def save_step_draft(tx: Connection, actor: Actor, ticket_id: int, step_id: int, fields: dict[str, Any]) -> None:
    """Keep what somebody has typed into an open step's form and not sent yet."""
    require(actor, "complete_own_step")
    tx.execute(_KEEP_DRAFT, {"b_step": step_id, "b_ticket": ticket_id, "b_draft": {"by": actor.id, "fields": fields}})

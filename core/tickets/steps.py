"""People act on the open steps of a procedure: complete, skip, vote, answer, accept. The first commit wins; the loser learns who won."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, update

from core import articles
from core.directory import directory
from core.errors import Conflict, FieldError, Invalid
from core.learning.drafting import suggest_sop
from core.moments import now_ms
from core.permissions import require
from core.procedure import acting
from core.procedures import change_run
from core.schema import StepVisit
from core.texts import _
from core.tickets.open_steps import OpenStep, carry_out, ended_by, find_step, may_act, note, title_of
from core.tickets.outcomes import settle_unknown
from core.timeline import append
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedure.values import Visit
    from core.settings import Settings

_s = StepVisit.__table__.c
_LONGEST_VOTER = 64
_KEEP_DRAFT = (
    update(StepVisit.__table__)
    .where(_s.id == bindparam("b_step"), _s.ticket_id == bindparam("b_ticket"), _s.state == "open")
    .values(draft=bindparam("b_draft"))
)


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
    may_act(tx, actor, one)
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
    carry_out(tx, settings, actor, one, act, kind, data, now)


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
    carry_out(tx, settings, actor, one, act, "step.done", data, now)
    if reason.strip():
        note(
            tx, actor, one, _("Step “%(step)s” was skipped: %(reason)s", step=title_of(one), reason=reason.strip()), now
        )
    if deviation:
        append(tx, one.row.id, "sop.deviated", actor, {"step": one.visit.name, "what": "skipped"}, at=now)


def vote(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    step_id: int,
    choice: str,
    *,
    comment: str = "",
    way: str = "",
    now: int | None = None,
) -> None:
    """Approve or reject; one vote a person, the newest counts. `way` is kept with the event: `link` for the link in a mail."""
    now = now or now_ms()
    one = find_step(tx, actor, ticket_id, step_id)
    members = members_of(tx, one, now)
    if comment.strip():
        note(tx, actor, one, comment.strip(), now)
    carry_out(
        tx,
        settings,
        actor,
        one,
        lambda: acting.vote(one.visit, choice, _voter(actor), members),
        "step.voted",
        {"choice": choice, **({"way": way} if way else {})},
        now,
    )


def answer_step(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    step_id: int,
    text: str,
    *,
    way: str = "",
    now: int | None = None,
) -> None:
    """Answer a question of `collaborate`; the answer lands on the ticket as an internal comment. `way` as in `vote`."""
    now = now or now_ms()
    if not text.strip():
        raise Invalid(FieldError("/text", _("The answer is empty. Write what you know.")))
    one = find_step(tx, actor, ticket_id, step_id)
    members = members_of(tx, one, now)
    if not one.visit.open:
        raise Conflict(ended_by(tx, one))
    reference = note(tx, actor, one, text.strip(), now)
    carry_out(
        tx,
        settings,
        actor,
        one,
        lambda: acting.answer(one.visit, _voter(actor), members, reference),
        "step.answered",
        {"way": way} if way else {},
        now,
    )


def _voter(actor: Actor) -> str:
    """Who votes or answers, by the ids that `members_of` gives."""
    if actor.kind == "guest":
        return guest_voter(actor.name)
    return f"customer:{actor.id}" if actor.kind == "customer" else str(actor.id)


def guest_voter(address: str) -> str:
    """Somebody outside as the ledger knows them; a long address is shortened to what its columns hold."""
    name = f"mail:{address.strip().lower()}"
    return name if len(name) <= _LONGEST_VOTER else f"mail:{sha256(name.encode()).hexdigest()[:32]}"


def members_of(tx: Connection, one: OpenStep, now: int) -> set[str]:
    """Everybody who may vote on the step or answer it."""
    world = DatabaseWorld(tx, directory(tx), one.row, one.run, now)
    guests = {guest_voter(party.id) for party in one.visit.assignees if party.kind == "mail"}
    return guests | {member for party in one.visit.assignees for member in world.members(party) or ()}


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
    """Accept the drafts a `document` step offers (an article, whose id is returned, and a procedure), or decline them."""
    now = now or now_ms()
    one = find_step(tx, actor, ticket_id, step_id)
    may_act(tx, actor, one)
    outcome = "accepted" if accept else "declined"
    article: int | None = None

    def act() -> Visit:
        nonlocal article
        changed = acting.decide_document(one.visit, one.step, outcome, str(actor.id), now)
        if accept and getattr(one.step.what, "article", "none") != "none":
            article = articles.draft_from_ticket(tx, actor, ticket_id, now=now)
            changed.result = {"article": article}
        if accept and getattr(one.step.what, "sop", "none") != "none":
            sop = suggest_sop(tx, actor, ticket_id, now=now)
            changed.result = {**(changed.result or {}), "sop": sop}
        return changed

    data = {"kind": "document", "state": "done", "outcome": outcome, "by": str(actor.id)}
    carry_out(tx, settings, actor, one, act, "step.done", data, now)
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
    settle_unknown(tx, ticket_id, one.run.id, one.visit.path, done=choice == "by_hand", now=now)
    carry_out(
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

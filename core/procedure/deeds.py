"""What people, plugins and customers do in a test case, done to the simulation. What nobody waits for is a mistake in the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.procedure import acting, happenings
from core.procedure.answers import check_answers
from core.procedure.status import HOLDERS
from core.procedure.values import ROOT, Change, Visit
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.procedure.case_reading import Deed
    from core.procedure.simulation import Simulation


class NobodyWaits(Exception):
    """A happening that nothing waits for; the text says what is open."""


def open_steps(sim: Simulation) -> list[str]:
    """What still waits, as cases write it: not the switch, fork or phase around it."""
    return [sim.shown(visit) for visit in sim.ledger.values() if visit.open and not _holds(sim, visit)]


def _holds(sim: Simulation, visit: Visit) -> bool:
    return visit.kind in HOLDERS or (visit.kind == "run" and f"{visit.path}/{ROOT}" in sim.ledger)


def do(sim: Simulation, deed: Deed) -> None:
    """One happening: change the ledger as a command of the product would, then walk."""
    match deed.verb:
        case "event":
            _event(sim, deed)
        case "change":
            _change(sim, deed)
        case _:
            _act(sim, deed)
    if "ticket" in deed.details:
        sim.change("ticket", _plain_names(deed.details["ticket"]))
        sim.happen("ticket.changed", {})
    sim.settle()


def _plain_names(values: Any) -> dict[str, Any]:
    return {str(name).removeprefix("ticket."): value for name, value in dict(values).items()}


def _event(sim: Simulation, deed: Deed) -> None:
    kind, by = str(deed.target), str(deed.details.get("by", "customer"))
    special: Iterable[Change] | None = None
    if kind == "ticket.reopened":
        special = happenings.reopened(sim.main, sim.ledger, by, sim.now)
        sim.change("ticket", {"status": "in_progress", "reopened": int(sim.ticket.get("reopened") or 0) + 1})
    elif kind == "ticket.merged" and not sim.listens(kind):
        special = happenings.merged(sim.ledger, by, sim.now)
    elif kind == "ticket.closed":
        special = happenings.closed_by_hand(sim.main, sim.ledger, by, sim.now)
        sim.change("ticket", {"status": "closed"})
    if special is None and not sim.listens(kind):
        raise NobodyWaits(_("nobody waits for the event %(event)s. %(open)s", event=kind, open=_what_is_open(sim)))
    if kind == "customer.replied":
        sim.change("ticket", {"last_customer_reply_at": sim.moment()})
    sim.happen(kind, deed.details.get("data") or {})
    sim.replace(*(change.visit for change in special or ()))


def _change(sim: Simulation, deed: Deed) -> None:
    if not isinstance(deed.target, dict):
        raise NobodyWaits(_("“change” needs names and values, such as {ticket.priority: high}."))
    for name, value in deed.target.items():
        target, dot, rest = str(name).partition(".")
        known = dot and target in ("ticket", "customer", "fields")
        sim.change(target if known else "ticket", {rest if known else str(name): value})
        if str(name).removeprefix("ticket.") == "assignee" and value:
            sim.happen("ticket.assigned", {"assignee": value})
    sim.happen("ticket.changed", {})


def _act(sim: Simulation, deed: Deed) -> None:
    """Something is done to one open step."""
    visit = _find(sim, deed)
    step, at, details = sim.step_of(visit), sim.now, deed.details
    by = str(details.get("by", _somebody(visit)))
    match deed.verb:
        case "complete" if visit.marks.get("asked"):
            changed = acting.decide_error(visit, "by_hand", by, at, details.get("result", details.get("fields")))
        case "skip" if visit.marks.get("asked"):
            changed = acting.decide_error(visit, "skip", by, at)
        case "retry":
            changed = acting.decide_error(visit, "retry", by, at)
        case "complete":
            changed = acting.complete(visit, step, _text(details.get("choice")), details.get("result"), by, at)
            _fill_in(sim, visit, details.get("fields") or {})
            sim.happen("task.completed", {"step": visit.name})
        case "skip":
            if step.skippable is None:
                raise NobodyWaits(_("step “%(step)s” is not skippable", step=deed.target))
            changed, _deviation = acting.skip(visit, step, sim.document_of(visit).mode, details.get("reason"), by, at)
        case "approve" | "reject":
            changed = acting.vote(visit, deed.verb, by, None)
        case "answer":
            changed = acting.answer(visit, by, None)
        case "accept" | "decline":
            changed = acting.decide_document(visit, step, "accepted" if deed.verb == "accept" else "declined", by, at)
        case "linked":
            changed = acting.linked(visit, details.get("result") or {})
        case _:
            changed = acting.child_ended(
                visit, str(details.get("outcome") or details.get("ends") or "completed"), details.get("result"), at
            )
            sim.close_inside(visit)
    sim.replace(changed)


def _fill_in(sim: Simulation, visit: Visit, fields: dict[str, Any]) -> None:
    """Take the typed values over. What is required and missing is not held against a case: it says what matters to it."""
    frame = sim.frame(visit)
    values, errors = check_answers(sim.document_of(visit), sim.step_of(visit), fields, sim.fields(frame))
    wrong = tuple(error for error in errors if error.field in fields)
    if wrong:
        raise acting.Invalid(visit, wrong)
    sim.change("fields", values, frame)
    if "resolution" in values:
        sim.change("ticket", {"resolution": values["resolution"]})


def _find(sim: Simulation, deed: Deed) -> Visit:
    """The open visit a happening is meant for."""
    name = str(deed.target)
    visits = [visit for visit in sim.ledger.values() if name in (sim.shown(visit), visit.name, visit.path)]
    newest = next((visit for visit in reversed(visits) if visit.open), None)
    if newest is None:
        state = _(" (it is %(state)s)", state=acting.state_in_words(visits[-1])) if visits else ""
        raise NobodyWaits(
            _("step “%(step)s” is not open%(state)s. %(open)s", step=name, state=state, open=_what_is_open(sim))
        )
    return newest


def _what_is_open(sim: Simulation) -> str:
    if sim.ended is not None:
        return _("The run has ended: %(outcome)s.", outcome=sim.ended.outcome)
    waiting = open_steps(sim)
    awaited = sorted({kind for visit in sim.ledger.values() if visit.open for kind in visit.awaits if kind != "*"})
    text = _("Open: %(steps)s.", steps=", ".join(waiting) or _("nothing"))
    return text + (" " + _("Awaited events: %(events)s.", events=", ".join(awaited)) if awaited else "")


def _somebody(visit: Visit) -> str:
    """Who acts when the case does not say."""
    person = next((party.id for party in visit.assignees if party.kind in ("person", "customer")), None)
    return "approver" if visit.kind == "approval" else person or "agent"


def _text(value: Any) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)

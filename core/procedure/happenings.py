"""What becomes of a run when its ticket is reopened, merged, moved to another SOP, resolved or closed by hand, or moved on by a lead.

Every function answers with ledger changes to be made before the next walk, or refuses with a sentence for people. The ledger is read in the
order in which its visits were opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.acting import Refused
from core.procedure.checklist import AHEAD
from core.procedure.frames import steps_by_name
from core.procedure.running import MOST_VISITS
from core.procedure.values import JSON, ROOT, Change, State, Visit
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.sop.document import Sop, Step

    Ledger = Mapping[str, Visit]
    Changes = tuple[Change, ...]

REOPENED = "ticket.reopened"


# ---- the run ends --------------------------------------------------------------------------------------------------------


def stopped(ledger: Ledger, outcome: str, by: str, at: int, result: JSON = None) -> Changes:
    """The run ends with this outcome; whatever is open is cancelled."""
    changes = _cancelled(ledger, "", by, at, {"ended": outcome})
    root = ledger.get(ROOT)
    if root is not None and root.open:
        changes += (Change("ended", _ended(root, State.DONE, outcome, by, at, result)),)
    return changes


def merged(ledger: Ledger, by: str, at: int) -> Changes:
    """The ticket was merged into another one: the run ends `merged`."""
    return stopped(ledger, "merged", by, at)


def switched(sop: Sop, ledger: Ledger, by: str, at: int, *, reason: str, is_lead: bool) -> Changes:
    """A person starts another SOP: the old run ends `switched`. A reason is needed; of a strict SOP only a lead may."""
    if not reason.strip():
        raise Refused("reason", _("Give a reason for switching to another SOP."))
    if sop.mode == "strict" and not is_lead and _running(ledger):
        raise Refused("strict", _("This ticket follows a strict SOP: only a team lead can switch it to another one."))
    return stopped(ledger, "switched", by, at)


def closed_by_hand(sop: Sop, ledger: Ledger, by: str, at: int) -> Changes:
    """Somebody closes the ticket: the run ends `closed`, a deviation; a strict SOP refuses."""
    if sop.mode == "strict" and _running(ledger):
        raise Refused("strict", _("This ticket follows a strict SOP: it can be closed when its steps are done."))
    return stopped(ledger, "closed", by, at)


# ---- resolved and reopened -----------------------------------------------------------------------------------------------


def resolved_by_hand(sop: Sop, ledger: Ledger, by: str, at: int) -> Changes:
    """Somebody resolves the ticket although steps are open: they are cancelled, and the run goes on behind its `resolve`.

    Without a `resolve` the run ends `resolved`. A strict SOP refuses. Nothing to do once the flow is past its `resolve`.
    """
    if not _running(ledger):
        return ()
    if any(
        visit.kind == "resolve" and visit.marks.get("resolved") and not visit.marks.get("reopened")
        for visit in ledger.values()
    ):
        return ()
    if sop.mode == "strict":
        raise Refused(
            "strict",
            _("This ticket follows a strict SOP: it is resolved by its own step, when the flow has reached it."),
        )
    place = _resolve_of(sop)
    if place is None:
        return stopped(ledger, "resolved", by, at)
    top, resolve = place
    if top is not resolve:  # inside a phase or a branch: go on behind the step that holds it
        following = sop.do.index(top) + 1
        target = sop.do[following].name if following < len(sop.do) else "end"
        return _redirected(ledger, "", target, by, at, {"resolved": by})
    standing = _standing(ledger, "")
    if standing is not None and standing.open and standing.name == resolve.name:
        mine = _ended(standing, State.DONE, "completed", by, at)
        mine.marks["resolved"] = True
        others = [
            change for change in _cancelled(ledger, "", by, at, {"resolved": by}) if change.visit.path != mine.path
        ]
        return (*others, Change("ended", mine))
    done = _decided(ledger, resolve, by, at)
    return (*_redirected(ledger, "", resolve.name, by, at, {"resolved": by}), Change("decided", done))


def _resolve_of(sop: Sop) -> tuple[Step, Step] | None:
    """The document's `resolve`, and the top-level step it lies in; one that stands at the top is preferred."""
    for step in sop.do:
        if step.kind == "resolve":
            return step, step
    for top in sop.do:
        stack = [inner for steps in top.lists() for inner in steps]
        while stack:
            step = stack.pop(0)
            if step.kind == "resolve":
                return top, step
            stack = [inner for steps in step.lists() for inner in steps] + stack
    return None


def _decided(ledger: Ledger, step: Step, by: str, at: int) -> Visit:
    """A visit of a top-level step that a person has already done; the caller resolves the ticket."""
    rows = [visit for visit in ledger.values() if visit.name == step.name and "/" not in visit.path]
    number = max((visit.visit for visit in ledger.values() if visit.name == step.name), default=0) + 1
    return Visit(
        path=f"{step.name}#{len(rows) + 1}" if rows else step.name,
        name=step.name,
        visit=number,
        kind=step.kind,
        state=State.DONE,
        opened_at=at,
        outcome="completed",
        ended_at=at,
        ended_by=by,
        why={"by_hand": True},
        marks={"resolved": True},
    )


def reopened(sop: Sop, ledger: Ledger, by: str, at: int) -> Changes:
    """The ticket was reopened; append `ticket.reopened` to the timeline before walking.

    The document's own `on: ticket.reopened` has the first word. Else, while the run is open, what is behind `resolve` is cancelled and
    `resolve` opens again. A run that has ended is revived only by `on: ticket.reopened: {then: X}`; no changes: offer "start again at …".
    """
    resolve = next(
        (v for v in reversed(list(ledger.values())) if v.kind == "resolve" and v.marks.get("resolved")), None
    )
    marked: Changes = ()
    for visit in [v for v in ledger.values() if v.marks.get("resolved") and not v.marks.get("reopened")]:
        mine = visit.copy()
        mine.marks["reopened"] = True
        marked += (Change("changed", mine),)
        ledger = {**ledger, mine.path: mine}
    ways = [on for on in sop.on if on.event == REOPENED]
    if not _running(ledger):
        target = next((on.then for on in ways if on.then), None)
        return _merge(marked, revived(ledger, target, by, at)) if target and target != "end" else ()
    if ways or resolve is None:
        return marked
    base = resolve.path.rpartition("/")[0]
    base = f"{base}/" if base else ""
    if base and not any(visit.open and base == f"{visit.path}/" for visit in ledger.values()):
        return marked  # the phase around it is over: nothing can jump back into it
    standing = _standing(ledger, base)
    if standing is not None and not _in_one_list(sop, standing.name, resolve.name):
        return marked  # it was an escalation's: what runs beside cannot send the flow anywhere
    return _merge(marked, _redirected(ledger, base, resolve.name, by, at, {"reopened": by}))


def _in_one_list(sop: Sop, one: str, other: str) -> bool:
    """Do these two steps stand in the same list, so that the flow may go from one to the other?"""
    lists = [sop.do, *(steps for step in sop.steps() for steps in step.lists())]
    return any({one, other} <= {step.name for step in steps} for steps in lists)


def revived(ledger: Ledger, target: str, by: str, at: int) -> Changes:
    """A run that has ended goes on at a top-level step: "start again at …"."""
    root = ledger[ROOT].copy()
    root.state, root.outcome, root.result, root.ended_at, root.ended_by = State.OPEN, None, None, None, None
    root.marks["revived_at"] = at
    return (Change("changed", root), *_redirected({**ledger, ROOT: root}, "", target, by, at, {"revived": by}))


# ---- a lead decides ------------------------------------------------------------------------------------------------------


def granted(ledger: Ledger, name: str) -> Changes:
    """Needs attention because of too many visits: the lead says "go on", and the step may be visited as often again."""
    root = ledger[ROOT].copy()
    allowed = dict(root.marks.get("granted", {}))
    root.marks["granted"] = {**allowed, name: int(allowed.get(name, 0)) + MOST_VISITS}
    return (Change("changed", root),)


def moved(sop: Sop, ledger: Ledger, target: str, by: str, at: int) -> Changes:
    """The lead moves the run to a top-level step (or `end`)."""
    tops = [step.name for step in sop.do]
    if target != "end" and target not in tops:
        known = _("It lies inside another step.") if target in steps_by_name(sop) else ""
        raise Refused(
            "target",
            _(
                "The run cannot be moved to “%(step)s”. %(known)s Steps: %(steps)s.",
                step=target,
                known=known,
                steps=", ".join(tops),
            ),
        )
    return _redirected(ledger, "", target, by, at, {"moved": by})


# ---- how -----------------------------------------------------------------------------------------------------------------


def _running(ledger: Ledger) -> bool:
    root = ledger.get(ROOT)
    return root is not None and root.open


def _ended(visit: Visit, state: State, outcome: str, by: str, at: int, result: JSON = None) -> Visit:
    mine = visit.copy()
    mine.state, mine.outcome, mine.ended_by, mine.ended_at = state, outcome, by, at
    mine.awaits, mine.effect, mine.result = (), False, result if result is not None else visit.result
    return mine


def _cancelled(ledger: Ledger, base: str, by: str, at: int, why: JSON) -> Changes:
    changes = []
    for visit in ledger.values():
        if visit.open and visit.path != ROOT and visit.path.startswith(base):
            mine = _ended(visit, State.CANCELLED, "cancelled", by, at)
            mine.why = why
            changes.append(Change("ended", mine))
    return tuple(changes)


def _standing(ledger: Ledger, base: str) -> Visit | None:
    """The visit at which the list with this base stands: the one opened last. What was done ahead of the flow does not count."""
    inside = [
        v
        for v in ledger.values()
        if v.path.startswith(base)
        and "/" not in v.path[len(base) :]
        and v.path[len(base)] != ROOT
        and not v.marks.get(AHEAD)
    ]
    return inside[-1] if inside else None


def _redirected(ledger: Ledger, base: str, target: str, by: str, at: int, why: JSON) -> Changes:
    """Cancel what is open in a list (what runs beside the document goes on), and let its flow go on at `target`."""
    changes = tuple(
        change
        for change in _cancelled(ledger, base, by, at, why)
        if not change.visit.path[len(base) :].startswith(ROOT)
    )
    standing = _standing(ledger, base)
    if standing is None:
        root = ledger[ROOT].copy()
        root.marks["start"] = target
        return (*changes, Change("changed", root))
    mine = next((change.visit for change in changes if change.visit.path == standing.path), None)
    if mine is None:
        mine = standing.copy()
        changes += (Change("changed", mine),)
    mine.marks["to"] = target
    return changes


def _merge(first: Changes, then: Changes) -> Changes:
    """Both, with one change for each row: the later one wins, but keeps the marks of the earlier."""
    later = {change.visit.path: change for change in then}
    for change in first:
        if change.visit.path in later:
            later[change.visit.path].visit.marks = change.visit.marks | later[change.visit.path].visit.marks
    return tuple(change for change in first if change.visit.path not in later) + then

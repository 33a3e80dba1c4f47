"""The relay as the ticket page shows it: each leg with its words, form and reasons; what passed by itself or was not needed is folded away."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from core.permissions import may
from core.sop.titles import step_title
from core.texts import _
from core.tickets.ways import automatic
from web.desk.stepform import StepForm, step_form
from web.desk.why import explain
from web.signin import actor, reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from core.children import Child
    from core.tickets.head import Head
    from core.tickets.relay import Leg, StepRow
    from web.desk.telling import Teller


@dataclass(frozen=True, slots=True)
class Shown:
    """One leg of the relay with the words and the form it needs."""

    leg: Leg
    title: str
    who: str
    form: StepForm | None
    why: tuple[str, ...]
    mine: bool
    legs: tuple[Entry, ...]
    child: Child | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """Legs side by side in the list that need nobody's eye: `passed` went by themselves, `unneeded` lay on a way that was not taken."""

    state: str
    passed: int
    unneeded: int
    legs: tuple[Shown, ...]


Entry: TypeAlias = "Shown | Folded"


@dataclass(frozen=True, slots=True)
class Beside:
    """What the page knows beside the ledger: what was typed into one step's form and not carried out, why steps failed outside and which child
    tickets they opened, by path.
    """

    step_id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, Child] = field(default_factory=dict)


def track(legs: Sequence[Leg], head: Head, teller: Teller, beside: Beside) -> tuple[Entry, ...]:
    """The legs of one list as they are shown."""
    shown = [_shown(leg, _way_past(legs, place, teller), head, teller, beside) for place, leg in enumerate(legs)]
    return tuple(_folded(shown))


def _shown(leg: Leg, past: tuple[str, ...], head: Head, teller: Teller, beside: Beside) -> Shown:
    visit = leg.visit if leg.state != "next" else None
    mine = visit is not None and visit.state == "open" and _is_mine(visit)
    return Shown(
        leg,
        _title(leg, head, teller),
        _who(visit, teller),
        _form(leg, head, teller, beside, mine=mine),
        past
        if leg.state == "unneeded" and (visit is None or not visit.why)
        else explain(teller, visit.why)
        if visit
        else (),
        mine,
        track(leg.legs, head, teller, beside),
        beside.children.get(visit.path) if visit else None,
    )


def _fields(leg: Leg, head: Head) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (head.run_fields or {}).get(leg.frame, {})
    return found


def _title(leg: Leg, head: Head, teller: Teller) -> str:
    return teller.filled(step_title(leg.step, leg.sop), leg.sop, _fields(leg, head))


def _form(leg: Leg, head: Head, teller: Teller, beside: Beside, *, mine: bool) -> StepForm | None:
    visit = leg.visit
    if visit is None or visit.state != "open":  # one behind the resolution may outlast the closing
        return None
    if not mine and not may(actor(), "complete_any_step"):
        return None
    fields = _fields(leg, head)
    values = beside.values if beside.step_id == visit.id else None
    form = step_form(leg.sop, leg.step, visit, fields, values, lambda text: teller.filled(text, leg.sop, fields))
    if form is not None and form.kind == "failed" and visit.path in beside.failures:
        return replace(form, text=beside.failures[visit.path])
    return form


def _is_mine(visit: StepRow) -> bool:
    """Does the step wait for the reader or a team of theirs?"""
    me = reader()
    teams = {str(team.id) for team in me.teams}
    pairs = [(p["kind"], str(p["id"])) if isinstance(p, dict) else (p[0], str(p[1])) for p in visit.assignees]
    own = {("person", str(me.id)), ("department", str(me.department_id)), *(("team", team) for team in teams)}
    return not own.isdisjoint(pairs)


def _who(visit: StepRow | None, teller: Teller) -> str:
    if visit is None:
        return ""
    if visit.state == "open":
        return ", ".join(teller.party(party) for party in visit.assignees)
    return teller.ender(visit.ended_by) if visit.ended_by and str(visit.ended_by).isdecimal() else ""


# ---- what is folded, and why it was not needed ----------------------------------------------------------------------------


def _way_past(legs: Sequence[Leg], place: int, teller: Teller) -> tuple[str, ...]:
    """Why the way led past a leg: which leg before it went on to which leg behind it, and what was seen there."""
    if legs[place].state != "unneeded":
        return ()
    before = next((leg for leg in reversed(legs[:place]) if _was_run(leg)), None)
    after = next((leg for leg in legs[place + 1 :] if _was_run(leg)), None)
    if before is None or before.visit is None:
        return (_("The procedure did not come this way."),)
    first, seen = teller.step(before.step.name), explain(teller, before.visit.why)
    if before.visit.state == "open":
        return (_("No way leads here from “%(step)s”.", step=first),)
    outcome = before.visit.outcome or ""
    label = teller.choice(before.step.name, outcome) if outcome else ""
    if label and label != outcome:
        seen = (_("The answer was “%(choice)s”.", choice=label), *seen)
    if after is None:
        return (_("After “%(step)s” nothing more came.", step=first), *seen)
    then = teller.step(after.step.name)
    return (_("After “%(step)s” it went on with “%(next)s”.", step=first, next=then), *seen)


def _was_run(leg: Leg) -> bool:
    return leg.visit is not None and leg.state != "unneeded"


def _folded(shown: Sequence[Shown]) -> Iterator[Entry]:
    kept: list[Shown] = []
    for one in shown:
        if not _quiet(one) or (kept and _side(kept[-1]) != _side(one)):
            yield from _fold(kept)
            kept = []
        if _quiet(one):
            kept.append(one)
        else:
            yield one
    yield from _fold(kept)


def _quiet(one: Shown) -> bool:
    if one.leg.state == "unneeded":
        return True
    return one.leg.state in {"done", "next"} and automatic(one.leg.step) and not one.legs


def _side(one: Shown) -> str:
    return "next" if one.leg.state == "next" else "past"


def _fold(kept: list[Shown]) -> Iterator[Entry]:
    unneeded = sum(one.leg.state == "unneeded" for one in kept)
    if len(kept) == 1 and not unneeded:
        yield kept[0]
    elif kept:
        state = "next" if _side(kept[0]) == "next" else "done" if unneeded < len(kept) else "skip"
        yield Folded(state, len(kept) - unneeded, unneeded, tuple(kept))

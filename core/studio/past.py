"""What did people, customers and plugins do on a ticket, as happenings of a test case? Read from its timeline and the ledger of its run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.procedure.record import frame_of, frames_in
from core.procedure.values import State
from core.sop.document import Approval, Call, Collaborate, Wait

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.directory import Directory
    from core.procedure.values import Visit
    from core.sop.document import Sop
    from core.timeline import Happening

_CUTTING = {"run.moved", "run.led"}  # a lead or a move to another version changed the run: no happening of a case
_OWN = {"ticket.resolved", "ticket.assigned", "ticket.changed", "task.completed", "step.done", "step.opened"}
CODES = ("priority", "status", "topic", "product", "language", "tags")  # their events hold the old and the new value


@dataclass(frozen=True, slots=True)
class Deed:
    """One happening: `verb` and `target` as cases write them, when (ms since 1970 UTC), and what goes with it.

    `since`: when the step that it is about had opened. `data`: what the event on the timeline holds (a case does not repeat it).
    """

    at: int
    verb: str
    target: Any
    details: Mapping[str, Any]
    since: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of one run: its document, ledger (in the order of opening), events, and how the calls of each action came back."""

    sop: Sop
    subs: tuple[Sop, ...]  # the sub-SOPs that it ran
    visits: Mapping[str, Visit]
    events: Sequence[Happening]
    answers: Mapping[str, list[Any]]
    whole: bool = True  # False: it has more steps than are read

    def shown(self, visit: Visit) -> str:
        """A visit as cases write it: `verify`, `verify@2`, `identity/ask` for a step of a sub-SOP."""
        frame = frame_of(visit.path, frames_in(self.visits)) if "/" in visit.path else ""
        parent = f"{self.visits[frame].name}/" if frame in self.visits else ""
        return f"{parent}{visit.name}" + (f"@{visit.visit}" if visit.visit > 1 else "")

    def path(self, before: int | None = None) -> list[str]:
        """All steps that were opened (before a moment), in order."""
        rows = [one for one in self.visits.values() if one.visit and one.kind not in ("sop", "event")]
        return [self.shown(one) for one in rows if before is None or one.opened_at < before]


def deeds_of(past: Past, firm: Directory, heard: frozenset[str] = frozenset()) -> tuple[list[Deed], Happening | None]:
    """Everything that was done, in order, and the event from which on a case cannot tell what happened (None: it can tell all).

    `heard`: events that another document listens to, besides those of this run's own.
    """
    telling = _Telling(past, firm, heard.union(*map(heard_by, (past.sop, *past.subs))) - _OWN)
    cut = next((event for event in past.events if _cannot_be_told(event)), None)
    events = past.events if cut is None else [event for event in past.events if event.seq < cut.seq]
    found = [(event.at, event.seq, deed) for event in events for deed in telling.deeds(event)]
    end = cut.at if cut else None
    found += [(deed.at, 0, deed) for deed in telling.from_outside() if end is None or deed.at <= end]
    return [deed for _at, _seq, deed in sorted(found, key=lambda one: one[:2])], cut


def changed(event: Happening, firm: Directory) -> dict[str, list[Any]]:
    """The old and the new value of each property that this event changed, as far as they are codes."""
    data = event.data
    found = {name: data[name] for name in CODES if isinstance(data.get(name), list)}
    if data.get("property") in CODES and "to" in data:
        found[data["property"]] = [data.get("from"), data["to"]]
    pair = [data.get("from"), data.get("to")] if data.get("property") == "department" else data.get("department")
    if isinstance(pair, list) and all(one in firm.departments for one in pair):
        found["department"] = [firm.departments[one].name for one in pair]
    return found


def holder_at_once(past: Past, firm: Directory) -> str:
    """The colleague whom the first step that assigns found without waiting; "" when there is none."""
    for event in past.events:
        to = event.data.get("to") or {}
        step = past.visits.get(str(event.data.get("step")))
        if event.kind == "ticket.assigned" and to.get("kind") == "person" and step is not None:
            person = firm.people.get(int(to["id"]))
            return person.nick if person and step.opened_at == event.at else ""
    return ""


def voters(past: Past, firm: Directory) -> dict[str, list[str]]:
    """Whoever voted is everybody who could, where all of a team had to."""
    steps = {step.name: step.what for step in past.sop.steps()}
    found: dict[str, list[str]] = {}
    for visit in past.visits.values():
        what = steps.get(visit.name)
        if isinstance(what, Approval | Collaborate) and what.quorum == "all" and not visit.open:
            voted = [_nick(one, firm) for one in {**visit.marks.get("votes", {}), **visit.marks.get("answers", {})}]
            for party in what.by if isinstance(what, Approval) else what.ask:
                if voted and str(party).partition(":")[0] in ("team", "role", "department"):
                    known = found.setdefault(str(party), [])
                    known.extend(one for one in voted if one not in known)
    return found


def _nick(voter: str, firm: Directory) -> str:
    person = firm.people.get(int(voter)) if voter.isdecimal() else None
    return person.nick if person else voter.partition(":")[0]


def heard_by(sop: Sop) -> frozenset[str]:
    """The events that a document listens to."""
    waits = {step.what.event for step in sop.steps() if isinstance(step.what, Wait)}
    return frozenset({on.event for on in sop.on} | {one for one in waits if one})


def _cannot_be_told(event: Happening) -> bool:
    by_hand = event.kind == "sop.deviated" and event.data.get("what") == "resolved_by_hand"
    ended = event.kind == "step.decided" and event.data.get("choice") == "end"
    return event.kind in _CUTTING or by_hand or ended


@dataclass(frozen=True, slots=True)
class _Telling:
    past: Past
    firm: Directory
    heard: frozenset[str]

    def deeds(self, event: Happening) -> Iterable[Deed]:
        """What one event was, if somebody did it."""
        visit = self.past.visits.get(str(event.data.get("path")))
        by = self.by(event)
        match event.kind:
            case "task.completed" | "step.done" if visit is not None and event.actor_kind != "flow":
                yield self._ended(event, visit, by)
            case "step.voted" if visit is not None:
                yield Deed(event.at, str(event.data["choice"]), self.past.shown(visit), by, visit.opened_at)
            case "step.answered" if visit is not None:
                yield Deed(event.at, "answer", self.past.shown(visit), by, visit.opened_at)
            case "step.decided" if visit is not None:
                yield from self._decided(event, visit, by)
            case "ticket.assigned":
                yield from self._assigned(event)
            case "ticket.changed" if event.actor_kind != "flow":
                new = {f"ticket.{name}": pair[1] for name, pair in changed(event, self.firm).items()}
                if new:
                    yield Deed(event.at, "change", new, {})
            case "ticket.closed" if event.data.get("by") == "hand":
                yield Deed(event.at, "event", event.kind, by)
            case "ticket.reopened":
                yield Deed(event.at, "event", event.kind, by)
            case "ticket.merged" if "into" in event.data:  # this ticket became part of another one
                yield Deed(event.at, "event", event.kind, by)
            case kind if kind in self.heard:
                yield Deed(event.at, "event", kind, by, data=event.data)

    def _ended(self, event: Happening, visit: Visit, by: dict[str, Any]) -> Deed:
        shown = self.past.shown(visit)
        if visit.state is State.SKIPPED:
            return Deed(event.at, "skip", shown, by | {"reason": "as recorded"}, visit.opened_at)
        if visit.kind == "document":
            return Deed(event.at, "accept" if visit.outcome == "accepted" else "decline", shown, by, visit.opened_at)
        details = dict(by)
        if isinstance(visit.result, dict) and (typed := self._typed(visit.result)):
            details["fields"] = typed
        if visit.outcome not in ("completed", None):
            details["choice"] = visit.outcome
        return Deed(event.at, "complete", shown, details, visit.opened_at)

    def _typed(self, result: Mapping[str, Any]) -> dict[str, Any]:
        known = {"resolution", *(name for sop in (self.past.sop, *self.past.subs) for name in sop.fields)}
        return {name: value for name, value in result.items() if name in known}

    def _decided(self, event: Happening, visit: Visit, by: dict[str, Any]) -> Iterable[Deed]:
        verb = {"retry": "retry", "by_hand": "complete", "skip": "skip"}.get(str(event.data.get("choice")))
        if verb:
            result = {"result": visit.result} if verb == "complete" and visit.result is not None else {}
            yield Deed(event.at, verb, self.past.shown(visit), by | result, visit.opened_at)

    def _assigned(self, event: Happening) -> Iterable[Deed]:
        """The ticket was given to a person, and not by a step that found them at once."""
        to = event.data.get("to") or {}
        person = self.firm.people.get(int(to["id"])) if to.get("kind") == "person" else None
        if person is not None and (event.actor_kind != "flow" or not self._found_at_once(event)):
            yield Deed(event.at, "change", {"ticket.assignee": person.nick}, {})

    def _found_at_once(self, event: Happening) -> bool:
        step = self.past.visits.get(str(event.data.get("step")))
        return step is not None and step.opened_at == event.at

    def from_outside(self) -> Iterable[Deed]:
        """Child tickets that ended, and things of other systems that a call waited for: their values are on the step."""
        steps = {step.name: step.what for sop in (self.past.sop, *self.past.subs) for step in sop.steps()}
        for visit in self.past.visits.values():
            if visit.open or visit.ended_at is None or visit.state is not State.DONE:
                continue
            what = steps.get(visit.name)
            if visit.kind == "run" and visit.ended_by == "event":
                ends = {"ends": visit.outcome or "completed"}
                yield Deed(visit.ended_at, "child", self.past.shown(visit), ends, visit.opened_at)
            elif isinstance(what, Call) and what.until and not str(visit.ended_by).isdecimal():
                result = {"result": visit.result or {}}
                yield Deed(visit.ended_at, "linked", self.past.shown(visit), result, visit.opened_at)

    def by(self, event: Happening) -> dict[str, Any]:
        """Who did it: a colleague by nick; customers, guests and plugins by what they are."""
        person = self.firm.people.get(event.actor_id or 0) if event.actor_kind == "person" else None
        return {"by": person.nick if person else event.actor_kind}

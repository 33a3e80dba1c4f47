"""A ticket on a virtual clock: the same walk over a ledger in memory. Automatic steps take no time; people act when they are told to.

Dry runs, test cases and replays use it. Nothing leaves the house: notices and calls are noted, and a call gets the answer it was given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.procedure import acting
from core.procedure.frames import steps_by_name
from core.procedure.record import frame_of, frames_in
from core.procedure.simulated_world import Given, SimulatedWorld
from core.procedure.values import ROOT, Change, Effect, Ended, Move, Order, State, Visit
from core.procedure.walk import walk
from core.sop.expressions import Scope, judge
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from core.procedure.values import JSON
    from core.sop.document import Sop, Step

_PATIENCE = 200  # walks at one instant without a person: more is a loop


class SimulationError(Exception):
    """The simulation cannot go on: no answer for a call, a loop, an unknown calendar."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of what came out: `what` (a step as cases write it, a template, an action), to whom, and when."""

    what: str
    at: int
    who: str = ""
    path: str = ""


@dataclass(slots=True)
class Log:
    """What came out, in order."""

    opened: list[Entry] = field(default_factory=list)
    notices: list[Entry] = field(default_factory=list)
    calls: list[Entry] = field(default_factory=list)
    runs: list[Entry] = field(default_factory=list)


class Simulation(SimulatedWorld):
    """One ticket following one document. It is the walk's own world."""

    def __init__(
        self,
        sop: Sop,
        given: Given,
        find: Callable[[str], Sop | None] | None = None,
        examples: Mapping[str, JSON] | None = None,
    ) -> None:
        super().__init__(given, find)
        self.main = sop
        self.ledger: dict[str, Visit] = {}
        self.log = Log()
        self.move = Move()
        self._examples = examples or {}
        self._answered: dict[str, int] = {}
        self._news = False

    # ---- time --------------------------------------------------------------------------------------------------------

    def starts(self) -> bool:
        """Does the document's start rule hold for this ticket?"""
        start = self.main.start
        if start is None or start.if_ is None:
            return True
        return judge(start.if_, Scope(ticket=self.ticket, customer=self.customer, fields=self.fields(""))).holds

    @property
    def ended(self) -> Ended | None:
        """How the run ended, if it has."""
        return self.move.ended

    def ended_at(self) -> int:
        """When the run ended; while it goes on: now."""
        root = self.ledger.get(ROOT)
        return self.now if root is None or root.ended_at is None else root.ended_at

    def begin(self) -> None:
        """The run starts."""
        self._settle()

    def advance(self, to: int) -> None:
        """Let time pass up to and including this moment; every timer rings when it is due."""
        while self.move.alarm_at is not None and self.move.alarm_at <= to and self.ended is None:
            self.now = max(self.now, self.move.alarm_at)
            self._settle()
        self.now = max(self.now, to)

    def exhaust(self, limit: int) -> None:
        """Let timers ring until the run has ended, waits for people only, or the limit is reached."""
        while self.ended is None and self.move.alarm_at is not None and self.move.alarm_at <= limit:
            self.advance(self.move.alarm_at)

    def _settle(self) -> None:
        """Walk until nothing more happens at this instant."""
        for _walk in range(_PATIENCE):
            self._news = False
            self.move = walk(self.main, self.ledger, self, self.now)
            self._apply(self.move)
            due = self.move.alarm_at is not None and self.move.alarm_at <= self.now
            if not (self._news or due):
                return
        raise SimulationError(
            _("at one instant the run went on for %(n)s walks: the document runs in a circle", n=_PATIENCE)
        )

    # ---- what a move asks for ----------------------------------------------------------------------------------------

    def _apply(self, move: Move) -> None:
        for change in move.visits:
            self.ledger[change.visit.path] = change.visit
            if change.op in ("opened", "decided"):
                self._note(change)
        for order in move.orders:
            self._obey(order)
        for effect in move.effects:
            self._perform(effect)

    def _note(self, change: Change) -> None:
        visit = change.visit
        if visit.visit and visit.kind not in ("sop", "event"):
            self.log.opened.append(Entry(self.shown(visit), self.now, path=visit.path))
            if visit.kind == "run" and "sop" in visit.marks:
                self.log.runs.append(Entry(str(visit.marks["sop"]), self.now, path=visit.path))

    def shown(self, visit: Visit) -> str:
        """A visit as cases write it: `verify`, `verify@2`, `identity/ask` for a step of a sub-SOP."""
        frame = self.frame(visit)
        parent = f"{self.ledger[frame].name}/" if frame in self.ledger else ""
        return f"{parent}{visit.name}" if visit.visit <= 1 else f"{parent}{visit.name}@{visit.visit}"

    def _obey(self, order: Order) -> None:
        match order.kind:
            case "var" | "field":
                self.change(f"{order.kind}s", {str(order.name): order.value}, order.frame)
            case "assign" | "backlog":
                self.change("ticket", {"assignee": order.value} | ({"team": order.name} if order.name else {}))
                if order.value:
                    self.happen("ticket.assigned", {"assignee": order.value})
            case "resolve":
                self.change("ticket", {"status": "resolved"})
                self.happen("ticket.resolved", {})
            case "status" if self.ticket["status"] in ("resolved", "closed"):
                return  # only a reopening changes that
            case _:
                self.change("ticket", {str(order.name): order.value})
                if order.kind == "ticket":
                    self.happen("ticket.changed", {"name": order.name})

    def happen(self, kind: str, data: Mapping[str, JSON]) -> None:
        """An event on the timeline; walk again if anything listens to it."""
        self.note(kind, data)
        self._news = self._news or self.listens(kind)

    def listens(self, kind: str) -> bool:
        """Does an open step or a document wait for this kind of event?"""
        if any(kind in visit.awaits for visit in self.ledger.values() if visit.open):
            return True
        return any(on.event == kind for sop in self.documents() for on in sop.on)

    def documents(self) -> Iterable[Sop]:
        """The main document, and the sub-SOPs under way."""
        yield self.main
        for visit in self.ledger.values():
            if visit.kind == "sop" and visit.open and "/" in visit.path:
                run = self.ledger[visit.path.rpartition("/")[0]]
                if sop := self.find(str(run.marks["sop"])):
                    yield sop

    def _perform(self, effect: Effect) -> None:
        payload = effect.payload
        match effect.kind:
            case "notify":
                self.log.notices += [Entry(payload["template"], self.now, who, effect.path) for who in payload["to"]]
                if payload["await"]:
                    self._finish(effect.path, "done", None)
            case "remind":
                self.log.notices += [Entry("reminder", self.now, who, effect.path) for who in payload["to"]]
            case "survey":
                self.log.notices.append(
                    Entry(payload["template"] or payload["type"], self.now, "customer", effect.path)
                )
            case "call":
                self.log.calls.append(Entry(payload["action"], self.now, path=effect.path))
                state, result = self._answer(payload["action"])
                self._finish(effect.path, state, result)
            case "child":
                self.log.runs.append(Entry("ticket", self.now, path=effect.path))

    def _answer(self, action: str) -> tuple[str, JSON]:
        """What a call returns: the case's answer (a list has one for each call), else the action's declared example."""
        answers = self.given.answers
        if action not in answers and action not in self._examples:
            raise SimulationError(_("the call %(action)s has no answer: add it to `given: answers`", action=action))
        answer = answers[action] if action in answers else self._examples[action]
        if isinstance(answer, list):
            n = self._answered[action] = self._answered.get(action, 0) + 1
            if n > len(answer):
                raise SimulationError(
                    _(
                        "%(action)s was called %(n)s times, but `given: answers` has %(has)s for it",
                        action=action,
                        n=n,
                        has=len(answer),
                    )
                )
            answer = answer[n - 1]
        if isinstance(answer, dict) and "error" in answer:
            return ("unknown" if answer["error"] == "unknown" else "error"), answer["error"]
        return "done", answer

    def _finish(self, path: str, state: str, result: JSON) -> None:
        visit = self.ledger.get(path)
        if visit is not None and visit.open:
            self.ledger[path] = acting.finish_effect(visit, self.step_of(visit), state, result, self.now)
            self._news = True

    # ---- for those who act -------------------------------------------------------------------------------------------

    def frame(self, visit: Visit) -> str:
        """The run a visit lies in: "" or the path of a `run` visit."""
        return frame_of(visit.path, frames_in(self.ledger)) if "/" in visit.path else ""

    def document_of(self, visit: Visit) -> Sop:
        """The document a visit belongs to."""
        frame = self.frame(visit)
        return (self.find(str(self.ledger[frame].marks["sop"])) if frame else None) or self.main

    def step_of(self, visit: Visit) -> Step:
        """The step of a visit."""
        return steps_by_name(self.document_of(visit))[visit.name]

    def replace(self, *visits: Visit) -> None:
        """Somebody changed these rows."""
        for visit in visits:
            self.ledger[visit.path] = visit

    def close_inside(self, visit: Visit) -> None:
        """The end of a sub-SOP was told from outside: what is open in it is withdrawn."""
        for inner in [row for row in self.ledger.values() if row.open and row.path.startswith(f"{visit.path}/")]:
            mine = inner.copy()
            mine.state, mine.outcome, mine.ended_at, mine.ended_by = State.CANCELLED, "cancelled", self.now, "event"
            self.ledger[mine.path] = mine

    def settle(self) -> None:
        """Walk at this instant, after somebody acted."""
        self._settle()

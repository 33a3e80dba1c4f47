"""Every kind of step, kept open: effects stay under way, and each kind has its own way to end well."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Any

from core.calendar_reading import moment_of
from core.procedure import acting, deeds
from core.procedure.case_reading import Deed, elapsed
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation
from core.procedure.values import Visit
from core.procedure.walk import walk
from core.sop.reading import load

if TYPE_CHECKING:
    from core.procedure.values import Change, Effect
    from core.sop.document import Sop

START = moment_of("2026-11-23T09:00+07:00")
INNER = "sop: inner\ndo:\n  - within: {task: Within}\n"

# What stays open until somebody or something ends it, by the name used in the table.
OPEN = {
    "assign": "assign: {team: repair}",
    "task": "task: Do it",
    "approval": 'approval: {by: "team:finance", question: May we?}\non: {reject: {then: end}}',
    "collaborate": 'collaborate: {ask: "agent:joko", question: In stock?}',
    "notify": "notify: {to: customer, template: received, await: delivery}",
    "call": "call: crm.lookup",
    "resolve": "resolve: {require: [resolution]}",
    "document": "document: {article: suggest}",
    "wait": "wait: {event: customer.replied, for: P30D}",
    "switch": "switch: [{if: 1 == 1, do: [{inside: {task: Inside}}]}]",
    "fork": "fork:\n  branches:\n    one:\n      - inside: {task: Inside}",
    "run": "run: {sop: inner}",
    "run ticket": "run: {ticket: {subject: Help}}",
    "do": "do: [{inside: {task: Inside}}]",
}

# What is decided in the very walk that comes to it.
AT_ONCE = {
    "set": "set: {vars.seen: 1}",
    "survey": "survey: {type: csat}",
    "end": "end: {outcome: done}",
    "jump": "then: later",
}


class Silent(Simulation):
    """A simulation whose effects never end by themselves and where nobody is free to hold a ticket."""

    def _perform(self, effect: Effect) -> None:
        self.wanted.append(effect.key)

    def assign(self, spec: Any, scope: Any) -> None:
        return None

    wanted: list[str]


class Standing:
    """A ticket that stands at the step `x` of one kind."""

    def __init__(self, text: str) -> None:
        self.sop: Sop = load(text)
        inner = load(INNER)
        self.sim = Silent(self.sop, Given(START), lambda name: inner if name == "inner" else None)
        self.sim.wanted = []
        self.sim.begin()
        self.check()

    def check(self) -> None:
        """Killed here and taken up from the rows: nothing happens twice, nothing is lost."""
        ledger = {path: Visit.from_json(visit.to_json()) for path, visit in self.sim.ledger.items()}
        assert walk(self.sop, ledger, self.sim, self.sim.now).empty

    @property
    def x(self) -> Visit:
        return next(visit for visit in self.sim.ledger.values() if visit.name == "x")

    def open(self, name: str) -> bool:
        return any(visit.open for visit in self.sim.ledger.values() if visit.name == name)

    def wait(self, after: str) -> None:
        self.sim.advance(elapsed(after, START))
        self.check()

    def apply(self, changes: tuple[Change, ...]) -> None:
        self.sim.replace(*(change.visit for change in changes))
        self.sim.settle()
        self.check()

    def act(self, verb: str, target: str, **details: Any) -> None:
        deeds.do(self.sim, Deed(verb, target, self.sim.now, 1, details))
        self.check()

    def finish(self, kind: str) -> None:
        """End the step well, in the way of its kind."""
        match kind:
            case "assign":
                self.sim.change("ticket", {"assignee": "sari"})
                self.sim.happen("ticket.assigned", {"assignee": "sari"})
                self.sim.settle()
            case "approval":
                self.act("approve", "x", by="rina")
            case "collaborate":
                self.act("answer", "x", by="joko")
            case "notify" | "call":
                self.sim.replace(acting.finish_effect(self.x, self.sim.step_of(self.x), "done", None, self.sim.now))
                self.sim.settle()
            case "document":
                self.act("accept", "x")
            case "wait":
                self.act("event", "customer.replied")
            case "run ticket":
                self.act("child", "x", outcome="resolved")
            case "run":
                self.act("complete", "within")
            case "switch" | "fork" | "do":
                self.act("complete", "inside")
            case _:
                self.act("complete", "x")
        self.check()


def step(kind: str, *more: str) -> str:
    """The step `x` of a kind, to be put into a list of steps."""
    written = (OPEN | AT_ONCE)[kind]
    return "- x:\n" + indent("\n".join((written, *more)), "    ")


def alone(kind: str, *more: str) -> str:
    """A document: `x`, then `later`."""
    return f"sop: matrix\ndo:\n{indent(step(kind, *more), '  ')}\n  - later: {{task: Later}}\n"

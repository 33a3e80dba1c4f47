"""Every way the flow can take through a document, as edges between the entries and exits of its steps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from core.sop.document import (
    Approval,
    Call,
    Collaborate,
    Document,
    End,
    Fork,
    Jump,
    Notify,
    Phase,
    Resolve,
    Run,
    Switch,
    Task,
    Wait,
)
from core.sop.words import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.sop.document import Sop, Step
    from core.sop.structure import Spot

Point: TypeAlias = tuple[str, str]  # ("in" | "out" | "end" | "start", name)
START: Point = ("start", "")
END: Point = ("end", "")


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one point to another: does something wait on it, which fields are surely filled on it, may a person's time pass."""

    to: Point
    waits: bool = False
    fills: frozenset[str] = frozenset()
    event: bool = False  # taken when something happens, at any time


def waits(step: Step) -> bool:
    """Does the flow stop at this step until somebody or something acts?"""
    match step.what:
        case Task() | Approval() | Collaborate() | Wait():
            return True
        case Resolve():
            return not step.what.automatic
        case Document(article=article, sop=sop):
            return {article, sop} != {"none"}
        case Call(until=until):
            return until is not None
        case Run(wait=wait) | Notify(wait=wait):
            return wait
        case _:
            return False


@dataclass(slots=True)
class Graph:
    """The ways of one document."""

    sop: Sop
    spots: Mapping[str, Spot]
    edges: dict[Point, list[Edge]] = field(default_factory=lambda: defaultdict(list))
    _behind: dict[str, set[Point]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connect(self.sop.do, START, END)
        for event in self.sop.on:
            if event.do:
                self.connect(event.do, START, ("end", f"on {event.event}"), event=True)
            if event.then:
                self.edge(START, self.target(None, event.then, END), event=True)
        for number, escalation in enumerate(self.sop.escalate):
            self.connect(escalation.do, START, ("end", f"escalate {number}"), event=True)
        if self.sop.timeout:
            self.edge(START, self.target(None, self.sop.timeout.then, END), event=True)

    def edge(
        self, a: Point, to: Point, *, waits: bool = False, fills: frozenset[str] = frozenset(), event: bool = False
    ) -> None:
        self.edges[a].append(Edge(to, waits, fills, event))

    def connect(self, steps: tuple[Step, ...], start: Point, after: Point, *, event: bool = False) -> None:
        """The ways of one list, from where it begins to what lies behind it."""
        self.edge(start, ("in", steps[0].name) if steps else after, event=event)
        for index, step in enumerate(steps):
            following: Point = ("in", steps[index + 1].name) if index + 1 < len(steps) else after
            self.step(step, following, after)

    def step(self, step: Step, following: Point, after: Point) -> None:
        enter, leave = ("in", step.name), ("out", step.name)
        pause = waits(step)
        if step.if_ is not None:
            self.edge(enter, following, waits=pause)
        self.body(step, enter, leave, after)
        ordinary = set(OUTCOMES[step.kind]) - {"skipped", "error", "timeout"}
        if isinstance(step.what, Task) and step.what.choices:
            ordinary = {choice.code for choice in step.what.choices}
        routed = bool(ordinary) and ordinary <= set(step.on) and not (isinstance(step.what, Run) and step.what.sop)
        if not routed and not isinstance(step.what, End | Jump):
            self.edge(leave, self.target(step, step.then, after, following))
        for then in step.on.values():
            self.edge(leave, self.target(step, then, after, following))
        if step.timeout:
            self.edge(enter, self.target(step, step.timeout.then, after, following), waits=True)
        if step.on_error and step.on_error.then:
            self.edge(enter, self.target(step, step.on_error.then, after, following), waits=pause)
        for number, escalation in enumerate(step.escalate):
            self.connect(escalation.do, enter, ("end", f"{step.name} escalate {number}"), event=True)

    def body(self, step: Step, enter: Point, leave: Point, after: Point) -> None:
        """From the entry of a step to its exit."""
        match step.what:
            case Phase(do=do):
                self.connect(do, enter, leave)
            case Switch(cases=cases):
                for case in cases:
                    if case.do is not None:
                        self.connect(case.do, enter, leave)
                    else:
                        self.edge(enter, self.target(step, case.then, after, leave))
                if not any(case.if_ is None for case in cases):
                    self.edge(enter, leave)
            case Fork():
                self.fork(step.what, step.name, enter, leave)
            case End():
                self.edge(enter, END)
            case Jump():
                self.edge(enter, self.target(step, step.then, after, leave))
            case _:
                self.edge(enter, leave, waits=waits(step), fills=self.filled(step))

    def filled(self, step: Step) -> frozenset[str]:
        """The fields a person has surely filled in when the step is completed."""
        if not isinstance(step.what, Task | Resolve) or step.skippable:
            return frozenset()
        return frozenset(name.removeprefix("fields.") for name in step.what.require if name.startswith("fields."))

    def fork(self, what: Fork, name: str, enter: Point, leave: Point) -> None:
        """Branches end at points of their own; the way across says what holds when the join does."""
        idle, gained = 0, []
        for branch, steps in what.branches:
            end: Point = ("end", f"{name} {branch}")
            self.connect(steps, enter, end)
            first: Point = ("in", steps[0].name) if steps else end
            idle += end in self.reach([first], waiting=False)
            gained.append(self.surely(first).get(end, frozenset()))
        needed = {"all": len(what.branches), "any": 1}.get(
            str(what.join), what.join if isinstance(what.join, int) else 1
        )
        fills = (
            frozenset[str]().union(*gained)
            if what.join == "all"
            else frozenset.intersection(*gained)
            if gained
            else frozenset()
        )
        self.edge(enter, leave, waits=idle < needed, fills=fills)

    def target(self, step: Step | None, then: str | None, after: Point, following: Point | None = None) -> Point:
        """The point a `then` names; what names nothing goes on behind (the writer is told elsewhere)."""
        onward = following or after
        if then is None or then == "continue":
            return onward
        if then == "end":
            return END
        if then == "exit":
            spot = self.spots.get(step.name) if step else None
            return ("out", spot.holder.step.name) if spot and spot.holder and not spot.borders else after
        return ("in", then) if then in self.spots else onward

    # ---- questions -----------------------------------------------------------------------------------------------------

    def reach(self, starts: Iterable[Point], *, waiting: bool = True) -> set[Point]:
        """Every point that can be reached, with `waiting=False` only by ways on which nothing waits."""
        seen = set(starts)
        todo = list(seen)
        while todo:
            for edge in self.edges.get(todo.pop(), ()):
                if edge.to not in seen and (waiting or not edge.waits):
                    seen.add(edge.to)
                    todo.append(edge.to)
        return seen

    def behind(self, step: str) -> set[Point]:
        """Every point that can be reached from a step."""
        if step not in self._behind:
            self._behind[step] = self.reach([("in", step)])
        return self._behind[step]

    def surely(self, start: Point) -> dict[Point, frozenset[str]]:
        """For every point reached from `start`: the fields that are filled on every way there."""
        known: dict[Point, frozenset[str]] = {start: frozenset()}
        todo = [start]
        while todo:
            point = todo.pop()
            for edge in self.edges.get(point, ()):
                if edge.event and point == START:
                    continue
                gained = known[point] | edge.fills
                before = known.get(edge.to)
                now = gained if before is None else before & gained
                if now != before:
                    known[edge.to] = now
                    todo.append(edge.to)
        return known

    def way_without(self, name: str, goal: Point) -> list[str]:
        """The steps of a way to `goal` on which nobody fills the field `name`."""
        came: dict[Point, Point] = {START: START}
        todo = [START]
        for point in todo:
            for edge in self.edges.get(point, ()):
                if edge.to not in came and name not in edge.fills and not (edge.event and point == START):
                    came[edge.to] = point
                    todo.append(edge.to)
        names: list[str] = []
        point = goal
        while point in came and point != START:
            if point[0] == "in":
                names.append(point[1])
            point = came[point]
        return names[::-1]

    def endless(self) -> list[list[str]]:
        """The circles in which nothing waits, each as the names of its steps."""
        found: list[list[str]] = []
        done: set[Point] = set()
        for root in list(self.edges):
            if root in done:
                continue
            path: list[Point] = []
            on_path: dict[Point, int] = {}
            stack: list[tuple[Point, int]] = [(root, 0)]
            while stack:
                point, number = stack.pop()
                if number == 0:
                    on_path[point] = len(path)
                    path.append(point)
                edges = self.edges.get(point, [])
                while number < len(edges) and (edges[number].waits or edges[number].to in done):
                    number += 1
                if number == len(edges):
                    done.add(point)
                    path.pop()
                    del on_path[point]
                    continue
                stack.append((point, number + 1))
                to = edges[number].to
                if to in on_path:
                    found.append(list(dict.fromkeys(name for _kind, name in path[on_path[to] :])))
                else:
                    stack.append((to, 0))
        return found

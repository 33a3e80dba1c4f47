"""One walk under way: how lists of steps, single steps and their timers are passed, whatever their kinds."""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.calendars import CalendarError
from core.procedure.frames import Frame, steps_by_name
from core.procedure.kinds import BEHAVIOURS
from core.procedure.record import Record, frame_of
from core.procedure.seeing import Facts, why_of
from core.procedure.timers import clocks, expire, expired, tend
from core.procedure.values import JSON, Attention, Ended, Order, Party, State, Visit
from core.procedure.ways import CONTINUE, END, EXIT, WAITING, leave
from core.sop.expressions import ExpressionError, Scope, Verdict, fill, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.procedure.kinds import Behaviour
    from core.procedure.values import World
    from core.sop.document import Step, Value, Who

MOST_VISITS = 25


@dataclass(slots=True)
class Here:
    """Where the flow is: a step, the path of its visit, its number, and when the step before it opened."""

    frame: Frame
    step: Step
    path: str
    before: int
    number: int = 1


class Running:
    """The walk that is under way."""

    def __init__(
        self, ledger: Mapping[str, Visit], world: World, now: int, run: Callable[[Running, Frame], Ended | None]
    ) -> None:
        self.world = world
        self.run = run  # walks one whole document
        self.record = Record(ledger, now)
        self.facts = Facts(world)
        self.frames: dict[str, Frame] = {}

    # ---- what conditions and texts see -------------------------------------------------------------------------------

    def scope(self, frame: Frame, result: JSON = None) -> Scope:
        """What an expression of this document may read now."""
        return self.facts.scope(self.record, frame.path, frame.sop, frame.calendar, result)

    def judge(self, frame: Frame, source: str, result: JSON = None) -> tuple[Verdict, JSON]:
        """Does a condition hold, and why."""
        verdict = judge(source, self.scope(frame, result))
        return verdict, why_of(source, verdict, frame.sop)

    def fill(self, frame: Frame, value: Value, result: JSON = None) -> Any:
        """The value with its expressions filled in."""
        return fill(value, self.scope(frame, result))

    def who(self, frame: Frame, who: Who) -> Who:
        """The words of the who grammar with `${…}` filled: a person's id becomes `agent:ID`, an address `mailto:ADDRESS`."""
        if not any("${" in word for word in who):
            return who
        words: list[str] = []
        for word in who:
            value = self.fill(frame, word) if "${" in word else word
            for one in value if isinstance(value, list | tuple) else (value,):
                text = str(one) if one is not None else ""
                plain = "${" not in word or ":" in text
                words += [text if plain else f"mailto:{text}" if "@" in text else f"agent:{text}"] if text else []
        return tuple(words)

    def resolve(self, frame: Frame, who: Who) -> tuple[Party, ...]:
        """Who that is now."""
        return self.world.resolve(self.who(frame, who), self.scope(frame))

    def order(self, here: Here, kind: str, name: str | None, value: JSON, why: JSON = None) -> None:
        """A change of the ticket or of the run's values."""
        self.record.orders.append(Order(kind, name, value, here.path, here.frame.path, why))

    def frame_path(self, visit: Visit) -> str:
        """In which run a visit lies: "" or the path of a `run` visit."""
        if len(self.frames) == 1:
            return ""
        return frame_of(visit.path, tuple(sorted((path for path in self.frames if path), key=len, reverse=True)))

    def all_steps(self) -> Mapping[str, Step]:
        """The steps of every document that was walked, by name; the main document's come first."""
        if len(self.frames) == 1:
            return steps_by_name(self.frames[""].sop)
        return ChainMap(*(dict(steps_by_name(frame.sop)) for frame in self.frames.values()))

    # ---- rows --------------------------------------------------------------------------------------------------------

    def open(self, here: Here, assignees: tuple[Party, ...] = (), awaits: tuple[str, ...] = (), **marks: JSON) -> Visit:
        """Open the visit of this step, with its clocks."""
        due, clock = clocks(self, here.frame, here.step)
        step = here.step
        return self.record.add(
            here.frame.path,
            Visit(
                path=here.path,
                name=step.name,
                visit=here.number,
                kind=step.kind,
                state=State.OPEN,
                opened_at=self.record.now,
                assignees=assignees,
                due_at=due,
                awaits=awaits,
                marks=clock | {name: value for name, value in marks.items() if value is not None},
            ),
        )

    def decide(self, here: Here, outcome: str | None, result: JSON = None, why: JSON = None, **marks: JSON) -> Visit:
        """Pass this step at once: opened and ended in one row."""
        step = here.step
        return self.record.add(
            here.frame.path,
            Visit(
                path=here.path,
                name=step.name,
                visit=here.number,
                kind=step.kind,
                state=State.DONE,
                opened_at=self.record.now,
                outcome=outcome,
                result=result,
                why=why,
                marks={name: value for name, value in marks.items() if value is not None},
            ),
        )

    def need(self, code: str, path: str, detail: str = "") -> None:
        """The run cannot go on here without a person."""
        self.record.blocked(Attention(code, path, detail))

    # ---- lists and steps ---------------------------------------------------------------------------------------------

    def steps(self, frame: Frame, steps: tuple[Step, ...], base: str, before: int, start: str | None = None) -> str:
        """Pass a list of steps: over what is done, opening what is new, up to where something is open. Answers with the way out of it."""
        count: dict[str, int] = {}
        at = _index(steps, start) or 0 if start else 0
        held = False  # advisory: something further up is still open, and does not block
        while at < len(steps):
            step = steps[at]
            if held and not _goes_beside(step):
                return WAITING
            n = count[step.name] = count.get(step.name, 0) + 1
            path = f"{base}{step.name}" if n == 1 else f"{base}{step.name}#{n}"
            way = self.step(Here(frame, step, path, before))
            visit = self.record.rows.get(path)
            if visit is not None:
                before = visit.opened_at if visit.visit else before
                if base == frame.base:
                    frame.standing = visit
            if way == WAITING:
                if frame.sop.mode != "advisory" or visit is None or not _lets_go_on(step):
                    return WAITING
                held, at = True, at + 1
            elif way == CONTINUE:
                at += 1
            elif held:
                return WAITING
            elif way in (EXIT, END) or (target := _index(steps, way)) is None:
                return way
            else:
                at = target
        return WAITING if held else CONTINUE

    def step(self, here: Here) -> str:
        """One step: open it if it is new, let happen what its time and its kind ask for, and leave it by one way, now or later."""
        behaviour = BEHAVIOURS[here.step.kind]
        visit = self.record.rows.get(here.path) or self.arrive(here, behaviour)
        if visit is None:
            return WAITING
        self.record.seen.add(here.path)
        if visit.open:
            if self.stay(here, behaviour, visit) == END:
                return END
            visit = self.record.rows[here.path]
            if visit.open:
                return WAITING
        if visit.visit:
            behaviour.passed(self, here, visit)
            visit = self.record.rows[here.path]
        way = leave(here.step, visit)
        if way == END and here.frame.ending is None:
            if here.step.kind == "end":
                here.frame.ending = Ended(visit.outcome or "completed", visit.result)
            else:
                here.frame.ending = Ended(visit.marks.get("ends", "completed"))
        return way

    def arrive(self, here: Here, behaviour: Behaviour) -> Visit | None:
        """The flow gets to a step for the first time in this visit. None: it cannot open now."""
        record, frame, step = self.record, here.frame, here.step
        newest = record.newest(frame.path, step.name)
        number = newest.visit + 1 if newest else 1
        if self._visits(here, number) > MOST_VISITS + self._granted(frame, step.name):
            self.need("visits", here.path)
            return None
        if record.full:
            record.alarm(record.now)
            return None
        try:
            why = None
            if step.if_:
                verdict, why = self.judge(frame, step.if_)
                if not verdict.holds:
                    passed = Visit(here.path, step.name, 0, step.kind, State.SKIPPED, record.now, why=why)
                    return record.add(frame.path, passed)
            here.number = number
            visit = behaviour.open(self, here)
        except (ExpressionError, CalendarError) as error:
            self.need("expression", here.path, str(error))
            return None
        visit.why = visit.why or why
        return visit

    def _visits(self, here: Here, number: int) -> int:
        """The visits that count for the limit: beside an event only those since that event, since events may come without end."""
        if not here.path.startswith(here.frame.root):
            return number
        return int(here.path.rpartition("#")[2]) if "#" in here.path.rpartition("/")[2] else 1

    def _granted(self, frame: Frame, name: str) -> int:
        """How many visits beyond the limit a lead has allowed."""
        root = self.record.rows.get(frame.root)
        return int(root.marks.get("granted", {}).get(name, 0)) if root else 0

    def stay(self, here: Here, behaviour: Behaviour, visit: Visit) -> str | None:
        """An open visit: what its kind waits for may have come, or its time. END: something inside ended the run."""
        frame, step = here.frame, here.step
        try:
            if behaviour.holds_steps and expired(self, visit):
                tend(self, frame, step, visit, behaviour.told(step))
                expire(self, step, self.record.rows[visit.path])
                return None
            inside = behaviour.stay(self, here, visit)
            visit = self.record.rows[here.path]
            if inside == END or not visit.open:
                return inside
            tend(self, frame, step, visit, behaviour.told(step))
            if expired(self, visit):
                expire(self, step, self.record.rows[visit.path])
        except (ExpressionError, CalendarError) as error:
            self.need("expression", here.path, str(error))
        return None

    def redirect(self, frame: Frame, target: str, why: JSON, by: str) -> None:
        """Interrupt: withdraw what is open in the flow of this document and go on at `target`; what runs beside it goes on."""
        self.record.withdraw(frame.base, why, by=by, keep=(frame.root,))
        self.record.unblocked(frame.base)
        if frame.standing is None:
            self.record.mark(self.record.rows[frame.root], start=target)
        else:
            self.record.mark(self.record.rows[frame.standing.path], to=target)


def _index(steps: tuple[Step, ...], name: str | None) -> int | None:
    return next((i for i, step in enumerate(steps) if step.name == name), None)


def _goes_beside(step: Step) -> bool:
    """Advisory: may this step open although one before it is still open?"""
    return BEHAVIOURS[step.kind].human and step.if_ is None


def _lets_go_on(step: Step) -> bool:
    """Advisory: may the next step open while this one is open? Not when the way out of this one is still to be found."""
    return BEHAVIOURS[step.kind].human and not (step.then or step.on or step.timeout)

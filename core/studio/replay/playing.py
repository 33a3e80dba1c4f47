"""Plays a ticket of the past on a draft: the same acts at the same times, on the virtual clock, up to where nobody can know any more."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.calendars import CalendarError
from core.procedure import acting, deeds
from core.procedure.answers import RESOLUTION, required
from core.procedure.case_reading import Deed as CaseDeed
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation, SimulationError
from core.procedure.status import HOLDERS
from core.sop.expressions import ExpressionError
from core.studio.replay.causes import DECISION, OPEN, SIZE, Unknown
from core.studio.replay.guessing import Next, next_of
from core.studio.replay.story import bare
from core.studio.replay.suspecting import Suspects

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.calendars import Calendar
    from core.procedure.values import JSON, Visit
    from core.sop.document import Sop, Step
    from core.studio.past import Deed
    from core.studio.replay.story import Story

    Find = Callable[[str], Sop | None]
    Hours = Callable[[str | None], Calendar]

MOST_ACTS = 3_000


class Replayed(Simulation):
    """A simulation in which calls come back as they did; one that was never run brings nothing, and that is remembered."""

    def __init__(self, sop: Sop, given: Given, find: Find | None, hours: Hours, answers: dict[str, deque[Any]]) -> None:
        super().__init__(sop, given, find)
        self._hours, self._left = hours, answers
        self.uncalled: set[str] = set()

    def calendar(self, name: str | None) -> Calendar:
        """The house's own working hours."""
        return self._hours(name)

    def _answer(self, action: str) -> tuple[str, JSON]:
        left = self._left.get(action)
        if not left:
            self.uncalled.add(action)
            return "done", {}
        answer = left.popleft()
        if isinstance(answer, dict) and "error" in answer:
            return ("unknown" if answer["error"] == "unknown" else "error"), answer["error"]
        return "done", answer


@dataclass(slots=True)
class Played:
    """How far it came. `assumed` are the paths of visits that nobody had in the past and that are taken as done at once; `guessed`: done after
    the time that it took in the past, because it was done before the draft came to it. `problem`: why the draft itself cannot go on.
    """

    sim: Replayed
    unknown: Unknown | None = None
    problem: str = ""
    assumed: set[str] = field(default_factory=set)
    guessed: set[str] = field(default_factory=set)
    known: int = 0  # so many rows of the ledger are certain


def play(sop: Sop, story: Story, find: Find | None, hours: Hours) -> Played:
    """One ticket of the past on a draft."""
    given = Given(
        start=story.arrived.at,
        ticket={name: value for name, value in story.arrived.ticket.items() if value is not None},
        customer=story.arrived.customer,
        fields={
            name: value for name, value in story.initial.items() if story.value(name, sop.fields.get(name)) is not None
        },
        assign=story.holder,
        members=story.members,
    )
    answers: dict[str, deque[Any]] = {}
    for past in story.pasts:
        for action, came in past.answers.items():
            answers.setdefault(action, deque()).extend(came)
    return _Player(Replayed(sop, given, find, hours, answers), story).play()


class _Player:
    """One ticket on its way along the draft."""

    def __init__(self, sim: Replayed, story: Story) -> None:
        self.sim, self.story = sim, story
        self.played = Played(sim)
        self.suspects = Suspects(story.arrived.unknown)
        self.world: deque[Deed] = deque(one for one in story.deeds if one.verb in ("event", "change"))
        self.acts: dict[str, deque[Deed]] = {}
        for one in story.deeds:
            if one.verb not in ("event", "change"):
                self.acts.setdefault(bare(str(one.target)), deque()).append(one)

    def play(self) -> Played:
        try:
            self.sim.begin()
            for _n in range(MOST_ACTS):
                if not self.go_on():
                    break
            else:
                self.stop(Unknown(SIZE, self.sim.now))
        except (SimulationError, ExpressionError, CalendarError) as error:
            self.played.problem = str(error)
        self.judge()
        if self.played.unknown is None:
            self.played.known = len(self.sim.ledger)
        return self.played

    def stop(self, unknown: Unknown) -> bool:
        if self.played.unknown is None:
            self.played.unknown = unknown
            self.played.known = len(self.sim.ledger)
        return False

    def judge(self) -> bool:
        """Has the flow been decided by something that nobody can know? Then what follows is not certain."""
        self.suspects.called(self.sim)
        found = self.suspects.found(self.sim)
        if found is None:
            return False
        at, row, cause = found
        if self.played.unknown is None or at < self.played.known:
            self.played.unknown = Unknown(cause, row.opened_at, self.sim.shown(row) if row.visit else row.name)
            self.played.known = at
        return True

    def go_on(self) -> bool:
        """The next thing that happens; False: it is over, or cannot be known."""
        sim, now = self.sim, self.story.now
        if self.judge() or sim.ended is not None or sim.move.attention is not None:
            return False
        following = self.next()
        until = min(now, following.at if following else now)
        if sim.move.alarm_at is not None and sim.move.alarm_at <= until:
            sim.advance(sim.move.alarm_at)
            return True
        if following is None or following.at > now:
            sim.advance(now)
            return self.rest()
        if following.unknown is not None:
            sim.advance(max(sim.now, following.at))
            return self.stop(following.unknown)
        sim.advance(following.at)
        self.do(following)
        return True

    def next(self) -> Next | None:
        """What comes first: something that happened to the ticket, or an act at an open step."""
        found = [
            one
            for visit in self.sim.ledger.values()
            if visit.open and visit.kind not in HOLDERS and (one := next_of(self.sim, visit, self.story, self.acts))
        ]
        if self.world:
            found.append(self.of_world(self.world[0]))
        return min(found, key=lambda one: (one.at, one.unknown is not None), default=None)

    def of_world(self, deed: Deed) -> Next:
        return Next(max(deed.at, self.sim.now), deed)

    def rest(self) -> bool:
        """Nothing is known to happen any more, and the run goes on."""
        waiting = [one for one in self.sim.ledger.values() if one.open and one.kind not in HOLDERS]
        if any(one.kind == "assign" for one in waiting) and not self.story.open:
            name = next(self.sim.shown(one) for one in waiting if one.kind == "assign")
            return self.stop(Unknown(DECISION, self.sim.now, name))
        if self.story.open or self.sim.move.alarm_at is not None:
            return self.stop(Unknown(OPEN, self.story.now, self.sim.shown(waiting[0]) if waiting else ""))
        return False

    # ---- doing it ----------------------------------------------------------------------------------------------------

    def do(self, following: Next) -> None:
        deed = following.deed
        if deed is None:
            self.assume(following)
        elif deed.verb in ("event", "change"):
            self.world.popleft()
            self.happen(deed)
        else:
            assert following.visit is not None
            self.acts[following.queue].popleft()
            if following.guessed:
                self.played.guessed.add(following.visit.path)
                self.suspects.time_of(following.visit.name)
            self.act(following.visit, deed)

    def happen(self, deed: Deed) -> None:
        details = {**deed.details, "data": dict(deed.data)}
        if deed.verb == "change":
            self.suspects.learnt(deed.target)
        try:
            deeds.do(self.sim, CaseDeed(deed.verb, deed.target, deed.at, 0, details))
        except deeds.NobodyWaits:
            self.sim.note(str(deed.target), details["data"])  # a wait that opens later may count it
            if deed.target == "customer.replied":
                self.sim.change("ticket", {"last_customer_reply_at": self.sim.moment()})
        except acting.Refused as error:
            self.stop(Unknown(DECISION, deed.at, detail=str(error)))

    def act(self, visit: Visit, deed: Deed) -> None:
        step, sop = self.sim.step_of(visit), self.sim.document_of(visit)
        details = dict(deed.details)
        self.fill(visit, step, sop, details.pop("fields", {}))
        if "choice" in details and not getattr(step.what, "choices", ()):
            del details["choice"]
        try:
            if deed.verb == "skip" and step.skippable is None and sop.mode != "strict" and not visit.marks.get("asked"):
                changed, _deviation = acting.skip(visit, step, sop.mode, "", str(details.get("by")), self.sim.now)
                self.sim.replace(changed)
                self.sim.settle()
            else:
                deeds.do(self.sim, CaseDeed(deed.verb, visit.path, deed.at, 0, details))
        except (deeds.NobodyWaits, acting.Refused) as error:
            self.stop(Unknown(DECISION, self.sim.now, self.sim.shown(visit), str(error)))

    def fill(self, visit: Visit, step: Step, sop: Sop, typed: dict[str, Any]) -> None:
        """Take over what was typed in here, or elsewhere on the ticket; what nobody ever typed is remembered as not known."""
        frame = self.sim.frame(visit)
        values = {
            name: value
            for name, value in typed.items()
            if name in sop.fields and self.story.value(name, sop.fields[name]) is not None
        }
        for name in required(step):
            if name == RESOLUTION or name in values or self.sim.fields(frame).get(name) is not None:
                continue
            known = self.story.value(name, sop.fields.get(name))
            if known is None:
                self.suspects.untyped(name)
            else:
                values[name] = known
        self.suspects.typed(values)
        self.sim.change("fields", values, frame)
        if typed.get(RESOLUTION):
            self.sim.change("ticket", {RESOLUTION: typed[RESOLUTION]})

    def assume(self, following: Next) -> None:
        """A step that the past has not: whichever way it ends, the flow goes on the same way; it is taken as done at once."""
        visit = following.visit
        assert visit is not None
        step = self.sim.step_of(visit)
        self.fill(visit, step, self.sim.document_of(visit), {})
        self.played.assumed.add(visit.path)
        self.suspects.time_of(visit.name)
        choices = getattr(step.what, "choices", ())
        if choices or visit.kind in ("approval", "document"):
            self.suspects.outcome_of(visit.name)
        verb = {"approval": "approve", "collaborate": "answer", "document": "accept"}.get(visit.kind, "complete")
        details = {"choice": choices[0].code} if choices else {}
        for n in range(25):  # a quorum may want several answers
            now = self.sim.ledger[visit.path]
            if not now.open:
                return
            by = {"by": f"somebody {n + 1}"} if visit.kind in ("collaborate", "approval") else {}
            deeds.do(self.sim, CaseDeed(verb, visit.path, self.sim.now, 0, details | by))

"""One document lived through twice: by the simulator in memory, and by a real ticket in the database. Both must go the same way."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from sqlalchemy import select

from core import effects
from core.actors import SYSTEM
from core.advance import advance, closing_time, standing
from core.clocks.kept import clocks_of
from core.effects import DONE, FAILED, PLANNED, UNKNOWN
from core.errors import CommandError
from core.procedure import acting, happenings
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation
from core.procedure.status import HOLDERS
from core.schema import Run, StepVisit
from core.schema import Ticket as TicketTable
from core.sop.reading import load
from core.tickets import resolving, steps
from core.tickets.properties import change_ticket
from core.tickets.rows import PRIORITY_NAMES, read
from core.tickets.settling import settle
from core.timeline import append
from tests.core.conftest import HOUR, MORNING
from tests.random_procedures import SUB, Cast, Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.procedure.values import Visit
    from tests.core.conftest import Desk

_s, _t, _r = StepVisit.__table__.c, TicketTable.__table__.c, Run.__table__.c


@dataclass
class Twins:
    """A simulation and a ticket that began at the same moment. `restless` is called on the ticket after every change."""

    desk: Desk
    seed: int
    restless: Callable[[Twins], None] | None = None
    sim: Simulation = field(init=False)
    ticket: int = field(init=False)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed + 1)
        firm = [str(self.desk.people[nick].id) for nick in ("dewi", "bagus")]
        cast = Cast("team:repair", tuple(f"agent:{one}" for one in firm), "update", child_tickets=False)
        self.text = yaml.safe_dump(Writer(self.seed, cast).document(), sort_keys=False)
        self.answers = {
            "good.x": {"ok": self.dice.random() < 0.5},
            "bad.x": {"error": self.dice.choice(["down", "unknown"])},
        }
        priority = self.dice.choice(["high", "low"])
        given = Given(
            MORNING,
            answers=self.answers,
            ticket={"priority": priority},
            members={"team:repair": self._members()},
        )
        self.sim = Simulation(load(self.text), given, {"sub": load(SUB)}.get)
        self.desk.publish(SUB)
        self.desk.publish(self.text)
        self.sim.begin()
        self.ticket = self.desk.open(sop="random", priority=priority, department="service").ticket_id
        self._come_to_rest()

    def _members(self) -> tuple[str, ...]:
        rows = self.desk.sql("SELECT person_id FROM membership WHERE team_id = :team", team=self.desk.teams["repair"])
        return tuple(str(row[0]) for row in rows)

    # ---- the ticket -------------------------------------------------------------------------------------------------------

    def _come_to_rest(self) -> None:
        """What was planned is performed at once, and what is due rings, as in the simulation."""
        for _round in range(200):
            if self.restless:
                self.restless(self)
            with self.desk.database.write() as tx:
                planned = [one for one in effects.page(tx, ticket_id=self.ticket) if one.state == PLANNED]
                for one in planned:
                    self._perform(tx, one)
                alarm = standing(tx, [self.ticket])[self.ticket].alarm_at
                if alarm is not None and alarm <= self.sim.now:
                    advance(tx, self.desk.settings, self.ticket, self.sim.now)
                elif not planned:
                    return
        raise AssertionError(f"the ticket does not come to rest\n{self}")

    def _perform(self, tx: Any, effect: effects.EffectRow) -> None:
        state, result = DONE, None
        if effect.kind == "call_plugin":
            result = self.answers[effect.payload["action"]]
            if "error" in result:
                state, result = (UNKNOWN if result["error"] == "unknown" else FAILED), None
        settle(tx, self.desk.settings, effect.key, state, self.sim.now, result=result)

    def _command(self, act: Callable[..., Any], *given: Any, **values: Any) -> bool:
        """A command of the manager (or of whoever is named first); False when it was refused."""
        try:
            with self.desk.database.write() as tx:
                act(tx, self.desk.settings, *given, now=self.sim.now, **values)
        except CommandError as refused:
            self.told.append(f"refused: {refused}")
            return False
        return True

    def _step_id(self, visit: Visit) -> int:
        with self.desk.database.read() as tx:
            found = select(_s.id).where(_s.ticket_id == self.ticket, _s.path == visit.path)
            return int(tx.execute(found).scalar_one())

    # ---- what happens -----------------------------------------------------------------------------------------------------

    def act(self) -> None:
        """Somebody or something does one thing, to both."""
        sim, dice = self.sim, self.dice
        choices = [visit for visit in sim.ledger.values() if visit.open and visit.kind not in HOLDERS]
        roll = dice.random()
        if roll < 0.12:
            self._hear(dice.choice(["customer.replied", "plug.in", "customer.withdrew"]))
        elif roll < 0.2:
            self._change()
        elif roll < 0.45 and sim.move.alarm_at is not None:
            sim.now = max(sim.now, sim.move.alarm_at) + dice.choice([0, 0, 1, 9 * HOUR])
            self.told.append(f"it is {(sim.now - MORNING) / HOUR:.2f} h")
            with self.desk.database.write() as tx:
                advance(tx, self.desk.settings, self.ticket, sim.now)
        elif roll < 0.5 and sim.ticket["status"] == "resolved":
            self._reopen()
        elif choices:
            self._work_on(dice.choice(choices))
        sim.settle()
        self._come_to_rest()

    def _hear(self, kind: str) -> None:
        self.told.append(kind)
        self.sim.happen(kind, {})
        with self.desk.database.write() as tx:
            append(tx, self.ticket, kind, SYSTEM, {}, at=self.sim.now)
            advance(tx, self.desk.settings, self.ticket, self.sim.now)

    def _change(self) -> None:
        new = {"priority": self.dice.choice(["high", "low"]), "tags": ["a", "b", "c"][: self.dice.randint(0, 3)]}
        old = {name: self.sim.ticket[name] for name in new}
        self.told.append(f"ticket: {new}")
        if new != old and self._command(change_ticket, self.desk.people["mira"], self.ticket, new):
            self.sim.change("ticket", new)
            self.sim.happen("ticket.changed", {})

    def _reopen(self) -> None:
        mira = self.desk.people["mira"]
        self.told.append("reopened")
        assert self._command(resolving.reopen, mira, self.ticket, "still broken")
        changes = happenings.reopened(self.sim.main, self.sim.ledger, str(mira.id), self.sim.now)
        self.sim.replace(*(change.visit for change in changes))
        self.sim.change("ticket", {"status": "open", "reopened": int(self.sim.ticket["reopened"]) + 1})
        self.sim.happen("ticket.reopened", {})

    def _work_on(self, visit: Visit) -> None:
        verb, by, values = self._deed(visit)
        if verb is None:
            return
        self.told.append(f"{verb} {visit.path} by {by} {values}")
        actor = next((one for one in self.desk.people.values() if str(one.id) == by), self.desk.people["mira"])
        command, given, named = self._as_command(visit, verb, values)
        took = self._command(command, actor, self.ticket, self._step_id(visit), *given, **named)
        mine = self._simulate(visit, verb, by, values)
        assert took == (mine is not None), f"simulated: {mine}; lived: {'taken' if took else 'refused'}\n{self}"
        if mine is not None:
            self.sim.replace(mine)

    def _deed(self, visit: Visit) -> tuple[str | None, str, dict[str, Any]]:
        dice, step = self.dice, self.sim.step_of(visit)
        boss = str(self.desk.people["mira"].id)
        if visit.marks.get("asked"):
            return "decide_error", boss, {"choice": dice.choice(["retry", "by_hand", "skip", "end"])}
        match visit.kind:
            case "approval":
                return "vote", dice.choice(self._members()), {"choice": dice.choice(["approve", "approve", "reject"])}
            case "collaborate":
                return "answer_step", visit.assignees[dice.randrange(len(visit.assignees))].id, {}
            case "document":
                return "decide_document", boss, {}
            case "task" if step.skippable and dice.random() < 0.3:
                return "skip", boss, {}
            case "task":
                codes = [choice.code for choice in step.what.choices]  # type: ignore[union-attr]
                return "complete", boss, {"choice": dice.choice(codes) if codes else None}
            case "resolve":
                return "complete", boss, {}
        return None, boss, {}

    @staticmethod
    def _as_command(
        visit: Visit, verb: str, values: dict[str, Any]
    ) -> tuple[Callable[..., None], tuple[Any, ...], dict[str, Any]]:
        match verb:
            case "decide_error":
                return steps.decide_error, (values["choice"],), {"result": {"ok": True}}
            case "vote":
                return steps.vote, (values["choice"],), {}
            case "answer_step":
                return steps.answer_step, ("Yes.",), {}
            case "decide_document":
                return steps.decide_document, (False,), {}
            case "skip":
                return steps.skip_step, (), {"reason": "because"}
        fields = {"resolution": "It works."} if visit.kind == "resolve" else {}
        return steps.complete_step, (), {"choice": values.get("choice"), "fields": fields}

    def _simulate(self, visit: Visit, verb: str, by: str, values: dict[str, Any]) -> Visit | None:
        try:
            return self._acted(visit, verb, by, values)
        except acting.Refused:
            return None

    def _acted(self, visit: Visit, verb: str, by: str, values: dict[str, Any]) -> Visit:
        step, now = self.sim.step_of(visit), self.sim.now
        match verb:
            case "decide_error":
                return acting.decide_error(visit, values["choice"], by, now, {"ok": True})
            case "vote":
                return acting.vote(visit, values["choice"], by, self._members())
            case "answer_step":
                return acting.answer(visit, by, [party.id for party in visit.assignees])
            case "decide_document":
                return acting.decide_document(visit, step, "declined", by, now)
            case "skip":
                return acting.skip(visit, step, self.sim.main.mode, "because", by, now)[0]
        return acting.complete(visit, step, values.get("choice"), None, by, now)

    # ---- comparing --------------------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """The same visits with the same states, outcomes and times; the same notices and calls; the same end."""
        mine, theirs = self._simulated(), self._lived()
        for what, simulated in mine.items():
            lived = theirs[what]
            if simulated != lived:
                raise AssertionError(
                    f"{what}\nsimulated {_less(simulated, lived)}\nlived {_less(lived, simulated)}\n{self}"
                )

    def _simulated(self) -> dict[str, list[Any]]:
        log = self.sim.log
        return {
            "visits": sorted(
                (v.path, v.visit, v.state.value, v.outcome, v.opened_at, v.ended_at, v.due_at)
                for v in self.sim.ledger.values()
            ),
            "notices": sorted({(one.path, one.at) for one in log.notices}),
            "calls": sorted((one.path, one.at) for one in log.calls),
            "end": [self.sim.ended and self.sim.ended.outcome],
            "alarm": [None if self.sim.ended else self.sim.move.alarm_at],
            "ticket": [
                self.sim.ticket["priority"],
                len(self.sim.ticket["tags"]),
                self.sim.ticket["status"] == "resolved",
            ],
        }

    def _lived(self) -> dict[str, list[Any]]:
        with self.desk.database.read() as tx:
            columns = (_s.path, _s.visit, _s.state, _s.outcome, _s.opened_at, _s.ended_at, _s.due_at)
            visits = sorted(tuple(row) for row in tx.execute(select(*columns).where(_s.ticket_id == self.ticket)))
            run = tx.execute(select(_r.outcome, _r.id).where(_r.ticket_id == self.ticket)).one()
            planned = effects.page(tx, ticket_id=self.ticket, limit=1000)
            alarm = tx.execute(select(_t.alarm_at).where(_t.id == self.ticket)).scalar_one()
            row = read(tx, self.ticket)
            # a ticket closes when it is quiet, and its promises are due; nothing of a simulation is
            clocks = [clock.next_at for clock in clocks_of(tx, self.ticket) if clock.open]
            others = {closing_time(tx, row), *clocks}
        ours = [(one.key.split("/", 2)[2].partition(":"), one) for one in planned]
        notices = {(path, one.planned_at) for (path, _, what), one in ours if what.startswith(("notify", "remind"))}
        calls = [(path, one.planned_at) for (path, _, _what), one in ours if one.kind == "call_plugin"]
        return {
            "visits": visits,
            "notices": sorted(notices),
            "calls": sorted(calls),
            "end": [run.outcome],
            "alarm": [None if run.outcome or alarm in others else alarm],
            "ticket": [PRIORITY_NAMES[row.priority], len(row.tags), row.status == "resolved"],
        }

    def __str__(self) -> str:
        return f"seed {self.seed}\n{self.text}\n" + "\n".join(self.told)


def _less(these: list[Any], those: list[Any]) -> list[Any]:
    return [one for one in these if one not in those]


def live(twins: Twins, deeds: int = 20) -> None:
    """Let so many things happen to both, and compare after each."""
    twins.compare()
    for _deed in range(deeds):
        if twins.sim.ended is not None:
            break
        twins.act()
        twins.compare()

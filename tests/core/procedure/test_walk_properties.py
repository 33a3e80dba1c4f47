"""Random documents and random happenings: every run ends or waits, and walking again changes nothing, whatever the ledger was read from."""

from __future__ import annotations

import json
import random

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.calendar_reading import moment_of
from core.procedure import acting, happenings
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation
from core.procedure.status import HOLDERS
from core.procedure.values import ROOT, Visit
from core.procedure.walk import walk
from core.sop.reading import load
from tests.random_procedures import SUB, Writer

START = moment_of("2026-11-23T09:00+07:00")


def act(sim: Simulation, dice: random.Random) -> None:
    """Somebody, or something, does one thing that the ledger allows."""
    choices = [visit for visit in sim.ledger.values() if visit.open and visit.kind not in HOLDERS]
    roll = dice.random()
    if roll < 0.12:
        sim.happen(dice.choice(["customer.replied", "plug.in", "customer.withdrew"]), {})
    elif roll < 0.2:
        sim.change(
            "ticket", {"priority": dice.choice(["high", "low"]), "tags": ["a"] * dice.randint(0, 3), "assignee": "joko"}
        )
        sim.happen("ticket.changed", {})
    elif roll < 0.45 and sim.move.alarm_at is not None:
        sim.now = max(sim.now, sim.move.alarm_at) + dice.choice([0, 0, 1, 3_600_000 * 9])
    elif roll < 0.47:
        sim.replace(*(change.visit for change in happenings.reopened(sim.main, sim.ledger, "ana", sim.now)))
    elif choices:
        visit = dice.choice(choices)
        try:
            sim.replace(do(sim, visit, dice))
        except acting.Refused:
            return
    sim.settle()


def do(sim: Simulation, visit: Visit, dice: random.Random) -> Visit:
    step, now = sim.step_of(visit), sim.now
    if visit.marks.get("asked"):
        return acting.decide_error(visit, dice.choice(["retry", "by_hand", "skip", "end"]), "lead", now, {"ok": True})
    match visit.kind:
        case "approval":
            return acting.vote(visit, dice.choice(["approve", "approve", "reject"]), dice.choice("abc"), None)
        case "collaborate":
            return acting.answer(visit, dice.choice("ab"), None)
        case "document":
            return acting.decide_document(visit, step, dice.choice(["accepted", "declined"]), "a", now)
        case "call":
            return acting.linked(visit, {"ok": dice.random() < 0.5})
        case "run" if visit.marks.get("child"):
            return acting.child_ended(visit, "resolved", None, now)
        case "task":
            codes = [choice.code for choice in step.what.choices]  # type: ignore[union-attr]
            if step.skippable and dice.random() < 0.3:
                return acting.skip(visit, step, "guided", "because", "a", now)[0]
            return acting.complete(visit, step, dice.choice(codes) if codes else None, None, "a", now)
        case "resolve":
            return acting.complete(visit, step, None, None, "a", now)
    return visit


def check(sim: Simulation) -> None:
    """Repeatable from memory and from rows; ended or waiting; nothing open under something that is over (but begun escalations)."""
    rows = json.loads(json.dumps([visit.to_json() for visit in sim.ledger.values()]))
    reloaded = {row["path"]: Visit.from_json(row) for row in rows}
    for ledger in (sim.ledger, reloaded):
        again = walk(sim.main, ledger, sim, sim.now)
        assert again.empty
        assert (again.alarm_at, again.ended, again.attention) == (sim.move.alarm_at, sim.move.ended, sim.move.attention)
    still = [visit for visit in sim.ledger.values() if visit.open]
    if sim.ended is not None:
        assert not still
        return
    assert sim.ledger[ROOT].open
    assert (
        sim.move.attention is not None
        or sim.move.alarm_at is not None
        or any(visit.kind not in HOLDERS for visit in still)
    )
    assert sim.move.alarm_at is None or sim.move.alarm_at > sim.now
    for visit in sim.ledger.values():
        assert visit.open == (visit.ended_at is None)
        assert not visit.open or visit.outcome is None
        assert visit.visit <= 25 or "@" in visit.path


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_every_run_ends_or_waits(seed: int) -> None:
    text = yaml.safe_dump(Writer(seed).document(), sort_keys=False)
    sub = load(SUB)
    dice = random.Random(seed + 1)
    answers = {"good.x": {"ok": dice.random() < 0.5}, "bad.x": {"error": dice.choice(["down", "unknown"])}}
    given_ = Given(
        START, answers=answers, assign=dice.choice(["agent", None]), ticket={"priority": dice.choice(["high", "low"])}
    )
    sim = Simulation(load(text), given_, {"sub": sub}.get)
    sim.begin()
    check(sim)
    for _deed in range(25):
        if sim.ended is not None:
            break
        act(sim, dice)
        check(sim)

"""Random documents and random happenings: every run ends or waits, and walking again changes nothing, whatever the ledger was read from."""

from __future__ import annotations

import json
import random
from typing import Any

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

START = moment_of("2026-11-23T09:00+07:00")
HOURS = ["PT1H", "PT2H", "PT5H"]
CONDITIONS = [
    'ticket.priority == "high"',
    "size(ticket.tags) > 1",
    "steps.%s.visits > 1",
    "vars.n > 2",
    "fields.amount > 10",
]
SUB = "sop: sub\ndo:\n  - sub_a: {task: A}\n  - sub_b:\n      resolve: {require: []}\n"


class Writer:
    """Writes a random document that is right in shape: targets only where the language allows them."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.n = 0

    def document(self) -> dict[str, Any]:
        dice = self.dice
        document: dict[str, Any] = {"sop": "random", "calendar": dice.choice(["always", "id-jakarta"])}
        document["mode"] = dice.choice(["guided", "guided", "strict", "advisory"])
        document["fields"] = {"amount": {"type": "money"}}
        steps = self.steps(0, [], dice.randint(1, 6))
        names = [next(iter(step)) for step in steps]
        if dice.random() < 0.3:
            document["on"] = {"customer.withdrew": {"then": dice.choice([*names, "end"])}}
        if dice.random() < 0.3:
            document.setdefault("on", {})["plug.in"] = {"do": self.steps(1, [], 2, plain=True)}
        if dice.random() < 0.2:
            document["timeout"] = {"after": "PT30H", "then": dice.choice([*names, "end"])}
        return {**document, "do": steps}

    def steps(self, depth: int, outer: list[str], count: int, *, plain: bool = False) -> list[dict[str, Any]]:
        names = []
        for _step in range(count):
            self.n += 1
            names.append(f"s{self.n}")
        return [
            {name: self.step(name, depth, [*names, *outer, "continue", "exit", "end"], plain=plain)} for name in names
        ]

    def step(self, name: str, depth: int, targets: list[str], *, plain: bool) -> dict[str, Any]:
        dice = self.dice
        kinds = [
            "task",
            "task",
            "notify",
            "call",
            "set",
            "approval",
            "wait",
            "event",
            "collaborate",
            "resolve",
            "document",
            "end",
            "jump",
            "run",
        ]
        kind = dice.choice(kinds if plain or depth >= 2 else [*kinds, "switch", "fork", "do", "fork", "switch"])
        inner = [target for target in targets if target not in ("continue", "exit", "end")]
        step = self.body(kind, depth, inner, targets)
        if dice.random() < 0.2 or kind == "jump":
            step["if"] = dice.choice(CONDITIONS).replace("%s", name)
        if dice.random() < 0.2 and kind != "end":
            step["then"] = dice.choice(targets)
        if kind in ("task", "approval", "wait", "do", "fork") and dice.random() < 0.3:
            step["timeout"] = {"after": dice.choice(HOURS), "then": dice.choice(targets)}
        if kind in ("task", "approval", "do", "run") and depth < 2 and dice.random() < 0.25:
            step["escalate"] = [{"after": dice.choice(HOURS), "do": self.steps(2, [], 2, plain=True)}]
        if kind == "task" and dice.random() < 0.3:
            step |= {
                "due": {"business": "PT4H"},
                "remind": [{"before": {"business": "PT1H"}}, {"after": "PT3H"}],
                "skippable": {"by": "lead"},
            }
        if kind == "approval":
            step["on"] = {"reject": {"then": dice.choice(targets)}}
        return step

    def body(self, kind: str, depth: int, inner: list[str], targets: list[str]) -> dict[str, Any]:  # noqa: C901 (a row a kind)
        dice = self.dice
        match kind:
            case "task":
                return {"task": "Work", "to": dice.choice(["assignee", "customer", "team:x"])} | (
                    {"choices": ["yes", "no"], "on": {"no": {"then": dice.choice(targets)}}}
                    if dice.random() < 0.4
                    else {}
                )
            case "notify":
                return {
                    "notify": {"to": "customer", "template": "t", "await": "delivery"}
                    if dice.random() < 0.3
                    else {"to": "lead", "template": "t"}
                }
            case "call":
                return {"call": dice.choice(["good.x", "bad.x"])} | (
                    {"until": "result.ok"} if dice.random() < 0.4 else {}
                )
            case "set":
                return {"set": {"vars.n": dice.choice([1, 3, "${vars.n + 1}"])}}
            case "approval":
                return {"approval": {"by": "team:x", "question": "May we?", "quorum": dice.choice(["any", 2])}}
            case "collaborate":
                return {"collaborate": {"ask": ["agent:a", "agent:b"], "question": "What?"}}
            case "wait":
                return {"wait": {"for": dice.choice(HOURS)}}
            case "event":
                return {
                    "wait": {
                        "event": dice.choice(["customer.replied", "plug.in"]),
                        **({"for": "PT9H"} if dice.random() < 0.5 else {}),
                    }
                }
            case "resolve":
                return {"resolve": {"require": dice.choice([[], ["resolution"]])}}
            case "document":
                return {"document": {"article": "suggest"}}
            case "end":
                return {"end": {"outcome": "stopped"}}
            case "jump":
                return {"then": dice.choice(targets)}
            case "run":
                return {
                    "run": dice.choice([{"sop": "sub"}, {"sop": "sub", "await": False}, {"ticket": {"subject": "x"}}])
                }
            case "switch":
                cases: list[dict[str, Any]] = [{"if": "vars.n > 1", "do": self.steps(depth + 1, inner, 2)}]
                cases.append({"if": 'ticket.priority == "high"', "then": dice.choice(targets)})
                return {"switch": [*cases, {"else": self.steps(depth + 1, inner, 1)}] if dice.random() < 0.6 else cases}
            case "fork":
                self.n += 1
                branches = {
                    f"b{self.n}_{i}": self.steps(depth + 1, [], dice.randint(1, 2)) for i in range(dice.randint(2, 3))
                }
                return {"fork": {"join": dice.choice(["all", "any", 2]), "branches": branches}}
        return {"do": self.steps(depth + 1, inner, dice.randint(1, 3))}


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

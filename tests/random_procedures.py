"""Random documents for tests: every kind of step, nested, with jumps, timers and handlers; right in shape and otherwise anything."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

HOURS = ["PT1H", "PT2H", "PT5H"]
CONDITIONS = [
    'ticket.priority == "high"',
    "size(ticket.tags) > 1",
    "steps.%s.visits > 1",
    "vars.n > 2",
    "fields.amount > 10",
]
SUB = "sop: sub\ndo:\n  - sub_a: {task: A}\n  - sub_b:\n      resolve: {require: []}\n"


@dataclass(frozen=True)
class Cast:
    """Whom and what a document may name."""

    team: str = "team:x"
    people: tuple[str, ...] = ("agent:a", "agent:b")
    template: str = "t"
    child_tickets: bool = True


class Writer:
    """Writes a random document that is right in shape: targets only where the language allows them."""

    def __init__(self, seed: int, cast: Cast | None = None) -> None:
        self.dice = random.Random(seed)
        self.n = 0
        self.cast = cast or Cast()

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
                return {"task": "Work", "to": dice.choice(["assignee", "customer", self.cast.team])} | (
                    {"choices": ["yes", "no"], "on": {"no": {"then": dice.choice(targets)}}}
                    if dice.random() < 0.4
                    else {}
                )
            case "notify":
                return {
                    "notify": {"to": "customer", "template": self.cast.template, "await": "delivery"}
                    if dice.random() < 0.3
                    else {"to": "lead", "template": self.cast.template}
                }
            case "call":
                return {"call": dice.choice(["good.x", "bad.x"])} | (
                    {"until": "result.ok"} if dice.random() < 0.4 else {}
                )
            case "set":
                return {"set": {"vars.n": dice.choice([1, 3, "${vars.n + 1}"])}}
            case "approval":
                return {"approval": {"by": self.cast.team, "question": "May we?", "quorum": dice.choice(["any", 2])}}
            case "collaborate":
                return {"collaborate": {"ask": list(self.cast.people), "question": "What?"}}
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
                runs: list[dict[str, Any]] = [{"sop": "sub"}, {"sop": "sub", "await": False}]
                if self.cast.child_tickets:
                    runs.append({"ticket": {"subject": "x"}})
                return {"run": dice.choice(runs)}
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

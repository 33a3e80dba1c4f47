"""Reads lists of steps: names, kinds, the keys every step may carry, and the kinds that hold steps themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.sop import timing, words
from core.sop.document import Case, Fork, OnError, Phase, Skippable, Step, Switch, Task, Text
from core.sop.kinds import read_kind
from core.sop.nodes import Items, Node, Pairs, Scalar
from core.sop.problems import Refused, at_step, nearest
from core.sop.shapes import NAME, Shapes, humanised, suggested_name
from core.texts import _

if TYPE_CHECKING:
    from core.sop.document import Kind

MOST_STEPS = 500
DEEPEST = 8
_HOLDERS = ("switch", "fork", "do")


@dataclass(slots=True)
class StepReader:
    """Reads the steps of one document; `nodes` keeps where the name of each of them stands."""

    shapes: Shapes
    nodes: dict[str, Scalar] = field(default_factory=dict)
    count: int = 0
    depth: int = 0

    def list(self, node: Node, what: str) -> tuple[Step, ...]:
        """A list of steps."""
        s = self.shapes
        if not isinstance(node, Items):
            s.problems.add("want-steps", node, what=what)
            return ()
        self.depth += 1
        if self.depth > DEEPEST:
            raise Refused("too-deep", node.place, most=DEEPEST)
        self.count += len(node.items)
        if self.count > MOST_STEPS:
            raise Refused("too-many-steps", node.place, most=MOST_STEPS, given=self.count)
        outer_where, outer_step = s.problems.where, s.step
        found = []
        for item in node.items:
            step = self.bare(item) if isinstance(item, Scalar) else self.one(item)
            s.problems.where, s.step = outer_where, outer_step
            if step is not None:
                found.append(step)
        self.depth -= 1
        return tuple(found)

    def bare(self, node: Scalar) -> Step | None:
        """A bare text: a task named after it."""
        if self.shapes.word(node, _("a step")) is None:
            return None
        name = suggested_name(node.text)
        self.begin(name, node)
        return Step(name, "task", Task(self.shapes.say(node, "task")), Text((("", node.text),)), line=node.place.line)

    def begin(self, name: str, node: Scalar) -> None:
        """Enter a step: its name opens the sentences of its problems, and must be new."""
        s = self.shapes
        s.problems.where, s.step = at_step(name), name
        if name in words.RESERVED_TARGETS:
            s.problems.add("reserved-name", node, found=name)
        elif name in self.nodes:
            s.problems.add("double-step", node, found=name, first=self.nodes[name].place.line)
        else:
            self.nodes[name] = node

    def one(self, node: Node) -> Step | None:
        """`{name: {…}}`."""
        s = self.shapes
        if not isinstance(node, Pairs) or not node.pairs:
            s.problems.add("want-step", node)
            return None
        key, body = node.pairs[0]
        if len(node.pairs) > 1:
            self.crowded(node, key, body)
            return None
        if not NAME.fullmatch(key.text):
            code = "step-text-colon" if " " in key.text and isinstance(body, Scalar) else "name-form"
            s.problems.add(code, key, suggested_name(key.text), what=_("a step's name"), found=key.text)
            return None
        self.begin(key.text, key)
        if isinstance(body, Pairs):
            return self.body(key, body)
        if isinstance(body, Scalar) and body.value is not None:
            right = f"{key.text}: {{task: {body.text}}}"
            s.problems.add("step-text", body, found=body.text, right=right)
        else:
            s.problems.add("empty-step", key)
        return None

    def crowded(self, node: Pairs, key: Scalar, body: Node) -> None:
        """Several keys where one name belongs: mostly an indentation."""
        s = self.shapes
        second = node.pairs[1][0]
        known = {*words.KINDS, *words.STEP_KEYS, *words.SIBLINGS["task"], *words.SIBLINGS["call"]}
        if key.text not in known and isinstance(body, Scalar) and body.value is None and second.text in known:
            s.problems.add("step-indent", second, name=key.text, key=second.text)
        elif key.text in known:
            s.problems.add("step-nameless", key, key=key.text)
        else:
            s.problems.add("step-crowded", second, name=key.text, key=second.text)

    def body(self, key: Scalar, node: Pairs) -> Step | None:
        """Everything a step says."""
        s = self.shapes
        kind = self.kind(key, node)
        if kind is None:
            return None
        known = (*words.STEP_KEYS, *words.SIBLINGS.get(kind, ()))
        for other, _value in node.pairs:
            if other.text != kind and other.text not in known:
                self.misplaced(other, kind, known)
        given = {name: value for name, value in node.at.items() if name in known}
        what: Kind = (
            self.holder(kind, node.at[kind]) if kind in _HOLDERS else read_kind(s, kind, node.at.get(kind, node), given)
        )
        if kind == "jump" and "then" not in given:
            s.problems.add("no-kind", key, kinds=", ".join(words.KINDS))
        title = what.text if isinstance(what, Task) else Text((("", humanised(key.text)),))
        return Step(key.text, kind, what, title, line=key.place.line, **self.common(given))

    def kind(self, key: Scalar, node: Pairs) -> str | None:
        """The one keyword that says what a step does; `jump` when there is none but a `then`."""
        found = [other for other, _value in node.pairs if other.text in words.KINDS]
        if len(found) > 1:
            self.shapes.problems.add("two-kinds", found[1], first=found[0].text, second=found[1].text)
            return None
        if found:
            return found[0].text
        if "then" in node.at:
            return "jump"
        for other, _value in node.pairs:
            near = nearest(other.text, words.KINDS)
            if near and other.text not in words.STEP_KEYS:
                self.shapes.problems.add("unknown-key", other, near, key=other.text)
                return None
        self.shapes.problems.add("no-kind", key, kinds=", ".join(words.KINDS))
        return None

    def misplaced(self, key: Scalar, kind: str, known: tuple[str, ...]) -> None:
        """A key that this kind does not take: one of another kind, or a slip of the pen."""
        s = self.shapes
        if kind in words.KINDS and key.text in words.KINDS[kind]:
            s.problems.add("key-inside", key, key=key.text, kind=kind)
            return
        for owner, siblings in words.SIBLINGS.items():
            if key.text in siblings and owner != kind:
                s.problems.add("misplaced-key", key, key=key.text, kind=kind, owner=owner)
                return
        s.unknown_key(key, (kind, *known) if kind != "jump" else (*known, *words.KINDS))

    # ---- kinds that hold steps -----------------------------------------------------------------------------------------

    def holder(self, kind: str, node: Node) -> Kind:
        if kind == "do":
            return Phase(self.list(node, "do"))
        return self.switch(node) if kind == "switch" else self.fork(node)

    def switch(self, node: Node) -> Switch:
        s = self.shapes
        rows = s.items(node, "switch")
        cases = []
        for number, row in enumerate(rows):
            given = s.pairs(row, ("if", "do", "then", "else"), "switch")
            if "else" in given:
                if number != len(rows) - 1:
                    s.problems.add("else-last", row)
                if len(given) > 1:
                    s.problems.add("else-alone", row)
                cases.append(Case(None, do=self.list(given["else"], "else")))
            elif given:
                cases.append(self.case(row, given))
        if isinstance(node, Items) and not rows:
            s.problems.add("empty-list", node, what="switch")
        return Switch(tuple(cases))

    def case(self, row: Node, given: dict[str, Node]) -> Case:
        s = self.shapes
        if "if" not in given:
            s.problems.add("missing-key", row, what="switch", key="if")
        if ("do" in given) == ("then" in given):
            s.problems.add("do-or-then", row)
        return Case(
            s.expression(given["if"], "condition", "if") if "if" in given else "false",
            do=self.list(given["do"], "do") if "do" in given else None,
            then=s.target(given["then"], "case") if "then" in given else None,
        )

    def fork(self, node: Node) -> Fork:
        s = self.shapes
        given = s.pairs(node, words.KINDS["fork"], "fork", required=("branches",))
        branches = given.get("branches")
        found: list[tuple[str, tuple[Step, ...]]] = []
        if isinstance(branches, Pairs):
            for key, steps in branches.pairs:
                if not NAME.fullmatch(key.text):
                    s.problems.add(
                        "name-form", key, suggested_name(key.text), what=_("a branch's name"), found=key.text
                    )
                found.append((key.text, self.list(steps, key.text)))
        elif branches is not None:
            s.problems.add("want-mapping-any", branches, what="branches")
        join: Any = self.join(given["join"], len(found)) if "join" in given else "all"
        if branches is not None and not found:
            s.problems.add("empty-list", branches, what="branches")
        return Fork(join, tuple(found))

    def join(self, node: Node, branches: int) -> str | int:
        s = self.shapes
        if isinstance(node, Scalar) and node.text in ("all", "any"):
            return node.text
        if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
            if not 1 <= node.value <= branches:
                s.problems.add("join-number", node, found=node.value, branches=branches)
            return node.value
        found = node.text if isinstance(node, Scalar) else "…"
        s.problems.add("one-of", node, nearest(found, ("all", "any")), what="join", found=found, known="all, any, 2")
        return "all"

    # ---- what every step may carry -------------------------------------------------------------------------------------

    def common(self, given: dict[str, Node]) -> dict[str, Any]:
        s = self.shapes
        found: dict[str, Any] = {}
        readers: dict[str, Any] = {
            "if": ("if_", lambda node: s.expression(node, "condition", "if")),
            "then": ("then", lambda node: s.target(node, "then")),
            "on": ("on", self.on),
            "owner": ("owner", lambda node: s.who(node, "owner")),
            "due": ("due", lambda node: timing.read_due(s, node, "due")),
            "remind": ("remind", lambda node: timing.read_reminders(s, node, has_due="due" in given)),
            "escalate": ("escalate", lambda node: timing.read_escalations(s, node, self.list)),
            "timeout": ("timeout", lambda node: timing.read_timeout(s, node)),
            "on_error": ("on_error", self.on_error),
            "skippable": ("skippable", self.skippable),
            "visibility": (
                "internal",
                lambda node: s.one_of(node, ("internal", "customer"), "visibility", "internal") == "internal",
            ),
            "customer_label": ("customer_label", lambda node: s.say(node, "customer_label")),
            "note": ("note", lambda node: s.say(node, "note")),
            "pending": ("pending", self.pending),
            "was": ("was", lambda node: s.name(node, "was")),
        }
        for key, node in given.items():
            if key in readers:
                name, reader = readers[key]
                found[name] = reader(node)
        return found

    def on(self, node: Node) -> dict[str, str]:
        s = self.shapes
        routes: dict[str, str] = {}
        if not isinstance(node, Pairs):
            s.problems.add("want-mapping-any", node, what="on")
            return routes
        for outcome, route in node.pairs:
            s.mention("outcomes", outcome.text, outcome)
            routes[outcome.text] = "continue"  # a broken route is said once, here
            if isinstance(route, Scalar) and route.value is not None:
                s.problems.add("want-route", route, what=outcome.text, right=f"{outcome.text}: {{then: {route.text}}}")
                continue
            given = s.pairs(route, ("then",), f"on.{outcome.text}", required=("then",))
            if "then" in given and (then := s.target(given["then"], outcome.text)):
                routes[outcome.text] = then
        return routes

    def on_error(self, node: Node) -> OnError:
        s = self.shapes
        if isinstance(node, Pairs):
            given = s.pairs(node, ("ask",), "on_error", required=("ask",))
            return OnError(ask=s.who(given["ask"], "ask") if "ask" in given else ("lead",))
        return OnError(then=s.target(node, "on_error"))

    def skippable(self, node: Node) -> Skippable:
        s = self.shapes
        given = s.pairs(node, ("by", "reason"), "skippable")
        return Skippable(
            by=s.who(given["by"], "by") if "by" in given else (),
            reason=s.boolean(given["reason"], "reason", default=False) if "reason" in given else False,
        )

    def pending(self, node: Node) -> str | None:
        found = self.shapes.one_of(node, tuple(words.PENDING), "pending", "customer")
        return words.PENDING[found]

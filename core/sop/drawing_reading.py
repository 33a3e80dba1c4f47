"""A document as boxes: what each step says of itself, its branches, and its ways out. Half-written documents are read as far as they go."""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING

from core.sop import drawing_words as words
from core.sop.condition_words import capital, condition
from core.sop.document import Approval, Fork, Phase, Switch, Task
from core.sop.drawing_boxes import Box, Chain, Row
from core.sop.shapes import suggested_name
from core.sop.titles import about, branch_title, heading
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.sop.document import Escalation, Sop, Step, Timeout

ANY, START, FINISH = "flow-any", "flow-start", "flow-end"


def boxes_of(sop: Sop) -> Chain:
    """Everything that is drawn of a document: what may happen at any time, the start, the steps, the end."""
    return _Reader(sop).document()


class _Reader:
    """Makes boxes, each with a name of its own."""

    def __init__(self, sop: Sop) -> None:
        self.sop = sop
        self.names: set[str] = set()

    def document(self) -> Chain:
        root, sop = Chain(), self.sop
        self.at_any_time(root, sop)
        rows = [Row("name", _("Start"))]
        if sop.start and sop.start.if_:
            rows.append(Row("text", _("only if %(condition)s", condition=condition(sop.start.if_, sop))))
        if sop.due:
            rows.append(Row("text", _("due %(time)s", time=words.due(sop.due))))
        self.box(root, START, "start", 0, rows)
        self.fill(root, sop.do)
        if root.boxes[-1].falls is not None:
            self.box(root, FINISH, "finish", 0, [Row("name", _("End"))])
        return root

    def at_any_time(self, root: Chain, sop: Sop) -> None:
        """The document's events, its timeout and its escalations, above the start."""
        exits = [Row("exit", words.event(on.event), on.then) for on in sop.on if on.then]
        if sop.timeout:
            exits.append(Row("exit", words.due(sop.timeout.after), sop.timeout.then))
        beside = [box for on in sop.on if on.do for box in self.beside(on.do, words.event(on.event))]
        beside += self.escalations(sop.escalate)
        if exits or beside:
            box = self.box(root, ANY, "any", 0, [Row("name", _("At any time")), *exits])
            box.falls, box.beside = None, beside

    def fill(self, home: Chain, steps: Iterable[Step]) -> Chain:
        for step in steps:
            self.step(home, step)
        return home

    def box(self, home: Chain, name: str, kind: str, line: int, rows: list[Row]) -> Box:
        unique = next(x for x in chain([name], (f"{name}-{n}" for n in count(2))) if x not in self.names)
        self.names.add(unique)
        home.boxes.append(Box(unique, kind, line, home, rows))
        return home.boxes[-1]

    def step(self, home: Chain, step: Step) -> None:
        box = self.box(home, step.name, step.kind, step.line, _heading(step, self.sop))
        match step.what:
            case Switch():
                self.switch(box, step.what)
            case Fork(branches=branches):
                box.chains = [
                    self.fill(Chain(branch_title(name, inner, self.sop), box), inner) for name, inner in branches
                ]
            case Phase(do=do):
                box.chains = [self.fill(Chain("", box), do)]
        if step.kind == "end":
            box.falls = None
        self.ways(box, step)
        self.then(box, step)
        box.beside += self.escalations(step.escalate)

    def switch(self, box: Box, what: Switch) -> None:
        otherwise = any(case.if_ is None for case in what.cases)
        for case in what.cases:
            label = capital(condition(case.if_, self.sop)) if case.if_ is not None else _("otherwise")
            if case.then and case.then != "continue":
                box.rows.append(Row("exit", label, case.then))
                box.falls = None if case.if_ is None else box.falls
            else:
                box.chains.append(self.fill(Chain(label, box), case.do or ()))
        if not any(inner.boxes for inner in box.chains):
            box.chains, box.falls = [], _("otherwise") if box.falls is not None else None
        elif not otherwise:
            box.chains.append(Chain(_("otherwise"), box))

    def ways(self, box: Box, step: Step) -> None:
        """Every way out that is not "go on" is a row of its own."""
        if step.timeout:
            box.rows.append(_late(step.timeout))
        if step.on_error and step.on_error.then and step.on_error.then != "continue":
            box.rows.append(Row("exit", words.outcome("error"), step.on_error.then))
        labels = (
            {choice.code: words.say(choice.label) for choice in step.what.choices}
            if isinstance(step.what, Task)
            else {}
        )
        for code, then in step.on.items():
            if then != "continue":
                box.rows.append(Row("exit", labels.get(code) or words.outcome(code), then))
        codes = list(labels) or (["approve"] if isinstance(step.what, Approval) and "reject" in step.on else [])
        if codes:
            left = [labels.get(code) or words.outcome(code) for code in codes if code not in step.on]
            box.falls = ", ".join(left) if left else _("otherwise") if step.if_ else None

    def then(self, box: Box, step: Step) -> None:
        if step.then in (None, "continue"):
            return
        label = (_("done") if step.kind != "jump" else "") if step.if_ else box.falls or ""
        row, box.falls = Row("exit", label, step.then or ""), _("otherwise") if step.if_ else None
        if box.chains:  # the way leaves behind the branches
            tail = self.box(box.home, f"{step.name}-then", "jump", step.line, [row])
            tail.falls, box.falls = box.falls, ""
        else:
            box.rows.append(row)

    def escalations(self, found: Sequence[Escalation]) -> list[Box]:
        return [box for one in found for box in self.beside(one.do, words.due(one.after))]

    def beside(self, steps: Sequence[Step], when: str) -> list[Box]:
        """Steps that run beside: one dashed box each, the first says when."""
        found = list(_Reader(self.sop).fill(Chain(), steps).everything())
        for n, box in enumerate(found):
            text = ", ".join(row.text for row in box.rows if row.style in ("name", "text"))
            box.name, box.kind, box.line = "", "beside", 0
            box.rows = [Row("text", text if n else _("after %(time)s: %(text)s", time=when, text=text))]
        return found


def _heading(step: Step, sop: Sop) -> list[Row]:
    """Condition, name, what it does, by whom and until when."""
    rows = []
    if step.if_:
        said = condition(step.if_, sop)
        text = _("if %(condition)s", condition=said) if step.kind == "jump" else _("only if %(condition)s", condition=said)  # fmt: skip
        rows.append(Row("if", text))
    text, name = about(step, sop), heading(step, sop)
    named_after = suggested_name(text) == step.name or text.lower() == name.lower()
    rows.append(Row("name", text if suggested_name(text) == step.name else name))
    by = words.who(step.what.to) if isinstance(step.what, Task) and step.what.to != ("assignee",) else ""
    more = [_("by %(who)s", who=by)] if by else []
    more += [_("due %(time)s", time=words.due(step.due))] if step.due else []
    return rows + [Row("text", line) for line in ("" if named_after else text, " · ".join(more)) if line]


def _late(timeout: Timeout) -> Row:
    time = words.due(timeout.after)
    if timeout.then == "continue":
        return Row("text", _("at most %(time)s", time=time))
    return Row("exit", _("after %(time)s", time=time), timeout.then)

"""Checks every expression of a document: how it is written, what it names, and whether it gives what is expected there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.document import Set
from core.sop.grammar import parse
from core.sop.problems import nearest
from core.sop.tokens import SyntaxProblem
from core.sop.tree import paths_in
from core.sop.types import ANY, Env, type_of_literal
from core.sop.typing_rules import Typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.sop.graph import Graph
    from core.sop.naming import Names
    from core.sop.problems import Problems
    from core.sop.reading import Draft
    from core.sop.shapes import Spoken
    from core.sop.structure import Spot
    from core.sop.tree import Expr
    from core.sop.types import Type

_EXPECTED = {
    "condition": ("want-condition", ("bool",)),
    "moment": ("want-moment", ("datetime", "date")),
    "until": ("want-until", ("bool", "datetime", "date")),
}


class _Reporter:
    """Puts what is wrong inside an expression where it stands in the file."""

    def __init__(self, problems: Problems, spoken: Spoken) -> None:
        self.problems = problems
        self.spoken = spoken

    def __call__(self, code: str, start: int, end: int, suggests: str | None = None, **values: Any) -> None:
        self.problems.where = self.spoken.where
        offset = self.spoken.offset
        self.problems.within(code, self.spoken.node, offset + start, offset + end, suggests, **values)


def check_expressions(draft: Draft, names: Names | None) -> list[tuple[Spoken, Expr]]:
    """Check all of them, and give back those that can be read."""
    assert draft.sop is not None
    env = Env.of(draft.sop)
    env.unread = frozenset(draft.nodes) - env.steps.keys()
    env.fields.update(dict.fromkeys(draft.shapes.broken, ANY))
    trees = [(spoken, tree) for spoken in draft.shapes.spoken if (tree := _tree(draft.problems, spoken))]
    _variables(draft, env, trees)
    uses_calendar: Spoken | None = None
    for spoken, tree in trees:
        if draft.problems.full:
            break
        typer = Typer(spoken.source, env, _Reporter(draft.problems, spoken), names, with_result=spoken.with_result)
        found = typer.type(tree)
        if typer.uses_calendar and uses_calendar is None:
            uses_calendar = spoken
        if spoken.expects == "until" and found.kind in ("datetime", "date"):
            draft.shapes.moments.add(spoken.step)
        code, kinds = _EXPECTED.get(spoken.expects, ("", ()))
        if code and not found.is_a(*kinds):
            _Reporter(draft.problems, spoken)(code, tree.start, tree.end, type=found.say())
    if uses_calendar and not (draft.sop.calendar or draft.sop.department):
        draft.problems.where = uses_calendar.where
        draft.problems.add("no-calendar", uses_calendar.node)
    draft.problems.where = ""
    return trees


def _tree(problems: Problems, spoken: Spoken) -> Expr | None:
    try:
        return parse(spoken.source)
    except SyntaxProblem as problem:
        values = dict(problem.values)
        suggests = problem.suggests
        if known := values.get("known"):
            assert isinstance(known, tuple)
            suggests = suggests or nearest(str(values["found"]), known)
            values["known"] = ", ".join(known)
        _Reporter(problems, spoken)(problem.code, problem.start, problem.end, suggests, **values)
        return None


def _variables(draft: Draft, env: Env, trees: list[tuple[Spoken, Expr]]) -> None:
    """The variables that `set` makes, each with the type of what is put in; several types are any value."""
    assert draft.sop is not None
    made: dict[str, list[Type]] = {}
    expressions = {(spoken.step, spoken.var): (spoken, tree) for spoken, tree in trees if spoken.var}
    for step in draft.sop.steps():
        if isinstance(step.what, Set):
            for name, value in step.what.values:
                if name.startswith("vars."):
                    made.setdefault(name.removeprefix("vars."), []).append(
                        _value_type(step.name, name, value, expressions, env)
                    )
                    env.vars.setdefault(name.removeprefix("vars."), ANY)
    for name, types in made.items():
        env.vars[name] = types[0] if len(set(types)) == 1 and types[0].kind != "null" else ANY


def _value_type(
    step: str, name: str, value: Any, expressions: Mapping[tuple[str, str], tuple[Spoken, Expr]], env: Env
) -> Type:
    found = expressions.get((step, name.removeprefix("vars.")))
    if found is None:
        return type_of_literal(value)
    spoken, tree = found
    return Typer(spoken.source, env, _ignore, None, with_result=True).type(tree)


def _ignore(code: str, start: int, end: int, suggests: str | None = None, **values: Any) -> None:
    """The first look at a variable's expression says nothing; the second one does."""


def warn_of_missing(draft: Draft, trees: list[tuple[Spoken, Expr]], graph: Graph, spots: Mapping[str, Spot]) -> None:
    """Warn of fields and steps that a condition reads before anything gave them a value."""
    from core.sop.graph import START

    assert draft.sop is not None
    surely = graph.surely(START)
    for spoken, tree in trees:
        if not spoken.step or spoken.step not in spots or spoken.expects == "moment":
            continue
        paths = paths_in(tree)
        guarded = {path for path, _place, asked in paths if asked}
        for path, place, asked in paths:
            if asked or path in guarded or len(path) < 2:
                continue
            report = _Reporter(draft.problems, spoken)
            if path[0] == "fields" and spoken.expects in ("condition", "until") and path[1] in draft.sop.fields:
                _maybe_missing(report, path[1], place, spoken, graph, surely)
            elif path[0] == "steps" and path[1] in spots:
                _never_before(report, path[1], place, spoken, graph, spots)
    draft.problems.where = ""


def _maybe_missing(
    report: _Reporter, name: str, place: Expr, spoken: Spoken, graph: Graph, surely: Mapping[Any, frozenset[str]]
) -> None:
    here = ("in", spoken.step)
    if here not in surely or name in surely[here]:
        return
    way = graph.way_without(name, here)
    if way:
        path = " → ".join(way if len(way) <= 6 else [*way[:3], "…", *way[-2:]])
        report("maybe-missing", place.start, place.end, severity="warning", name=f"fields.{name}", path=path)


def _never_before(
    report: _Reporter, name: str, place: Expr, spoken: Spoken, graph: Graph, spots: Mapping[str, Spot]
) -> None:
    if name == spoken.step or spots[spoken.step].beside(spots[name]):
        return
    if ("in", spoken.step) not in graph.behind(name):
        report("step-later", place.start, place.end, severity="warning", found=name)

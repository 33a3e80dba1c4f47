"""Checks an SOP: everything that is wrong with a document at once, and what a writer may want to look at again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.sop import rules
from core.sop.conditions import check_expressions, warn_of_missing
from core.sop.graph import Graph
from core.sop.reading import draft
from core.sop.references import check_aims, check_mentions, check_quorums
from core.sop.secret_texts import find_secrets
from core.sop.structure import spots_of
from core.sop.subprocedures import check_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.sop.document import Sop
    from core.sop.naming import Names
    from core.sop.problems import Problem
    from core.sop.reading import Draft

    Find = Callable[[str], Sop | None]

_ANSWER = re.compile(r"(?:^|\s)#\s*ok:\s*(?P<codes>[a-z-]+(?:[\s,]+[a-z-]+)*)")


@dataclass(frozen=True, slots=True)
class Checked:
    """The document when it has no error; its errors, and its warnings (which never block)."""

    sop: Sop | None
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check(text: str, names: Names | None = None, file: str = "", *, find: Find | None = None) -> Checked:  # noqa: ARG001 (for who prints)
    """Check everything about a document. `names` are the names that exist around it (None: not known); `find` gives other SOPs by name."""
    found = draft(text)
    if found.top is not None:
        find_secrets(found.top, found.problems)
    if found.sop is not None:
        _meaning(found, names, find)
    errors = found.problems.sorted("error")
    return Checked(None if errors else found.sop, errors, _unanswered(text, found.problems.sorted("warning")))


def _meaning(found: Draft, names: Names | None, find: Find | None) -> None:
    assert found.sop is not None
    spots = spots_of(found.sop)
    check_aims(found, spots)
    check_mentions(found, names)
    check_quorums(found, names)
    trees = check_expressions(found, names)
    rules.check_rules(found, names)
    check_runs(found, find)
    if not found.problems.sorted("error"):  # ways through a document that has errors say little
        graph = Graph(found.sop, spots)
        rules.check_ways(found, graph, spots)
        warn_of_missing(found, trees, graph, spots)


def _unanswered(text: str, warnings: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Without the warnings a writer answered with `# ok: CODE` in their line, or alone in the line above."""
    if not warnings or "# ok:" not in text.replace("#ok:", "# ok:"):
        return warnings
    lines = ["", *text.split("\n")]
    return tuple(warning for warning in warnings if warning.code not in _answers(lines, warning.line))


def _answers(lines: list[str], number: int) -> set[str]:
    found: set[str] = set()
    above = lines[number - 1] if lines[number - 1].lstrip().startswith("#") else ""
    for line in (lines[number] if number < len(lines) else "", above):
        if answer := _ANSWER.search(line):
            found |= set(re.split(r"[\s,]+", answer["codes"]))
    return found

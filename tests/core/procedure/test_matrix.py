"""Step kind × everything that can happen to a step: every cell names its test, or the reason why it cannot happen.

Print the table with `pytest -s tests/core/procedure/test_matrix.py`; continuous integration always shows it.
"""

from __future__ import annotations

import ast
import os
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from .silent import AT_ONCE, OPEN
from .test_every_kind import SKIPPABLE

ROOT = Path(__file__).parents[2]
EVERY = "core/procedure/test_every_kind.py"
COLUMNS = (
    "completed",
    "skipped",
    "timed out",
    "escalated",
    "cancelled by its fork",
    "reopened",
    "merged",
    "SOP switched",
    "version moved",
    "killed in between",
)
_OPEN_TESTS = {
    "completed": "test_step_completes",
    "skipped": "test_step_is_skipped",
    "timed out": "test_step_times_out",
    "escalated": "test_step_is_escalated",
    "cancelled by its fork": "test_fork_cancels_step",
    "reopened": "test_reopening_withdraws_step",
    "merged": "test_merging_ends_step",
    "SOP switched": "test_switching_ends_step",
    "version moved": "test_moved_version_keeps_step",
    "killed in between": "test_killed_step_is_taken_up",
}
_AT_ONCE_TESTS = {
    "completed": "test_passed_step_is_passed_once",
    "reopened": "test_passed_step_is_passed_again_on_a_new_visit",
    "killed in between": "test_passed_step_is_passed_once",
}
_NEVER_OPEN = "never open: decided in the walk that comes to it"
_SKIP_REASONS = {
    "assign": "cannot happen: somebody must hold the ticket; take or assign ends it",
    "switch": "cannot happen: no work of its own; the steps inside are skipped",
    "fork": "cannot happen: no work of its own; the steps inside are skipped",
    "do": "cannot happen: no work of its own; the steps inside are skipped",
    "run": "cannot happen: no work of its own; the steps of the sub-SOP are skipped",
    "run ticket": "cannot happen: the child ticket has its own holder; it is resolved or closed there",
}
# Beside the pure walk: the same through commands on both databases, where there is more to see.
_ALSO = {
    ("task", "skipped"): "core/tickets/test_modes.py::test_strict_refuses_and_names_open_step",
    ("approval", "completed"): "core/tickets/test_by_link.py::test_link_approves_once",
    ("approval", "version moved"): "core/procedure/test_moving.py::test_changed_kind_opens_again",
    ("collaborate", "completed"): "core/tickets/test_by_link.py::test_question_is_answered_by_link",
    ("resolve", "reopened"): "core/tickets/test_switching.py::test_reopened_run_opens_resolve_again",
    ("task", "merged"): "core/tickets/test_switching.py::test_merged_run_ends_and_target_hears",
    ("task", "SOP switched"): "core/tickets/test_switching.py::test_switch_ends_old_and_carries_fields",
    ("run ticket", "completed"): "core/tickets/test_children.py::test_resolved_child_ends_step",
    ("run ticket", "cancelled by its fork"): "core/tickets/test_children.py::test_child_stays_when_fork_cancels_step",
    ("run ticket", "merged"): "core/tickets/test_children.py::test_merged_child_goes_on_as_other",
    ("run ticket", "killed in between"): "core/tickets/test_children.py::test_killed_telling_is_told_once",
    ("notify", "killed in between"): "core/test_effects.py::test_attempt_that_ends_late_still_counts",
}


@dataclass(frozen=True)
class Cell:
    """The tests of a cell (`file::function`), or why there is none."""

    tests: tuple[str, ...] = ()
    reason: str = ""


def _cell(kind: str, column: str) -> Cell:
    also = tuple(test for at, test in _ALSO.items() if at == (kind, column))
    if kind in AT_ONCE:
        if kind == "end" and column == "reopened":
            return Cell(("core/procedure/test_happenings.py::test_start_again_at_a_step",))
        test = _AT_ONCE_TESTS.get(column)
        return Cell((f"{EVERY}::{test}",)) if test else Cell(reason=_NEVER_OPEN)
    if column == "skipped" and kind not in SKIPPABLE:
        return Cell((f"{EVERY}::test_step_is_never_skipped",), _SKIP_REASONS[kind])
    return Cell((f"{EVERY}::{_OPEN_TESTS[column]}", *also))


MATRIX = {kind: {column: _cell(kind, column) for column in COLUMNS} for kind in (*OPEN, *AT_ONCE)}


def _functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _printed() -> str:
    lines = [f"{'step kind':<12} {'happening':<22} test, or why it cannot happen"]
    for kind, row in MATRIX.items():
        for column, cell in row.items():
            lines.append(f"{kind:<12} {column:<22} {'; '.join((*([cell.reason] if cell.reason else []), *cell.tests))}")
    return "\n".join(lines)


def test_every_kind_has_its_row() -> None:
    from core.procedure.kinds import BEHAVIOURS

    assert {kind.split()[0] for kind in MATRIX} == set(BEHAVIOURS)


def test_every_cell_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert all(cell.tests or cell.reason for row in MATRIX.values() for cell in row.values())
    with capsys.disabled() if os.environ.get("CI") else nullcontext():
        sys.stdout.write(f"\n{_printed()}\n")


def test_named_tests_exist() -> None:
    named = {test for row in MATRIX.values() for cell in row.values() for test in cell.tests}
    missing = sorted(test for test in named if test.split("::")[1] not in _functions(test.split("::")[0]))
    assert missing == []

"""The fault suite: processes are killed at random instants, and nothing is lost or done twice."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from estafet.chaos.running import Plan, run


def carry_out(plan: Plan, home: Path, **options):
    verdict = run(plan, home, **options)
    sys.stdout.write(json.dumps(verdict.counts, indent=2) + "\n")
    return verdict


@pytest.mark.timeout(600)
def test_killed_processes_lose_nothing(tmp_path):
    verdict = carry_out(Plan(tickets=48, kills=9, seed=1), tmp_path / "home")
    assert not verdict.wrong, "\n".join(verdict.wrong)
    assert sum(verdict.counts["kills"].values()) >= 8


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [2, 3])
def test_long_unrest_loses_nothing(tmp_path, seed):
    verdict = carry_out(Plan(tickets=300, kills=45, seed=seed), tmp_path / "home")
    assert not verdict.wrong, "\n".join(verdict.wrong)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_checker_finds_wrong_program(tmp_path):
    """A mutant that repeats what may have happened already is found out."""
    plan = Plan(tickets=80, kills=12, seed=4, longest_pause=5, doors=("mail",), victims=("worker",))
    mutant = {"PYTHONPATH": str(Path(__file__).parent / "mutant")}
    verdict = carry_out(plan, tmp_path / "home", extra_environ=mutant)
    assert [line for line in verdict.wrong if line.startswith("mail twice")]

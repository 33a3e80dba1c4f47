"""The plugin host dies between Jira's commit and our note of it: the issue is found again, never made twice, never lost."""

from __future__ import annotations

import random
import sys
from collections import Counter

import pytest
from sqlalchemy import select

from core.schema import Effect
from plugins.jira.creating import LAG
from tests.plugins.desk import connect
from tests.plugins.killing import HELD_SECONDS, Killing


def kill(host, standin, between, seed):
    connect(host, "jira", standin.settings())

    def hold():
        standin.jira.lag = dice.choice([0, 20])  # its search may know the issue or not
        standin.fault("slow", "POST /rest/api/3/issue", seconds=HELD_SECONDS)

    dice = random.Random(seed)
    killing = Killing(host, "jira.create_issue", "{}", lambda: len(standin.issues), hold, LAG, dice)
    times = 0
    while killing.between < between and times < 2 * between:
        times += 1
        killing.once()
        standin.serving.faulty.clear()
    killing.close()
    made = Counter(issue["properties"]["estafet"]["call"] for issue in standin.issues)
    wanted = {effect.key for effect in host.rows(select(Effect.__table__).where(Effect.kind == "call_plugin"))}
    doubled, lost = [key for key, n in made.items() if n > 1], wanted - set(made)
    sys.stdout.write(
        f"kills {killing.between} between, {killing.elsewhere} elsewhere; doubled {doubled}, lost {lost}\n"
    )
    assert len(wanted) == times
    assert (doubled, lost) == ([], set())
    assert all(len(issue["links"]) == 1 for issue in standin.issues)
    return killing


@pytest.mark.timeout(300)
def test_killed_host_makes_no_issue_twice(host, standin):
    assert kill(host, standin, 3, seed=1).between == 3


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_kills_double_and_lose_nothing(host, standin):
    assert kill(host, standin, 50, seed=2).between == 50

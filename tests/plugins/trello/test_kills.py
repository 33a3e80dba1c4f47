"""The plugin host dies between Trello's commit and our note of it: the card is found again, never made twice, never lost."""

from __future__ import annotations

import random
import sys
from collections import Counter

import pytest
from sqlalchemy import select

from core.schema import Effect
from plugins.trello.cards import mark_of
from tests.plugins.desk import connect
from tests.plugins.killing import HELD_SECONDS, Killing


def kill(host, standin, between, seed):
    connect(host, "trello", standin.settings())
    calls = ("POST /1/cards", "POST /1/checklists")  # the second has more to come after it

    def hold():
        standin.fault("slow", dice.choice(calls), seconds=HELD_SECONDS)

    dice = random.Random(seed)
    killing = Killing(host, "trello.create", "{checklist: [One, Two]}", lambda: len(standin.cards), hold, 0.0, dice)
    times = 0
    while killing.between < between and times < 2 * between:
        times += 1
        killing.once()
        standin.serving.faulty.clear()
    killing.close()
    wanted = {effect.key for effect in host.rows(select(Effect.__table__).where(Effect.kind == "call_plugin"))}
    made = Counter(key for card in standin.cards for key in wanted if mark_of(key) in card["desc"])
    doubled, lost = [key for key, n in made.items() if n > 1], wanted - set(made)
    sys.stdout.write(
        f"kills {killing.between} between, {killing.elsewhere} elsewhere; doubled {doubled}, lost {lost}\n"
    )
    assert len(wanted) == times == len(standin.cards)
    assert (doubled, lost) == ([], set())
    for card in standin.cards:
        assert [[item["name"] for item in one["checkItems"]] for one in card["checklists"]] == [["One", "Two"]]
    return killing


@pytest.mark.timeout(300)
def test_killed_host_makes_no_card_twice(host, standin):
    assert kill(host, standin, 3, seed=1).between == 3


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_kills_double_and_lose_nothing(host, standin):
    assert kill(host, standin, 50, seed=2).between == 50

"""Mails take turns with their last word, and a slow server does not hold up the others."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from core.mail.turns import Turns


def test_one_has_the_turn() -> None:
    turns, inside, most = Turns(patience=60), [], []

    def speak(n: int) -> bool:
        with turns.turn(30) as mine:
            inside.append(n)
            most.append(len(inside))
            threading.Event().wait(0.01)
            inside.remove(n)
            return mine

    with ThreadPoolExecutor(8) as mails:
        assert all(mails.map(speak, range(24)))
    assert max(most) == 1


def test_turn_may_not_come() -> None:
    turns = Turns(patience=60)
    with turns.turn(1), turns.turn(0.01) as mine:
        assert not mine
    with turns.turn(0) as mine:
        assert mine


def test_slow_answer_holds_up_nobody() -> None:
    """Who waits longer than the patience is passed by; when they end, the turn of the other one stays."""
    turns = Turns(patience=0.05)
    with turns.turn(1):
        with turns.turn(30) as mine:
            assert mine
        with turns.turn(0) as mine:
            assert mine

"""A procedure runs another one: whose step is it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.core.conftest import Desk

INNER = """
sop: inner
do:
  - work: {task: Work, to: agent:dewi}
"""
OUTER = """
sop: outer
do:
  - inside:
      run: {sop: inner}
      escalate:
        - after: PT2H
          do:
            - hurry: {task: Ask why it takes so long, to: agent:dewi}
"""


def test_escalation_of_sub_sop_is_done(desk: Desk, follow: Callable[..., Any]) -> None:
    desk.publish(INNER)
    play = follow(OUTER)
    play.wind(3)
    assert play.open == ["inside", "inside/work", "inside/@escalate/hurry"]
    play.complete("hurry")
    play.complete("work")
    assert (play.open, play.run.outcome) == ([], "completed")

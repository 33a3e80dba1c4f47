"""A procedure that waits behind its resolution goes on, although the ticket closes by itself meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 24
SOP = """
sop: asking-later
do:
  - finish: {resolve: {resolution: Repaired}}
  - rest: {wait: {for: PT240H}}
  - ask: {survey: {type: csat, template: survey}}
"""


def test_wait_outlasts_quiet_time(follow: Callable[..., Any]) -> None:
    play = follow(SOP)
    resolved = play.now
    play.wind(8 * DAY)
    assert (play.row.status, play.open) == ("closed", ["rest"])
    assert play.row.alarm_at == resolved + 240 * 3_600_000
    assert not play.desk.standing(play.ticket).ended, "its workflow would end before its wait"
    play.wind(3 * DAY)
    assert play.run.outcome == "completed"
    assert "survey" in [event.get("template") for event in play.events("message.sent")]
    assert play.row.want_seq == play.row.last_seq
    assert play.desk.standing(play.ticket).ended

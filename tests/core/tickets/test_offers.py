"""What a page may offer now, and a checklist in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.errors import Conflict, Invalid, Refused
from core.tickets.ahead import complete_ahead
from core.tickets.offers import Offers, offers
from core.tickets.resolving import close, reopen, resolve
from core.tickets.steps import skip_step

if TYPE_CHECKING:
    from collections.abc import Callable

STRICT = """
sop: card
mode: strict
do:
  - take:
      assign: {by: least_busy}
  - urgent:
      set: {ticket.priority: high}
  - verify: {task: Check the card}
  - finish:
      resolve: {require: [resolution]}
"""
LIST = """
sop: welcome
mode: advisory
fields:
  phone: {type: string, label: Phone}
do:
  - take:
      assign: {by: least_busy}
  - greet: {task: Greet them}
  - settle:
      do:
        - call: {task: Call them, require: [fields.phone]}
  - wait_a_day:
      wait: {for: P1D}
  - ask:
      task: Ask how it goes
      choices: [fine, badly]
  - last: {task: Write it down}
"""


def seen(play: Any, who: str = "dewi") -> Offers:
    with play.desk.database.read() as tx:
        return offers(tx, play.desk.people[who], play.ticket)


def test_strict_offers_say_the_command_s_sentence(follow: Callable[..., Any]) -> None:
    play = follow(STRICT)
    now = seen(play)
    with pytest.raises(Refused) as refused:
        play.do(resolve, "dewi", "Done")
    assert now.resolve == str(refused.value)
    with pytest.raises(Refused) as refused:
        play.do(close, "dewi")
    assert now.close == str(refused.value)
    assert "Open now: “Check the card” (Dewi)" in now.switch
    assert seen(play, "catherine").switch == ""
    assert list(now.kept) == ["priority"]
    assert now.skip[play.step("verify").id].startswith("Step “Check the card” cannot be skipped")
    with pytest.raises(Refused):
        play.do(skip_step, "dewi", play.step("verify").id)


def test_reached_resolve_is_offered(follow: Callable[..., Any]) -> None:
    play = follow(STRICT)
    play.complete("verify")
    assert (seen(play).resolve, bool(seen(play).close)) == ("", True)


def test_guided_offers_everything(follow: Callable[..., Any]) -> None:
    now = seen(follow(STRICT.replace("strict", "guided")))
    assert (now.resolve, now.close, now.switch, now.kept, now.skip) == ("", "", "", {}, {})
    assert "standard" in [choice.name for choice in now.switch_to]
    assert "card" not in [choice.name for choice in now.switch_to]


def test_light_agent_is_offered_nothing(follow: Callable[..., Any]) -> None:
    assert seen(follow(STRICT), "wati") == Offers()


def test_ended_run_offers_start_and_restart(follow: Callable[..., Any]) -> None:
    play = follow(STRICT)
    play.complete("verify")
    play.do(resolve, "dewi", "Done")
    assert seen(play) == Offers()
    play.do(reopen, "dewi")
    now = seen(play)
    assert [choice.name for choice in now.restart_at] == ["take", "urgent", "verify", "finish"]
    assert "standard" in [choice.name for choice in now.start]


def test_checklist_in_any_order(follow: Callable[..., Any]) -> None:
    play = follow(LIST)
    assert [choice.name for choice in seen(play).ahead] == ["call", "ask", "last"]
    play.do(complete_ahead, "dewi", "ask", choice="fine")
    play.do(complete_ahead, "dewi", "call", fields={"phone": "0812"})
    assert play.run.fields[""] == {"phone": "0812"}
    assert [choice.name for choice in seen(play).ahead] == ["last"]
    play.complete("greet")
    assert play.open == ["wait_a_day"]
    play.wind(25)
    assert play.open == ["last"]
    play.complete("last")
    assert play.run.outcome == "completed"
    assert [row.outcome for row in play.steps(name="ask")] == ["fine"]
    assert "sop.deviated" not in play.kinds()


def test_checklist_checks_what_is_done(follow: Callable[..., Any]) -> None:
    play = follow(LIST)
    with pytest.raises(Invalid):
        play.do(complete_ahead, "dewi", "call")
    with pytest.raises(Refused, match="Open ones: call, ask, last"):
        play.do(complete_ahead, "dewi", "wait_a_day")
    with pytest.raises(Refused, match="open already"):
        play.do(complete_ahead, "dewi", "greet")
    play.do(complete_ahead, "dewi", "last")
    with pytest.raises(Conflict, match="no longer open"):
        play.do(complete_ahead, "dewi", "last")


def test_only_checklists_are_done_ahead(follow: Callable[..., Any]) -> None:
    play = follow(STRICT.replace("strict", "guided"))
    assert seen(play).ahead == ()
    with pytest.raises(Refused, match="checklist"):
        play.do(complete_ahead, "dewi", "finish")

"""Strict refuses outside a reached step and says what is open; guided allows and records; advisory lets everything be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.actors import customer
from core.errors import Refused
from core.tickets.conversation import Draft, IncomingMessage, receive_reply, send_reply
from core.tickets.holding import assign
from core.tickets.properties import change_ticket
from core.tickets.resolving import close, resolve
from core.tickets.steps import skip_step
from core.tickets.switching import switch_sop

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENT = """
sop: card
mode: MODE
fields:
  amount: {type: money, label: Amount}
do:
  - take:
      assign: {by: least_busy}
  - urgent:
      set: {ticket.priority: high, ticket.status: pending_third_party}
  - verify: {task: Check the card, require: [fields.amount]}
  - finish:
      resolve: {require: [resolution]}
"""
OTHER = "sop: other\ndo: [Look at it]\n"


def begun(follow: Callable[..., Any], mode: str) -> Any:
    play = follow(DOCUMENT.replace("MODE", mode))
    play.desk.publish(OTHER)
    return play


def leave(play: Any, act: str) -> None:
    """Do something that the open step does not ask for."""
    match act:
        case "resolve":
            play.do(resolve, "dewi", "Done.")
        case "close":
            play.do(close, "dewi")
        case "skip":
            play.do(skip_step, "dewi", play.step("verify").id, reason="No time")
        case "switch":
            play.do(switch_sop, "dewi", "other", "Wrong one")
        case "priority":
            play.do(change_ticket, "dewi", {"priority": "low"})


@pytest.mark.parametrize("act", ["resolve", "close", "skip", "switch", "priority"])
def test_strict_refuses_and_names_open_step(follow: Callable[..., Any], act: str) -> None:
    play = begun(follow, "strict")
    before = play.row
    with pytest.raises(Refused, match="Check the card” \\(Dewi\\)") as refused:
        leave(play, act)
    assert "strict" in str(refused.value)
    assert play.row == before


def test_strict_never_bars_talking_and_holding(follow: Callable[..., Any]) -> None:
    play = begun(follow, "strict")
    play.do(send_reply, "dewi", Draft("One moment"))
    play.do(change_ticket, "dewi", {"tags": ["card"], "subject": "Card blocked"})
    play.do(assign, "catherine", play.desk.people["bagus"].id)
    assert play.row.holder_id == play.desk.people["bagus"].id
    assert play.open == ["verify"]


def test_strict_is_passed_through_its_steps(follow: Callable[..., Any]) -> None:
    play = begun(follow, "strict")
    play.complete("verify", fields={"amount": 1000})
    play.do(resolve, "dewi", "Unblocked.")
    assert (play.row.status, play.run.outcome) == ("resolved", "completed")
    assert "sop.deviated" not in play.kinds()


def test_strict_keeps_status_from_mails(follow: Callable[..., Any]) -> None:
    play = begun(follow, "strict")
    status = play.row.status
    play.desk.sql("UPDATE ticket SET status = 'pending_customer'")
    with play.desk.database.write() as tx:
        mail = IncomingMessage("", "And now?")
        receive_reply(tx, play.desk.settings, customer(play.row.customer_id), play.ticket, mail, now=play.later())
    assert "ticket.reopened" not in play.kinds()
    assert play.row.status in {status, "pending_customer"}
    play.do(send_reply, "dewi", Draft("Which card?"), then="wait")
    assert play.open == ["verify"]


def test_lead_switches_a_strict_one(follow: Callable[..., Any]) -> None:
    play = begun(follow, "strict")
    play.do(switch_sop, "catherine", "other", "It is another card")
    assert play.open == ["look_at_it"]


@pytest.mark.parametrize(
    ("act", "what"),
    [
        ("resolve", "resolved_by_hand"),
        ("close", "closed_by_hand"),
        ("skip", "skipped"),
        ("switch", "switched"),
        ("priority", "changed"),
    ],
)
def test_guided_records_deviations(follow: Callable[..., Any], act: str, what: str) -> None:
    play = begun(follow, "guided")
    leave(play, act)
    assert [event["what"] for event in play.events("sop.deviated")] == [what]


def test_advisory_changes_are_no_deviation(follow: Callable[..., Any]) -> None:
    play = begun(follow, "advisory")
    play.do(change_ticket, "dewi", {"priority": "low"})
    assert play.row.priority == 4
    assert "sop.deviated" not in play.kinds()

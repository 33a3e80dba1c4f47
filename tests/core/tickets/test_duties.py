"""My work: every open task, approval, question and handover of a person over all tickets, what is due first on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.tickets.duties import duties, offers
from core.tickets.head import ticket_head
from core.tickets.holding import offer_baton
from core.tickets.steps import answer_step, complete_step, vote

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENT = """
sop: duties
do:
  - take:
      assign: {by: least_busy}
  - all:
      fork:
        branches:
          a:
            - work: {task: Work, due: PT8H}
          b:
            - ask:
                approval: {by: "team:invoices", exclude: [], quorum: 2, question: "May we?"}
                due: PT2H
                on: {reject: {then: exit}}
          c:
            - stock:
                collaborate: {ask: "department:billing", question: "In stock?"}
                due: PT4H
          d:
            - look: {task: Look at it, to: "agent:wati"}
"""


def mine(play: Any, who: str) -> list[tuple[str, str]]:
    team = {"rina": "invoices", "dewi": "repair", "bagus": "repair"}.get(who)
    teams = (play.desk.teams[team],) if team else ()
    with play.desk.database.read() as tx:
        return [(duty.name, duty.party_kind) for duty in duties(tx, play.desk.people[who].id, teams)]


def test_every_kind_is_listed_by_due(follow: Callable[..., Any]) -> None:
    play = follow(DOCUMENT)
    assert mine(play, "dewi") == [("work", "person")]
    assert mine(play, "rina") == [("ask", "team"), ("stock", "department")]
    assert mine(play, "catherine") == []


def test_light_agent_has_own_work(follow: Callable[..., Any]) -> None:
    play = follow(DOCUMENT)
    assert mine(play, "wati") == [("look", "person")]
    play.do(complete_step, "wati", play.step("look").id)
    assert mine(play, "wati") == []


def test_department_duty_opens_ticket(follow: Callable[..., Any]) -> None:
    play = follow(DOCUMENT)
    with play.desk.database.read() as tx:
        assert ticket_head(tx, play.desk.people["rina"], play.ticket).mine
    play.do(answer_step, "rina", play.step("stock").id, "Two left.")
    assert mine(play, "rina") == [("ask", "team")]


def test_said_word_is_off_the_list(follow: Callable[..., Any]) -> None:
    play = follow(DOCUMENT)
    play.do(vote, "rina", play.step("ask").id, "approve")
    assert play.step("ask").state == "open"
    assert mine(play, "rina") == [("stock", "department")]


def test_handovers_are_listed(follow: Callable[..., Any]) -> None:
    play = follow(DOCUMENT)
    play.do(offer_baton, "dewi", play.desk.people["bagus"].id, "Take over, please")
    with play.desk.database.read() as tx:
        (offer,) = offers(tx, play.desk.people["bagus"].id)
    assert (offer.ticket_id, offer.giver, offer.note) == (play.ticket, "Dewi", "Take over, please")

"""A holder or somebody who is asked leaves: their tickets and steps go on with others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.organisation_changes import change_person
from core.tickets.holding import offer_baton

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENT = """
sop: leave
do:
  - take:
      assign: {by: least_busy}
  - work: {task: Work}
  - ask:
      approval: {by: "agent:rina", question: "May we?"}
      on: {reject: {then: work}}
"""


def leave(play: Any, who: str) -> None:
    with play.desk.database.write() as tx:
        change_person(
            tx,
            play.desk.settings,
            play.desk.people["mira"],
            play.desk.people[who].id,
            {"active": False},
            now=play.later(),
        )


def test_holder_who_leaves_is_succeeded(follow: Callable[..., Any]) -> None:
    play = follow(DOCUMENT)
    play.desk.sql("UPDATE person SET availability = 'online' WHERE nick = 'bagus'")
    leave(play, "dewi")
    bagus = play.desk.people["bagus"].id
    assert play.row.holder_id == bagus
    assert play.step("work").assignees == [["person", str(bagus)]]
    assert play.events("ticket.assigned")[-1]["from"] == play.desk.people["dewi"].id


def test_nobody_there_leaves_it_in_backlog(follow: Callable[..., Any]) -> None:
    play = follow(DOCUMENT)
    leave(play, "dewi")
    assert (play.row.holder_id, play.row.team_id) == (None, play.desk.teams["repair"])
    assert play.step("work").assignees == [["team", str(play.desk.teams["repair"])]]
    assert play.open == ["work"]


def test_asked_person_who_leaves_is_replaced(follow: Callable[..., Any]) -> None:
    play = follow(DOCUMENT)
    play.complete("work")
    assert play.step("ask").assignees == [["person", str(play.desk.people["rina"].id)]]
    leave(play, "rina")
    catherine = play.desk.people["catherine"].id
    assert play.step("ask").assignees == [["person", str(catherine)]]
    assert play.desk.sql("SELECT party_id FROM step_duty")[0].party_id == catherine
    assert play.told()[-1] == "catherine"


def test_offer_to_leaver_is_withdrawn(follow: Callable[..., Any]) -> None:
    play = follow(DOCUMENT)
    play.do(offer_baton, "dewi", play.desk.people["bagus"].id)
    leave(play, "bagus")
    assert play.desk.sql("SELECT state FROM handover")[0].state == "withdrawn"
    assert play.row.holder_id == play.desk.people["dewi"].id

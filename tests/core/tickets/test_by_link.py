"""Approvals and questions by the link in the mail: no account, once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from core.errors import Conflict, NotFound
from core.tickets.by_link import answer_by_link, asked, vote_by_link
from core.tickets.steps import vote

from .conftest import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable

ASK = """
sop: refund
fields:
  amount: {type: money, label: Amount paid}
do:
  - take:
      assign: {by: least_busy}
  - verify: {task: Check it, require: [fields.amount]}
  - ask:
      approval: {by: "WHO", quorum: QUORUM, question: "Pay ${fields.amount}?"}
      on: {reject: {then: verify}}
"""


def link_in(mail: tuple[str, str, str]) -> str:
    found = re.search(r"/a/([^\s\"<]+)", mail[2].replace("=3D", "="))
    assert found
    return found[1]


def begun(follow: Callable[..., Any], who: str = "team:invoices", quorum: str = "any") -> Any:
    play = follow(ASK.replace("WHO", who).replace("QUORUM", quorum))
    play.complete("verify", fields={"amount": 500000})
    return play


def signed_for(play: Any, who: str) -> str:
    return link_in(next(mail for mail in reversed(play.mails()) if mail[0] == who))


def look(play: Any, signed: str) -> Any:
    with play.desk.database.read() as tx:
        return asked(tx, play.desk.settings, signed, "en", now=play.now)


def use(play: Any, signed: str, choice: str, **more: Any) -> None:
    with play.desk.database.write() as tx:
        vote_by_link(tx, play.desk.settings, signed, choice, now=play.later(), **more)


def test_link_shows_question_and_facts(follow: Callable[..., Any]) -> None:
    play = begun(follow)
    page = look(play, signed_for(play, "rina"))
    assert page.words.text.replace("\xa0", " ") == "Pay Rp 500.000?"
    assert [fact.label for fact in page.words.facts] == ["Amount paid"]
    assert (page.reader, page.over) == ("Rina", "")


def test_link_approves_once(follow: Callable[..., Any]) -> None:
    play = begun(follow)
    signed = signed_for(play, "rina")
    use(play, signed, "approve", comment="Fine with me.")
    assert play.step("ask").outcome == "approve"
    (event,) = play.events("step.voted")
    assert (event["choice"], event["way"]) == ("approve", "link")
    assert play.desk.messages(play.ticket)[-1].direction == "internal"
    with pytest.raises(Conflict, match="Rina gave the deciding vote"):
        use(play, signed, "reject")
    assert "approved" in look(play, signed).over


def test_link_waits_for_others(follow: Callable[..., Any]) -> None:
    play = begun(follow, "[agent:rina, agent:bagus]".replace("[", "").replace("]", "").split(",")[0], "2")
    signed = signed_for(play, "rina")
    use(play, signed, "approve")
    assert play.step("ask").state == "open"
    with pytest.raises(Conflict, match="Others are still asked"):
        use(play, signed, "reject")


def test_link_says_who_was_faster(follow: Callable[..., Any]) -> None:
    play = begun(follow)
    signed = signed_for(play, "rina")
    play.do(vote, "rina", play.step("ask").id, "reject")
    assert look(play, signed).over == "Rina rejected it."
    with pytest.raises(Conflict):
        use(play, signed, "approve")
    assert play.open == ["verify#2"]


def test_second_visit_needs_its_own_link(follow: Callable[..., Any]) -> None:
    play = begun(follow)
    old = signed_for(play, "rina")
    use(play, old, "reject")
    play.complete("verify", fields={"amount": 400000})
    assert look(play, old).over
    new = signed_for(play, "rina")
    assert new != old
    use(play, new, "approve")
    assert play.step("ask").outcome == "approve"


def test_stranger_decides_by_link(follow: Callable[..., Any]) -> None:
    play = begun(follow, "mailto:cfo@bank.example")
    signed = signed_for(play, "cfo")
    assert look(play, signed).reader == "cfo@bank.example"
    use(play, signed, "reject", comment="Too much.")
    assert play.step("ask").outcome == "reject"
    assert play.desk.events(play.ticket)[-1].at >= MORNING


def test_forged_link_is_refused(follow: Callable[..., Any]) -> None:
    play = begun(follow)
    signed = signed_for(play, "rina")
    for wrong in (signed[:-2] + "xx", "nonsense"):
        with pytest.raises(NotFound):
            look(play, wrong)


def test_leaver_cannot_decide(follow: Callable[..., Any]) -> None:
    play = begun(follow)
    signed = signed_for(play, "rina")
    play.desk.sql("UPDATE person SET active = false WHERE nick = 'rina'")
    play.desk.sql("UPDATE setting SET value = '{\"is\": 9999}' WHERE name = 'config_version'")
    with pytest.raises(NotFound):
        look(play, signed)


def test_question_is_answered_by_link(follow: Callable[..., Any]) -> None:
    play = follow(
        "sop: askers\ndo:\n  - take:\n      assign: {by: least_busy}\n"
        "  - stock:\n      collaborate: {ask: 'mailto:gudang@x.example', question: 'In stock?'}\n"
    )
    signed = signed_for(play, "gudang")
    with play.desk.database.write() as tx:
        answer_by_link(tx, play.desk.settings, signed, "Two left.", now=play.later())
    assert play.step("stock").outcome == "answered"
    assert play.desk.messages(play.ticket)[-1].author_name == "gudang@x.example"

"""Whoever a step comes to is told by mail, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.tickets.holding import assign
from core.tickets.steps import complete_step, vote

if TYPE_CHECKING:
    from collections.abc import Callable

REFUND = """
sop: refund
fields:
  amount: {type: money, label: {en: Amount paid, id: Jumlah}}
  reason: {type: string, label: Reason}
do:
  - take:
      assign: {by: least_busy}
  - verify:
      task: "Check what ${customer.name} paid"
      require: [fields.amount]
      due: {business: PT4H}
  - ask:
      approval: {by: "team:invoices", question: "Pay ${fields.amount} to ${customer.name}?"}
      on: {reject: {then: verify}}
  - pay: {task: Pay it}
"""


def test_holder_who_is_away_is_told(follow: Callable[..., Any]) -> None:
    play = follow(REFUND, online=False)
    (mail,) = [mail for mail in play.mails() if mail[0] == "dewi"]
    assert mail[1] == "Check what Sari Wulandari paid: Kulkas bocor"
    assert "it is due 24 Nov 2026, 13:00" in mail[2]
    assert f"/tickets/{play.ticket}" in mail[2]


def test_holder_who_is_online_sees_it_in_the_queue(follow: Callable[..., Any]) -> None:
    assert follow(REFUND).told() == []


def test_who_acts_is_not_told(follow: Callable[..., Any]) -> None:
    play = follow(REFUND, online=False)
    assert play.told() == ["dewi"]
    play.complete("verify", fields={"amount": 500000})
    assert play.told() == ["dewi", "rina"]
    play.do(vote, "rina", play.step("ask").id, "approve")
    assert play.told() == ["dewi", "rina", "dewi"]
    play.do(complete_step, "dewi", play.step("pay").id)
    assert play.told() == ["dewi", "rina", "dewi"]


def test_approval_names_question_and_facts(follow: Callable[..., Any]) -> None:
    play = follow(REFUND)
    play.complete("verify", fields={"amount": 500000})
    mail = next(mail for mail in play.mails() if mail[0] == "rina")
    assert mail[1].replace("\xa0", " ") == "Please decide: Pay Rp 500.000 to Sari Wulandari?"
    assert "Amount paid: Rp" in mail[2]
    assert "Reason" not in mail[2]
    assert "/a/" in mail[2]


def test_mail_speaks_reader_language(follow: Callable[..., Any]) -> None:
    play = follow(REFUND.replace("sop: refund", "sop: refund-two"))
    play.desk.sql("UPDATE person SET language = 'id' WHERE nick = 'rina'")
    play.desk.sql("UPDATE setting SET value = '{\"is\": 9999}' WHERE name = 'config_version'")
    play.complete("verify", fields={"amount": 500000})
    mail = next(mail for mail in play.mails() if mail[0] == "rina")
    assert mail[1].startswith("Mohon keputusan")
    assert "Jumlah: Rp" in mail[2]


def test_nobody_online_tells_lead(follow: Callable[..., Any]) -> None:
    play = follow(REFUND.replace("team:invoices", "team:repair").replace("question:", "exclude: [], question:"))
    play.desk.sql("UPDATE person SET availability = 'away'")
    play.complete("verify", fields={"amount": 500000})
    assert play.told()[-1] == "catherine"


def test_step_moves_with_holder(follow: Callable[..., Any]) -> None:
    play = follow(REFUND, online=False)
    bagus = play.desk.people["bagus"].id
    play.do(assign, "catherine", bagus)
    assert play.told() == ["dewi", "bagus"]
    play.do(assign, "catherine", play.desk.people["dewi"].id)
    assert play.told() == ["dewi", "bagus"]


def test_mail_that_is_late_is_spared(follow: Callable[..., Any]) -> None:
    play = follow(REFUND, online=False)
    play.complete("verify", fields={"amount": 500000})
    assert play.told() == ["rina"]
    states = {effect.key.split("/", 2)[2].rsplit(":", 1)[0]: effect.state for effect in play.desk.effects(play.ticket)}
    assert states == {"verify:told": "done", "ask:told": "done"}


def test_stranger_is_asked_by_address(follow: Callable[..., Any]) -> None:
    play = follow(REFUND.replace("team:invoices", "mailto:cfo@bank.example"))
    play.complete("verify", fields={"amount": 500000})
    mail = next(mail for mail in play.mails() if mail[0] == "cfo")
    assert "/a/" in mail[2]
    assert f"/tickets/{play.ticket}" not in mail[2]


def test_failure_asks_lead_by_mail(follow: Callable[..., Any]) -> None:
    play = follow("sop: outside\ndo:\n  - take:\n      assign: {by: least_busy}\n  - book:\n      call: crm.book\n")
    play.mails()
    assert play.told() == ["catherine"]
    assert play.mails()[-1][1] == "Please decide how it goes on: Kulkas bocor"

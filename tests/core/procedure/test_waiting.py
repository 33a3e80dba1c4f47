"""The wait step: time, conditions, moments, events."""

from __future__ import annotations

import pytest

from core.procedure.deeds import NobodyWaits


def test_wait_for_a_time(play):
    ticket = play("- pause:\n    wait: {for: PT2H}\n- work: {task: Work}").wait("PT1H59M")
    assert ticket.open == ["pause"]
    ticket.wait("PT2H")
    assert ticket.visit("pause").outcome == "time"
    assert ticket.open == ["work"]


def test_wait_for_business_time(play):
    ticket = play("- pause:\n    wait: {for: {business: PT10H}}\n- work: {task: Work}").wait("P1DT59M")
    assert ticket.open == ["pause"]
    assert ticket.wait("P1DT1H").open == ["work"]


def test_wait_until_a_condition(play):
    ticket = play(
        """
        - paid:
            wait: {until: 'ticket.tags.exists(t, t == "paid")', for: P2D}
            on: {timeout: {then: late}}
        - work: {task: W, then: end}
        - late: {task: L}
        """
    )
    assert ticket.do("PT1H", "change", {"ticket.tags": ["new"]}).open == ["paid"]
    ticket.do("PT2H", "change", {"ticket.tags": ["paid"]})
    assert ticket.visit("paid").outcome == "condition"
    assert ticket.open == ["work"]


def test_limit_of_a_condition(play):
    ticket = play(
        """
        - paid:
            wait: {until: 'size(ticket.tags) > 0', for: P2D}
            on: {timeout: {then: late}}
        - work: {task: W, then: end}
        - late: {task: L}
        """
    )
    assert ticket.wait("P2D").open == ["late"]
    assert ticket.visit("paid").state == "expired"


def test_wait_until_a_moment(play):
    text = "- pause:\n    wait: {until: 'ticket.created_at + duration(\"P3D\")'}\n- work: {task: Work}"
    ticket = play(text).wait("P2D")
    assert ticket.open == ["pause"]
    ticket.wait("P3D")
    assert ticket.visit("pause").outcome == "time"


def test_wait_for_an_event(play):
    ticket = play(
        """
        - ask:
            notify: {to: customer, template: ask}
        - reply:
            wait: {event: customer.replied, for: P3D}
        - work: {task: Work}
        """
    )
    assert ticket.status == "pending_customer"
    ticket.do("PT1H", "event", "customer.replied")
    assert ticket.visit("reply").outcome == "event"
    assert ticket.open == ["work"]


def test_event_must_meet_its_condition(play):
    text = "- paid:\n    wait: {event: bank.booked, if: result.amount >= 100}\n- work: {task: Work}"
    ticket = play(text).do("PT1H", "event", "bank.booked", data={"amount": 50})
    assert ticket.open == ["paid"]
    assert ticket.do("PT2H", "event", "bank.booked", data={"amount": 100}).open == ["work"]


def test_no_answer_falls_between_two_steps(play):
    text = "- write: {task: Write to them}\n- reply:\n    wait: {event: customer.replied}\n- work: {task: Work}"
    ticket = play(text).wait("PT1H")
    ticket.sim.happen("customer.replied", {})
    ticket.do("PT2H", "complete", "write")
    assert ticket.open == ["work"]


def test_one_answer_does_not_end_two_waits(play):
    text = "- first:\n    wait: {event: customer.replied}\n- second:\n    wait: {event: customer.replied}"
    ticket = play(text).do("PT1H", "event", "customer.replied")
    assert ticket.open == ["second"]
    assert ticket.do("PT2H", "event", "customer.replied").outcome == "completed"


def test_event_nobody_waits_for_is_a_mistake(play):
    with pytest.raises(NobodyWaits, match="Open: work"):
        play("- work: {task: Work}").do("PT1H", "event", "customer.replied")


def test_event_after_the_limit_is_too_late(play):
    ticket = play("- reply:\n    wait: {event: customer.replied, for: PT1H}\n- work: {task: Work}")
    ticket.sim.now += 7_200_000
    ticket.sim.note("customer.replied", {})
    ticket.sim.settle()
    assert ticket.visit("reply").outcome == "timeout"

"""notify, call, survey, set: what the walk wishes for, and what happens when it fails."""

from __future__ import annotations

import pytest

from core.procedure.acting import decide_error
from core.procedure.simulation import SimulationError

CALL = """
- ask:
    call: crm.lookup
    with: {email: "${customer.email}"}
%s
- next: {task: Go on, then: end}
- other: {task: Other way}
"""


def test_notice_does_not_hold_the_flow(play):
    ticket = play("- hello:\n    notify: {to: [customer, lead], template: hi}\n- work: {task: Work}")
    assert ticket.notices == ["hi -> customer @ PT0S", "hi -> lead @ PT0S"]
    assert ticket.open == ["work"]


def test_awaited_delivery_is_an_open_effect(play):
    ticket = play("- hello:\n    notify: {to: customer, template: hi, await: delivery}\n- work: {task: Work}")
    assert ticket.visit("hello").ended_by == "effect"
    assert ticket.open == ["work"]


def test_once_is_once_in_a_run(play):
    text = """
    - hello:
        notify: {to: customer, template: hi, once: true}
    - work: {task: Work, choices: [again, done], on: {again: {then: hello}}}
    """
    ticket = play(text).do("PT1H", "complete", "work", choice="again")
    assert ticket.path == ["hello", "work", "hello@2", "work@2"]
    assert ticket.notices == ["hi -> customer @ PT0S"]


def test_call_result_is_seen_by_later_steps(play):
    text = CALL % "" + "\n- never: {task: x}"
    ticket = play(
        text.replace("task: Go on, then: end", "task: Go on, if: steps.ask.result.vip, then: end"),
        answers={"crm.lookup": {"vip": True}},
    )
    assert ticket.open == ["next"]
    assert ticket.visit("ask").outcome == "done"


def test_call_without_an_answer_stops_the_simulation(play):
    with pytest.raises(SimulationError, match=r"crm\.lookup has no answer"):
        play(CALL % "")


def test_example_of_the_action_answers(play):
    assert play(CALL % "", examples={"crm.lookup": {"vip": False}}).open == ["next"]


def test_failed_call_asks_the_lead(play):
    ticket = play(CALL % "", answers={"crm.lookup": {"error": "down"}})
    assert ticket.open == ["ask"]
    assert ticket.visit("ask").assignees[0].id == "lead"
    assert ticket.status == "open"
    ticket.do("PT1H", "complete", "ask", result={"vip": False}, by="lead")
    assert ticket.visit("ask").result == {"vip": False}
    assert ticket.open == ["next"]


def test_failed_call_asks_whom_it_says(play):
    ticket = play(CALL % "    on_error: {ask: team:it}", answers={"crm.lookup": {"error": "down"}})
    assert ticket.visit("ask").assignees[0].id == "it"


def test_failed_call_takes_its_route(play):
    assert play(CALL % "    on_error: other", answers={"crm.lookup": {"error": "down"}}).open == ["other"]
    assert play(CALL % "    on: {error: {then: other}}", answers={"crm.lookup": {"error": "down"}}).open == ["other"]
    assert play(CALL % "    on_error: continue", answers={"crm.lookup": {"error": "down"}}).open == ["next"]


def test_unknown_outcome_always_asks(play):
    ticket = play(CALL % "    on_error: other", answers={"crm.lookup": {"error": "unknown"}})
    assert ticket.open == ["ask"]


def test_trying_again_uses_a_new_key(play):
    ticket = play(CALL % "", answers={"crm.lookup": [{"error": "down"}, {"error": "down"}, {"vip": True}]})
    ticket.do("PT1H", "retry", "ask", by="lead")
    assert ticket.open == ["ask"]
    ticket.do("PT2H", "retry", "ask", by="lead")
    assert ticket.calls == ["crm.lookup @ PT0S", "crm.lookup @ PT1H", "crm.lookup @ PT2H"]
    assert ticket.open == ["next"]


def test_asked_person_may_end_the_run(play):
    ticket = play(CALL % "", answers={"crm.lookup": {"error": "down"}})
    ticket.sim.replace(decide_error(ticket.visit("ask"), "end", "lead", ticket.sim.now))
    ticket.sim.settle()
    ticket.check()
    assert ticket.outcome == "error"


def test_call_until_waits_for_the_outside(play):
    text = '- bug:\n    call: jira.create\n    until: result.status == "Done"\n- tell: {task: Tell}'
    ticket = play(text, answers={"jira.create": {"status": "Open", "key": "OPS-1"}})
    assert ticket.open == ["bug"]
    assert ticket.visit("bug").awaits == ("linked",)
    assert ticket.status == "pending_third_party"
    ticket.do("PT1H", "linked", "bug", result={"status": "Doing"})
    assert ticket.open == ["bug"]
    ticket.do("PT2H", "linked", "bug", result={"status": "Done"})
    assert ticket.visit("bug").result == {"status": "Done", "key": "OPS-1"}
    assert ticket.open == ["tell"]


def test_survey_is_a_notice(play):
    assert play("- rate:\n    survey: {type: csat, template: rating}").notices == ["rating -> customer @ PT0S"]


def test_set_feeds_the_next_condition(play):
    text = """
    - prepare:
        set: {ticket.priority: high, vars.n: 2, vars.m: "${vars.n + 1}"}
    - more: {task: More, if: "vars.m == 3 && ticket.priority == 'high'"}
    """
    ticket = play(text)
    assert ticket.open == ["more"]
    assert ticket.sim.vars("") == {"n": 2, "m": 3}
    assert ticket.sim.ticket["priority"] == "high"


def test_failing_expression_sets_nothing(play):
    ticket = play("- prepare:\n    set: {vars.a: 1, vars.b: '${1 / (vars.a - 1)}'}\n- work: {task: Work}")
    assert ticket.sim.move.attention.code == "expression"
    assert ticket.sim.move.attention.path == "prepare"
    assert dict(ticket.sim.vars("")) == {}
    assert ticket.path == []


def test_effect_keys_are_fixed_by_the_visit(play):
    from core.procedure.walk import walk

    ticket = play("- hello:\n    notify: {to: customer, template: hi}\n- work: {task: Work, then: hello}")
    move = walk(ticket.sop, {}, ticket.sim, ticket.sim.now)
    assert [effect.key for effect in move.effects] == ["hello:notify"]

"""switch, fork, phases, jumps, end: where the flow goes."""

from __future__ import annotations

SWITCH = """
sop: test
fields:
  amount: {type: money, label: Amount}
do:
  - size:
      switch:
        - if: fields.amount > 1000
          do:
            - big: {task: Big}
        - {if: fields.amount > 100, then: last}
        - else: []
      on:
        else: {then: tiny}
  - middle: {task: Middle}
  - tiny: {task: Tiny}
  - last: {task: Last}
"""


def test_switch_takes_its_first_true_case(play):
    ticket = play(SWITCH, fields={"amount": {"minor": 200000, "currency": "IDR"}})
    assert ticket.path == ["size", "big"]
    assert ticket.visit("size/big").open
    ticket.do("PT1H", "complete", "big")
    assert ticket.visit("size").outcome == "branch"
    assert ticket.open == ["middle"]


def test_case_then_jumps(play):
    assert play(SWITCH, fields={"amount": {"minor": 20000, "currency": "IDR"}}).path == ["size", "last"]


def test_else_can_be_routed(play):
    assert play(SWITCH, fields={"amount": {"minor": 100, "currency": "IDR"}}).path == ["size", "tiny"]


def test_missing_value_is_no_case(play):
    ticket = play(SWITCH)
    assert ticket.path == ["size", "tiny"]
    assert ticket.visit("size").why["cases"][0]["missing"] == ["fields.amount"]


def test_decision_is_written_down(play):
    ticket = play(SWITCH, fields={"amount": {"minor": 200000, "currency": "IDR"}})
    ticket.do("PT1H", "change", {"fields.amount": {"minor": 1, "currency": "IDR"}})
    assert ticket.open == ["big"]


def test_switch_without_a_true_case_goes_on(play):
    ticket = play("- size:\n    switch:\n      - {if: size(ticket.tags) > 5, then: end}\n- work: {task: Work}")
    assert ticket.visit("size").outcome == "none"
    assert ticket.open == ["work"]


def test_false_condition_passes_over(play):
    ticket = play('- vip: {task: Call them, if: customer.class == "vip", then: end}\n- work: {task: Work}')
    assert ticket.path == ["work"]
    assert ticket.visit("vip").visit == 0
    assert ticket.visit("vip").why == {
        "if": 'customer.class == "vip"',
        "holds": False,
        "seen": {"customer.class": "standard"},
    }


def test_passed_over_steps_do_not_count_as_visits(play):
    text = """
    - vip: {task: Call, if: 'ticket.priority == "high"'}
    - work: {task: Work, choices: [again, done], on: {again: {then: vip}}}
    """
    ticket = play(text).do("PT1H", "complete", "work", choice="again", ticket={"priority": "high"})
    assert ticket.path == ["work", "work@2"] or ticket.path == ["work", "vip"]
    assert "vip#2" in ticket.sim.ledger


FORK = """
- work:
    fork:
      join: %s
      branches:
        one:
          - a: {task: A}
          - b: {task: B}
        two:
          - c: {task: C, escalate: [{after: PT30M, do: [{help: {task: Help}}]}]}
        three:
          - d:
              call: x.y
              until: result.ok
- done: {task: Done}
"""


def test_branches_open_in_document_order(play):
    assert play(FORK % "all", answers={"x.y": {}}).path == ["work", "a", "c", "d"]


def test_join_all_waits_for_every_branch(play):
    ticket = play(FORK % "all", answers={"x.y": {"ok": True}}).do("PT1M", "complete", "a").do("PT2M", "complete", "c")
    assert ticket.open == ["b"]
    assert ticket.do("PT3M", "complete", "b").open == ["done"]
    assert ticket.visit("work").outcome == "joined"


def test_join_any_cancels_the_rest(play):
    ticket = play(FORK % "any", answers={"x.y": {}}).wait("PT45M")
    assert ticket.open == ["a", "c", "d", "help"]
    ticket.do("PT1H", "complete", "c")
    assert ticket.open == ["done"]
    assert ticket.visit("work/one/a").state == "cancelled"
    assert ticket.visit("work/one/a").why == {"join": "work"}
    assert ticket.visit("work/two/c/help").state == "cancelled"


def test_join_by_number(play):
    ticket = play(FORK % "2", answers={"x.y": {}}).do("PT1M", "complete", "c").do("PT2M", "complete", "a")
    assert ticket.open == ["d", "b"]
    assert ticket.do("PT3M", "complete", "b").open == ["done"]


def test_end_in_a_branch_ends_the_run(play):
    text = """
    - work:
        fork:
          join: all
          branches:
            one:
              - a: {task: A}
              - stop:
                  end: {outcome: refused, result: {code: 7}}
            two:
              - b: {task: B}
    """
    ticket = play(text).do("PT1H", "complete", "a")
    assert ticket.outcome == "refused"
    assert ticket.sim.ended.result == {"code": 7}
    assert ticket.visit("work/two/b").state == "cancelled"


def test_second_visit_of_a_fork_has_its_own_paths(play):
    text = FORK % "all" + "- back: {if: steps.work.visits < 2, then: work}"
    ticket = play(text, answers={"x.y": {"ok": True}})
    for name in ("a", "b", "c", "done"):
        ticket.do("PT1M", "complete", name)
    assert ticket.path[-4:] == ["work@2", "a@2", "c@2", "d@2"]
    assert "work#2/one/a" in ticket.sim.ledger
    assert ticket.visit("work#2/one/a").visit == 2


PHASE = """
- prepare:
    do:
      - a: {task: A, choices: [on, out, away], on: {out: {then: exit}, away: {then: last}}}
      - b: {task: B}
    due: PT2H
    timeout: {after: PT4H, then: last}
- middle: {task: Middle}
- last: {task: Last}
"""


def test_phase_completes(play):
    ticket = play(PHASE).do("PT1H", "complete", "a", choice="on").do("PT2H", "complete", "b")
    assert ticket.visit("prepare").outcome == "completed"
    assert ticket.path == ["prepare", "a", "b", "middle"]


def test_exit_leaves_the_phase(play):
    ticket = play(PHASE).do("PT1H", "complete", "a", choice="out")
    assert ticket.visit("prepare").outcome == "left"
    assert ticket.open == ["middle"]


def test_jump_out_of_a_phase(play):
    ticket = play(PHASE).do("PT1H", "complete", "a", choice="away")
    assert ticket.visit("prepare").outcome == "left"
    assert ticket.open == ["last"]


def test_phase_times_out_with_its_steps(play):
    ticket = play(PHASE).wait("PT4H")
    assert ticket.visit("prepare").state == "expired"
    assert ticket.visit("prepare/a").state == "cancelled"
    assert ticket.open == ["last"]


def test_exit_of_the_document_ends_it(play):
    assert play("- a: {task: A, then: exit}\n- b: {task: B}").do("PT1H", "complete", "a").outcome == "completed"


def test_jump_needs_its_condition(play):
    text = "- a: {task: A}\n- again: {if: steps.a.visits < 3, then: a}\n- b: {task: B}"
    ticket = play(text).do("PT1H", "complete", "a").do("PT2H", "complete", "a").do("PT3H", "complete", "a")
    assert ticket.path == ["a", "again", "a@2", "again@2", "a@3", "b"]


def test_25_visits_need_attention(play):
    ticket = play("- a:\n    wait: {for: PT1H}\n    then: a").wait("P3D")
    assert ticket.sim.move.attention.code == "visits"
    assert len(ticket.path) == 25
    assert ticket.sim.move.alarm_at is None


def test_long_runs_go_on_in_several_moves(play):
    from core.procedure.walk import walk

    ticket = play("\n".join(f"- s{n}:\n    set: {{vars.v{n}: {n}}}" for n in range(450)))
    assert ticket.outcome == "completed"
    move = walk(ticket.sop, {}, ticket.sim, ticket.sim.now)
    assert len(move.visits) == 200
    assert move.alarm_at == ticket.sim.now

"""run: sub-SOPs and child tickets."""

from __future__ import annotations

SUB = """
sop: identity
fields:
  level: {type: int, label: Level}
do:
  - ask: {task: Ask for the passport, choices: [ok, fake], on: {fake: {then: bad}}}
  - deep: {task: Deeper, if: fields.level > 1}
  - good:
      end: {outcome: verified, result: {level: "${fields.level}"}}
  - bad:
      end: {outcome: refused}
"""
MAIN = """
- start: {task: Start}
- who:
    run: {sop: billing/identity, with: {level: %s}%s}
    on:
      refused: {then: stop}
- go: {task: "Go ${steps.who.result.level}", then: end}
- stop: {task: Stop}
"""


def test_sub_sop_is_walked_in_place(play):
    ticket = play(MAIN % ("2", ""), sops={"billing/identity": SUB}).do("PT1H", "complete", "start")
    assert ticket.path == ["start", "who", "who/ask"]
    assert ticket.open == ["who/ask"]
    assert ticket.sim.fields("who") == {"level": 2}
    ticket.do("PT2H", "complete", "who/ask", choice="ok").do("PT3H", "complete", "deep")
    assert ticket.visit("who").outcome == "verified"
    assert ticket.visit("who").result == {"level": 2}
    assert ticket.open == ["go"]
    assert [entry.what for entry in ticket.sim.log.runs] == ["billing/identity"]


def test_outcome_of_a_sub_sop_is_routed(play):
    ticket = play(MAIN % ("1", ""), sops={"billing/identity": SUB}).do("PT1H", "complete", "start")
    assert ticket.do("PT2H", "complete", "ask", choice="fake").open == ["stop"]


def test_arguments_are_typed(play):
    ticket = play(MAIN % ("many", ""), sops={"billing/identity": SUB}).do("PT1H", "complete", "start")
    assert ticket.visit("who").marks["error"] == {"code": "with", "field": "level"}
    assert ticket.visit("who").marks["asked"] is True


def test_unawaited_sub_sop_goes_on_beside(play):
    ticket = play(MAIN % ("1", ", await: false"), sops={"billing/identity": SUB}).do("PT1H", "complete", "start")
    assert ticket.open == ["go", "who/ask"]
    ticket.do("PT2H", "complete", "go")  # `then: end` ends everything
    assert ticket.outcome == "completed"
    assert ticket.visit("who/ask").state == "cancelled"


def test_end_of_the_list_waits_for_what_runs_beside(play):
    text = """
    - who:
        run: {sop: identity, with: {level: 1}, await: false}
    - go: {task: Go}
    """
    ticket = play(text, sops={"identity": SUB}).do("PT1H", "complete", "go")
    assert ticket.open == ["who/ask"]
    assert ticket.do("PT2H", "complete", "ask", choice="ok").outcome == "completed"


def test_unknown_sub_sop_waits_to_be_told(play):
    ticket = play(MAIN % ("1", "")).do("PT1H", "complete", "start")
    assert ticket.open == ["who"]
    assert ticket.do("PT2H", "child", "who", ends="completed", outcome="refused").open == ["stop"]


def test_told_end_closes_what_is_inside(play):
    ticket = play(MAIN % ("1", ""), sops={"billing/identity": SUB}).do("PT1H", "complete", "start")
    assert ticket.do("PT2H", "child", "who", ends="completed").open == ["go"]


def test_resolve_in_a_sub_sop_leaves_the_ticket(play):
    sub = """
    sop: identity
    fields: {level: {type: int}}
    do:
      - fin:
          resolve: {require: []}
      - after: {task: Never}
    """
    ticket = play(MAIN % ("1", ""), sops={"billing/identity": sub}).do("PT1H", "complete", "start")
    assert ticket.status == "in_progress"
    assert ticket.open == ["go"]


def test_names_inside_and_outside_do_not_meet(play):
    text = MAIN % ("1", "") + "- ask: {task: Another ask}"
    text = text.replace(
        "    on:\n      refused", "    escalate: [{after: PT1H, do: [{deep: {task: Hurry}}]}]\n    on:\n      refused"
    )
    ticket = play(text, sops={"billing/identity": SUB}).do("PT1H", "complete", "start").wait("PT3H")
    assert sorted(ticket.open) == ["deep", "who/ask"]


def test_child_ticket_is_an_effect(play):
    text = "- other:\n    run: {ticket: {subject: Please repair, department: it}}\n- go: {task: Go}"
    ticket = play(text)
    assert ticket.open == ["other"]
    assert ticket.status == "pending_third_party"
    assert [entry.what for entry in ticket.sim.log.runs] == ["ticket"]
    assert ticket.do("PT1H", "child", "other", ends="resolved").visit("other").outcome == "resolved"
    assert ticket.open == ["go"]


def test_unawaited_child_ticket_is_passed(play):
    assert play("- other:\n    run: {ticket: {subject: Repair}, await: false}\n- go: {task: Go}").open == ["go"]


def test_sub_sop_has_its_own_timers(play):
    sub = """
    sop: identity
    fields: {level: {type: int}}
    timeout: {after: PT2H, then: bad}
    do:
      - ask: {task: Ask, then: end}
      - bad:
          end: {outcome: refused}
    """
    ticket = play(MAIN % ("1", ""), sops={"billing/identity": sub}).do("PT1H", "complete", "start").wait("PT3H")
    assert ticket.open == ["stop"]

"""due, remind, escalate, timeout, on steps and on the document."""

from __future__ import annotations

from core.calendar_reading import moment_of

TASK = """
- work:
    task: Do it
    due: {business: PT2H}
    remind: [{before: {business: PT30M}}, {after: PT4H, every: PT1H}]
    escalate:
      - after: {business: PT3H}
        do:
          - late:
              notify: {to: lead, template: late}
          - help: {task: Help them, to: lead}
          - more: {task: More help, to: lead}
    timeout: {after: {business: PT6H}, then: give_up}
- good: {task: Good, then: end}
- give_up: {task: Give up}
"""


def test_due_moment_is_stored(play):
    assert play(TASK).visit("work").due_at == moment_of("2026-11-23T11:00+07:00")


def test_due_marks_the_visit(play):
    ticket = play(TASK).wait("PT1H59M")
    assert "overdue" not in ticket.visit("work").marks
    assert ticket.wait("PT2H").visit("work").marks["overdue"] is True


def test_reminders_come_once_each(play):
    ticket = play(TASK).wait("PT5H30M")
    assert ticket.notices == [
        "reminder -> assignee @ PT1H30M",
        "late -> lead @ PT3H",
        "reminder -> assignee @ PT4H",
        "reminder -> assignee @ PT5H",
    ]


def test_late_walk_reminds_only_once(play):
    ticket = play(TASK.replace("timeout: {after: {business: PT6H}", "timeout: {after: {business: P9D}"))
    ticket.sim.now += 9 * 3_600_000
    ticket.sim.settle()
    ticket.check()
    assert [notice for notice in ticket.notices if "reminder" in notice] == ["reminder -> assignee @ PT9H"] * 2


def test_escalation_runs_beside(play):
    ticket = play(TASK).wait("PT3H")
    assert ticket.open == ["work", "help"]
    assert ticket.path == ["work", "late", "help"]
    assert "work/help" in ticket.sim.ledger


def test_what_has_not_begun_is_dropped(play):
    ticket = play(TASK).do("PT4H", "complete", "work")
    assert ticket.open == ["help", "good"]
    ticket.do("PT5H", "complete", "help")
    assert ticket.open == ["good"]


def test_open_escalation_ends_with_the_run(play):
    ticket = play(TASK).do("PT4H", "complete", "work").do("PT5H", "complete", "good")
    assert ticket.outcome == "completed"
    assert ticket.visit("work/help").state == "cancelled"


def test_timeout_withdraws_the_work(play):
    ticket = play(TASK).wait("PT6H")
    assert ticket.visit("work").state == "expired"
    assert ticket.visit("work").ended_by == "clock"
    assert ticket.open == ["help", "give_up"]


def test_timer_beats_a_person_at_one_instant(play):
    import pytest

    from core.procedure.deeds import NobodyWaits

    with pytest.raises(NobodyWaits, match="timed out"):
        play(TASK).do("PT6H", "complete", "work")


def test_timeout_may_open_the_step_again(play):
    text = """
    - ask:
        approval: {by: team:f, question: Pay?}
        timeout: {after: PT2H, then: ask}
        on: {reject: {then: end}}
    """
    ticket = play(text).wait("PT5H")
    assert ticket.path == ["ask", "ask@2", "ask@3"]
    assert ticket.visit("ask#3").opened_at == moment_of("2026-11-23T13:00+07:00")


def test_clock_may_start_at_another_moment(play):
    text = "- take: {task: Take}\n- work:\n    task: Work\n    due: {business: P2D, from: '${ticket.created_at}'}"
    ticket = play(text).do("P1D", "complete", "take")
    assert ticket.visit("work").due_at == moment_of("2026-11-25T09:00+07:00")


def test_calendar_months_count_from_the_opening(play):
    ticket = play("- work: {task: Work, due: P1M}")
    assert ticket.visit("work").due_at == moment_of("2026-12-23T09:00+07:00")


DOCUMENT = """
sop: test
calendar: always
due: PT4H
remind: [{before: PT1H}]
escalate:
  - after: PT2H
    do:
      - warn:
          notify: {to: lead, template: slow}
timeout: {after: PT6H, then: rescue}
do:
  - work: {task: Work}
  - more: {task: More, then: end}
  - rescue: {task: Rescue}
"""


def test_document_clocks_hold_for_the_whole_run(play):
    ticket = play(DOCUMENT).do("PT1H", "complete", "work").wait("PT5H")
    assert ticket.notices == ["slow -> lead @ PT2H", "reminder -> assignee @ PT3H"]
    assert ticket.visit("@").marks["overdue"] is True
    ticket.wait("PT6H")
    assert ticket.visit("more").state == "cancelled"
    assert ticket.open == ["rescue"]


def test_late_walk_keeps_the_timeout_of_a_phase(play):
    text = """
    - p:
        do:
          - w:
              wait: {for: PT5H}
          - hello:
              notify: {to: customer, template: hi}
        timeout: {after: PT3H, then: last}
    - last: {task: Last}
    """
    ticket = play(text)
    ticket.sim.now += 9 * 3_600_000
    ticket.sim.settle()
    assert ticket.notices == []
    assert ticket.open == ["last"]

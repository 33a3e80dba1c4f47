"""The desk for tests of plugins does what the product does, in one process and with a clock that is moved."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from core.plugins.errors import Unsound
from estafet.testing import desk, make_call, make_event, make_ticket

__all__ = ["desk"]  # the fixture
SOP = """
sop: tracked
title: Tracked
do:
  - ask:
      call: tracker.create
      with: {title: BUG}
      until: result.status == "Done"
  - work:
      task: Do the work
      due: PT2H
  - finish:
      resolve: {require: [resolution]}
"""


@pytest.fixture
def tracker(desk, tmp_path):
    spec = importlib.util.spec_from_file_location("tracker_for_tests", Path(__file__).with_name("tracker.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    desk.add("tracker", module, book=str(tmp_path / "book"), secret="a shared secret")
    return desk


def test_procedure_runs_with_the_plugin(tracker):
    ticket = tracker.open(SOP)
    assert [link.ref for link in ticket.links] == ["BUG-1"]
    assert ticket.open_steps == ("ask",)
    news = {"ref": "BUG-1", "values": {"status": "Done"}, "state": "Done"}
    assert tracker.post("tracker", "news", news) == "taken"
    assert tracker.post("tracker", "news", news) == "again"
    assert tracker.post("tracker", "news", news, **{"X-Signature": "sha256=00"}) == "wrong"
    assert ticket.step("ask").outcome == "done"
    assert ticket.open_steps == ("work",)
    for webhook in ("board", "timed", "plain"):
        assert tracker.post("tracker", webhook, {"ref": webhook}) == "taken"


def test_clock_is_moved_by_the_test(tracker):
    ticket = tracker.open(SOP)
    tracker.look("tracker")
    before = tracker.clock.now
    assert ticket.step("work").due_at == int(before.timestamp() * 1000) + 2 * 3_600_000
    ticket.wait(hours=3)
    assert (tracker.clock.now - before).total_seconds() == 3 * 3600
    assert ticket.step("work").marks["overdue"]


def test_lost_answer_asks_a_person(tracker):
    tracker.faults.lose("tracker.create")
    ticket = tracker.open(SOP)
    assert [one.state for one in ticket.effects if one.plugin] == ["unknown"]
    assert len([one for one in tracker.asked if one.do == "call"]) == 1


def test_repeatable_action_is_tried_again(tracker):
    ticket = tracker.open(SOP)
    tracker.faults.fail("tracker.say")
    ticket.comment("Please hurry.")
    tracker.tell("tracker")
    ticket.go()
    assert [one.state for one in ticket.effects if one.title == "tracker.say"] == ["planned"]
    ticket.go()
    assert [one.state for one in ticket.effects if one.title == "tracker.say"] == ["done"]


def test_panel_and_action_of_the_page(tracker):
    ticket = tracker.open(SOP).act("tracker.create", title="CARD")
    assert [link.ref for link in ticket.links] == ["BUG-1", "CARD-1"]
    box = tracker.panel("tracker", "issues", ticket)
    assert [fact["label"] for fact in box.content["facts"]] == ["BUG-1", "CARD-1"]


def test_unsound_plugin_says_why(desk):
    class Wrong:
        pass

    with pytest.raises(Unsound, match="it has no hook"):
        desk.add("wrong", Wrong())


def test_values_name_what_matters():
    assert make_ticket(subject="Hi").customer.name == "Sari"
    assert make_call("a.b", {"x": 1}).arguments == {"x": 1}
    assert make_event("ticket.opened", channel="form").data == {"channel": "form"}

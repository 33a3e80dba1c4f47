"""Dry runs become test cases, and tickets of the past are played on a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.actors import SYSTEM
from core.errors import NotFound
from core.procedure.case_reading import read_cases
from core.procedure.cases import run_cases
from core.procedures import publish
from core.sop.reading import load
from core.studio import dry_run
from core.studio.copying import given_by
from core.studio.dry_run import Script
from core.studio.start_rules import overlaps
from core.studio.trying import try_cases

if TYPE_CHECKING:
    from tests.core.conftest import Desk  # type: ignore[import-not-found]

NOW = 1_795_485_600_000
REFUND = """sop: refund
start: {if: ticket.topic == "refund"}
fields: {amount: {type: money}}
do:
  - received: {notify: {to: customer, template: received}}
  - verify: {task: Check, require: [fields.amount], due: PT2H}
  - pay: {call: bank.pay}
  - finish: {resolve: {require: [resolution]}}
"""
TIERS = """sop: tiers
do:
  - who: {call: crm.lookup}
  - gold: {task: Look after them, if: steps.who.result.tier == "gold"}
"""


def test_scripts_play_on() -> None:
    sop = load(REFUND)
    script = dry_run.begin(sop, {"topic": "refund"})
    script = Script(script.given, script.when, 60).then(
        {"complete": "verify", "by": "sari", "fields": {"amount": "5000"}}
    )
    played = dry_run.play(sop, script)
    assert played.problem == ""
    assert played.sim is not None
    assert dry_run.marks(played.sim) == {"received": "done", "verify": "done", "pay": "done", "finish": "now"}
    assert [entry.what for entry in played.sim.log.calls] == ["bank.pay"]
    assert Script.from_json(played.script.to_json()) == played.script


def test_calls_answer_with_their_example() -> None:
    sop = load(TIERS)
    played = dry_run.play(sop, dry_run.begin(sop, examples={"crm.lookup": {"tier": "gold"}}))
    assert played.sim is not None
    assert dry_run.marks(played.sim) == {"who": "done", "gold": "now"}
    case = "sop: tiers\ncases: [{case: gold, until: PT1H, expect: {open: [gold]}}]\n"
    assert try_cases(sop, case).failing
    assert not try_cases(sop, case, examples={"crm.lookup": {"tier": "gold"}}).failing


def test_what_nobody_waits_for_is_left_out() -> None:
    sop = load(REFUND)
    played = dry_run.play(sop, dry_run.begin(sop).then({"complete": "finish"}))
    assert "is not open" in played.problem
    assert played.script.when == ()


def test_broken_scripts_begin_anew() -> None:
    assert Script.from_json("{") == Script()
    assert Script.from_json('{"given": 1}') == Script()
    played = dry_run.play(load(REFUND), Script({"nonsense": 1}))
    assert played.sim is None
    assert "nonsense" in played.problem


def test_dry_runs_become_cases() -> None:
    sop = load(REFUND)
    script = Script(dry_run.begin(sop).given, (), 30).then({"complete": "verify", "by": "sari"})
    cases = dry_run.as_case(sop, script, "verified at once", "")
    cases = dry_run.as_case(sop, script, "verified at once", cases)
    file = read_cases(cases)
    assert [case.name for case in file.cases] == ["verified at once", "verified at once (2)"]
    outcome = run_cases(sop, file)
    assert outcome.passed
    assert file.cases[0].expect["path"] == ["received", "verify", "pay", "finish"]
    assert file.cases[0].expect["notices"] == ["received -> customer"]


def test_late_steps_are_marked() -> None:
    sop = load(REFUND)
    played = dry_run.play(sop, Script(dry_run.begin(sop).given, (), 180))
    assert played.sim is not None
    assert dry_run.marks(played.sim)["verify"] == "late"


def test_tickets_are_copied_without_words(sqlite_desk: Desk) -> None:
    opened = sqlite_desk.open("Kulkas bocor", department="service")
    with sqlite_desk.database.read() as tx:
        ticket, customer, _fields, start = given_by(tx, sqlite_desk.people["catherine"], opened.ticket_id)
        with pytest.raises(NotFound):
            given_by(tx, sqlite_desk.people["rina"], opened.ticket_id)
    assert ticket["channel"] == "form"
    assert "subject" not in ticket
    assert "name" not in customer
    assert start == NOW


def test_overlapping_rules_are_told(sqlite_desk: Desk) -> None:
    with sqlite_desk.database.write() as tx:
        publish(tx, SYSTEM, REFUND, department_id=sqlite_desk.departments["service"], now=NOW)
        mine = sqlite_desk.departments["service"]
        wide = load("sop: wide\nstart: {if: 'ticket.channel == \"email\"', priority: 5}\ndo: [A]\n")
        apart = load('sop: apart\nstart: {if: \'ticket.topic in ["invoice", "claim"]\'}\ndo: [A]\n')
        assert [(one.title, one.wins) for one in overlaps(tx, wide, 0, mine)] == [("Refund", True)]
        assert overlaps(tx, apart, 0, mine) == []
        [told] = overlaps(tx, wide, 0, mine)
        assert (told.both, told.apart, told.apart_mine) == (
            "channel: E-mail, topic: refund",
            "channel: E-mail, topic: another one",
            True,
        )
        narrow = load('sop: narrow\nstart: {if: \'ticket.topic == "refund" && ticket.priority == "high"\'}\ndo: [A]\n')
        [told] = overlaps(tx, narrow, 0, mine)
        assert (told.both, told.apart) == ("topic: refund, priority: high", "topic: refund, priority: another one")
        assert not told.apart_mine
        hidden = load("sop: hidden\nstart: {if: 'ticket.subject.contains(\"refund\")'}\ndo: [A]\n")
        assert [(one.both, one.apart_mine) for one in overlaps(tx, hidden, 0, mine)] == [("", False)]
        assert overlaps(tx, wide, 0, sqlite_desk.departments["billing"]) == []

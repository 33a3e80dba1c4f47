"""Case files: what is wrong with them, and what a failing case says."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.calendar_reading import moment_of
from core.procedure.case_reading import CaseError, monday, read_cases
from core.procedure.case_writing import updated
from core.procedure.cases import run_cases
from core.procedure.expectations import span
from core.sop.reading import load

DOCUMENT = """
sop: test
calendar: id-jakarta
start: {if: ticket.topic == "refund"}
fields:
  amount: {type: money, label: Amount}
do:
  - verify: {task: Check, require: [fields.amount]}
  - size:
      switch:
        - {if: fields.amount > 5000000, then: big}
        - else: []
  - small: {task: Small, then: end}
  - big: {task: Big, timeout: {after: P1D, then: small}}
"""
GIVEN = "given: {start: 2026-11-23T09:00+07:00, ticket: {topic: refund}}"
VERIFY = "{after: PT1H, complete: verify, by: sari, fields: {amount: %s}}"


def case(*when: str, expect: str = "{}", given: str = GIVEN, until: str = "until: PT2H") -> str:
    rows = "".join(f"\n      - {row}" for row in when)
    return (
        f"sop: test\ncases:\n  - case: one\n    {given}\n    when: {rows or '[]'}\n    {until}\n    expect: {expect}\n"
    )


def failures(text: str) -> list[str]:
    outcome = run_cases(load(DOCUMENT), read_cases(text))
    return [f"{failure.key}: {failure.message}" for failure in outcome.verdicts[0].failures]


def test_fine_case_says_nothing():
    assert (
        failures(case(VERIFY % 100, expect="{path: [verify, size, small], open: [small], ends: {as: running}}")) == []
    )


def test_path_shows_the_first_difference_and_why():
    verdict = run_cases(load(DOCUMENT), read_cases(case(VERIFY % 100, expect="{path: [verify, size, big]}"))).verdicts[
        0
    ]
    (failure,) = verdict.failures
    assert failure.message == "the path differs at “big”"
    assert any(line.startswith("> big") and "small" in line and "first difference" in line for line in failure.lines)
    assert failure.lines[-1] == (
        "  why: size: otherwise, “Amount is more than Rp 5.000.000” does not hold (Amount: Rp 100)"
    )


@pytest.mark.parametrize(
    "path",
    ["[…]", "[verify, …]", "[…, small]", "[…, size, …]", "[verify, size, …, small]", "[verify@1, …]", "[..., small]"],
)
def test_ellipsis_stands_for_any_steps(path):
    assert failures(case(VERIFY % 100, expect=f"{{path: {path}}}")) == []


@pytest.mark.parametrize("path", ["[verify]", "[…, big]", "[verify, small, …]", "[…, small, …, big]", "[]"])
def test_ellipsis_does_not_hide_differences(path):
    assert failures(case(VERIFY % 100, expect=f"{{path: {path}}}")) != []


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ("{never: [small]}", "never: “small” was opened after PT1H"),
        ("{open: [verify]}", "open: expected open: verify; open are: small"),
        ("{skipped: [big]}", "skipped: “big” was not passed over"),
        ("{cancelled: [big]}", "cancelled: “big” was not cancelled"),
        ("{notices: [hello -> customer]}", "notices: notices differ at number 1"),
        ("{calls: [crm.lookup]}", "calls: calls differ at number 1"),
        ("{ticket: {status: resolved}}", "ticket: ticket.status is in_progress, not resolved"),
        ("{vars: {n: 1}}", "vars: vars.n is missing, not 1"),
        ("{opened_at: {small: PT2H}}", "opened_at: “small” opened after PT1H, not PT2H"),
        ("{ends: {as: completed}}", "ends: the run is “running”, not “completed”"),
        ("{starts: false}", "starts: the start rule holds"),
    ],
)
def test_every_expectation_explains_itself(expect, says):
    assert any(failure.startswith(says) for failure in failures(case(VERIFY % 100, expect=expect)))


def test_happening_nobody_waits_for_fails():
    (failure,) = failures(case("{after: PT1H, complete: big, by: sari}"))
    assert "step “big” is not open" in failure
    assert "Open: verify" in failure


def test_wrong_value_fails_the_case():
    (failure,) = failures(case(VERIFY % "lots"))
    assert "must be an amount such as 250000" in failure


def test_wrong_start_fails_the_case():
    assert failures(case(given="given: {ticket: {topic: other}}")) == [
        "starts: the start rule does not hold for this ticket"
    ]
    assert failures(case(given="given: {start_by: hand, ticket: {topic: other}}", expect="{open: [verify]}")) == []


def test_unended_run_needs_an_until():
    (failure,) = failures(case(until="note: none"))
    assert "say with “until” where to stop" in failure


def test_run_that_ends_by_itself_needs_none():
    done = "{after: P3D, complete: small}"
    assert (
        failures(case(VERIFY % 6000000, done, until="note: none", expect="{ends: {as: completed, after: P3D}}")) == []
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1:1: The file is empty"),
        ("sop: a\ncases: [", "2:1: this is no valid YAML here"),
        ("sop: test\ncase: []", "2:1: The file: unknown key “case”. Did you mean “cases”?"),
        ("sop: test\ncases:\n  - given: {}", "needs its sentence"),
        (case("{after: 2h, complete: a}"), "“2h” is not a duration"),
        (case("{after: PT2H, finish: a}"), "unknown key “finish”"),
        (case("{complete: a}"), "needs its time"),
        (case("{after: PT2H, complete: a, skip: a}"), "exactly one of these"),
        (case("{after: PT2H, complete: a}", "{after: PT1H, complete: a}"), "in the order of time"),
        (case(expect="{paths: []}"), "Did you mean “path”?"),
        (case(given="given: {calendar: {extends: never}}"), "no calendar “never”"),
        (case() + "  - case: one", "two cases “one”"),
    ],
)
def test_mistakes_in_a_file_have_their_line(text, says):
    with pytest.raises(CaseError) as caught:
        read_cases(text)
    assert says in str(caught.value)


def test_coverage_counts_branches_and_timeouts():
    text = case(VERIFY % 100, "{after: PT2H, complete: small}")
    coverage = run_cases(load(DOCUMENT), read_cases(text)).coverage
    assert coverage.missed("steps") == ["big"]
    assert coverage.missed("branches") == ["size[1]"]
    assert coverage.missed("timeouts") == ["big"]
    assert coverage.percent == 57


def test_update_writes_what_came_out():
    text = case(VERIFY % 100, expect="{path: [verify, big], notices: [x -> y], ends: {as: completed}}  # keep me")
    written = updated(text, run_cases(load(DOCUMENT), read_cases(text)))
    assert "# keep me" in written
    assert run_cases(load(DOCUMENT), read_cases(written)).passed


def test_monday_is_the_default_start():
    assert monday(__import__("datetime").datetime(2026, 11, 27, tzinfo=__import__("datetime").UTC)) == moment_of(
        "2026-11-23T09:00+07:00"
    )


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "PT0S"), (5_400_000, "PT1H30M"), (86_400_000, "P1D"), (90_061_000, "P1DT1H1M1S")]
)
def test_spans_are_written_as_durations(ms, text):
    assert span(ms) == text


@pytest.mark.parametrize(("name", "percent"), [("refund", 95), ("everything", 96)])
def test_shipped_examples_pass(name, percent):
    folder = Path(__file__).with_name("documents")
    outcome = run_cases(
        load((folder / f"{name}.yaml").read_text()), read_cases((folder / f"{name}.cases.yaml").read_text())
    )
    assert [verdict.failures for verdict in outcome.verdicts] == [()] * 6
    assert outcome.coverage.percent == percent

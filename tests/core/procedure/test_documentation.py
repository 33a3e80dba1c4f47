"""The examples of docs/sop_cases.md and docs/procedure.md are true."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from core.procedure.case_reading import DETAILS, EXPECTED, GIVEN, VERBS, read_cases
from core.procedure.cases import run_cases
from core.procedure.expectations import span
from core.sop.reading import load
from estafet.commands.sop_test import test as command

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENTS = Path(__file__).with_name("documents")
CASES = (DOCS / "sop_cases.md").read_text()


def test_documented_case_and_its_output(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("refund.yaml").write_text((DOCUMENTS / "refund.yaml").read_text())
    Path("refund.cases.yaml").write_text(re.search(r"```yaml\n(.*?)```", CASES, re.DOTALL)[1])
    output = CliRunner().invoke(command, ["refund.yaml"]).output.splitlines()
    shown = re.search(r"```console\n\$ estafet sop test refund.yaml\n(.*?)```", CASES, re.DOTALL)[1].splitlines()
    assert [line for line in shown if line.strip() != "…"] == [line for line in output if line in shown]


def test_every_word_of_the_form_is_documented():
    for word in (*VERBS, *DETAILS, *EXPECTED, *GIVEN, "until"):
        assert re.search(rf"`[^`]*\b{word}\b[^`]*`", CASES), word


def test_documented_ledger_is_the_real_one():
    cases = read_cases((DOCUMENTS / "refund.cases.yaml").read_text())
    sim = run_cases(load((DOCUMENTS / "refund.yaml").read_text()), cases).verdicts[1].simulation
    start = sim.given.start
    for visit in sim.ledger.values():
        ended = span(visit.ended_at - start) if visit.ended_at else ""
        cells = (
            f"`{visit.path}`",
            visit.kind,
            visit.state,
            visit.outcome or "",
            span(visit.opened_at - start),
            ended,
            visit.ended_by or "",
        )
        row = "| " + " | ".join(cells) + " |"
        assert re.sub(r" +", " ", row) in re.sub(r" +", " ", (DOCS / "procedure.md").read_text()), row

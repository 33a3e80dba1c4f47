"""`estafet sop test`, as a script or a build server runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from estafet.commands.sop_test import test as command

DOCUMENTS = Path(__file__).parents[1] / "core" / "procedure" / "documents"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in DOCUMENTS.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path


def run(*args: object):
    return CliRunner().invoke(command, [str(arg) for arg in args])


def test_passing_cases_exit_zero(folder: Path):
    done = run(folder / "refund.yaml")
    assert done.exit_code == 0
    assert "6 of 6 cases passed." in done.output
    assert "coverage 95 %: steps 14/14, branches 4/4, timeouts 2/2, routes 2/3" in done.output


def test_failing_case_exits_one(folder: Path):
    cases = folder / "refund.cases.yaml"
    cases.write_text(cases.read_text().replace("never: [ask_finance]", "never: [work]"))
    done = run(folder / "refund.yaml")
    assert done.exit_code == 1
    assert "never: “work” was opened after PT1H" in done.output


def test_result_for_programs(folder: Path):
    data = json.loads(run(folder / "refund.yaml", "--json").output)
    assert data["passed"] is True
    assert data["files"][0]["coverage"]["routes"]["missed"] == ["happy.not_arrived"]
    assert data["files"][0]["cases"][0]["path"][:3] == ["take", "received", "who"]


def test_junit_report_names_failures(folder: Path):
    cases = folder / "refund.cases.yaml"
    cases.write_text(cases.read_text().replace("open: [happy]", "open: [verify]"))
    assert run(folder / "refund.yaml", "--junit", folder / "report.xml").exit_code == 1
    suite = ET.parse(folder / "report.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("6", "1")


def test_update_makes_failing_cases_pass(folder: Path):
    cases = folder / "refund.cases.yaml"
    cases.write_text(cases.read_text().replace("open: [happy]", "open: [verify]"))
    assert run(folder / "refund.yaml", "--update").exit_code == 0
    assert "open: [happy]" in cases.read_text()


@pytest.mark.parametrize("missing", ["refund.cases.yaml", "refund.yaml"])
def test_missing_file_exits_two(folder: Path, missing: str):
    (folder / missing).unlink()
    done = run(folder / "refund.yaml")
    assert done.exit_code == 2
    assert missing in done.output


def test_document_with_errors_exits_two(folder: Path):
    document = folder / "refund.yaml"
    document.write_text(document.read_text().replace("remind:", "remidn:"))
    done = run(document)
    assert done.exit_code == 2
    assert "Did you mean 'remind'?" in done.output


def test_names_must_exist(folder: Path):
    names = folder / "names.yaml"
    names.write_text("teams: [billing]\n")
    done = run(folder / "refund.yaml", "--names", names)
    assert done.exit_code == 2
    assert "finance" in done.output


def test_sub_sops_come_from_the_same_folder(tmp_path: Path):
    (tmp_path / "main.yaml").write_text("sop: main\ndo:\n  - who:\n      run: {sop: inner}\n  - go: {task: Go}\n")
    (tmp_path / "inner.yaml").write_text("sop: inner\ndo:\n  - ask: {task: Ask}\n")
    (tmp_path / "main.cases.yaml").write_text(
        "sop: main\ncases:\n  - case: both\n    when:\n      - {after: PT1H, complete: who/ask}\n      - {after: PT2H, complete: go}\n"
        "    expect: {path: [who, who/ask, go], runs: [inner], ends: {as: completed, after: PT2H}}\n"
    )
    done = run(tmp_path / "main.yaml")
    assert done.exit_code == 0, done.output

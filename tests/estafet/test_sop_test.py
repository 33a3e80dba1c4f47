"""`estafet sop test`, as a script or a build server runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from core.actors import SYSTEM
from core.organisation import create_department, create_team
from core.procedures import publish, publish_library
from core.requesters import CustomerRef
from core.tickets.opening import NewTicket, open_ticket
from estafet.commands.sop_test import test as command

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings

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


def test_ticket_is_recorded_beside_its_document(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ESTAFET_HOME", str(settings.home))
    monkeypatch.delenv("ESTAFET_DATABASE_URL", raising=False)
    text = "sop: short\ndo:\n  - look: {task: Look at it}\n  - finish: {resolve: {require: []}}\n"
    document, beside = tmp_path / "short.yaml", tmp_path / "short.cases.yaml"
    document.write_text(text)
    with database.write() as tx:
        department = create_department(tx, SYSTEM, "service", "Service")
        create_team(tx, SYSTEM, department, "repair", "Repair", default=True)
        publish_library(tx, SYSTEM, 1)
        publish(tx, SYSTEM, text, now=1)
        new = NewTicket("Paid by Ratna", "Hello", CustomerRef("ratna@example.com"), department="service", sop="short")
        ticket = open_ticket(tx, settings, SYSTEM, new).ticket_id
    done = run(document, "--record", ticket)
    assert done.exit_code == 0, done.output
    assert "It ran on version 1" in done.output
    assert "1 of 1 cases passed." in done.output
    assert "atna" not in beside.read_text()
    assert f"case: as on ticket {ticket}" in run("--record", ticket).output
    beside.write_text(beside.read_text().replace("sop: short", "sop: other"))
    other = run(document, "--record", ticket)
    assert (other.exit_code, "is for “other”" in other.output) == (2, True)
    assert run("--record", 999).exit_code == 2
    assert run(document, document, "--record", ticket).exit_code == 2
    assert run().exit_code == 2

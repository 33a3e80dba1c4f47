"""Procedures as files: tried, published as a folder, exported again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from core.actors import SYSTEM
from core.organisation import create_department, create_team
from core.procedures import publish_library
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from estafet.command import cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from core.database import Database
    from core.settings import Settings

REFUND = """sop: refund
department: billing
fields: {amount: {type: money}}
do:
  - received: {notify: {to: customer, template: received}}
  - verify: {task: Check, require: [fields.amount], due: {business: PT2H}}
  - finish: {resolve: {require: [resolution]}}
"""
CASES = """sop: refund
cases:
  - case: it is paid
    when:
      - {after: PT1H, complete: verify, fields: {amount: 5}}
      - {after: PT2H, complete: finish}
    expect: {path: [received, verify, finish], ends: {as: completed}}
"""


@pytest.fixture
def home(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A firm with the department `billing`, whose home the command line finds."""
    with database.write() as tx:
        department = create_department(tx, SYSTEM, "billing", "Billing")
        create_team(tx, SYSTEM, department, "invoices", "Invoices", default=True)
    monkeypatch.setenv("ESTAFET_HOME", str(settings.home))
    monkeypatch.delenv("ESTAFET_DATABASE_URL", raising=False)
    return settings


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, ["sop", *map(str, args)])


def test_folder_is_published_once(home: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "sops"
    folder.mkdir()
    (folder / "refund.yaml").write_text(REFUND)
    (folder / "refund.cases.yaml").write_text(CASES)
    assert "would become version 1" in run("publish", folder, "--dry-run").output
    assert "version 1 published" in run("publish", folder).output
    assert "as it is (version 1)" in run("publish", folder).output
    (folder / "refund.yaml").write_text(REFUND.replace("PT2H", "PT4H"))
    answer = json.loads(run("publish", folder, "--json").output)
    assert answer["published"]
    assert answer["sops"][0]["version"] == 2
    assert "due" in answer["sops"][0]["details"][0]
    out = tmp_path / "out"
    assert run("export", out).exit_code == 0
    assert (out / "billing" / "refund.yaml").read_text() == REFUND.replace("PT2H", "PT4H")
    assert (out / "billing" / "refund.cases.yaml").read_text() == CASES


def test_one_wrong_file_stops_all(home: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(REFUND.replace("sop: refund", "sop: a"))
    (tmp_path / "b.yaml").write_text("sop: b\ndo: [{x: {tsk: y}}]\n")
    answer = run("publish", tmp_path)
    assert answer.exit_code == 1
    assert "Did you mean 'task'?" in answer.output
    (tmp_path / "b.yaml").unlink()
    assert "version 1 published" in run("publish", tmp_path).output


def test_failing_cases_stop_a_folder(home: Settings, tmp_path: Path) -> None:
    (tmp_path / "refund.yaml").write_text(REFUND)
    (tmp_path / "refund.cases.yaml").write_text(CASES.replace("[received, verify, finish]", "[finish]"))
    answer = run("publish", tmp_path)
    assert answer.exit_code == 1
    assert "it is paid" in answer.output


def test_missing_folder_cannot_run(home: Settings, tmp_path: Path) -> None:
    assert run("publish", tmp_path / "nothing").exit_code == 2
    assert run("publish", tmp_path).exit_code == 2


def test_ticket_is_simulated(tmp_path: Path) -> None:
    file = tmp_path / "refund.yaml"
    file.write_text(REFUND)
    answer = run("simulate", file, "--when", "PT1H complete verify by=sari amount=250000", "--for", "P1D")
    assert answer.exit_code == 0
    assert "0 d 01:00  step     finish" in answer.output
    assert "Open: finish." in answer.output
    facts = json.loads(run("simulate", file, "--json").output)
    assert facts["open"] == ["verify"]
    assert facts["notices"] == [{"what": "received", "who": "customer", "after_seconds": 0}]


def test_simulation_says_what_went_wrong(tmp_path: Path) -> None:
    file = tmp_path / "refund.yaml"
    file.write_text(REFUND)
    answer = run("simulate", file, "--when", "PT1H complete finish")
    assert answer.exit_code == 1
    assert "is not open" in answer.output
    assert run("simulate", file, "--when", "nonsense").exit_code == 2
    assert run("simulate", file, "--for", "soon").exit_code == 2
    assert run("simulate", tmp_path / "none.yaml").exit_code == 2


def test_past_is_replayed(home: Settings, database: Database, tmp_path: Path) -> None:
    with database.write() as tx:
        publish_library(tx, SYSTEM, 1_795_485_600_000)
        new = NewTicket(
            "Twice paid", "Please.", CustomerRef("sari@example.com", "Sari"), department="billing", topic="refund"
        )
        ticket = open_ticket(tx, home, SYSTEM, new, now=1_795_485_600_000).ticket_id
    file = tmp_path / "refund.yaml"
    file.write_text(REFUND.replace("fields:", "start: {if: 'ticket.topic == \"refund\"'}\nfields:"))
    answer = run("replay", file, "--open")
    assert answer.exit_code == 0, answer.output
    assert "1 ticket was looked at" in answer.output
    found = json.loads(run("replay", file, "--open", "--json").output)
    assert [one["ticket"] for one in found["tickets"]] == [ticket]
    assert found["really"] == [{"sop": "standard", "looked_at": 1, "tickets": 1}]
    assert json.loads(run("replay", "standard", "--open", "--json").output)["summary"]["not_known"] == 1
    assert run("replay", "nothing").exit_code == 2
    assert run("replay", tmp_path / "none.yaml").exit_code == 2

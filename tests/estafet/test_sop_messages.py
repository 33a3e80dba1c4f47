"""What the commands for procedures say when they cannot run, as the catalogue has it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from core.actors import SYSTEM
from core.procedures import publish
from estafet.command import cli
from tests.message_catalogue import rows

if TYPE_CHECKING:
    from pathlib import Path

    from core.database import Database
    from core.settings import Settings

SOP = "sop: refund\ndo:\n  - finish: {resolve: {require: [resolution]}}\n"


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the catalogue describes, where the commands run."""
    with database.write() as tx:
        publish(tx, SYSTEM, SOP, department_id=None, now=1)
    where = tmp_path / "sops"
    (where / "none").mkdir(parents=True)
    (where / "refund.yaml").write_text(SOP)
    (where / "other.yaml").write_text(SOP.replace("refund", "other"))
    (where / "other.cases.yaml").write_text("sop: refund\ncases: []\n")
    for name in ("binary.yaml", "binary.cases.yaml"):
        (where / name).write_bytes(b"sop: \xff\n")
    monkeypatch.chdir(where)
    monkeypatch.setenv("ESTAFET_HOME", str(settings.home))
    monkeypatch.delenv("ESTAFET_DATABASE_URL", raising=False)
    return where


def said(command: str) -> str:
    answer = CliRunner().invoke(cli, shlex.split(command)[1:])
    assert answer.exit_code == 2, answer.output
    return answer.output.strip().splitlines()[-1].removeprefix("Error: ")


def test_commands_say_what_is_wrong(folder: Path) -> None:
    wanted = dict(rows("Commands"))
    assert {command: said(command) for command in wanted} == wanted

"""`estafet sop check` and `estafet sop schema` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estafet.commands.sop_check import sop

GOOD = "sop: refund\ndo: # ok: never-resolved\n  - Pay it back\n"
BAD = "sop: refund\ndo:\n- pay: {task: Pay, to: team:finanse, remidn: []}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "names.yaml").write_text("teams: [finance]\n")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(sop, words)


def test_good_files_exit_zero(folder: Path) -> None:
    result = run("check", "good.yaml")
    assert (result.exit_code, result.output) == (0, "1 document checked: 0 errors.\n")


def test_errors_are_lines_with_places(folder: Path) -> None:
    result = run("check", "good.yaml", "bad.yaml", "--names", "names.yaml")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "bad.yaml:3:24: step 'pay': there is no team 'finanse'. Did you mean 'finance'?",
        "bad.yaml:3:38: step 'pay': unknown key 'remidn'. Did you mean 'remind'?",
        "2 documents checked: 2 errors.",
    ]


def test_programs_read_json(folder: Path) -> None:
    result = run("check", "bad.yaml", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert answer["errors"] == [
        {
            "file": "bad.yaml",
            "line": 3,
            "column": 38,
            "end_column": 44,
            "code": "unknown-key",
            "message": "step 'pay': unknown key 'remidn'. Did you mean 'remind'?",
            "suggests": "remind",
        }
    ]
    assert answer["warnings"] == []


def test_warnings_never_block(folder: Path) -> None:
    (folder / "warned.yaml").write_text("sop: a\ndo: [Work]\n")
    result = run("check", "warned.yaml")
    assert result.exit_code == 0
    assert result.output.startswith("warned.yaml:2:1: warning: nothing resolves the ticket")


def test_neighbours_are_found_in_the_folder(folder: Path) -> None:
    (folder / "a.yaml").write_text("sop: a\ndo:\n- x: {run: {sop: it/b}}\n")
    (folder / "b.yaml").write_text("sop: b\ndo:\n- x: {run: {sop: a}}\n")
    assert "would run itself: a → b → a" in run("check", "a.yaml").output


@pytest.mark.parametrize(
    "words", [("check", "none.yaml"), ("check", "."), ("check", "good.yaml", "--names", "none.yaml"), ("check",)]
)
def test_unreadable_files_exit_two(folder: Path, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr


def test_cases_are_passed_over(folder: Path) -> None:
    (folder / "good.cases.yaml").write_text("sop: refund\ncases: []\n")
    assert run("check", "good.yaml", "good.cases.yaml").output == "1 document checked: 0 errors.\n"
    result = run("check", "good.cases.yaml")
    assert result.exit_code == 2
    assert "estafet sop test" in result.stderr


def test_other_encodings_are_explained(folder: Path) -> None:
    (folder / "latin.yaml").write_bytes("sop: a\ntitle: Café\n".encode("latin-1"))
    result = run("check", "latin.yaml")
    assert result.exit_code == 2
    assert "Save it as UTF-8" in result.stderr


def test_bad_names_are_explained(folder: Path) -> None:
    (folder / "names.yaml").write_text("tems: [finance]\n")
    result = run("check", "good.yaml", "--names", "names.yaml")
    assert result.exit_code == 2
    assert "'tems' is no list of names" in result.stderr


def test_huge_files_are_refused(folder: Path) -> None:
    (folder / "huge.yaml").write_bytes(b"sop: a\n" + "é".encode() * 2_000_000)
    result = run("check", "huge.yaml")
    assert result.exit_code == 1
    assert "256 kB are allowed" in result.output


def test_schema_is_printed() -> None:
    assert json.loads(run("schema").output)["$schema"] == "https://json-schema.org/draft/2020-12/schema"

"""What README and docs/running.md say is so."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from click.testing import CliRunner

from core import settings as core_settings
from estafet.command import cli

ROOT = Path(__file__).parents[2]
RUNNING = (ROOT / "docs" / "running.md").read_text()


def test_readme_shows_valid_procedure(tmp_path):
    example = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert example
    (tmp_path / "refund.yaml").write_text(example.group(1))
    (tmp_path / "names.yaml").write_text("departments: [billing]\nteams: [finance]\ntemplates: [refund_sent]\n")
    result = CliRunner().invoke(
        cli, ["sop", "check", str(tmp_path / "refund.yaml"), "--names", str(tmp_path / "names.yaml")]
    )
    assert result.exit_code == 0, result.output
    assert "0 errors" in result.output


def test_readme_links_lead_somewhere():
    for page in [ROOT / "README.md", *ROOT.glob("docs/*.md"), ROOT / "deploy" / "README.md"]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            if not target.endswith(".png"):
                assert (page.parent / target).exists(), f"{page.name} leads to {target}"


def test_every_setting_is_documented():
    read = set(re.findall(r'"((?:ESTAFET|TEMPORAL)_[A-Z_]+)"', inspect.getsource(core_settings)))
    assert len(read) > 8
    for name in read:
        assert f"`{name}`" in RUNNING, name


def test_every_command_is_documented():
    for name in cli.list_commands(None):
        assert f"`estafet {name}" in RUNNING, name


def test_make_targets_are_explained():
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"up", "test", "check", "chaos", "bench", "fmt"} <= set(targets)

"""The guide for plugin authors is true: its commands work, its procedure runs, every hook is described with its signature."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import estafet
from core import hookspecs
from core.sop.reading import load
from estafet.commands.plugins import plugins as command
from estafet.new_plugin import PLUGIN

DOCS = Path(__file__).parents[2] / "docs" / "plugins"
GUIDE = (DOCS / "README.md").read_text()


def hooks() -> list:
    return [found for found in vars(hookspecs).values() if hasattr(found, "estafet_spec")]


def hooks_page() -> str:
    """What docs/plugins/hooks.md must say."""
    parts = ["# Hooks", inspect.getdoc(hookspecs) or ""]
    banners = re.split(r"# ---- (.+?) -+\n", Path(hookspecs.__file__).read_text())
    for title, section in zip(banners[1::2], banners[2::2], strict=True):
        parts.append(f"## {title[0].upper()}{title[1:]}")
        if intro := re.match(r"((?:# .*\n)+)", section):
            parts.append(" ".join(line.removeprefix("# ") for line in intro[1].splitlines()))
        for hook in hooks():
            if f"def {hook.__name__}(" in section:
                signature = str(inspect.signature(hook)).replace("'", "")
                parts += [f"### `{hook.__name__}{signature}`", inspect.getdoc(hook) or ""]
    return "\n\n".join(parts) + "\n"


def test_every_hook_is_described():
    page = DOCS / "hooks.md"
    if os.environ.get("ESTAFET_WRITE_DOCS"):
        page.write_text(hooks_page())
    assert page.read_text() == hooks_page()
    assert set(hookspecs.FACTS.values()) <= {hook.__name__ for hook in hooks()}


def test_public_face_is_short():
    assert estafet.__all__ == sorted(estafet.__all__)
    assert len(estafet.__all__) <= 40
    assert all(inspect.getdoc(getattr(estafet, name)) for name in estafet.__all__ if name != "hookimpl")
    for name in re.findall(r"estafet\.([A-Z]\w+)", GUIDE):
        assert name in estafet.__all__


def test_new_plugin_is_small():
    assert len([line for line in PLUGIN.splitlines() if line.strip()]) <= 30


@pytest.fixture
def run(tmp_path):
    """A command of the guide, in a home of its own."""
    home = tmp_path / "home"
    environ = {**os.environ, "ESTAFET_HOME": str(home), "ESTAFET_DEMO": "0", "LANG": "en_US.UTF-8"}

    def command_line(line: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", *line.replace("$ESTAFET_HOME", str(home)).split()]
        return subprocess.run(words, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=100)

    return command_line


def test_guide_leads_to_a_working_plugin(run):
    lines = [line.removeprefix("$ ") for line in GUIDE.splitlines() if line.startswith("$ ")]
    assert [line.split()[0] for line in lines] == ["estafet", "pytest", "estafet"]
    for line in lines:
        done = run(line)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "hello" in done.stdout
    assert "1 action" in done.stdout
    again = run("estafet plugins new hello")
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_broken_plugin_is_named_by_check(run, tmp_path):
    run("estafet plugins new hello")
    (tmp_path / "home" / "plugins" / "bad.py").write_text("import estafet\nimport nowhere")
    done = run("estafet plugins check")
    assert done.returncode == 1
    assert "bad" in done.stdout
    assert "nowhere" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_name_that_is_none_is_refused(run):
    done = run("estafet plugins new Bad-Name")
    assert done.returncode == 2
    assert "Bad-Name" in done.stderr


def test_procedure_of_the_guide_runs(host):
    [document] = re.findall(r"```yaml\n(.+?)```", GUIDE, re.DOTALL)
    assert load(document).name == "greet"
    host.add("hello", PLUGIN.replace("NAME", "hello"))
    host.publish()
    ticket = host.open("hello.greet", '{name: "${customer.name}"}')
    host.call(ticket)
    assert host.step(ticket).result == {"words": "Hello, Sari!"}


def test_every_command_has_an_example():
    assert all("Example:" in (one.help or "") for one in (command, *command.commands.values()))

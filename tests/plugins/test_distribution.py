"""A plugin in a distribution of its own is installed with pip, found by its entry point, and used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="hatchling builds the example (pip install hatchling)")
EXAMPLE = Path(__file__).parents[2] / "examples" / "estafet-whatsup"
INSTALL = [
    "pip",
    "install",
    "--quiet",
    "--no-deps",
    "--no-build-isolation",
    "--no-index",
    "--disable-pip-version-check",
]


@pytest.fixture
def source(tmp_path):
    """A copy: building leaves its traces."""
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache", "dist", "build")
    return shutil.copytree(EXAMPLE, tmp_path / "source", ignore=ignored)


def run(python, *words, cwd, **environ):
    given = {**os.environ, "ESTAFET_DEMO": "0", "LANG": "en_US.UTF-8", **environ}
    done = subprocess.run([str(python), "-m", *words], cwd=cwd, env=given, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def own_tests(source, tmp_path):
    """Its own tests, away from its source: they must meet what was installed."""
    (tmp_path / "own").mkdir()
    return str(shutil.copy(source / "test_estafet_whatsup.py", tmp_path / "own"))


def test_installed_plugin_is_found(source, tmp_path):
    target = tmp_path / "target"
    run(sys.executable, *INSTALL, "--target", str(target), str(source), cwd=tmp_path)
    assert sorted(one.name for one in target.glob("*.py")) == ["estafet_whatsup.py"]
    found = (
        "from core.plugins.discovery import find_sources; from core.settings import read_settings\n"
        "print([(one.name, one.version) for one in find_sources(read_settings())])"
    )
    (tmp_path / "looking.py").write_text(found)
    environ = {"PYTHONPATH": str(target), "ESTAFET_HOME": str(tmp_path / "home")}
    assert "('whatsup', '1.0.0')" in run(sys.executable, "looking", cwd=tmp_path, **environ)
    environ = {"PYTHONPATH": str(target)}
    run(sys.executable, "pytest", "-q", "-p", "no:cacheprovider", own_tests(source, tmp_path), cwd=tmp_path, **environ)


@pytest.mark.slow
def test_fresh_environment_uses_it(source, tmp_path):
    run(sys.executable, "venv", str(tmp_path / "fresh"), cwd=tmp_path)
    python = tmp_path / "fresh" / "bin" / "python"
    [folder] = (tmp_path / "fresh" / "lib").glob("python3*/site-packages")
    # The product itself comes from here: nothing is downloaded.
    lines = [sysconfig.get_paths()["purelib"], str(Path(__file__).parents[2])]
    (folder / "estafet-of-this-test.pth").write_text("\n".join(lines) + "\n")
    run(python, *INSTALL, str(source), cwd=tmp_path)
    assert (folder / "estafet_whatsup.py").exists()
    said = run(python, "estafet", "plugins", "check", cwd=tmp_path, ESTAFET_HOME=str(tmp_path / "home"))
    assert "whatsup              1.0.0" in said
    run(python, "pytest", "-q", "-p", "no:cacheprovider", own_tests(source, tmp_path), cwd=tmp_path)

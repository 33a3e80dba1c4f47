"""Files that another package has overwritten are found."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from estafet.installed import changed_files


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution `firm` of one module, as pip leaves it."""
    package, record = tmp_path / "firm", tmp_path / "firm-1.dist-info"
    package.mkdir()
    record.mkdir()
    (package / "desk.py").write_bytes(b"ours = True\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"ours = True\n").digest()).rstrip(b"=").decode()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: firm\nVersion: 1\n")
    (record / "RECORD").write_text(f"firm/desk.py,sha256={digest},12\nfirm-1.dist-info/METADATA,,\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return package


def test_untouched_files_are_fine(installed):
    assert changed_files("firm") == []


def test_overwritten_file_is_named(installed):
    (installed / "desk.py").write_text("theirs = True\n")
    assert changed_files("firm") == ["firm/desk.py"]


def test_missing_file_is_named(installed):
    (installed / "desk.py").unlink()
    assert changed_files("firm") == ["firm/desk.py"]


def test_source_folder_has_no_record():
    assert changed_files("no-such-distribution") is None

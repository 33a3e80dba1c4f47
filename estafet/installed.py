"""Are the installed files still the ones of the distribution? Our top-level names are common words that another package can overwrite."""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import PackageNotFoundError, distribution


def changed_files(name: str) -> list[str] | None:
    """The files of distribution `name` that are missing or differ from its RECORD; None when it runs from a source folder."""
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return None
    ours = [file for file in files if file.suffix == ".py"]
    if not any(file.parts[0] == name for file in ours):
        return None  # an editable installation records only a pointer to the source
    changed = []
    for file in ours:
        path = file.locate()
        try:
            content = path.read_bytes()  # type: ignore[attr-defined]
        except OSError:
            changed.append(str(file))
            continue
        if file.hash and _digest(file.hash.mode, content) != file.hash.value:
            changed.append(str(file))
    return changed


def _digest(mode: str, content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.new(mode, content).digest()).rstrip(b"=").decode()

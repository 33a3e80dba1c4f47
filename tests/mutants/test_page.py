"""docs/guarantees.md names every proof and every mutant, and nothing that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from .test_invariants import GUARDED

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text("utf-8")


def test_page_names_proofs_and_mutants() -> None:
    rows = {int(row[1]): row for row in re.finditer(r"^\| (\d) \| .*$", PAGE, re.MULTILINE)}
    for number in range(1, 8):
        _empty, _number, _promise, proofs, mutants, _end = rows[number][0].split("|")
        guarded = [entry for entry in GUARDED if entry[0] == number]
        assert re.findall(r"`(\w+)`", proofs) == [proof.__name__ for _n, proof, _on, _mutants in guarded]
        named = [mutant.__name__ for _n, _proof, _on, some in guarded for mutant in some]
        assert re.findall(r"`(\w+)`", mutants) == named


def test_page_names_real_places() -> None:
    for place in re.findall(r"`((?:tests|core|docs)/[\w./]+)`", PAGE):
        assert (ROOT / place).exists(), place

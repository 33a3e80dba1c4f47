"""The guide to the language shows documents that are right, and names every keyword, key, type and event."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.sop import words
from core.sop.checking import check

PAGE = (Path(__file__).parents[3] / "docs" / "sop_language.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(sop: .*?)```", PAGE, re.DOTALL)
TRAPS = re.findall(r"^\| `([^`]+)` \| [^|]+ \| `([^`]+)` \|$", PAGE.split("## Traps of YAML")[1], re.MULTILINE)


@pytest.mark.parametrize("text", EXAMPLES, ids=[text.split("\n")[0] for text in EXAMPLES])
def test_examples_of_the_guide_are_right(text: str) -> None:
    checked = check(text)
    assert checked.errors == ()
    assert [problem.code for problem in checked.warnings] in ([], ["never-resolved"])


@pytest.mark.parametrize(("wrong", "right"), TRAPS)
def test_traps_are_explained_with_the_cure(wrong: str, right: str) -> None:
    def place(line: str) -> str:
        if line.startswith("{"):
            return f"sop: a\ndo:\n- b: {{task: B}}\n- c:\n    switch:\n    - {line}\n"
        if line.startswith(("pattern", "min")):
            kind = "string" if line.startswith("pattern") else "money"
            return f"sop: a\nfields:\n  x:\n    type: {kind}\n    {line}\ndo: [Work]\n"
        task = "" if line.startswith("task") else "    task: Work\n"
        return f"sop: a\nfields: {{x: {{type: int}}}}\ndo:\n- b:\n{task}    {line}\n"

    assert check(place(right)).errors == ()
    (problem,) = check(place(wrong)).errors
    assert problem.code.startswith(("yaml-", "tag", "number-separators"))


def test_guide_names_the_whole_vocabulary() -> None:
    for key in (
        *words.DOCUMENT_KEYS,
        *words.STEP_KEYS,
        *words.KINDS,
        *words.FIELD_KEYS,
        *words.TYPES,
        *words.WHO_WORDS,
    ):
        assert re.search(rf"`[^`]*\b{key}\b[^`]*`", PAGE), key
    for event in words.EVENTS:
        assert event in PAGE
    for kind, outcomes in words.OUTCOMES.items():
        row = next((line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` | ")), "")
        assert all(f"`{outcome}`" in row for outcome in outcomes if kind != "jump"), kind

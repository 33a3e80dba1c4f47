"""The outline can say whatever the procedures say that come with the product: built with it alone, they are the same to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.procedures import LIBRARY
from core.sop.editing import Editor
from core.sop.naming import Names
from core.sop.reading import load
from core.studio.drafts import NewSop, _begun
from core.studio.inputs import Input
from core.studio.outline import edit
from tests.core.demo.test_library import DOCUMENTS
from tests.core.demo.test_library import names as names
from tests.outline_building import Act, acts_for


def sent(one: Input) -> dict[str, list[str]]:
    """What a browser sends for an input in which its value was typed."""
    match one.kind:
        case "time":
            parts = dict(zip(("", ".unit", ".from"), one.shown, strict=False))
            return {f"{one.name}{part}": [value] for part, value in parts.items()}
        case "condition" if one.expression:
            return {f"{one.name}.what": ["="], f"{one.name}.op": [""], f"{one.name}.value": [one.expression]}
        case "condition":
            return {
                f"{one.name}.{part}": [getattr(test, part) for test in one.tests] for part in ("what", "op", "value")
            }
        case "check" | "checks":
            return {one.name: list(one.shown), f"{one.name}.sent": ["1"]}
        case "fixed":
            raise AssertionError(f"the outline cannot say {one.label}")
    return {one.name: list(one.shown)}


def answers(act: Act) -> dict[str, list[str]]:
    key = {"remove_branch": "list", "change_branch": "list", "change_field": "field"}.get(act.act, "step")
    given = {name: list(values) for name, values in act.given}
    for one in act.inputs:
        given |= sent(one)
    return {**given, "act": ["add_branch" if act.act == "late" else act.act], key: [act.about]}


@pytest.mark.parametrize("path", [LIBRARY / "complaint.yaml", LIBRARY / "refund.yaml"], ids=lambda path: path.stem)
def test_outline_builds_rich_procedures(path: Path, names: Names) -> None:
    build(path, names)


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_outline_builds_the_library(path: Path, names: Names) -> None:
    build(path, names)


def build(path: Path, names: Names) -> None:
    """Nothing but forms of the outline; what comes out is the file."""
    target = path.read_text("utf-8")
    sop = load(target)
    text = _begun(NewSop(sop.name, sop.title.say("en"), None), sop.department)
    for act in acts_for(target, names):
        for _again in range(2 if act.inputs else 1):  # a form whose inputs depend on one another is filled in twice
            text = edit(text, answers(act), names, frozenset()).text
    assert text == target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_library_is_in_order(path: Path) -> None:
    text = path.read_text("utf-8")
    assert Editor(text).arranged() == text
    assert LIBRARY in path.parents

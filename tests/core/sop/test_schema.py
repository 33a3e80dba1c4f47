"""The JSON Schema of the language says yes to good documents and no to slips."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.sop import words
from core.sop.nodes import compose, value_of
from core.sop.schema import json_schema

jsonschema_rs = pytest.importorskip("jsonschema_rs")
DOCUMENTS = [path for path in sorted((Path(__file__).parent / "documents").glob("*.yaml")) if ".cases" not in path.name]


def valid(text: str) -> bool:
    root, _found = compose(text)
    assert root is not None
    return bool(jsonschema_rs.Draft202012Validator(json_schema()).is_valid(value_of(root)))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_good_documents_are_valid(path: Path) -> None:
    assert valid(path.read_text())


@pytest.mark.parametrize(
    "text",
    [
        "sop: a",
        "sop: A\ndo: [Work]",
        "sop: a\nmode: lax\ndo: [Work]",
        "sop: a\ndo:\n- b: {tsk: Work}",
        "sop: a\ndo:\n- b: {task: Work, notify: {to: lead, template: x}}",
        "sop: a\ndo:\n- b: {task: Work, until: 'true'}",
        "sop: a\ndo:\n- b: {task: Work, due: 2h}",
        "sop: a\ndo:\n- b: {task: Work, to: nobody}",
        "sop: a\nfields: {x: {type: monney}}\ndo: [Work]",
        "sop: a\ndo:\n- b: {task: Work}\n  c: {task: Rest}",
    ],
)
def test_slips_are_invalid(text: str) -> None:
    assert not valid(text)


def test_schema_is_valid_itself() -> None:
    schema = json_schema()
    assert jsonschema_rs.meta.is_valid(schema)
    assert set(schema["properties"]) == set(words.DOCUMENT_KEYS)
    assert set(schema["$defs"]["field"]["properties"]) == set(words.FIELD_KEYS)
    step = set(schema["$defs"]["step"]["properties"])
    assert step == {*words.STEP_KEYS, *words.KINDS, *words.SIBLINGS["task"], *words.SIBLINGS["call"]}

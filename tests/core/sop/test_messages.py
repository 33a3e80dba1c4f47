"""Every message is documented with a document that causes exactly it, at the place that is stated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.sop.checking import check
from core.sop.document import Sop
from core.sop.messages import MESSAGES
from core.sop.naming import read_names
from core.sop.reading import load
from core.texts import speaking

PAGE = (Path(__file__).parents[3] / "docs" / "sop_messages.md").read_text()
NAMES = read_names(re.findall(r"```yaml names\n(.*?)```", PAGE, re.DOTALL)[0])
WARNINGS = re.findall(r"### `([a-z-]+)`", PAGE.split("## Warnings")[1])


@dataclass(frozen=True)
class Example:
    code: str
    text: str
    line: int
    column: int
    message: str


def examples() -> list[Example]:
    shape = r"### `([a-z-]+)`\n(?:\n\([^\n]*\)\n)?\n```yaml\n(.*?)```\n`(\d+):(\d+):` ([^\n]+)\n"
    found = re.findall(shape, PAGE, re.DOTALL)
    return [
        Example(c, text.replace("→", "\t").replace(r"\a", "\x07"), int(line), int(col), said)
        for c, text, line, col, said in found
    ]


def chain(name: str) -> Sop | None:
    """a runs b, b runs c … f."""
    following = chr(ord(name) + 1)
    return load(f"sop: {name}\ndo:\n- x: {{run: {{sop: {following}}}}}" if name < "f" else f"sop: {name}\ndo: [Work]")


LARGE = {
    "too-large": f"sop: a\nnote: {'x' * 262_144}\ndo: [Work]",
    "too-deep-yaml": "sop: a\ndo: " + "[" * 200 + "]" * 200,
    "list-long": "sop: a\nlabels:\n" + "- a\n" * 2001 + "do: [Work]",
    "too-many-words": "sop: a\nlabels:\n" + ("- [" + "a, " * 1000 + "a]\n") * 31 + "do: [Work]",
    "too-many-steps": "sop: a\ndo:\n" + "".join(f"- Step {number}\n" for number in range(501)),
    "too-deep": "sop: a\ndo:\n"
    + "".join(f"{' ' * 4 * n}- s{n}:\n{' ' * 4 * n}    do:\n" for n in range(8))
    + " " * 32
    + "- Work\n",
    "too-many-fields": "sop: a\nfields:\n"
    + "".join(f"  f{number}: {{type: int}}\n" for number in range(201))
    + "do: [Work]",
    "expr-long": f"sop: a\nstart:\n  if: ticket.topic == '{'x' * 483}'\ndo: [Work]",
    "expr-deep": f"sop: a\nstart:\n  if: {'(' * 25}true{')' * 25}\ndo: [Work]",
    "expr-operators": f"sop: a\nstart:\n  if: 1{' + 1' * 65} > 3\ndo: [Work]",
    "sop-depth": "sop: a\ndo:\n- x: {run: {sop: b}}",
}


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.code)
def test_documented_messages_are_said(example: Example) -> None:
    checked = check(example.text, NAMES)
    found = checked.warnings if example.code in WARNINGS else checked.errors
    assert [problem.code for problem in found] == [example.code]
    assert (found[0].line, found[0].column) == (example.line, example.column)
    assert found[0].message == example.message
    assert found[0].end_column > found[0].column


@pytest.mark.parametrize("code", LARGE)
def test_limits_are_said_once(code: str) -> None:
    checked = check(LARGE[code], find=chain)
    assert checked.sop is None
    assert [problem.code for problem in checked.errors] == [code]


def test_every_message_has_an_example() -> None:
    assert {example.code for example in examples()} | LARGE.keys() == MESSAGES.keys()
    assert len(examples()) == len({example.code for example in examples()})


def test_messages_speak_the_readers_language() -> None:
    with speaking("id"):
        checked = check("sop: a\ndo: []")
    assert checked.errors[0].code == "empty-list"

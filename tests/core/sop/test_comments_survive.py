"""Whatever is edited, comments stay with what they belong to: above it, behind it, or at the end of it."""

from __future__ import annotations

import io
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from core.sop.editing import EditError, Editor
from core.studio.outline import edit
from tests.random_procedures import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP = re.compile(r" *- (s\d+|new\d+|s\d+_renamed):")
_WORDS = "What is to be done\n# this is no comment\nand what not"


def commented(seed: int) -> str:
    """A random document in which every third line has a comment above it, behind it, or at the end of what it closes."""
    dice = random.Random(seed)
    document = Writer(seed).document()
    for step in steps_of(document):
        body = next(iter(step.values()))
        if dice.random() < 0.2:
            body["note"] = LiteralScalarString(_WORDS)
    yaml, out = YAML(), io.StringIO()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(document, out)
    lines: list[str] = []
    for line in out.getvalue().splitlines():
        indent = " " * (len(line) - len(line.lstrip()))
        inside = line.strip() in _WORDS.split("\n")
        if dice.random() < 0.15 and not inside:
            lines += [*([""] if dice.random() < 0.3 else []), f"{indent}# above {len(lines)}"]
        behind = f"{' ' * dice.randint(1, 9)}# beside {len(lines)}" if dice.random() < 0.1 and not inside else ""
        lines.append(line + behind)
    return "\n".join([*lines, "# the end", ""])


def steps_of(node: Any) -> list[dict[str, Any]]:
    """Every step of a document of plain values."""
    if isinstance(node, dict):
        found = [node] if len(node) == 1 and re.fullmatch(r"s\d+", str(next(iter(node)))) else []
        return found + [step for value in node.values() for step in steps_of(value)]
    return [step for value in node for step in steps_of(value)] if isinstance(node, list) else []


def belongings(text: str) -> dict[str, tuple[str, str]]:
    """For each comment: the step in which it stands ("" = none), and the first word of the line that it is about."""
    found: dict[str, tuple[str, str]] = {}
    waiting: list[str] = []
    around: list[tuple[int, str]] = []
    for line in text.splitlines():
        words, _space, remark = line.partition("# ")
        bare = line.strip()
        if not bare or bare in _WORDS.split("\n"):
            continue
        if bare.startswith("#"):
            waiting.append(bare)
            continue
        indent = len(line) - len(line.lstrip())
        around = [(column, name) for column, name in around if column < indent]
        if match := _STEP.match(line):
            around.append((indent, match[1].removesuffix("_renamed")))
        about = (around[-1][1] if around else "", words.strip().partition(":")[0].removesuffix("_renamed"))
        found |= dict.fromkeys(waiting, about)
        if remark:
            found["# " + remark] = about
        waiting = []
    return found | dict.fromkeys(waiting, ("", ""))


def random_edit(dice: random.Random, names: list[str]) -> tuple[str, Callable[[Editor], None]]:
    """What is removed with its comments ("" = nothing), and the edit."""
    name, other = dice.choice(names), dice.choice(names)
    other_name = name.removesuffix("_renamed") if "_" in name else f"{name}_renamed"
    acts: list[tuple[str, Callable[[Editor], None]]] = [
        ("", lambda editor: editor.move_step(name, after=other)),
        ("", lambda editor: editor.move_step(name, holder=other)),
        ("", lambda editor: editor.move_step(name)),
        ("", lambda editor: editor.change_step(name, ("customer_label",), "Look")),
        ("", lambda editor: editor.change_step(name, ("due",), {"business": "PT9H"})),
        ("", lambda editor: editor.add_step(f"new{dice.randint(1, 10**6)}", {"task": "More"}, after=other)),
        ("", lambda editor: editor.rename_step(name, other_name)),
        ("", lambda editor: editor.set(("title",), "Anything")),
        (name, lambda editor: editor.remove_step(name)),
    ]
    return dice.choice(acts)


@pytest.mark.parametrize("seed", range(15))
def test_comments_stay_with_their_things(seed: int) -> None:
    follow_comments(seed)


@pytest.mark.slow
def test_comments_of_many_documents_stay() -> None:
    for seed in range(15, 75):
        follow_comments(seed)


def follow_comments(seed: int) -> None:
    """Six random edits of a random document; after each, every comment stands where it stood."""
    text = commented(seed)
    dice = random.Random(seed)
    assert Editor(text).text() == text
    for _edit in range(6):
        before = belongings(text)
        editor = Editor(text)
        removed, change = random_edit(dice, editor.names())
        inside = _with_all_in_it(text, removed.removesuffix("_renamed")) if removed else set()
        try:
            change(editor)
        except EditError:
            continue
        text = editor.text()
        after = belongings(text)
        lost = {
            comment: about
            for comment, about in before.items()
            if about[0] not in inside and after.get(comment) != about
        }
        assert {comment: (about, after.get(comment)) for comment, about in lost.items()} == {}
        assert YAML(typ="safe").load(text) == YAML(typ="safe").load(
            editor._dump()
        )  # comments are all that was woven in


def _with_all_in_it(text: str, name: str) -> set[str]:
    """The step and every step inside it."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = _STEP.match(line)
        if match and match[1].removesuffix("_renamed") == name:
            indent = len(line) - len(line.lstrip())
            found = {name}
            for inner in lines[number + 1 :]:
                if inner.strip() and not inner.strip().startswith("#") and len(inner) - len(inner.lstrip()) <= indent:
                    break
                if match := _STEP.match(inner):
                    found.add(match[1].removesuffix("_renamed"))
            return found
    return {name}


TALKING = """# How we pay back

sop: small
do:
  # look at the paper first
  - verify:
      task: Check the invoice
      # nobody skips this
  # money leaves here
  - pay: # twice a week
      task: Pay it
      note: |
        # 1. Log in
        Then pay   # not a comment

  - Tell the customer  # by mail
# the end
"""


def test_moved_steps_take_their_comments() -> None:
    editor = Editor(TALKING)
    editor.move_step("tell_the_customer")
    editor.move_step("verify", after="pay")
    assert editor.text() == (
        "# How we pay back\n\nsop: small\ndo:\n\n  - Tell the customer  # by mail\n"
        "  # money leaves here\n  - pay: # twice a week\n      task: Pay it\n      note: |\n"
        "        # 1. Log in\n        Then pay   # not a comment\n"
        "  # look at the paper first\n  - verify:\n      task: Check the invoice\n      # nobody skips this\n# the end\n"
    )


@pytest.mark.parametrize("act", ["up", "down"])
def test_outline_keeps_comments(act: str) -> None:
    text = edit(TALKING, {"act": [act], "step": ["pay"]}, None).text  # type: ignore[arg-type]
    assert sorted(line for line in text.splitlines() if "#" in line) == sorted(
        line for line in TALKING.splitlines() if "#" in line
    )
    assert "  # money leaves here\n  - pay: # twice a week\n" in text
    assert "      # nobody skips this\n" in text.partition("- verify:")[2]
    text = edit(text, {"act": ["rename"], "step": ["tell_the_customer"], "words": ["Write to them"]}, None).text  # type: ignore[arg-type]
    assert "# by mail" in text


def test_changed_values_keep_comments() -> None:
    text = "sop: a\nfields:\n  kind:\n    type: choice\n    options:\n      # most of them\n      new: New\n      old: Old # rare\ndo: [Work]\n"
    editor = Editor(text)
    editor.set(("fields", "kind", "options"), {"new": "New", "old": "Old", "lost": "Lost"})
    assert editor.text() == text.replace("# rare\n", "# rare\n      lost: Lost\n")

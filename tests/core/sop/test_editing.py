"""Edits change one thing and leave comments, order and spacing alone."""

from __future__ import annotations

from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

import pytest

from core.sop.checking import check
from core.sop.editing import EditError, Editor

HERE = Path(__file__).parent
DOCUMENTS = [path for path in sorted((HERE / "documents").glob("*.yaml")) if ".cases" not in path.name]
REFUND = (HERE / "documents" / "refund.yaml").read_text()
SMALL = """# How we pay back
sop: small
do:
  - verify: # look twice
      task: Check the invoice
      then: pay

  # money leaves here
  - pay: {task: Pay it, to: "team:finance"}
  - Tell the customer
"""


def changes(before: str, edit: Callable[[Editor], None]) -> list[str]:
    """The lines that an edit takes (-) and gives (+)."""
    editor = Editor(before)
    edit(editor)
    rows = unified_diff(before.splitlines(), editor.text().splitlines(), lineterm="", n=0)
    return [row for row in rows if not row.startswith(("---", "+++", "@@"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_unchanged_documents_stay_the_same(path: Path) -> None:
    assert Editor(path.read_text()).text() == path.read_text()


def test_steps_are_added_behind_others() -> None:
    assert changes(SMALL, lambda editor: editor.add_step("wait_a_day", {"wait": {"for": "P1D"}}, after="pay")) == [
        "+  - wait_a_day:",
        "+      wait: {for: P1D}",
    ]


def test_steps_are_added_into_branches() -> None:
    added = changes(
        REFUND, lambda editor: editor.add_step("count", {"task": "Count it"}, holder="work", branch="stock")
    )
    assert added == ["+            - count:", "+                task: Count it"]
    editor = Editor(REFUND)
    editor.add_step("note_it", {"task": "Note it"}, holder="size", branch=1)
    assert check(editor.text()).errors == ()


def test_steps_are_changed_in_place() -> None:
    assert changes(REFUND, lambda editor: editor.change_step("verify", ("due", "business"), "PT4H")) == [
        "-      due: {business: PT2H}",
        "+      due: {business: PT4H}",
    ]
    assert changes(REFUND, lambda editor: editor.unset_in_step("tell", ("customer_label",))) == [
        "-      customer_label: Refund sent"
    ]


def test_bare_texts_become_steps() -> None:
    assert changes(SMALL, lambda editor: editor.change_step("tell_the_customer", ("due",), "PT1H")) == [
        "-  - Tell the customer",
        "+  - tell_the_customer:",
        "+      task: Tell the customer",
        "+      due: PT1H",
    ]


def test_steps_are_removed_and_moved() -> None:
    editor = Editor(REFUND)
    editor.remove_step("happy")
    editor.move_step("learn", after="take")
    editor.move_step("bug", after="return_item")
    text = editor.text()
    assert "happy" not in text
    assert check(text).errors == ()
    assert editor.names()[:2] == ["take", "learn"]


def test_comments_stay() -> None:
    editor = Editor(SMALL)
    editor.set(("title",), "Pay back")
    editor.change_step("pay", ("due",), "P1D")
    text = editor.text()
    for comment in ("# How we pay back", "# look twice", "# money leaves here"):
        assert comment in text


def test_renaming_follows_jumps() -> None:
    editor = Editor(SMALL)
    editor.rename_step("pay", "transfer")
    text = editor.text()
    assert "then: transfer" in text
    assert "was: pay" in text
    assert check(text).errors == ()


def test_keys_of_the_document_change() -> None:
    assert changes(REFUND, lambda editor: editor.set(("mode",), "strict")) == [
        "-mode: guided                         # strict | guided | advisory; guided if absent",
        "+mode: strict                         # strict | guided | advisory; guided if absent",
    ]
    assert changes(REFUND, lambda editor: editor.set(("fields", "note"), {"type": "text"})) == ["+  note: {type: text}"]
    assert changes(REFUND, lambda editor: editor.unset(("on",)))[0].startswith("-on:")


def test_windows_line_ends_stay() -> None:
    editor = Editor(SMALL.replace("\n", "\r\n"))
    editor.set(("title",), "Pay back")
    assert editor.text().count("\r\n") == editor.text().count("\n")


@pytest.mark.parametrize(
    "edit",
    [
        lambda editor: editor.remove_step("verfy"),
        lambda editor: editor.add_step("verify", {"task": "x"}),
        lambda editor: editor.add_step("Not A Name", {"task": "x"}),
        lambda editor: editor.add_step("x", {"task": "x"}, holder="verify"),
        lambda editor: editor.move_step("work", holder="work", branch="dev"),
        lambda editor: editor.move_step("work", after="bug"),
        lambda editor: editor.rename_step("verify", "work"),
        lambda editor: editor.change_step("verify", ("task", "a", "b"), 1),
        lambda editor: editor.unset_in_step("verify", ("note",)),
        lambda editor: editor.unset(("do",)),
    ],
)
def test_impossible_edits_say_why(edit: Callable[[Editor], None]) -> None:
    editor = Editor(REFUND)
    with pytest.raises(EditError) as caught:
        edit(editor)
    assert str(caught.value)
    assert editor.text() == REFUND


@pytest.mark.parametrize("text", ["", "- a", "sop: a", "sop: [", "sop: a\nsop: b\ndo: [x]", "a: &x 1\nb: *x\ndo: [x]"])
def test_unreadable_documents_are_not_edited(text: str) -> None:
    with pytest.raises(EditError):
        Editor(text)

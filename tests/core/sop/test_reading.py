"""Documents of good shape become frozen values."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.sop.document import Phase, Task
from core.sop.reading import SopError, load, read

DOCUMENTS = sorted(path for path in (Path(__file__).parent / "documents").glob("*.yaml") if ".cases" not in path.name)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_good_documents_are_read(path: Path) -> None:
    reading = read(path.read_text())
    assert reading.problems == ()
    assert reading.sop is not None
    assert reading.sop.name == path.stem


def test_bare_texts_become_tasks() -> None:
    sop = load("sop: password-reset\ndo: [Set a new password, Tell the customer]")
    assert [step.name for step in sop.do] == ["set_a_new_password", "tell_the_customer"]
    assert all(isinstance(step.what, Task) for step in sop.do)
    assert sop.title.say("id") == "Password reset"


def test_yes_and_on_are_texts() -> None:
    sop = load("sop: x\ndo:\n- ask: {task: Sure?, choices: [yes, no], on: {no: {then: end}}}")
    step = sop.do[0]
    assert isinstance(step.what, Task)
    assert [choice.code for choice in step.what.choices] == ["yes", "no"]
    assert step.on == {"no": "end"}


def test_texts_come_by_language() -> None:
    sop = load("sop: x\ntitle: {id: Pengembalian, en: Refund}\ndo: [Work]")
    assert (sop.title.say("id"), sop.title.say("en"), sop.title.say("de")) == ("Pengembalian", "Refund", "Pengembalian")


def test_phases_hold_steps() -> None:
    sop = load("sop: x\ndo:\n- first:\n    do: [One, Two]\n- last: {end: {outcome: done}}")
    assert isinstance(sop.do[0].what, Phase)
    assert [step.name for step in sop.steps()] == ["first", "one", "two", "last"]


def test_loading_bad_documents_says_everything() -> None:
    with pytest.raises(SopError) as caught:
        load("sop: X Y\nmode: lax\ndo: []")
    assert [problem.code for problem in caught.value.problems] == ["sop-name", "one-of"]


def test_loading_twice_gives_the_same() -> None:
    text = "sop: x\ndo: [Work]"
    assert load(text) is load(text)

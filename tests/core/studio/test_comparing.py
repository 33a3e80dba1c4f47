"""Differences between two versions, as a team lead reads them."""

from __future__ import annotations

from core.sop.reading import load
from core.studio.comparing import changed_steps, differences, text_lines

OLD = """sop: refund
title: Refund
do:
  - verify:
      task: Check the invoice
      due: {business: PT2H}
  - ask: {approval: {by: lead, question: Pay?}, on: {reject: {then: verify}}}
  - tell: {notify: {to: customer, template: received}}
  - finish: {resolve: {require: [resolution]}}
"""


def said(new: str) -> list[str]:
    return [difference.text for difference in differences(load(OLD), load(new))]


def test_same_documents_differ_in_nothing() -> None:
    assert said(OLD) == []
    assert said(OLD + "# a comment\n") == []


def test_changed_times_are_told() -> None:
    assert said(OLD.replace("PT2H", "PT4H")) == ["“Verify”: due: 2\u00a0working\u00a0hours → 4\u00a0working\u00a0hours"]


def test_new_and_gone_steps_are_told() -> None:
    new = OLD.replace("  - finish", "  - call_back: {task: Call back}\n  - finish").replace(
        "  - tell: {notify: {to: customer, template: received}}\n", ""
    )
    assert said(new) == ["new step “Call back” after “Ask”", "step “Tell” is gone"]


def test_renamed_steps_are_the_same_step() -> None:
    new = OLD.replace("  - tell: {notify", "  - inform: {was: tell, notify")
    assert said(new) == ["“Tell” is called “Inform” now"]


def test_moved_steps_are_told() -> None:
    tell = "  - tell: {notify: {to: customer, template: received}}\n"
    new = OLD.replace(tell, "").replace("do:\n", "do:\n" + tell)
    assert said(new) == ["“Tell” stands at the beginning now"]
    assert changed_steps(load(OLD), load(new)) == {"tell"}


def test_document_keys_are_told() -> None:
    new = OLD.replace("title: Refund", "title: Refund above 5 million\nstart: {if: 'ticket.topic == \"refund\"'}")
    assert said(new) == [
        "Procedure: title: Refund → Refund above 5 million",
        "Procedure: start rule is new: topic is refund",
    ]


def test_texts_stand_beside_each_other() -> None:
    lines = text_lines(OLD, OLD.replace("PT2H", "PT4H"))
    assert [(line.kind, line.old, line.new) for line in lines if line.kind != "same"] == [
        ("gone", 6, None),
        ("new", None, 6),
    ]

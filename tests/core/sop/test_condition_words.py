"""Conditions and steps as people read them: no notation and no names of properties, in either language."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.sop.condition_words import condition
from core.sop.drawing import sentences
from core.sop.reading import load
from core.sop.titles import step_title
from core.texts import speaking

LIBRARY = Path(__file__).parents[3] / "core" / "sop" / "library"
REFUND = load((LIBRARY / "refund.yaml").read_text())
SAID = {
    'ticket.priority == "high"': "priority is high",
    'fields.amount > 5000000 && (ticket.topic == "refund" || !fields.returned)': (
        "Amount to refund is more than Rp 5.000.000 and (topic is refund or Is something sent back? no)"
    ),
    'steps.verify.outcome == "checked"': "outcome of “Check the invoice and the amount paid” is Checked",
    'steps.approve_payment.outcome != "reject"': "outcome of “Pay … for …?” is not rejected",
    'ticket.channel in ["email", "chat"]': "channel is one of: E-mail, Chat",
    '"vip" in ticket.tags': "tags contains vip",
    "!has(fields.invoice_no)": "Invoice number is empty",
    'ticket.subject.contains("kulkas bocor")': "subject contains “kulkas bocor”",
    'now > ticket.created_at + duration("P2D")': "now is after opening of the ticket + 2 days",
    "open(now)": "now lies in the working hours",
    'business_between(ticket.created_at, now) > duration("PT4H")': (
        "working time from opening of the ticket to now is more than 4 hours"
    ),
    'date("2026-11-22") <= now': "now is not before 22 November 2026",
    'ticket.tags.exists(t, t.startsWith("x"))': "for some of tags: it begins with x",
    "!customer.verified": "customer is not verified",
    'ticket.status != "pending_customer"': "status is not waiting for customer",
    'result.status == "Done"': "result: status is Done",
    "vars.total_sum >= 1500.5": "total sum is at least 1,500.5",
    "not an expression": "not an expression",
}


@pytest.mark.parametrize("source", SAID)
def test_condition_is_said_in_words(source: str) -> None:
    assert condition(source, REFUND).replace("\u00a0", " ") == SAID[source]


def test_condition_is_said_in_indonesian() -> None:
    with speaking("id"):
        said = condition('ticket.priority == "high" && fields.amount > 5000000', REFUND)
    assert said.startswith("prioritas")
    assert "tinggi dan Jumlah yang dikembalikan" in said
    assert said.endswith("Rp 5.000.000")


def test_every_condition_of_the_library_can_be_said() -> None:
    for file in sorted(LIBRARY.glob("*.yaml")):
        if file.name.endswith(".cases.yaml"):
            continue
        sop = load(file.read_text())
        sources = [sop.start.if_ if sop.start else None, *(step.if_ for step in sop.steps())]
        sources += [case.if_ for step in sop.steps() for case in getattr(step.what, "cases", ())]
        for source in filter(None, sources):
            said = condition(source, sop)
            assert not {"==", "&&", "fields.", "ticket.", "steps.", "customer."} & set(said.split()), said
            assert "fields." not in said


STRUCTURE = """
sop: structure
title: {en: Structure, id: Susunan}
fields: {amount: {type: money, label: {en: Amount, id: Jumlah}}}
do:
  - size:
      switch:
        - {if: fields.amount > 5, do: [big: {task: {en: Ask, id: Tanya}}]}
        - else: []
  - beside:
      fork:
        join: all
        branches:
          stock: [count: {task: {en: Count, id: Hitung}}]
          dev: [mend: {task: {en: Mend, id: Perbaiki}}]
  - closing:
      do:
        - tell: {task: {en: Tell, id: Beri tahu}}
        - note_it: {task: {en: Note, id: Catat}}
  - over: {end: {}}
"""


def test_names_are_not_shown_to_whoever_does_not_read_them() -> None:
    sop = load(STRUCTURE)
    top = [step for step in sop.do if step.kind != "end"]
    assert [step_title(step, sop) for step in top] == ["Size", "Beside", "Closing"]
    with speaking("id"):
        titles = [step_title(step, sop) for step in top]
        drawn = "\n".join(sentences(sop, "id"))
    assert "Jumlah" in titles[0]
    assert titles[2].endswith("Beri tahu … Catat")
    for name in ("Size", "Beside", "Closing", "stock", "Stock", "Note it"):
        assert name not in drawn, drawn
    assert "Catat" in drawn
    with speaking("id"):  # a document in one language: its names are in that language, too
        own = load("sop: a\ntitle: Susunan\ndo: [pembayaran: {do: [bayar: {task: Bayar}]}]\n")
        assert step_title(own.do[0], own) == "Pembayaran"

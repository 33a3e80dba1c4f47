"""What belongs to a person is taken out of a text, and what a reader needs stays."""

from __future__ import annotations

import pytest

from core.personal import Known, find_personal, marks_in, without_personal

KNOWN = Known(("Yusuf Maulana",), ("CV Bumi Asri",), ("0812-3456",))


@pytest.mark.parametrize(
    "text",
    [
        "Rp 7.450.000 dalam 10 hari kerja",
        "on 2026-11-23, or 23.11.2026",
        "the WM80 shows E21 at 40%",
        "see https://example.com/help",
        "ibu kota dan bapak tua",
    ],
)
def test_facts_of_a_case_stay(text: str) -> None:
    assert without_personal(text, KNOWN).text == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Write to yusuf@mail.example.", "Write to [… e-mail]."),
        ("BCA 4410 2255 08 atas nama Siti Aminah", "BCA [… number] atas nama [… name]"),
        ("invoice INV-20884", "invoice [… number]"),
        ("+62 812-3456-7890", "[… number]"),
        ("call 0812-3456", "call [… number]"),
        ("https://shop.example/order?id=81", "[… link]"),
        ("Jl. Melati No. 12, Bandung", "[… address], Bandung"),
        ("Dear Ms Whitfield, hello", "Dear Ms [… name], hello"),
        ("maulana dari Bumi Asri", "[… name] dari [… name]"),
    ],
)
def test_personal_things_are_marked(text: str, left: str) -> None:
    assert without_personal(text, KNOWN).text == left


def test_marks_are_counted_and_left_alone() -> None:
    once = without_personal("Yusuf: INV-20884", KNOWN)
    assert once.removed == ("name", "number")
    assert marks_in(once.text) == 2
    assert find_personal(once.text, KNOWN) == []

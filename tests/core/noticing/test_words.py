"""Watched words are found whole, in both languages, in other forms, and only where the customer speaks."""

from __future__ import annotations

import pytest

from core.mail.quotation import newly_written
from core.noticing.words import SUBJECT, TEXT, Rule, find, ready


def found(text: str, *words: str, subject: str = "", **options: object) -> list[tuple[str, str, int]]:
    rules = ready([Rule(1, 1, "A rule", words, **options)])  # type: ignore[arg-type]
    return [(one.word, one.where, one.at) for one in find(rules, [(SUBJECT, subject), (TEXT, text)])]


@pytest.mark.parametrize(
    ("text", "word", "at"),
    [
        ("Pak, SISTEM MACET lagi!", "sistem macet", 5),
        ("Sistemnya macet sejak pagi", "sistem macet", 0),
        ("Kerusakan di dapur, tolong", "rusak", 0),
        ("Pembayarannya gagal", "bayar", 0),
        ("There were outages all night", "outage", 11),
        ("It crashed; twice.", "crash", 3),
        ("Sístem-macét", "sistem macet", 0),
        ("E21 is shown", "e21", 0),
    ],
)
def test_other_forms_are_found(text: str, word: str, at: int) -> None:
    assert found(text, word) == [(word, TEXT, at)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Sistematis macetkan", "sistem macet"),  # "sistematis" is another word
        ("sistem tidak macet", "sistem macet"),  # not together
        ("macet sistem", "sistem macet"),
        ("outagesx", "outage"),
        ("", "macet"),
    ],
)
def test_other_words_are_not_found(text: str, word: str) -> None:
    assert found(text, word) == []


def test_stems_are_of_the_language_or_none() -> None:
    assert found("kerusakan", "rusak", language="en") == []
    assert found("kerusakan", "rusak", language="id")
    assert found("outages", "outage", language="id") == []
    assert found("outages", "outage", stems=False) == []
    assert found("OUTAGE", "outage", stems=False)


def test_subject_comes_first_and_each_rule_once() -> None:
    assert found("macet macet", "macet", subject="Mesin macet") == [("macet", SUBJECT, 6)]
    assert found("rusak lalu macet", "macet", "rusak") == [("rusak", TEXT, 0)]


def test_quotations_and_signatures_are_not_read() -> None:
    quoted = "On Mon, 1 June 2026 at 10:00, Budi <b@toko.id> wrote:\n> sistem macet"
    assert newly_written(quoted) == ""
    assert newly_written(f"Sudah baik.\n\n{quoted}") == "Sudah baik."
    assert newly_written("Terima kasih.\n-- \nBudi, Toko Macet Jaya") == "Terima kasih."
    assert newly_written("-- \nToko Macet") == ""
    assert newly_written("Sistem macet") == "Sistem macet"

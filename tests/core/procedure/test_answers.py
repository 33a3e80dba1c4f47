"""What people type into fields: values as JSON, or a sentence that says what was expected."""

from __future__ import annotations

import pytest

from core.procedure.answers import read_value
from core.sop.document import Choice, Field, Text
from core.texts import speaking

LABEL = Text((("en", "Value"), ("id", "Nilai")))
COLOURS = (Choice("red", LABEL), Choice("blue", LABEL))


def field(type_: str, **more: object) -> Field:
    return Field("value", type_, LABEL, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("declared", "typed", "stored"),
    [
        (field("string"), "  kept ", "kept"),
        (field("text"), "  kept \n", "  kept \n"),
        (field("string"), 7, "7"),
        (field("string"), "", None),
        (field("string", pattern=r"INV-\d+"), "INV-12", "INV-12"),
        (field("choice", options=COLOURS), "red", "red"),
        (field("list", options=COLOURS), ["red", "blue"], ["red", "blue"]),
        (field("boolean"), False, False),
        (field("int"), "12", 12),
        (field("number"), "12.5", 12.5),
        (field("money"), 250000, {"minor": 25000000, "currency": "IDR"}),
        (field("money"), "19.99", {"minor": 1999, "currency": "IDR"}),
        (field("money", currency="JPY"), "500", {"minor": 500, "currency": "JPY"}),
        (field("date"), "2026-12-25", "2026-12-25"),
        (field("datetime"), "2026-12-25T09:00+07:00", "2026-12-25T09:00:00+07:00"),
        (field("duration"), "PT2H", 7200),
        (field("email"), "ana@example.com", "ana@example.com"),
        (field("phone"), "+62 21 555 0100", "+62 21 555 0100"),
        (field("url"), "https://example.com/x", "https://example.com/x"),
        (field("int", min=1, max=5), 5, 5),
        (field("money", min=100), 100, {"minor": 10000, "currency": "IDR"}),
        (field("date", min="2026-01-01"), "2026-01-01", "2026-01-01"),
        (field("string", max=3), "abc", "abc"),
        (None, "free text", "free text"),
    ],
)
def test_good_values_are_typed(declared, typed, stored):
    assert read_value(declared, typed) == (stored, None)


@pytest.mark.parametrize(
    ("declared", "typed", "says"),
    [
        (field("string", pattern=r"INV-\d+"), "12", "does not have the form"),
        (field("choice", options=COLOURS), "green", "is no option of “Value”. Options: red, blue"),
        (field("list", options=COLOURS), ["red", "green"], "“green” is no option"),
        (field("int"), "many", "must be a whole number such as 12, not “many”"),
        (field("number"), "x", "must be a number"),
        (field("money"), "5.000.000", "must be an amount such as 250000"),
        (field("boolean"), "maybe", "must be yes or no"),
        (field("date"), "25/12/2026", "must be a date such as 2026-12-25"),
        (field("datetime"), "2026-12-25T09:00", "must be a date and time"),
        (field("duration"), "2h", "must be a duration such as PT2H"),
        (field("email"), "ana@", "is no e-mail address"),
        (field("phone"), "call me", "is no telephone number"),
        (field("url"), "example.com", "is no web address"),
        (field("int", min=1), 0, "must be at least 1"),
        (field("money", max=100), 101, "must be at most 100"),
        (field("date", max="2026-12-31"), "2027-01-01", "must be at most 2026-12-31"),
        (field("string", max=3), "abcd", "must be at most 3"),
        (field("duration", max="PT1H"), "PT2H", "must be at most PT1H"),
    ],
)
def test_bad_values_are_explained(declared, typed, says):
    value, message = read_value(declared, typed)
    assert value is None
    assert says in message


def test_labels_are_in_the_readers_language():
    with speaking("id"):
        assert "Nilai" in read_value(field("int"), "x")[1]

"""Values in texts are written as the reader's language writes them."""

from datetime import UTC, date, datetime

import pytest

from core.sop.money import Money
from core.spoken import say_value


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        (Money.of(7450000, "IDR"), "Rp 7.450.000", "Rp 7.450.000"),
        (Money.of("1890.50", "IDR"), "Rp 1.890,50", "Rp 1.890,50"),
        (Money.of("12.5", "USD"), "US$12,50", "$12.50"),
        (date(2026, 5, 2), "2 Mei 2026", "2 May 2026"),
        ("2026-11-26", "26 November 2026", "26 November 2026"),
        (datetime(2026, 8, 17, 9, 30, tzinfo=UTC), "17 Agustus 2026, 09.30", "17 August 2026, 09:30"),
        (["merah", "biru"], "merah, biru", "merah, biru"),
        ("INV-20931", "INV-20931", "INV-20931"),
        (None, "", ""),
        (3, "3", "3"),
    ],
)
def test_values_are_written_naturally(value: object, indonesian: str, english: str) -> None:
    assert (say_value(value, "id"), say_value(value, "en")) == (indonesian, english)

"""Money is exact, rounds half to even, and never mixes currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sop.money import Money, MoneyError

minors = st.integers(-(10**15), 10**15)


def test_halves_round_to_even() -> None:
    assert Money.of("0.125", "USD") == Money(12, "USD")
    assert Money.of("0.135", "USD") == Money(14, "USD")
    assert Money(5, "USD") * Decimal("0.5") == Money(2, "USD")
    assert Money(15, "USD") / 2 == Money(8, "USD")


def test_floats_mean_what_was_written() -> None:
    assert Money.of(0.1, "USD") + Money.of(0.2, "USD") == Money.of(0.3, "USD")


def test_currencies_have_their_own_digits() -> None:
    assert (Money.of(5, "JPY").minor, Money.of(5, "IDR").minor, Money.of(5, "KWD").minor) == (5, 500, 5000)
    assert str(Money.of("5.5", "USD")) == "5.50 USD"


def test_numbers_mean_the_same_currency() -> None:
    amount = Money.of(5_000_000, "IDR")
    assert amount > 4_999_999.99
    assert amount >= 5_000_000
    assert amount < Decimal("5000000.01")
    assert amount <= 5_000_000
    assert amount.same(5_000_000)
    assert 1 + amount - 1 == amount == 2 * amount - amount
    assert 10_000_000 - amount == amount


def test_money_by_money_is_a_number() -> None:
    assert Money(600, "IDR") / Money(200, "IDR") == 3


@pytest.mark.parametrize("bad", ["", "much", "1e30", "nan", "Infinity"])
def test_bad_amounts_are_refused(bad: str) -> None:
    with pytest.raises(MoneyError):
        Money.of(bad, "IDR")


def test_currencies_never_mix() -> None:
    with pytest.raises(MoneyError, match="two currencies"):
        _ = Money(1, "IDR") + Money(1, "USD")
    with pytest.raises(MoneyError, match="multiplied"):
        _ = Money(1, "IDR") * Money(1, "IDR")  # type: ignore[operator]
    with pytest.raises(MoneyError):
        _ = Money(1, "IDR") < "5"


@given(minors, minors)
def test_sums_come_back(a: int, b: int) -> None:
    assert Money(a, "IDR") + Money(b, "IDR") - Money(b, "IDR") == Money(a, "IDR")


@given(minors)
def test_writing_and_reading_agree(minor: int) -> None:
    assert Money.of(str(Money(minor, "IDR").major), "IDR") == Money(minor, "IDR")

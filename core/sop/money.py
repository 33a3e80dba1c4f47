"""Amounts of money that are exact: a whole number of the smallest unit, and a currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from core.texts import _

_NO_MINOR_UNIT = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_DIGITS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_LARGEST = 10**18  # what a 64-bit column holds, with room to add

Number = int | float | Decimal


class MoneyError(ValueError):
    """Two amounts that cannot be put together, or a text that is no amount."""


def minor_digits(currency: str) -> int:
    """How many digits stand behind the point in `currency` (ISO 4217): 2 for IDR, 0 for JPY."""
    if currency in _NO_MINOR_UNIT:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def exact(number: Number) -> Decimal:
    """The number as people wrote it: 0.1 is a tenth, not the float beside it."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def _whole(amount: Decimal) -> int:
    try:
        minor = int(amount.to_integral_value(rounding=ROUND_HALF_EVEN))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise MoneyError(_("%(amount)s is not an amount of money", amount=amount)) from error
    if abs(minor) > _LARGEST:
        raise MoneyError(_("the amount is too large"))
    return minor


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` of the smallest unit of `currency`: Money(500, "IDR") is 5 rupiah. A plain number beside it means its own currency."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Number | str, currency: str) -> Money:
        """Money from major units, a half rounded to even: `Money.of("12.345", "USD")` is 12.34."""
        try:
            number = Decimal(amount) if isinstance(amount, str) else exact(amount)
        except InvalidOperation as error:
            raise MoneyError(
                _("“%(amount)s” is not an amount of money; expected a number such as 250000", amount=amount)
            ) from error
        if not number.is_finite() or number.adjusted() > 20:
            raise MoneyError(_("the amount is too large") if not number.is_nan() else _("the amount is not a number"))
        return cls(_whole(number.scaleb(minor_digits(currency))), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, exactly."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def _major_of(self, other: object) -> Decimal:
        if isinstance(other, Money):
            if other.currency != self.currency:
                raise MoneyError(
                    _(
                        "%(first)s and %(second)s cannot be put together: they are two currencies",
                        first=self.currency,
                        second=other.currency,
                    )
                )
            return other.major
        if isinstance(other, (int, float, Decimal)) and not isinstance(other, bool):
            return exact(other)
        raise MoneyError(_("money can only be put together with money or a number"))

    def __lt__(self, other: object) -> bool:
        return self.major < self._major_of(other)

    def __le__(self, other: object) -> bool:
        return self.major <= self._major_of(other)

    def __gt__(self, other: object) -> bool:
        return self.major > self._major_of(other)

    def __ge__(self, other: object) -> bool:
        return self.major >= self._major_of(other)

    def same(self, other: object) -> bool:
        """Equality as expressions mean it: a plain number is in this currency; two currencies are an error."""
        return self.major == self._major_of(other)

    def __add__(self, other: object) -> Money:
        return Money.of(self.major + self._major_of(other), self.currency)

    def __sub__(self, other: object) -> Money:
        return Money.of(self.major - self._major_of(other), self.currency)

    def __radd__(self, other: object) -> Money:
        return self + other

    def __rsub__(self, other: object) -> Money:
        return Money.of(self._major_of(other) - self.major, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, factor: Number) -> Money:
        if isinstance(factor, Money):
            raise MoneyError(_("money cannot be multiplied with money"))
        return Money(_whole(self.minor * exact(factor)), self.currency)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Number | Money) -> Money | Decimal:
        """Money by a number is money; money by money is a plain number."""
        if isinstance(divisor, Money):
            return self.major / self._major_of(divisor)
        return Money(_whole(self.minor / exact(divisor)), self.currency)

    def __str__(self) -> str:
        return f"{self.major} {self.currency}"

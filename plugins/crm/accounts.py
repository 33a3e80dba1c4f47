"""What any customer system knows of a customer, in one shape: as the result of `crm.lookup`, and as the lines of a panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import estafet

Row: TypeAlias = Mapping[str, Any]
Tone: TypeAlias = Literal["", "good", "warn", "bad"]
PLAIN = ("name", "tier", "owner", "url")
LISTS = {  # name → what each of its rows may say, the first one names it
    "deals": ("name", "value", "currency", "stage", "url"),
    "products": ("name", "number", "bought_on", "url"),
    "licences": ("product", "seats", "until", "url"),
    "purchases": ("what", "date", "amount", "currency", "url"),
    "invoices": ("number", "amount", "currency", "state", "due", "url"),
}
HEADINGS = {
    "deals": {"en": "Deals", "id": "Transaksi"},
    "products": {"en": "Products bought", "id": "Produk yang dibeli"},
    "licences": {"en": "Licences", "id": "Lisensi"},
    "purchases": {"en": "Purchases", "id": "Pembelian"},
    "invoices": {"en": "Invoices", "id": "Faktur"},
}
NAME, TIER = {"en": "Name", "id": "Nama"}, {"en": "Tier", "id": "Tingkat"}
OWNER = {"en": "Account owner", "id": "Penanggung jawab"}
VALUE = {"en": "Deal value", "id": "Nilai transaksi"}
MOST = 5  # rows of a list in a panel
_GOOD, _BAD = ("paid", "lunas", "won", "closedwon"), ("overdue", "terlambat", "unpaid", "lost", "closedlost")


@dataclass(frozen=True, slots=True)
class Account:
    """One customer there. `lists` are rows by name (see LISTS); `more` are values that only this firm has."""

    name: str = ""
    tier: str = ""
    owner: str = ""
    url: str = ""
    lists: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, plain: Mapping[str, str], lists: Mapping[str, Sequence[Row]]) -> Account:
        """From values by name: those that every account has, and this firm's own."""
        more = {name: value for name, value in plain.items() if name not in PLAIN and value}
        name, tier, owner, url = (plain.get(known, "") for known in PLAIN)
        return cls(name, tier, owner, url, lists, more)

    def values(self) -> dict[str, Any]:
        """The result of `crm.lookup`, and what `estafet` conditions may name: `steps.look.result.tier`."""
        plain = {"name": self.name, "tier": self.tier, "owner": self.owner, "url": self.url}
        lists = {name: [dict(row) for row in rows] for name, rows in self.lists.items() if rows}
        return {**self.more, **{key: value for key, value in plain.items() if value}, **lists}

    def facts(self) -> Iterator[estafet.Fact]:
        """The lines of the panel: who they are, and the newest of each list."""
        if self.name:
            yield estafet.Fact(NAME, self.name, self.url or None)
        if self.tier:
            yield estafet.Fact(TIER, self.tier)
        if self.owner:
            yield estafet.Fact(OWNER, self.owner)
        if value := _sum(self.lists.get("deals", ())):
            yield estafet.Fact(VALUE, value)
        for name, value in self.more.items():
            yield estafet.Fact(name.replace("_", " ").capitalize(), str(value))
        for name, heading in HEADINGS.items():
            rows = self.lists.get(name, ())
            for row in rows[:MOST]:
                yield _fact(name, heading, row)
            if len(rows) > MOST:
                yield estafet.Fact("", f"… {len(rows) - MOST}", group=heading)


def _fact(name: str, heading: Mapping[str, str], row: Row) -> estafet.Fact:
    first, *others = LISTS[name]
    said = [_money(row, key) for key in others if key not in {"url", "currency"} and row.get(key) not in (None, "")]
    url = str(row.get("url") or "") or None
    return estafet.Fact(str(row.get(first) or "–"), ", ".join(said) or "–", url, _tone(row), heading)


def _money(row: Row, key: str) -> str:
    value, currency = row[key], row.get("currency")
    return f"{value} {currency}" if currency and key in {"value", "amount"} else str(value)


def _tone(row: Row) -> Tone:
    state = str(row.get("state") or row.get("stage") or "").casefold()
    return "good" if state in _GOOD else "bad" if state in _BAD else ""


def _sum(deals: Sequence[Row]) -> str:
    """What the deals are worth together, where all have a number in one currency."""
    try:
        total = sum(float(row["value"]) for row in deals)
    except (KeyError, TypeError, ValueError):
        return ""
    currencies = {str(row.get("currency") or "") for row in deals}
    return f"{total:,.0f} {currencies.pop()}".strip() if deals and len(currencies) == 1 else ""

"""How the settings say what is where: `tier = data.level; invoices = data.bills: number=no, amount=total`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import estafet
from plugins.crm.accounts import LISTS, Account

ACCOUNT = "account"  # where the customer is in the answer; everything else is looked for inside it


def pairs(text: str) -> dict[str, str]:
    """`a = b; c = d` (or one on each line) as {a: b, c: d}. What is no pair is an error that says so."""
    found = {}
    for part in text.replace("\n", ";").split(";"):
        if not part.strip():
            continue
        name, sign, value = part.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise estafet.PermanentFailure(
                f"“{part.strip()}” is no pair. Write NAME = WHERE, parted by semicolons, on the plugins page."
            )
        found[name.strip()] = value.strip()
    return found


def reach(body: Any, path: str) -> Any:
    """What is at `a.0.b` of the answer; None where there is nothing."""
    for part in path.split("."):
        if isinstance(body, dict):
            body = body.get(part)
        elif isinstance(body, list) and part.lstrip("-").isdecimal() and -len(body) <= int(part) < len(body):
            body = body[int(part)]
        else:
            return None
    return body


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where in an answer each value of an account is. `rows`: list name → (where the list is, {key: where in a row})."""

    account: str
    plain: dict[str, str]
    rows: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def read(self, body: Any) -> Account | None:
        """The account in an answer; None when there is none."""
        inside = reach(body, self.account) if self.account else body
        if not isinstance(inside, dict) or not inside:
            return None
        values = {name: _said(reach(inside, where)) for name, where in self.plain.items()}
        lists = {name: _rows(reach(inside, where), keys) for name, (where, keys) in self.rows.items()}
        return Account.of(values, lists)


def _said(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _rows(found: Any, keys: dict[str, str]) -> list[dict[str, Any]]:
    if not isinstance(found, list):
        return []
    return [{key: _said(reach(row, where)) for key, where in keys.items()} for row in found if isinstance(row, dict)]


def read_mapping(text: str) -> Mapping:
    """The mapping that was typed in. A list is `invoices = data.bills: number=no, amount=total`."""
    plain, rows, account = {}, {}, ""
    for name, where in pairs(text).items():
        if name == ACCOUNT:
            account = where
        elif name in LISTS:
            place, _colon, keys = where.partition(":")
            rows[name] = (place.strip(), _keys(name, keys))
        else:
            plain[name] = where
    return Mapping(account, plain, rows)


def _keys(name: str, text: str) -> dict[str, str]:
    """The keys of a list's rows; those that are not named are called the same there."""
    named = pairs(text.replace(",", ";"))
    if wrong := [key for key in named if key not in LISTS[name]]:
        known = ", ".join(LISTS[name])
        raise estafet.PermanentFailure(f"A row of {name} has no “{wrong[0]}”. It may have: {known}.")
    return {key: named.get(key, key) for key in LISTS[name]}

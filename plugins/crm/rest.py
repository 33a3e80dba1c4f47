"""Any system that answers with JSON: its address with the customer's e-mail in it, and a mapping of its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import estafet
from estafet.http import NoSuch, Other
from plugins.crm.mapping import read_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plugins.crm.accounts import Account

PLACE = "{email}"


class Rest:
    """The provider `rest`: `GET address`, with the token in a header."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        address = str(settings.get("address") or "")
        parts = urlsplit(address)
        if PLACE not in address or parts.scheme not in {"http", "https"}:
            raise estafet.PermanentFailure(
                f"The address of the customer system must contain {PLACE}, as in https://erp.example.com/customers?mail={PLACE}."
            )
        self._path = address.removeprefix(f"{parts.scheme}://{parts.netloc}")
        header, token = str(settings.get("token_header") or "Authorization"), str(settings.get("token") or "")
        value = f"Bearer {token}" if header == "Authorization" and " " not in token else token
        self._other = Other(
            parts.hostname or address, f"{parts.scheme}://{parts.netloc}", {header: value} if token else None
        )
        self._mapping = read_mapping(str(settings.get("mapping") or ""))

    def find(self, email: str) -> Account | None:
        """The customer with this address; a 404 says that there is none."""
        try:
            return self._mapping.read(self._other.ask("GET", self._path.replace(PLACE, quote(email, safe=""))))
        except NoSuch:
            return None

    def check(self) -> str:
        """Does it answer?"""
        found = self.find("nobody@example.com")
        return (
            "It answers."
            if found is None
            else "It answers, and finds somebody under nobody@example.com: look at the mapping."
        )

"""HubSpot: a contact found by address (v3 search), with its deals (v4 associations, v3 batch read)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import estafet
from estafet.http import Other
from plugins.crm.accounts import Account
from plugins.crm.mapping import pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

SITE = "https://api.hubapi.com"
DEALS = "deals"
_MOST_DEALS = 20
_NAMES = ("firstname", "lastname")
_DEAL = ("dealname", "amount", "deal_currency_code", "dealstage", "closedate")


class HubSpot:
    """The provider `hubspot`. `properties` of the settings say which of the contact's properties is what: `tier = customer_tier`."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        if not settings.get("token"):
            raise estafet.PermanentFailure("HubSpot needs a token. Enter that of a private app on the plugins page.")
        login = {"Authorization": f"Bearer {settings['token']}"}
        self._other = Other("HubSpot", str(settings.get("site") or SITE), login)
        self._properties = pairs(str(settings.get("properties") or ""))

    def find(self, email: str) -> Account | None:
        """The contact with this address, and its deals."""
        wanted = [*_NAMES, *self._properties.values()]
        asked = {
            "filterGroups": [{"filters": [{"propertyName": "email", "operator": "EQ", "value": email}]}],
            "properties": wanted,
            "limit": 1,
        }
        found = self._other.ask("POST", "/crm/v3/objects/contacts/search", body=asked, changes=False)
        results = found.get("results") if isinstance(found, dict) else None
        if not results:
            return None
        contact = results[0]
        given: dict[str, Any] = contact.get("properties") or {}
        named = {name: given[where] for name, where in self._properties.items() if given.get(where)}
        return Account(
            name=" ".join(str(given[part]) for part in _NAMES if given.get(part)),
            tier=str(named.pop("tier", "")),
            owner=str(named.pop("owner", "")),
            url=str(contact.get("url") or ""),
            lists={"deals": self._deals(str(contact["id"]))},
            more=named,
        )

    def _deals(self, contact: str) -> list[dict[str, Any]]:
        linked = self._other.ask(
            "GET", f"/crm/v4/objects/contacts/{contact}/associations/{DEALS}", query={"limit": _MOST_DEALS}
        )
        ids = [{"id": str(one["toObjectId"])} for one in (linked or {}).get("results", ())]
        if not ids:
            return []
        asked = {"inputs": ids, "properties": list(_DEAL), "propertiesWithHistory": []}
        read = self._other.ask("POST", f"/crm/v3/objects/{DEALS}/batch/read", body=asked, changes=False)
        deals = [one.get("properties") or {} for one in (read or {}).get("results", ())]
        deals.sort(key=lambda one: str(one.get("closedate") or ""), reverse=True)
        return [
            {
                "name": one.get("dealname") or "",
                "value": one.get("amount"),
                "currency": one.get("deal_currency_code") or "",
                "stage": one.get("dealstage") or "",
            }
            for one in deals
        ]

    def check(self) -> str:
        """Does the token open HubSpot?"""
        self._other.ask("GET", "/crm/v3/objects/contacts", query={"limit": 1})
        return "HubSpot answers."

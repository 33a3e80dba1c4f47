"""Who is this customer? Asked of HubSpot, of any system with a JSON interface, of a CSV file, or of the built-in tables.

`crm.lookup` is for steps; two panels show the same on the ticket's and the customer's page. docs/plugins/crm.md says how each is set up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import estafet
from plugins.crm import tables
from plugins.crm.csv_file import CsvFile
from plugins.crm.mapping import pairs
from plugins.crm.settings import SETTINGS
from plugins.crm.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plugins.crm.accounts import Account

PANEL = "account"
TITLE = {"en": "Customer system", "id": "Sistem pelanggan"}
NOBODY = {"en": "Nobody is known under this address.", "id": "Tidak ada yang dikenal dengan alamat ini."}
REFRESH = 900.0  # seconds
_TEXT = {"type": "string"}
_ARGUMENTS = {"type": "object", "properties": {"email": _TEXT}, "required": ["email"]}
_LIST = {"type": "array", "items": {"type": "object"}}
_RESULT = {
    "type": "object",
    "properties": {
        "found": {"type": "boolean"},
        **dict.fromkeys(("name", "tier", "owner", "url", "customer_class"), _TEXT),
        **dict.fromkeys(("deals", "products", "licences", "purchases", "invoices"), _LIST),
    },
    "additionalProperties": True,
}


class Provider(Protocol):
    """A system that knows customers."""

    def find(self, email: str) -> Account | None:
        """The customer with this address (in small letters), or None."""

    def check(self) -> str:
        """A sentence that says how the connection is."""


def provider(settings: Mapping[str, Any]) -> Provider:
    """The system that the settings choose; one that names a CSV file and nothing else means that file."""
    match str(settings.get("provider") or ("file" if settings.get("file") else "tables")):
        case "file":
            return CsvFile(settings)
        case "hubspot":
            from plugins.crm.hubspot import HubSpot  # what speaks HTTP is loaded where it is needed

            return HubSpot(settings)
        case "rest":
            from plugins.crm.rest import Rest

            return Rest(settings)
        case _:
            return Tables(settings)


@estafet.hookimpl
def register_settings() -> Sequence[estafet.Setting]:
    """Which system, and what it needs."""
    return SETTINGS


@estafet.hookimpl
def register_actions() -> list[estafet.Action]:
    """`crm.lookup`: it only reads."""
    return [
        estafet.Action(
            "crm.lookup",
            lookup,
            title={"en": "Look a customer up", "id": "Cari pelanggan"},
            arguments=_ARGUMENTS,
            result=_RESULT,
            repeatable=True,
            example={"found": True, "tier": "gold", "owner": "Rina"},
        )
    ]


@estafet.hookimpl
def register_panels() -> list[estafet.Panel]:
    """The same account, on both pages."""
    return [
        estafet.Panel(PANEL, TITLE, "ticket", REFRESH),
        estafet.Panel(f"{PANEL}_of_customer", TITLE, "customer", REFRESH),
    ]


@estafet.hookimpl
def register_commands() -> list[estafet.Command]:
    """`estafet x crm import KIND FILE.csv`."""
    return [estafet.Command("import", tables.import_csv, "import KIND FILE.csv: fill the built-in tables")]


@estafet.hookimpl
def check_connection(settings: Mapping[str, Any]) -> str:
    """What the system says of itself."""
    return provider(settings).check()


@estafet.hookimpl
def ticket_panel(ticket: estafet.Ticket, settings: Mapping[str, Any]) -> estafet.PanelContent | None:
    """Who asks."""
    return _panel(ticket.customer, settings)


@estafet.hookimpl
def customer_panel(customer: estafet.Customer, settings: Mapping[str, Any]) -> estafet.PanelContent | None:
    """Who this is."""
    return _panel(customer, settings)


def lookup(call: estafet.Call) -> estafet.ActionResult:
    """What is known of this address; `found` says whether anything is."""
    account = provider(call.settings).find(str(call.arguments["email"]).strip().casefold())
    if account is None:
        return estafet.ActionResult({"found": False})
    klass = class_of(account, call.settings)
    return estafet.ActionResult({"found": True, **account.values(), **({"customer_class": klass} if klass else {})})


def _panel(customer: estafet.Customer, settings: Mapping[str, Any]) -> estafet.PanelContent | None:
    if not customer.email:
        return None
    account = provider(settings).find(customer.email.strip().casefold())
    if account is None:
        return estafet.PanelContent(note=NOBODY)
    return estafet.PanelContent(tuple(account.facts()), customer_class=class_of(account, settings))


def class_of(account: Account, settings: Mapping[str, Any]) -> str | None:
    """The service class that the settings give to the account's tier."""
    classes = {tier.casefold(): klass for tier, klass in pairs(str(settings.get("classes") or "")).items()}
    return classes.get(account.tier.casefold())

"""Who is this customer? `crm.lookup` reads them from a CSV file that another system exports, so that a firm without a CRM's API has it too."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import estafet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ADDRESS = "email"
LARGEST = 50_000_000  # bytes
_ARGUMENTS = {"type": "object", "properties": {"email": {"type": "string"}}, "required": ["email"]}
_RESULT = {
    "type": "object",
    "properties": {"found": {"type": "boolean"}, "tier": {"type": "string"}, "owner": {"type": "string"}},
    "additionalProperties": True,
}


@estafet.hookimpl
def register_settings() -> list[estafet.Setting]:
    """Where the file is."""
    return [
        estafet.Setting(
            "file",
            title="CSV file of customers",
            required=True,
            help="Its first line names the columns; one of them is email. tier and owner are usual, others may be added.",
        ),
        estafet.Setting("delimiter", title="Between columns", kind="choice", default=",", options=(",", ";", "tab")),
    ]


@estafet.hookimpl
def register_actions() -> list[estafet.Action]:
    """`crm.lookup`: it only reads."""
    return [
        estafet.Action(
            "crm.lookup",
            lookup,
            title="Look a customer up",
            arguments=_ARGUMENTS,
            result=_RESULT,
            repeatable=True,
            example={"found": True, "tier": "gold", "owner": "Sari"},
        )
    ]


@estafet.hookimpl
def check_connection(settings: Mapping[str, Any]) -> str:
    """How many customers the file holds."""
    return f"{sum(1 for _row in _rows(settings))} customers in {settings['file']}"


def lookup(call: estafet.Call) -> estafet.ActionResult:
    """The row of the file with this address; `found` says whether there is one. The last one counts when there are several."""
    wanted = call.arguments["email"].strip().casefold()
    found: dict[str, str] = {}
    for row in _rows(call.settings):
        if row[ADDRESS].strip().casefold() == wanted:
            found = row
    return estafet.ActionResult({"found": bool(found), **found})


def _rows(settings: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    path = Path(str(settings["file"]))
    delimiter = "\t" if settings["delimiter"] == "tab" else settings["delimiter"]
    try:
        if path.stat().st_size > LARGEST:
            raise estafet.PermanentFailure(f"{path} is larger than {LARGEST:,} bytes.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter=delimiter, restval="")
            if ADDRESS not in (reader.fieldnames or ()):
                named = ", ".join(reader.fieldnames or ()) or "nothing"
                raise estafet.PermanentFailure(
                    f"{path} has no column “{ADDRESS}”; its first line names {named}. Add it, or choose another delimiter."
                )
            for row in reader:
                yield {name: value for name, value in row.items() if isinstance(name, str)}
    except FileNotFoundError as error:
        raise estafet.PermanentFailure(f"There is no file {path}. Correct it on the plugins page.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise estafet.TemporaryFailure(f"{path} cannot be read now: {error}", wait=60) from error

"""A CSV file that another system exports: one row for each customer."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import estafet
from plugins.crm.accounts import Account

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ADDRESS = "email"
LARGEST = 50_000_000  # bytes


class CsvFile:
    """The provider `file`. The last row with an address counts."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._path = Path(str(settings.get("file") or ""))
        self._delimiter = "\t" if settings.get("delimiter") == "tab" else str(settings.get("delimiter") or ",")
        if not settings.get("file"):
            raise estafet.PermanentFailure("No CSV file is named. Enter “CSV file of customers” on the plugins page.")

    def find(self, email: str) -> Account | None:
        """The customer with this address."""
        found: dict[str, str] | None = None
        for row in self._rows():
            if row[ADDRESS].strip().casefold() == email:
                found = row
        if found is None:
            return None
        return Account.of(found, {})

    def check(self) -> str:
        """How many customers the file holds."""
        return f"{sum(1 for _row in self._rows())} customers in {self._path}"

    def _rows(self) -> Iterator[dict[str, str]]:
        path = self._path
        try:
            if path.stat().st_size > LARGEST:
                raise estafet.PermanentFailure(f"{path} is larger than {LARGEST:,} bytes.")
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file, delimiter=self._delimiter, restval="")
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

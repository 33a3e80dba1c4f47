"""The built-in tables: customers and what they have, filled by CSV import, for a firm that has no customer system."""

from __future__ import annotations

import csv
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import estafet
from plugins.crm.accounts import LISTS, PLAIN, Account

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CUSTOMERS = "customers"
KINDS = (CUSTOMERS, *LISTS)
COLUMNS = {CUSTOMERS: PLAIN, **LISTS}
BATCH = 1_000
SHOWN = 20  # wrong lines that are named
LARGEST = 200_000_000  # bytes of a file


def file_of(settings: Mapping[str, Any]) -> Path:
    """Where the tables are: what the settings say, else the folder that the host gives its plugins."""
    named = str(settings.get("tables") or "")
    folder = os.environ.get("PLUGIN_DATA", "")
    if not named and not folder:
        raise estafet.PermanentFailure("No file is named for the built-in tables. Enter one on the plugins page.")
    return Path(named) if named else Path(folder) / "crm.db"


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=5)
    connection.execute("PRAGMA journal_mode=WAL")
    for kind, columns in COLUMNS.items():  # names are ours and fixed: nothing that is typed in becomes SQL
        words = ", ".join(f"\"{name}\" TEXT NOT NULL DEFAULT ''" for name in columns)
        key = "email" if kind == CUSTOMERS else f'email, "{columns[0]}"'
        connection.execute(
            f'CREATE TABLE IF NOT EXISTS "{kind}" (email TEXT NOT NULL, {words}, PRIMARY KEY ({key})) WITHOUT ROWID'
        )
    return connection


class Tables:
    """The provider `tables`."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._path = file_of(settings)

    def find(self, email: str) -> Account | None:
        """The customer with this address, and all that they have."""
        try:
            with closing(_open(self._path)) as tables:
                rows = {kind: list(_rows(tables, kind, email)) for kind in KINDS}
        except sqlite3.Error as error:
            raise estafet.TemporaryFailure(f"{self._path} cannot be read now: {error}", wait=30) from error
        if not any(rows.values()):
            return None
        (them,) = rows.pop(CUSTOMERS) or [{}]
        return Account.of(them, rows)

    def check(self) -> str:
        """How much is in the tables."""
        try:
            with closing(_open(self._path)) as tables:
                counts = {kind: tables.execute(f'SELECT count(*) FROM "{kind}"').fetchone()[0] for kind in KINDS}  # noqa: S608
        except sqlite3.Error as error:
            raise estafet.TemporaryFailure(f"{self._path} cannot be opened: {error}") from error
        return ", ".join(f"{n:,} {kind}" for kind, n in counts.items())


def _rows(tables: sqlite3.Connection, kind: str, email: str) -> Iterator[dict[str, str]]:
    columns = COLUMNS[kind]
    words = ", ".join(f'"{name}"' for name in columns)
    for row in tables.execute(f'SELECT {words} FROM "{kind}" WHERE email = ?', (email,)):  # noqa: S608
        yield {name: value for name, value in zip(columns, row, strict=True) if value}


# ---- the import ------------------------------------------------------------------------------------------------------------


def import_csv(words: Sequence[str], settings: Mapping[str, Any]) -> str:
    """`import KIND FILE`: each row is kept under its key, so that importing again changes and never doubles."""
    if len(words) != 2 or words[0] not in KINDS:
        raise estafet.PermanentFailure(f"Write: import KIND FILE.csv. KIND is one of {', '.join(KINDS)}.")
    kind, path = words[0], Path(words[1])
    try:
        if path.stat().st_size > LARGEST:
            raise estafet.PermanentFailure(f"{path} is larger than {LARGEST:,} bytes. Split it.")
        with path.open(encoding="utf-8-sig", newline="") as file, closing(_open(file_of(settings))) as tables:
            return _import(kind, csv.reader(file), tables)
    except FileNotFoundError as error:
        raise estafet.PermanentFailure(f"There is no file {path}.") from error
    except UnicodeDecodeError as error:
        raise estafet.PermanentFailure(f"{path} is not UTF-8 text. Save it as UTF-8.") from error
    except sqlite3.Error as error:
        raise estafet.TemporaryFailure(f"The tables cannot be written now: {error}") from error


def _import(kind: str, lines: Any, tables: sqlite3.Connection) -> str:
    heads = [name.strip().casefold() for name in next(lines, [])]
    columns = COLUMNS[kind]
    needed = ("email",) if kind == CUSTOMERS else ("email", columns[0])
    if missing := [name for name in needed if name not in heads]:
        raise estafet.PermanentFailure(
            f"The first line has no column “{missing[0]}”. It names {', '.join(heads) or 'nothing'}; "
            f"{kind} may have email, {', '.join(columns)}."
        )
    places = [heads.index(name) if name in heads else None for name in ("email", *columns)]
    kept, wrong, batch = 0, [], []
    for line in lines:
        row = tuple("" if at is None or at >= len(line) else line[at].strip() for at in places)
        problem = _problem(row, line, heads, needed)
        if problem:
            wrong.append(f"line {lines.line_num}: {problem}")
            continue
        batch.append((row[0].casefold(), *row[1:]))
        kept += 1
        if len(batch) == BATCH:
            _keep(tables, kind, batch)
            batch = []
            print(f"{kept:,} rows of {kind}", flush=True)  # noqa: T201 -- progress, for who waits
    _keep(tables, kind, batch)
    more = f"\n… and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    refused = f"; {len(wrong):,} refused:\n" + "\n".join(wrong[:SHOWN]) + more if wrong else ""
    return f"{kept:,} rows of {kind} are kept{refused}"


def _problem(row: tuple[str, ...], line: list[str], heads: list[str], needed: tuple[str, ...]) -> str:
    if len(line) > len(heads):
        return f"it has {len(line)} values, the first line only {len(heads)}"
    if "@" not in row[0]:
        return f"“{row[0]}” is no e-mail address"
    if len(needed) > 1 and not row[1]:
        return f"{needed[1]} is empty"
    return ""


def _keep(tables: sqlite3.Connection, kind: str, batch: list[tuple[str, ...]]) -> None:
    marks = ", ".join("?" * (len(COLUMNS[kind]) + 1))
    with tables:
        tables.executemany(f'INSERT OR REPLACE INTO "{kind}" VALUES ({marks})', batch)  # noqa: S608

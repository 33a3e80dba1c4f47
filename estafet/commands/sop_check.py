"""`estafet sop check` and `estafet sop schema`: is a procedure right, and what may one say at all? Neither needs a database."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.sop.checking import Checked, check
from core.sop.naming import Names, NamesError, read_names
from core.sop.reading import SopError, load
from core.sop.schema import json_schema
from core.texts import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.sop.document import Sop
    from core.sop.problems import Problem


@click.group()
def sop() -> None:
    """Standard operating procedures as files."""


@sop.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--names",
    "names_file",
    type=click.Path(path_type=Path),
    help="YAML lists of the names that exist (teams, templates, …).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def check_files(files: tuple[Path, ...], names_file: Path | None, *, as_json: bool) -> None:
    """Check procedures: every error at once, each with its place and the nearest right word; then the warnings, which never block.

    \b
    Example:
      estafet sop check sops/*.yaml --names names.yaml

    Files of test cases (NAME.cases.yaml) are passed over. Exit code 0: no errors; 1: errors were found; 2: a file could not be read.
    """
    names = _names(names_file)
    documents = [path for path in files if not path.name.endswith(".cases.yaml")]
    if not documents:
        _stop(_("%(file)s holds test cases. Run 'estafet sop test' with the document beside it.", file=files[0]))
    found = {path: check(_text(path), names, str(path), find=_beside(path)) for path in documents}
    click.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2) if as_json else _as_lines(found))
    sys.exit(1 if any(checked.errors for checked in found.values()) else 0)


@sop.command()
def schema() -> None:
    """Print the JSON Schema of the language, for editors that complete YAML.

    \b
    Example:
      estafet sop schema > sop.schema.json
    """
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _stop(message: str) -> None:
    click.echo(message, err=True)
    sys.exit(2)


def _text(path: Path) -> str:
    """The text of a file; whatever is too large for an SOP is cut, and refused by the checker."""
    try:
        with path.open("rb") as file:
            raw = file.read(1024 * 1024)
        return raw.decode("utf-8-sig")
    except OSError as error:
        _stop(_("%(file)s cannot be read: %(why)s.", file=path, why=error.strerror or error))
    except UnicodeDecodeError as error:
        if len(raw) == 1024 * 1024:
            return raw.decode("utf-8", errors="replace")
        _stop(_("%(file)s is not UTF-8 text (byte %(at)s). Save it as UTF-8.", file=path, at=error.start + 1))
    raise AssertionError


def _names(path: Path | None) -> Names | None:
    if path is None:
        return None
    try:
        return read_names(_text(path))
    except NamesError as error:
        _stop(f"{path}: {error}")
    raise AssertionError


def _beside(path: Path) -> Callable[[str], Sop | None]:
    """Other SOPs, looked for in the folder of this one."""

    def find(name: str) -> Sop | None:
        short = name.rpartition("/")[2]
        other = path.parent / f"{short}.yaml"
        if not short.replace("-", "").isalnum() or not other.is_file():
            return None
        try:
            return load(_text(other))
        except SopError:
            return None  # its own check says why

    return find


def _as_lines(found: dict[Path, Checked]) -> str:
    lines = []
    for path, checked in found.items():
        lines += [f"{path}:{problem.line}:{problem.column}: {problem.message}" for problem in checked.errors]
        lines += [
            f"{path}:{problem.line}:{problem.column}: " + _("warning: %(message)s", message=problem.message)
            for problem in checked.warnings
        ]
    errors = sum(len(checked.errors) for checked in found.values())
    documents = ngettext("%(n)s document checked", "%(n)s documents checked", len(found))
    mistakes = ngettext("%(n)s error", "%(n)s errors", errors)
    return "\n".join([*lines, f"{documents}: {mistakes}."])


def _as_json(found: dict[Path, Checked]) -> dict[str, list[dict[str, Any]]]:
    return {
        "errors": [_entry(path, problem) for path, checked in found.items() for problem in checked.errors],
        "warnings": [_entry(path, problem) for path, checked in found.items() for problem in checked.warnings],
    }


def _entry(path: Path, problem: Problem) -> dict[str, Any]:
    entry = {"file": str(path), **asdict(problem)}
    del entry["severity"]
    return entry

"""`estafet org`: the whole organisation as one YAML file."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import IO, TYPE_CHECKING

import click

from core.database import Database
from core.firm_file.applying import applied, tried
from core.firm_file.differing import said
from core.firm_file.present import exported
from core.firm_file.reading import read_firm_file
from core.settings import read_settings
from core.texts import _, ngettext
from estafet.command import FOUND_WRONG, CannotRun

if TYPE_CHECKING:
    from core.firm_file.differing import Change


@click.group()
def org() -> None:
    """Departments, teams, people, classes, organisations, calendars and policies, as one YAML file."""


@org.command()
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--close-missing", is_flag=True, help="Close what a section of the file does not name: people leave, teams close."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def apply(file: IO[bytes], *, dry_run: bool, yes: bool, close_missing: bool, as_json: bool) -> None:
    """Make the organisation as FILE says; exit 1 when something in it is wrong (then nothing is changed).

    The difference is shown first. What the file does not name stays. A second run finds nothing to do.

    \b
    Example:
      estafet org apply firm.yaml --dry-run
    """
    settings, text = read_settings(), _text(file)
    found, wrong = read_firm_file(text)
    database = Database(settings)
    try:
        changes: list[Change] = []
        if not wrong:
            changes, wrong = tried(database, settings, found, close_missing=close_missing)
        lines = [said(change) for change in changes]
        if not wrong and not as_json:
            click.echo("\n".join(lines) if lines else _("Nothing to do: the organisation is as the file says."))
        done = bool(changes) and not wrong and not dry_run
        if done and not yes and not as_json:
            done = click.confirm(_("Make these changes?"), default=False)
        if done:
            changes, wrong = applied(database, settings, found, close_missing=close_missing)
    finally:
        database.close()
    if as_json:
        errors = [asdict(one) for one in wrong]
        click.echo(json.dumps({"changes": lines if not wrong else [], "errors": errors, "applied": done and not wrong}))
    for one in wrong if not as_json else ():
        click.echo(f"{file.name}:{one.line}:{one.column}: {one.message}", err=True)
    if wrong:
        sys.exit(FOUND_WRONG)
    if lines and not as_json:
        n = len(changes)
        if done:
            click.echo(ngettext("%(n)s change was made.", "%(n)s changes were made.", n))
        else:
            click.echo(_("Nothing was changed."))


def _text(file: IO[bytes]) -> str:
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotRun(_("%(file)s is no text in UTF-8.", file=file.name)) from error


@org.command()
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
def export(file: IO[str]) -> None:
    """Write the organisation as it is now, in the form that `estafet org apply` takes; to FILE or (without one) to the screen.

    \b
    Example:
      estafet org export firm.yaml
    """
    database = Database(read_settings())
    try:
        with database.read() as tx:
            text = exported(tx)
    finally:
        database.close()
    file.write(text)

"""`estafet sop publish` and `estafet sop export`: procedures kept as files, for instance in a repository of their own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from core.actors import SYSTEM
from core.database import Database
from core.moments import now_ms
from core.settings import read_settings
from core.studio.folders import Line, NoText, export_folder, publish_folder, read_folder
from core.texts import _, ngettext
from estafet.command import FOUND_WRONG, CannotRun
from estafet.preparing import check_prepared


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be published.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def publish(folder: Path, *, dry_run: bool, as_json: bool) -> None:
    """Publish the SOPs of a folder: all of them, or none when one has an error or a failing case. What has not changed stays as it is.

    \b
    Example:
      estafet sop publish sops --dry-run

    Exit code 0: done (or nothing to do); 1: something is wrong, nothing was published; 2: the folder cannot be read.
    """
    if not folder.is_dir():
        raise CannotRun(_("%(folder)s is no folder.", folder=folder))
    try:
        files = read_folder(folder)
    except OSError as error:
        raise CannotRun(_("%(folder)s cannot be read: %(why)s.", folder=folder, why=error.strerror or error)) from error
    except NoText as error:
        raise CannotRun(str(error)) from error
    if not files:
        raise CannotRun(_("%(folder)s holds no .yaml file.", folder=folder))
    settings = read_settings()
    check_prepared(settings)
    database = Database(settings)
    try:
        with database.write() as tx:
            lines = publish_folder(tx, SYSTEM, files, now=now_ms(), dry=dry_run)
    finally:
        database.close()
    wrong = any(line.state == "wrong" for line in lines)
    if as_json:
        found = [
            {"file": str(one.path), "sop": one.name, "state": one.state, "version": one.number, "details": one.details}
            for one in lines
        ]
        click.echo(json.dumps({"published": not wrong and not dry_run, "sops": found}, ensure_ascii=False, indent=2))
    else:
        for line in lines:
            click.echo(_said(line, done=not wrong and not dry_run))
        if wrong:
            click.echo(_("Nothing was published."), err=True)
    sys.exit(FOUND_WRONG if wrong else 0)


def _said(line: Line, *, done: bool) -> str:
    match line.state:
        case "same":
            head = _("%(sop)s: as it is (version %(n)s)", sop=line.name, n=line.number)
        case "wrong":
            head = _("%(sop)s: wrong", sop=line.name)
        case _:
            head = (
                _("%(sop)s: version %(n)s published", sop=line.name, n=line.number)
                if done
                else _("%(sop)s: would become version %(n)s", sop=line.name, n=line.number)
            )
    return "\n".join([head, *(f"  {detail}" for detail in line.details)])


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write every published SOP with its test cases into a folder; those of a department into a folder of its name.

    \b
    Example:
      estafet sop export sops
    """
    settings = read_settings()
    check_prepared(settings)
    database = Database(settings)
    try:
        with database.read() as tx:
            written = export_folder(tx, folder)
    except OSError as error:
        raise CannotRun(
            _("%(folder)s cannot be written: %(why)s.", folder=folder, why=error.strerror or error)
        ) from error
    finally:
        database.close()
    click.echo(ngettext("%(n)s file written.", "%(n)s files written.", len(written)))

"""`estafet db`: the database's version."""

from __future__ import annotations

import json
import sys

import click

from core.settings import read_settings
from core.texts import _
from core.upgrading import status as read_status
from estafet.command import FOUND_WRONG, OK
from estafet.preparing import prepare


@click.group()
def db() -> None:
    """Bring the database up to date, or ask how it is."""


@db.command()
def upgrade() -> None:
    """Bring the database to this program's version. `estafet up` does it by itself; in production run it before the new version starts.

    \b
    Example:
      ESTAFET_DATABASE_URL=postgresql://estafet@db/estafet estafet db upgrade
    """
    settings = read_settings()
    prepare(settings)
    version, _newest = read_status(settings)
    click.echo(_("The database has version %(version)s.", version=version))


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def status(*, as_json: bool) -> None:
    """Compare the database's version with this program's; exit 1 when they differ.

    \b
    Example:
      estafet db status --json
    """
    version, newest = read_status(read_settings())
    if as_json:
        click.echo(json.dumps({"version": version, "newest": newest, "current": version == newest}))
    elif version == newest:
        click.echo(_("The database has version %(version)s; that is this program's.", version=version))
    else:
        click.echo(
            _(
                "The database has version %(version)s, this program needs %(newest)s. Run “estafet db upgrade”.",
                version=version or "0",
                newest=newest,
            )
        )
    sys.exit(OK if version == newest else FOUND_WRONG)

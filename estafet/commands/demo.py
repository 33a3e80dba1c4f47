"""`estafet demo`: a small firm with tickets, to try everything out."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from core.database import Database
from core.settings import read_settings
from core.texts import _
from estafet.command import FOUND_WRONG, OK
from estafet.preparing import prepare


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def demo(*, as_json: bool) -> None:
    """Fill an empty database with the demo firm and say how to sign in. `estafet up` does it by itself, unless ESTAFET_DEMO=0.

    \b
    Example:
      ESTAFET_HOME=/tmp/try estafet demo

    A database in which somebody works already is left alone; the exit code is then 1.
    """
    from core.demo.filling import fill, known_accounts

    settings = read_settings()
    prepare(settings)
    database = Database(settings)
    try:
        accounts = fill(database, settings) or known_accounts(database)
    finally:
        database.close()
    if accounts is None:
        words = _("People work in this database already: it is left as it is. Choose an empty one with ESTAFET_HOME.")
        click.echo(json.dumps({"error": words}) if as_json else words)
        sys.exit(FOUND_WRONG)
    if as_json:
        click.echo(json.dumps(asdict(accounts)))
    else:
        for account in accounts.accounts:
            click.echo(f"{account.role:<10} {account.email:<32} {account.password}")
    sys.exit(OK)

"""`estafet figures`: the counted days behind the lead's day."""

from __future__ import annotations

import click

from core.database import Database
from core.figures.keeping import catch_up, counted_days
from core.figures.keeping import rebuild as throw_away
from core.settings import read_settings
from core.texts import ngettext


@click.group()
def figures() -> None:
    """The figures of the lead's day."""


@figures.command()
def rebuild() -> None:
    """Throw all figures away and count them again from the beginning of the timeline. Work may go on meanwhile.

    \b
    Example:
      estafet figures rebuild
    """
    settings = read_settings()
    database = Database(settings)
    try:
        with database.write() as tx:
            throw_away(tx)
        left = True
        while left:
            with database.write(quietly=True) as tx:
                left = bool(catch_up(tx))
        with database.read() as tx:
            days = counted_days(tx)
    finally:
        database.close()
    click.echo(ngettext("%(n)s day of departments was counted.", "%(n)s days of departments were counted.", days))

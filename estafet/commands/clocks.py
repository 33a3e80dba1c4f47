"""`estafet clocks`: are the clocks of the service levels right?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from core.clocks.auditing import audit as run_audit
from core.database import Database
from core.settings import read_settings
from core.texts import _, ngettext
from estafet.command import FOUND_WRONG, OK


@click.group()
def clocks() -> None:
    """The clocks of the service levels."""


@clocks.command()
@click.option("--ticket", type=int, help="Only this ticket.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def audit(*, ticket: int | None, as_json: bool) -> None:
    """Work out every clock from its ticket's timeline alone and compare it with what is stored; exit 1 when anything differs.

    \b
    Example:
      estafet clocks audit --ticket 4711
    """
    settings = read_settings()
    database = Database(settings)
    try:
        with database.read() as tx:
            found = run_audit(tx, ticket)
    finally:
        database.close()
    if as_json:
        click.echo(json.dumps(asdict(found)))
        sys.exit(FOUND_WRONG if found.differences else OK)
    for one in found.differences:
        click.echo(
            _(
                "Ticket %(ticket)s, %(clock)s: %(what)s is stored as %(stored)s; its timeline gives %(reckoned)s.",
                ticket=one.ticket_id,
                clock=one.clock or "-",
                what=one.what,
                stored=one.stored,
                reckoned=one.reckoned,
            )
        )
    click.echo(
        _(
            "%(clocks)s clocks of %(tickets)s tickets were worked out from %(events)s events.",
            clocks=found.clocks,
            tickets=found.tickets,
            events=found.events,
        )
    )
    if found.differences:
        n = len(found.differences)
        click.echo(ngettext("%(n)s difference.", "%(n)s differences.", n))
    else:
        click.echo(_("All agree with what is stored."))
    sys.exit(FOUND_WRONG if found.differences else OK)

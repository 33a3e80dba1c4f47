"""`estafet up`: everything on this machine."""

from __future__ import annotations

import multiprocessing
import signal
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from core.errors import UpgradeError
from core.logs import set_up_logs
from core.settings import read_settings
from core.texts import _
from estafet.command import CannotRun
from estafet.preparing import prepare
from estafet.processes import die_with_parent

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from core.settings import Settings
    from estafet.supervision import House


@click.command()
def up() -> None:
    """Run everything on this machine: Temporal, worker, mail intake, web server.

    \b
    Example, with the data in another folder and on another port:
      ESTAFET_HOME=~/estafet ESTAFET_HTTP_PORT=8080 estafet up

    The first start makes the database and, unless ESTAFET_DEMO=0, demo data. When everything answers, the addresses are printed and written
    to ready.json in ESTAFET_HOME. Ctrl-C stops everything; the next start continues there.
    """
    from estafet.supervision import House, load

    began = time.monotonic()
    settings = read_settings()
    set_up_logs("up", level="WARNING")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # while starting: stop in order, as with Ctrl-C
    house = House(settings)
    house.claim()
    try:
        house.start_temporal()
        load("core.intake")
        preparing = Preparing(settings)
        house.start()
        house.demo = preparing.done()
        house.prepared()
        _say_where(house, time.monotonic() - began)
        house.watch()
    except KeyboardInterrupt:
        pass
    finally:
        house.stop()
    click.echo(_("Estafet has stopped. Its data is in %(home)s.", home=settings.home))


class Preparing:
    """A process of its own that prepares the database and the demo, while the others load. What that takes in memory goes with it."""

    def __init__(self, settings: Settings) -> None:
        context = multiprocessing.get_context("fork")
        self._answer, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_make_ready, args=(settings, theirs), name="preparing")
        self._process.start()
        theirs.close()

    def done(self) -> dict[str, Any]:
        """Wait for it: what `ready.json` says of the demo."""
        try:
            found = self._answer.recv()
        except EOFError as error:
            raise CannotRun(_("The database could not be prepared: see the lines above.")) from error
        finally:
            self._process.join()
            self._answer.close()
        if isinstance(found, Exception):
            raise found
        return dict(found)


def _make_ready(settings: Settings, answer: Connection) -> None:
    die_with_parent()
    try:
        prepare(settings)
        answer.send(_demo(settings))
    except (CannotRun, UpgradeError, OSError) as error:
        answer.send(error)


def _demo(settings: Settings) -> dict[str, Any]:
    """Demo data, when it is wanted and nobody works here yet; what `ready.json` says of it."""
    if not settings.demo:
        return {}
    from core.database import Database
    from core.demo.filling import fill, known_accounts
    from estafet import standins

    database = Database(settings)
    try:
        made = known_accounts(database)
        if made is None:
            click.echo(_("The first start makes a demo firm; that takes some seconds."))
            made = fill(database, settings)
        if made is not None:
            standins.connect(database, settings)
    finally:
        database.close()
    return {} if made is None else {"accounts": [asdict(one) for one in made.accounts], "api_token": made.api_token}


def _say_where(house: House, seconds: float) -> None:
    facts = house.facts()
    url = house.settings.public_url
    lines = [
        (_("Agents and team leads"), url),
        (_("Customers"), f"{url}/help"),
        (_("Mail that left"), facts["mail"]),
        (_("Mail intake"), facts["smtp"] and f"smtp://{facts['smtp']}"),
        (_("Temporal"), facts["temporal_ui"] or facts["temporal"]),
    ]
    click.echo(_("Estafet is ready (%(seconds)s s).", seconds=f"{seconds:.1f}"))
    for name, value in lines:
        if value:
            click.echo(f"  {name:<24} {value}")
    for name, value in facts.get("standins", {}).items():
        click.echo(f"  {_('Stand-in of %(name)s', name=name.title()):<24} {value}")
    for account in facts.get("accounts", []):
        click.echo("  " + f"{account['role']:<24} {account['email']}  {account['password']}")
    click.echo(_("Logs are in %(folder)s. Ctrl-C stops everything.", folder=house.settings.home / "log"))

"""`estafet standins`: small servers that answer like Jira and Trello, for trying things out."""

from __future__ import annotations

import os
import signal
import threading

import click

from core.settings import read_settings
from estafet.preparing import SUPERVISED, await_prepared


@click.command()
def standins() -> None:
    """Run the stand-ins of Jira and Trello, each with a board to click on. `estafet up` does it by itself beside the demo.

    \b
    Example:
      ESTAFET_HOME=/tmp/try estafet standins

    They are no Jira and no Trello: they know one board each, and keep it in the folder standins of ESTAFET_HOME.
    """
    from estafet.standins import address, chosen_ports, ports
    from plugins.standins import jira, jira_app, serving, trello, trello_app

    settings, stop = read_settings(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    if os.environ.get(SUPERVISED):
        await_prepared()
    chosen = chosen_ports(settings.home) if os.environ.get(SUPERVISED) else ports(settings.home)
    folder = settings.home / "standins"
    servers = {
        "jira": serving.Serving(jira_app.create_app(jira.Jira(folder / "jira.json")), chosen["jira"]),
        "trello": serving.Serving(trello_app.create_app(trello.Trello(folder / "trello.json")), chosen["trello"]),
    }
    for name in servers:
        click.echo(f"{name}: {address(chosen[name])}")
    stop.wait()
    for server in servers.values():
        server.close()

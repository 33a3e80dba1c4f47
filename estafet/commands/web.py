"""`estafet web`: the web server alone."""

from __future__ import annotations

import os

import click

from core.settings import read_settings
from estafet.ports import claim_port
from estafet.preparing import SUPERVISED, check_prepared


@click.command()
def web() -> None:
    """Serve the pages and the API. In production, run as many as you like behind a proxy.

    \b
    Example:
      ESTAFET_DATABASE_URL=postgresql://estafet@db/estafet ESTAFET_BIND=0.0.0.0 estafet web
    """
    from core.logs import set_up_logs
    from estafet.web_server import WebServer

    settings = read_settings()
    if not os.environ.get(SUPERVISED):  # else the server waits when it has loaded its modules
        check_prepared(settings)
    claim_port("ESTAFET_HTTP_PORT", settings.http_port, settings.bind)
    set_up_logs("web")
    WebServer(settings).run()

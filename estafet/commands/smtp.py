"""`estafet smtp`: the mail intake alone."""

from __future__ import annotations

import click

from core.settings import read_settings
from estafet.ports import claim_port
from estafet.preparing import check_prepared


@click.command()
def smtp() -> None:
    """Take incoming mail on ESTAFET_SMTP_PORT. A mail is acknowledged after it is committed, never before.

    \b
    Example:
      ESTAFET_BIND=0.0.0.0 ESTAFET_SMTP_PORT=25 estafet smtp
    """
    from core.logs import set_up_logs
    from estafet.smtp_server import serve

    settings = read_settings()
    check_prepared(settings)
    claim_port("ESTAFET_SMTP_PORT", settings.smtp_port, settings.bind)
    set_up_logs("smtp")
    serve(settings)

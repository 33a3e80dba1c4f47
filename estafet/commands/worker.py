"""`estafet worker`: the Temporal worker alone."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.settings import read_settings
from estafet.preparing import check_prepared

if TYPE_CHECKING:
    from collections.abc import Callable


@click.command()
def worker() -> None:
    """Run tickets' workflows, send mail, nudge Temporal. Run as many as you like.

    \b
    Example:
      TEMPORAL_ADDRESS=temporal:7233 ESTAFET_DATABASE_URL=postgresql://estafet@db/estafet estafet worker
    """
    from core.logs import set_up_logs
    from workflows.worker import serve

    settings = read_settings()
    check_prepared(settings)
    set_up_logs("worker")
    asyncio.run(serve(settings, when_ready=say_ready()))


def say_ready() -> Callable[[], None]:
    """Tells whoever started us and waits (`estafet up`), by making the file it named."""
    name = os.environ.get("ESTAFET_READY_FILE")
    return lambda: Path(name).touch() if name else None

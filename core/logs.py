"""Where do log lines go, and in which form? One line of JSON each, or readable ones on a terminal; set up once by every process."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import structlog

_QUIET = ("aiosmtpd", "alembic", "mail.log", "urllib3", "sqlalchemy.engine")


def set_up_logs(process: str, *, level: str | None = None) -> None:
    """Send structlog's and the standard library's lines to stderr, each with the name of its process.

    What is bound with `structlog.contextvars.bound_contextvars(ticket=…)` is on every line of that request, activity or mail.
    """
    readable = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        lambda _logger, _method, event: {"process": process, **event},
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if readable else [structlog.processors.format_exc_info]),
                structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(),
            ],
        )
    )
    # No line names its place in the program or its thread, so nobody looks for them: the manual of `logging` says how.
    logging._srcfile = None  # noqa: SLF001
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel((level or os.environ.get("ESTAFET_LOG_LEVEL") or "INFO").upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)

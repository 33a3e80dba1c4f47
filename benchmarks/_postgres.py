"""An empty PostgreSQL database of a benchmark's own, as safe as one in production: it answers a commit when the disk has it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.postgres import cluster

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def postgres() -> Iterator[str | None]:
    """Its URL, good until the end of the block; None where PostgreSQL is not installed."""
    with cluster("max_connections=200", safe=True) as server:
        if server is None:
            yield None
            return
        server.run("CREATE DATABASE estafet")
        yield server.url("estafet")

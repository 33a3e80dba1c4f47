"""A PostgreSQL server of a benchmark's own, as safe as one in production: it answers a commit when the disk has it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from benchmarks._house import until

if TYPE_CHECKING:
    from collections.abc import Iterator

_AS_OWNER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "INT", "--"]
_NAME = "estafet"


@contextmanager
def postgres() -> Iterator[str | None]:
    """The URL of an empty database, gone at the end of the block; None where PostgreSQL is not installed."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="estafet-pg-"))  # a short path: a socket's must be under 108 bytes
    try:
        with _server(binaries[-1], folder):
            yield f"postgresql+psycopg://postgres@/{_NAME}?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(initdb: Path, folder: Path) -> Iterator[None]:
    as_owner: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        as_owner = _AS_OWNER
    data = str(folder / "data")
    make = [*as_owner, str(initdb), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run(make, check=True, capture_output=True, cwd="/")
    serve = [*as_owner, str(initdb.with_name("postgres")), "-D", data, "-k", str(folder), "-c", "listen_addresses="]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*serve, "-c", "max_connections=200"], stdout=log, stderr=log, cwd="/")
    try:
        until(lambda: _makes_database(folder))
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)


def _makes_database(folder: Path) -> bool:
    engine = create_engine(f"postgresql+psycopg://postgres@/postgres?host={folder}", isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {_NAME}"))
    except OperationalError:
        return False  # it does not listen yet
    finally:
        engine.dispose()
    return True

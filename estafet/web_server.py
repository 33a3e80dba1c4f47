"""The web server: gunicorn with one process of 256 threads, because live streams each hold a thread and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from core.logs import set_up_logs
from estafet.preparing import await_prepared
from estafet.processes import die_with_parent, spare_the_collector

if TYPE_CHECKING:
    from core.settings import Settings

THREADS = 256
GRACE_SECONDS = 5


class WebServer(BaseApplication):  # type: ignore[misc]
    """Serves `web.app.create_app(settings, database)`; the application is made in the worker, after the fork."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self.settings.bind}:{self.settings.http_port}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": GRACE_SECONDS,
            "timeout": 60,
            "keepalive": 15,
            "control_socket_disable": True,
            "loglevel": "warning",
            "post_fork": _after_fork,
            "worker_tmp_dir": "/dev/shm",  # noqa: S108 (gunicorn's heartbeat must not wait for a disk)
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from core.database import Database
        from web.app import create_app

        await_prepared()
        app = create_app(self.settings, Database(self.settings))
        spare_the_collector()
        return app


def _after_fork(_server: Any, _worker: Any) -> None:
    die_with_parent()
    set_up_logs("web")
